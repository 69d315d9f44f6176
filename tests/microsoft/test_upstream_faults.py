"""Every Microsoft fault of the simulator: the right error, nothing left open, and the next turn fine."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import psutil
import pytest

from jumpseat.microsoft.sessions import Sessions
from jumpseat.microsoft.upstream import MicrosoftUpstream
from jumpseat.model import errors
from jumpseat.model.messages import Image
from jumpseat.simulator import Simulator, faults
from jumpseat.transport.wire import Transport
from tests.microsoft.conftest import ask, until_closed
from tests.waiting import until_async

CASES = [
    pytest.param(dialect, row, id=f"{dialect}-{row['name']}")
    for dialect in ("server-first", "client-first")
    for row in faults()
    if row["service"] == "microsoft"
    # Nobody is greeted in the older dialect.
    and not (dialect == "client-first" and row["name"].startswith("greeting"))
]

HASTY = {"connect": 0.4, "first_event": 0.4, "idle": 0.4, "total": 1.0}
PATIENT = {"connect": 5.0, "first_event": 5.0, "idle": 5.0, "total": 10.0}

PNG = Image(data=b"\x89PNG\r\n\x1a\n" + bytes(16), media_type="image/png")


async def arm(transport: Transport, simulator: Simulator, name: str | None) -> None:
    """Let the fault strike the next call it is made for; None lets all strikes go."""
    body = msgspec.json.encode({"fault": name, "service": "microsoft"})
    url = f"{simulator.url}/_simulator/next"
    answer = await transport.request("POST", url, headers={}, body=body, timeout=5)
    assert answer.status == 200


def settled() -> tuple[int, int]:
    return psutil.Process().num_fds(), len(asyncio.all_tasks())


@pytest.mark.parametrize(("simulator", "fault"), CASES, indirect=["simulator"])
async def test_a_fault_is_told_as_what_it_is(
    upstream: MicrosoftUpstream, simulator: Simulator, transport: Transport, fault: dict[str, Any]
) -> None:
    await ask(upstream, "%%SAY before%%")
    await until_closed(simulator)
    before = settled()
    prompt = "hello there"
    if fault["strikes"] == "prompt":
        prompt += f" %%FAULT {fault['name']}%%"
    else:
        await arm(transport, simulator, fault["name"])
        upstream._sessions = Sessions()  # Nothing is known of the account, so every call is made.
    images = [PNG] if "attachments" in fault["calls"] else []
    kinds, message = await outcome_of(
        upstream, prompt, images=images, limits=HASTY if fault["hangs"] else PATIENT
    )

    expected = {fault["expect"], *fault["tolerated"]} if _applies(fault) else {"ok"}
    assert kinds & expected, message
    assert "sim-alice" not in message
    await arm(transport, simulator, None)
    reply, _ = await ask(upstream, "%%SAY after%%")
    assert reply.text == "after"
    await until_closed(simulator)
    await until_settled(before)


async def outcome_of(
    upstream: MicrosoftUpstream, prompt: str, *, images: list[Image], limits: dict[str, float]
) -> tuple[set[str], str]:
    """The names of the error's kinds and its message, or `ok`."""
    try:
        await ask(upstream, prompt, images=images, limits=limits)
    except errors.JumpseatError as error:
        return {kind.__name__ for kind in type(error).__mro__}, str(error)
    return {"ok"}, ""


def _applies(fault: dict[str, Any]) -> bool:
    """Whether a turn makes one of the calls that the fault strikes."""
    return bool({"user", "create", "config", "attachments", "chat", "turn"} & set(fault["calls"]))


async def until_settled(before: tuple[int, int]) -> None:
    """Connections kept for the next call aside, nothing is left of the turn."""

    def is_settled() -> bool:
        fds, tasks = settled()
        return fds <= before[0] + 4 and tasks <= before[1] + 2

    await until_async(is_settled, told=lambda: f"descriptors and tasks: {before}, then {settled()}")
