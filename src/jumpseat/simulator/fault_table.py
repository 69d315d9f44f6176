"""The table of all faults of both services."""

from __future__ import annotations

from typing import Any

from jumpseat.simulator.fault import GITHUB, Fault
from jumpseat.simulator.github_api_faults import GITHUB_API_FAULTS
from jumpseat.simulator.github_calls_faults import GITHUB_CALL_FAULTS
from jumpseat.simulator.github_clocks import GITHUB_CLOCK_FAULTS
from jumpseat.simulator.github_faults import GITHUB_STREAM_FAULTS
from jumpseat.simulator.github_signin_faults import GITHUB_SIGNIN_FAULTS
from jumpseat.simulator.microsoft_calls_faults import CALL_FAULTS
from jumpseat.simulator.microsoft_faults import ENDINGS
from jumpseat.simulator.microsoft_oddities import ODDITIES
from jumpseat.simulator.microsoft_picture_faults import PICTURE_FAULTS
from jumpseat.simulator.microsoft_silences import SILENCES

TABLE: tuple[Fault, ...] = (
    *CALL_FAULTS,
    *ENDINGS,
    *SILENCES,
    *ODDITIES,
    *PICTURE_FAULTS,
    *GITHUB_CALL_FAULTS,
    *GITHUB_STREAM_FAULTS,
    *GITHUB_CLOCK_FAULTS,
    *GITHUB_API_FAULTS,
    *GITHUB_SIGNIN_FAULTS,
)
_BY_NAME = {fault.name: fault for fault in TABLE}


def faults() -> list[dict[str, Any]]:
    """All faults as plain rows, service by service."""
    return [fault.row() for fault in TABLE]


def find(name: str, service: str | None = None) -> Fault | None:
    """The fault of this name, if the service has it; at GitHub the prefix `github-` may be left out."""
    found = _BY_NAME.get(name)
    if found is None or service not in (None, found.service):
        found = _BY_NAME.get(f"{GITHUB}-{name}") if service == GITHUB else None
    return found
