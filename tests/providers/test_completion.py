"""One result, three ways of using it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from jumpseat.providers import Completion, FinishReason, Reasoning, ReplacedText
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
