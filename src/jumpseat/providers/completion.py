"""One result that can be used in three ways: `for`, `async for`, and `await` followed by either."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from typing import Self

from jumpseat import blocking
from jumpseat.providers.items import Item

Opening = Callable[[], AsyncGenerator[Item, None]]


class _Iteration:
    """One asking; closed once, by whoever comes first, also under the hands of one who reads."""

    def __init__(self, items: AsyncGenerator[Item, None]) -> None:
        self._items = items
        self._lock = asyncio.Lock()
        self._step: asyncio.Future[Item | None] | None = None
        self._is_closed = False

    async def next(self) -> Item | None:
        """The next item; None at the end, and once it is closed."""
        if self._is_closed:
            return None
        # In a task of its own: a generator that is running cannot be closed, a task can be cancelled.
        self._step = asyncio.ensure_future(anext(self._items, None))
        try:
            return await self._step
        except asyncio.CancelledError:
            if self._was_closed_under_its_reader():
                return None
            raise
        finally:
            self._step = None

    def _was_closed_under_its_reader(self) -> bool:
        reader = asyncio.current_task()
        return self._is_closed and reader is not None and not reader.cancelling()

    async def close(self) -> None:
        async with self._lock:
            self._is_closed = True
            if self._step is not None:
                self._step.cancel()
                await asyncio.wait([self._step])
            await self._items.aclose()


class Completion:
    """
    The items of one answer.

    Nothing is sent before the first item is asked for, and each iteration asks anew. Leaving an iteration
    early closes its wire; so does `close()` or `await aclose()`.
    """

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._async: set[_Iteration] = set()
        self._blocking: dict[_Iteration, blocking.Background] = {}

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
        home, iteration = blocking.background(), _Iteration(self._opening())
        self._blocking[iteration] = home
        try:
            while (item := home.run(iteration.next())) is not None:
                yield item
        finally:
            del self._blocking[iteration]
            home.finish(iteration.close())

    def __await__(self) -> Generator[None, None, Self]:
        yield from ()  # `await` asks for a generator; there is nothing to wait for.
        return self

    def close(self) -> None:
        """End every iteration that was begun with `for`."""
        for iteration, home in list(self._blocking.items()):
            home.finish(iteration.close())

    async def aclose(self) -> None:
        """End every iteration that was begun with `async for`."""
        for iteration in list(self._async):
            await iteration.close()
