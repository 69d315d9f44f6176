"""A turn that is cancelled at any moment gives back its lease, its slot, its wire and its tasks."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from jumpseat import Client
from jumpseat.settings import Settings
from jumpseat.simulator import SimulatorThread
from tests.faults.staging import PNG, TASKS_OF_A_CLIENT, calm, disarm, staged_settings

SAY = "%%SAY a few words%%"
ENDLESS = "%%TOKENS 50%% %%SLOW 10%%"
MAX_MOMENTS = 100


class Turn(Struct, frozen=True, kw_only=True):
    """One way to put a question."""

    model: str
    text: str = SAY
    goes_on: bool = False
    fault: str = ""
    leaves: bool = False
    images: tuple[bytes, ...] = ()
    wants_extras: bool = False

    async def prepare(self, client: Client, simulator: SimulatorThread, name: str) -> None:
        if self.goes_on:
            await client.ask(self.model, "%%SAY before%%", conversation=name)
        if self.fault:
            simulator.arm(self.fault)

    async def put(self, client: Client, name: str) -> None:
        async with client.stream(
            self.model, self.text, conversation=name, images=self.images, wants_extras=self.wants_extras
        ) as stream:
            async for _ in stream.batches():
                if self.leaves:
                    break


TURNS = {
    "microsoft": Turn(model="microsoft/copilot"),
    "microsoft goes on": Turn(model="microsoft/copilot", goes_on=True),
    "microsoft with everything": Turn(model="microsoft/copilot", images=(PNG,), wants_extras=True),
    "microsoft replaced": Turn(model="microsoft/copilot", goes_on=True, fault="conversation-gone"),
    "microsoft left": Turn(model="microsoft/copilot", text=ENDLESS, leaves=True),
    "github": Turn(model="github/gpt-4o"),
    "github goes on": Turn(model="github/gpt-4o", goes_on=True),
    "github left": Turn(model="github/gpt-4o", text=ENDLESS, leaves=True),
}


class CancelledAt:
    """
    Awaits something in the running task, which is cancelled as it suspends itself for the n-th time.

    With `late` it is cancelled only when what it waits for is there, and it has not run since.
    """

    def __init__(self, awaitable: Awaitable[None], moment: int, *, late: bool) -> None:
        self._awaitable = awaitable
        self._moment = moment
        self._late = late
        self.seen = 0

    def __await__(self) -> Generator[Any, Any, None]:
        steps = self._awaitable.__await__()
        task = asyncio.current_task()
        assert task is not None
        advance: Callable[[], Any] = lambda: steps.send(None)  # noqa: E731 - it is replaced below
        while True:
            try:
                waits_for = advance()
            except StopIteration:
                return
            self.seen += 1
            if self.seen == self._moment:
                if self._late and waits_for is not None:
                    waits_for.add_done_callback(lambda _: task.cancel())
                else:
                    task.cancel()
            try:
                yield waits_for
                advance = lambda: steps.send(None)  # noqa: E731
            except BaseException as error:  # noqa: BLE001 - whatever it is, it goes where it belongs
                advance = _throwing(steps, error)


def _throwing(steps: Generator[Any, Any, None], error: BaseException) -> Callable[[], Any]:
    return lambda: steps.throw(error)


@pytest.mark.parametrize("late", [False, True], ids=["at once", "late"])
@pytest.mark.parametrize("turn", TURNS.values(), ids=TURNS.keys())
async def test_whenever_a_turn_is_cancelled_everything_is_given_back(
    simulator: SimulatorThread, home: Path, turn: Turn, late: bool
) -> None:
    settings = staged_settings(simulator, home, JUMPSEAT_PACE="on", JUMPSEAT_MICROSOFT_PER_MINUTE="1000")
    for moment in range(1, MAX_MOMENTS):
        simulator.reset()
        if await cancelled(simulator, settings, turn, moment, late=late) < moment:
            break
    assert 3 < moment < MAX_MOMENTS - 1
    assert simulator.violations() == []


async def cancelled(
    simulator: SimulatorThread, settings: Settings, turn: Turn, moment: int, *, late: bool
) -> int:
    """Cancel a turn, look at what is left, go on; how often the turn had to wait."""
    tasks = len(asyncio.all_tasks()) + TASKS_OF_A_CLIENT
    async with Client(settings) as client:
        name = str(uuid.uuid4())
        await turn.prepare(client, simulator, name)
        waiting = CancelledAt(turn.put(client, name), moment, late=late)

        async def put() -> None:
            await waiting

        await asyncio.wait([asyncio.ensure_future(put())])
        disarm(simulator)

        assert not client._remembering._switchboard  # type: ignore[truthy-bool]  # its length is what is held
        for lane in client._remembering._pacer._lanes.values():
            assert not lane._pace._lent
            assert not lane._waiting
        await calm(simulator, tasks)
        assert str(await client.ask(turn.model, "%%SAY fine%%", conversation=name)) == "fine"
    return waiting.seen
