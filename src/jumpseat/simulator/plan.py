"""What an answer will be, decided from history, prompt and directives before a byte of it is sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from jumpseat.simulator import brain, directives, folded
from jumpseat.simulator.directives import Directives
from jumpseat.simulator.history import Conversation, Said
from jumpseat.simulator.steps import words

FILLER = "This answer was made by the simulator, word by word, so that something can go wrong with it."
MAX_KEPT_CHARS = 100_000
CLOCK = "%clock%"
"""A delta that is replaced by the time when it is its turn, which is after the pause before it."""


def clock() -> str:
    """Nanoseconds of the monotonic clock, which all processes of a machine share."""
    return f"{time.monotonic_ns()} "


@dataclass(frozen=True, slots=True)
class Plan:
    """One answer to be given."""

    deltas: Callable[[], Iterator[str]]
    pause: float
    """Seconds between two deltas."""
    image: str | None = None
    thoughts: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()
    fault: str | None = None

    def halves(self) -> tuple[list[str], list[str]]:
        """The deltas in two halves, for what happens amid the text; the first is never empty."""
        deltas = list(self.deltas()) or words(FILLER)
        middle = (len(deltas) + 1) // 2
        return deltas[:middle], deltas[middle:]


def make(
    conversation: Conversation,
    question: Said,
    pace: float,
    *,
    draws: bool,
    wrong_wish: Callable[[str], str | None] = lambda _fault: None,
) -> Plan:
    """
    Decide the answer to `question`, which is not yet part of `conversation`.

    `pace` is the pause between deltas in seconds where the prompt asks for none; `draws` tells whether the
    service makes pictures, `wrong_wish` what is wrong with a fault that the prompt asks for.
    """
    history = folded.unfold_all([*conversation.messages, question])
    asked = directives.of_messages(folded.latest_texts(history))
    pause = pace if asked.pause_ms is None else asked.pause_ms / 1000
    if asked.fault is not None and (remark := wrong_wish(asked.fault)):
        # An ordinary answer would look as if the fault had been survived.
        return Plan(deltas=lambda: iter(words(remark)), pause=pause, fault=asked.fault)
    if asked.decides_text:
        return _directed(asked, pause, draws)
    answer = _thought_out(history)
    text = answer.text if answer.picture is None or draws else brain.cannot_draw(answer.picture)
    return Plan(
        deltas=lambda: iter(words(text)),
        pause=pause,
        image=answer.picture if draws else None,
        thoughts=asked.thoughts,
        citations=asked.citations,
        fault=asked.fault,
    )


def _thought_out(history: Sequence[Said]) -> brain.Answer:
    plain = [Said(m.role, directives.without_marks(m.text), images=m.images) for m in history]
    if not plain[-1].text and not plain[-1].images:
        return brain.Answer(FILLER)
    return brain.answer(plain)


def _directed(asked: Directives, pause: float, draws: bool) -> Plan:
    texts = list(asked.texts)
    if asked.image is not None and not draws:
        texts.append(brain.cannot_draw(asked.image))
    if asked.mistakes:
        texts.append(f"No such directive: {', '.join(asked.mistakes)}. Known: {', '.join(directives.NAMES)}.")
    return Plan(
        deltas=lambda: _deltas(texts, asked),
        pause=pause,
        image=asked.image if draws else None,
        thoughts=asked.thoughts,
        citations=asked.citations,
        fault=asked.fault,
    )


def _deltas(texts: Sequence[str], asked: Directives) -> Iterator[str]:
    yield from words(" ".join(texts))
    for number in range(1, (asked.tokens or 0) + 1):
        yield f"{number} "
    for _ in range(asked.stamps or 0):
        yield CLOCK
