"""One result, three ways of using it."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncGenerator, Iterator

import pytest

from jumpseat import blocking
from jumpseat.providers import Completion, FinishReason, Reasoning, ReplacedText, Sources
from jumpseat.providers.answer import account_of, joined
from jumpseat.providers.items import Item


class Source:
    """Yields what it is given, and counts how often it was opened and closed."""

    def __init__(self, *items: Item) -> None:
        self._items = items
        self.opened = 0
        self.closed = 0

    async def __call__(self) -> AsyncGenerator[Item, None]:
        self.opened += 1
        try:
            for item in self._items:
                yield item
        finally:
            self.closed += 1


def test_nothing_happens_before_the_first_item() -> None:
    source = Source("a")
    completion = Completion(source)
    iterator = iter(completion)
    assert source.opened == 0
    assert next(iterator) == "a"
    completion.close()
    assert source.closed == 1


class Hanging:
    """Yields one item, then waits for ever."""

    def __init__(self) -> None:
        self.waits = threading.Event()
        self.closed = threading.Event()

    async def __call__(self) -> AsyncGenerator[Item, None]:
        try:
            yield "a"
            self.waits.set()
            await asyncio.Event().wait()
        finally:
            self.closed.set()


async def test_closing_ends_an_async_iteration_that_waits() -> None:
    source = Hanging()
    completion = Completion(source)

    async def read() -> list[Item]:
        return [item async for item in completion]

    reading = asyncio.ensure_future(read())
    while not source.waits.is_set():  # noqa: ASYNC110 - it is soon
        await asyncio.sleep(0)
    await completion.aclose()
    assert await reading == ["a"]
    assert source.closed.is_set()


async def test_a_reader_that_is_cancelled_closes_its_iteration() -> None:
    source = Hanging()

    async def read() -> list[Item]:
        return [item async for item in Completion(source)]

    reading = asyncio.ensure_future(read())
    while not source.waits.is_set():  # noqa: ASYNC110 - it is soon
        await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert source.closed.is_set()


def test_closing_ends_a_plain_for_in_another_thread() -> None:
    source, items = Hanging(), list[Item]()
    completion = Completion(source)
    reading = threading.Thread(target=lambda: items.extend(completion))
    reading.start()
    assert source.waits.wait(5)
    completion.close()
    reading.join(5)
    assert items == ["a"]
    assert source.closed.is_set()


class Knot:
    """Something that only the garbage collector can free."""

    def __init__(self, items: Iterator[Item]) -> None:
        self.items = items
        self.knot = self


def test_the_garbage_collector_may_end_an_iteration_on_the_loop_itself() -> None:
    source = Hanging()
    knot = Knot(iter(Completion(source)))
    assert next(knot.items) == "a"
    del knot

    async def collect() -> None:
        gc.collect()

    blocking.run(collect())
    assert source.closed.wait(5)


def test_an_empty_string_does_not_end_a_plain_for() -> None:
    assert list(Completion(Source("a", "", "b"))) == ["a", "", "b"]


async def test_closing_ends_an_async_iteration() -> None:
    source = Source("a", "b")
    completion = Completion(source)
    async for _ in completion:
        break
    await completion.aclose()
    assert source.closed == 1


async def test_awaiting_gives_the_result_itself() -> None:
    completion = Completion(Source("a"))
    assert await completion is completion


def test_each_iteration_asks_anew() -> None:
    source = Source("a")
    completion = Completion(source)
    assert (list(completion), list(completion)) == (["a"], ["a"])
    assert source.opened == 2


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (["a", "b"], ["ab"]),
        (["a", FinishReason("stop"), "b"], ["ab", FinishReason("stop")]),
        (["a", ReplacedText("c"), "d"], ["cd"]),
        ([Reasoning("x"), "a", Reasoning("y")], [Reasoning("xy"), "a"]),
        (
            [Sources([{"url": "1"}]), "a", Sources([{"url": "2"}])],
            [Sources([{"url": "1"}, {"url": "2"}]), "a"],
        ),
        ([], []),
    ],
)
def test_text_is_folded_where_it_first_stood(items: list[Item], expected: list[Item]) -> None:
    assert joined(items) == expected


def test_a_key_of_ones_own_has_an_account_of_its_own() -> None:
    one, other = account_of("github", "k1", None), account_of("github", "k2", None)
    assert one is not None
    assert other is not None
    assert one.name != other.name
    assert "k1" not in repr(one)
    assert account_of("github", None, {}) is None
