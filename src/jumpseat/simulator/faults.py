"""The table of all faults."""

from __future__ import annotations

from typing import Any

from jumpseat.simulator.fault import GITHUB, Fault

TABLE: tuple[Fault, ...] = ()


def faults() -> list[dict[str, Any]]:
    """All faults as plain rows, in the order of the protocol pages."""
    return [fault.row() for fault in TABLE]


def find(name: str, service: str | None = None) -> Fault | None:
    """The fault of this name; for GitHub the prefix `github-` may be left out."""
    wanted = (name, f"{GITHUB}-{name}") if service == GITHUB else (name,)
    rows = [f for f in TABLE if f.name in wanted and service in (None, f.service)]
    return rows[0] if rows else None
