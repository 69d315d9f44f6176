"""One result that can be used in three ways: `for`, `async for`, and `await` followed by either."""

from __future__ import annotations

import weakref
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from typing import Self

from jumpseat import blocking
from jumpseat.providers.items import Item

Opening = Callable[[], AsyncGenerator[Item, None]]


class Completion:
    """
    The items of one answer.

    Nothing is sent before the first item is asked for, and each iteration asks anew. Leaving an iteration
    early closes its wire; so does `close()` or `await aclose()`.
    """

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        # Weak: a loop that was left early must be able to let go of its iteration.
        self._running: weakref.WeakSet[AsyncGenerator[Item, None] | Generator[Item, None, None]]
        self._running = weakref.WeakSet()

    def __aiter__(self) -> AsyncGenerator[Item, None]:
        items = self._opening()
        self._running.add(items)
        return items

    def __iter__(self) -> Iterator[Item]:
        items = self._block()
        self._running.add(items)
        return items

    def __await__(self) -> Generator[None, None, Self]:
        yield from ()  # `await` asks for a generator; there is nothing to wait for.
        return self

    def _block(self) -> Generator[Item, None, None]:
        items = self._opening()
        try:
            while (item := blocking.run(_next(items))) is not None:
                yield item
        finally:
            blocking.run(items.aclose())

    def close(self) -> None:
        """End every iteration that was begun with `for`."""
        for items in list(self._running):
            if isinstance(items, Generator):
                items.close()

    async def aclose(self) -> None:
        """End every iteration that was begun with `async for`."""
        for items in list(self._running):
            if isinstance(items, AsyncGenerator):
                await items.aclose()


async def _next(items: AsyncGenerator[Item, None]) -> Item | None:
    return await anext(items, None)
