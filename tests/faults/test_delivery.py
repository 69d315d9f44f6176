"""However a turn ends, its question is put once at most; what may be delivered is told."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from jumpseat import Client
from jumpseat.errors import (
    InvalidRequest,
    JumpseatError,
    NotSignedIn,
    QuotaExceeded,
    RateLimited,
    UpstreamRefused,
)
from jumpseat.simulator import SimulatorThread
from tests.faults.staging import Fault, disarm, staged_settings, table
from tests.upstream_log import deliveries

ASKED_AGAIN = {
    "conversation-full",
    "conversation-gone",
    "error-too-many-messages",
    "github-api-401",
    "github-api-403",
    "github-messages-401",
    "github-messages-403",
    "github-messages-404",
    "github-thread-gone",
    "github-token-expired-once",
    "mode-selected",
}
"""Faults at which the service says that it has not taken the question, or wants it once more."""

REFUSALS = (InvalidRequest, NotSignedIn, QuotaExceeded, RateLimited, UpstreamRefused)
REFUSED_FOR_OUR_MISTAKE = {"error-invalid-event", "error-event-not-recognized"}


@pytest.mark.parametrize("goes_on", [False, True], ids=["new", "goes on"])
@pytest.mark.parametrize("fault", [f for f in table() if f.can_strike], ids=lambda fault: fault.name)
async def test_a_question_is_put_once_at_most(
    simulator: SimulatorThread, fault: Fault, home: Path, goes_on: bool
) -> None:
    simulator.reset()
    name, words = str(uuid.uuid4()), f"words {uuid.uuid4()}"
    error: JumpseatError | None = None
    async with Client(staged_settings(simulator, home, is_hasty=fault.hangs)) as client:
        if goes_on or fault.needs_thread:
            await client.ask(fault.model, "%%SAY before%%", conversation=name)
        simulator.arm(fault.name)
        try:
            await client.ask(fault.model, words, conversation=name, images=fault.images)
        except JumpseatError as caught:
            error = caught
        disarm(simulator)
    put = deliveries(simulator, words)

    assert put <= (2 if fault.name in ASKED_AGAIN else 1)
    if error is None:
        assert put
    elif error.may_be_delivered:
        assert put == 1
    elif put:
        assert isinstance(error, REFUSALS) or fault.name in REFUSED_FOR_OUR_MISTAKE
