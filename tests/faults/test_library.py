"""Every fault of the simulator, as the library takes it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from jumpseat import Client
from jumpseat.model.errors import JumpseatError
from jumpseat.model.events import ChatEvent, Finished, ImageMade, Started, TextDelta, TextReplaced
from jumpseat.settings import Settings
from jumpseat.simulator import SimulatorThread
from tests.faults.staging import (
    TASKS_OF_A_CLIENT,
    WORDS,
    Fault,
    calm,
    disarm,
    staged_settings,
    struck,
    table,
)

TABLE = table()
SAID = {TextDelta, TextReplaced, ImageMade}
SPOKEN = [f for f in TABLE if f.service == "microsoft" and "turn" in f.calls and not f.hangs]


@pytest.mark.parametrize("fault", TABLE, ids=lambda fault: fault.name)
async def test_a_fault_ends_a_turn_once_and_leaves_nothing(
    simulator: SimulatorThread, fault: Fault, home: Path
) -> None:
    await stand(simulator, fault, staged_settings(simulator, home, is_hasty=fault.hangs))


@pytest.mark.parametrize("fault", SPOKEN, ids=lambda fault: fault.name)
async def test_a_fault_means_the_same_in_the_older_dialect(
    simulator: SimulatorThread, fault: Fault, home: Path
) -> None:
    settings = staged_settings(
        simulator,
        home,
        JUMPSEAT_MICROSOFT_URL=f"{simulator.url}/client-first",
        JUMPSEAT_MICROSOFT_DIALECT="client-first",
    )
    await stand(simulator, fault, settings)


async def stand(simulator: SimulatorThread, fault: Fault, settings: Settings) -> None:
    """Meet one fault, look at what is left, and go on in the same conversation."""
    name = uuid4().hex
    simulator.reset()
    tasks = len(asyncio.all_tasks()) + TASKS_OF_A_CLIENT
    async with Client(settings) as client:
        if fault.needs_thread:
            await client.ask(fault.model, "%%SAY before%%", conversation=name)
        simulator.arm(fault.name)
        events, error = await put(client, fault, name)
        was_struck = struck(simulator, fault)
        disarm(simulator)

        assert was_struck == fault.can_strike
        assert fault.allows(error), repr(error)
        assert error or not fault.is_harmless or any(type(e) in SAID for e in events)
        check_grammar(events, error)
        await calm(simulator, tasks)
        reply = await client.ask(fault.model, "%%SAY fine%%", conversation=name)
        assert reply.text == "fine"
        await calm(simulator, tasks)
    assert simulator.violations() == []


async def put(client: Client, fault: Fault, name: str) -> tuple[list[ChatEvent], JumpseatError | None]:
    """The events of an answer, and the error that ended it, if one did."""
    events: list[ChatEvent] = []
    try:
        async with client.stream(
            fault.model, f"%%SAY {WORDS}%%", conversation=name, images=fault.images
        ) as stream:
            async for batch in stream.batches():
                events.extend(batch)
    except JumpseatError as error:
        return events, error
    return events, None


def check_grammar(events: list[ChatEvent], error: JumpseatError | None) -> None:
    """A reply is Started, anything, Finished; or it raises, and is never finished."""
    kinds = [type(event) for event in events]
    assert kinds[:1] in ([], [Started])
    assert kinds.count(Started) <= 1
    if error is None:
        assert kinds[-1] is Finished
        assert kinds.count(Finished) == 1
    else:
        assert Finished not in kinds
        assert str(error)
