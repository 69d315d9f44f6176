"""What can go wrong at Microsoft."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jumpseat.simulator.steps import Cut, Script


def cut() -> Script:
    yield Cut()


def plain_greeting(connected: Callable[[], bytes]) -> Script:
    yield connected()


greetings: Mapping[str, Callable[[Callable[[], bytes]], Script]] = {}
