"""What the simulator answers of its own accord."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jumpseat.simulator.history import Said


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    picture: str | None = None


def cannot_draw(picture: str, text: str) -> str:
    return f"I cannot draw {picture} here."


def answer(history: Sequence[Said]) -> Answer:
    return Answer(f"You said: {history[-1].text}")
