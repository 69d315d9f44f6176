"""Whatever happens to what lives for a while, in whatever order: one fetch at a time, and nothing stale."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from jumpseat.model.errors import UpstreamBroke
from tests.source import LIFE, Source, settle

ACTIONS = st.one_of(
    st.tuples(st.sampled_from(["ask", "leave", "refuse", "fail", "mend", "shut", "open"]), st.just(0.0)),
    st.tuples(st.just("pass"), st.floats(0, LIFE)),
    st.tuples(st.just("live"), st.floats(1, LIFE)),
)


class Story:
    """A source, those who wait for it, and what must hold whatever happens."""

    def __init__(self, chance: float) -> None:
        self.source = Source(chance=chance)
        self.waiting: list[asyncio.Task[int]] = []
        self.last = 0
        self.refused: set[int] = set()

    async def play(self, action: str, amount: float) -> None:
        """Let one thing happen, and all that follows from it."""
        source = self.source
        plays: dict[str, Callable[[], object]] = {
            "ask": lambda: self.waiting.append(asyncio.create_task(self.ask())),
            "leave": lambda: [task.cancel() for task in self.waiting[-1:]],
            "refuse": self.refuse,
            "fail": lambda: setattr(source, "failure", UpstreamBroke("out of order")),
            "mend": lambda: setattr(source, "failure", None),
            "shut": source.gate.clear,
            "open": source.gate.set,
            "pass": lambda: setattr(source, "now", source.now + amount),
            "live": lambda: setattr(source, "life", amount),
        }
        plays[action]()
        await settle()
        assert source.under_way <= 1
        assert not source.gate.is_set() or all(task.done() for task in self.waiting)

    def refuse(self) -> None:
        if self.last:
            self.refused.add(self.last)
            self.waiting.append(asyncio.create_task(self.source.renewed(self.last)))

    async def ask(self) -> int:
        source = self.source
        asked_at, begun, was_under_way = source.now, source.begun, source.under_way
        number = await source.current()
        # Nobody gets what was refused, or what had ended when he asked, unless it was on its way just then.
        assert number not in self.refused or number > begun
        assert source.ends_at[number] > asked_at or was_under_way
        self.last = number
        return number

    async def end(self) -> None:
        """What was waited for came or failed; whatever was, a new one is fetched in the end."""
        self.source.gate.set()
        await settle()
        for result in await asyncio.gather(*self.waiting, return_exceptions=True):
            assert isinstance(result, int | UpstreamBroke | asyncio.CancelledError), repr(result)
        self.source.failure = None
        self.source.now += LIFE
        assert await self.source.current() == self.source.begun
        await self.source.keeper.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}


@settings(max_examples=300, deadline=None)
@given(st.floats(0, 1), st.lists(ACTIONS, max_size=40))
def test_whatever_happens_one_fetch_at_a_time_and_nothing_stale(
    chance: float, actions: list[tuple[str, float]]
) -> None:
    async def tell() -> None:
        story = Story(chance)
        for action, amount in actions:
            await story.play(action, amount)
        await story.end()

    asyncio.run(tell())
