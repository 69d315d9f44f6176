"""Something that lives for a while, given out by a keeper, with the test as its clock and its service."""

from __future__ import annotations

import asyncio
from typing import Any

from jumpseat.renewal import Fresh, Keeper

LIFE = 3600.0


class Source:
    """Gives `1`, `2`, ... that live for `life` seconds; waits while its gate is shut."""

    def __init__(self, *, capacity: int = 8, chance: float = 0.5) -> None:
        self.now = 1000.0
        self.life = LIFE
        self.ends_at: dict[int, float] = {}
        self.begun = 0
        self.under_way = 0
        self.failure: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.keeper = Keeper[str, int](
            capacity=capacity,
            stops=lambda error: "stop" in str(error),
            clock=lambda: self.now,
            chance=lambda: chance,
        )

    async def fetch(self) -> Fresh[int]:
        self.begun += 1
        self.under_way += 1
        try:
            number, failure, life = self.begun, self.failure, self.life
            self.ends_at[number] = self.now + life
            await self.gate.wait()
            if failure is not None:
                raise failure
            return Fresh(number, life)
        finally:
            self.under_way -= 1

    async def current(self, key: str = "me", **options: Any) -> int:
        return await self.keeper.current(key, self.fetch, **options)

    async def renewed(self, refused: int, key: str = "me", **options: Any) -> int:
        return await self.keeper.renewed(key, refused, self.fetch, **options)


async def settle() -> None:
    """Let everything run that can, without any time passing."""
    for _ in range(10):
        await asyncio.sleep(0)
