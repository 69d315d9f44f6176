"""One result that can be used in three ways: `for`, `async for`, and `await` followed by either."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from typing import Self

from jumpseat import blocking
from jumpseat.providers.items import Item

Opening = Callable[[], AsyncGenerator[Item, None]]


class _Iteration:
    """One asking; closed once, by whoever comes first."""

    def __init__(self, items: AsyncGenerator[Item, None]) -> None:
        self.items = items
        self._lock = asyncio.Lock()

    async def next(self) -> Item | None:
        return await anext(self.items, None)

    async def close(self) -> None:
        async with self._lock:
            await self.items.aclose()


class Completion:
    """
    The items of one answer.

    Nothing is sent before the first item is asked for, and each iteration asks anew. Leaving an iteration
    early closes its wire; so does `close()` or `await aclose()`.
    """

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._async: set[_Iteration] = set()
        self._blocking: set[_Iteration] = set()

    async def __aiter__(self) -> AsyncGenerator[Item, None]:
        iteration = _Iteration(self._opening())
        self._async.add(iteration)
        try:
            while (item := await iteration.next()) is not None:
                yield item
        finally:
            await iteration.close()
            self._async.discard(iteration)

    def __iter__(self) -> Iterator[Item]:
        iteration = _Iteration(self._opening())
        self._blocking.add(iteration)
        try:
            while (item := blocking.run(iteration.next())) is not None:
                yield item
        finally:
            blocking.run(iteration.close())
            self._blocking.discard(iteration)

    def __await__(self) -> Generator[None, None, Self]:
        yield from ()  # `await` asks for a generator; there is nothing to wait for.
        return self

    def close(self) -> None:
        """End every iteration that was begun with `for`."""
        for iteration in list(self._blocking):
            blocking.run(iteration.close())

    async def aclose(self) -> None:
        """End every iteration that was begun with `async for`."""
        for iteration in list(self._async):
            await iteration.close()
