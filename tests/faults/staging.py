"""One fault, one conversation, and what has to hold around them, for the library and for the gateway."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from jumpseat import errors
from jumpseat.settings import Settings
from jumpseat.simulator import SimulatorThread, faults
from tests.waiting import until_async

WORDS = "one two three four five six"
"""What the answer says, where the fault lets it."""

NEVER_CALLED = frozenset(
    {"start", "list", "history", "models", "device-code", "device-token", "exchange", "api-user"}
)
"""Calls that a turn does not need, so that a fault of theirs alone cannot strike it."""

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\0IEND\xaeB`\x82"
TASKS_OF_A_CLIENT = 1
"""Curl's timer, which stands as long as a client does."""

CALM_SECONDS = 1.0
"""How long a wire or a task may outlive its turn."""


class Fault(Struct, frozen=True, kw_only=True):
    """A row of the simulator's table, as far as it matters here."""

    name: str
    service: str
    calls: Sequence[str]
    expect: str
    tolerated: Sequence[str]
    hangs: bool
    needs_thread: bool

    @property
    def model(self) -> str:
        return {"microsoft": "microsoft/copilot", "github": "github/gpt-4o"}[self.service]

    @property
    def images(self) -> tuple[bytes, ...]:
        """A picture, where only that leads to the fault."""
        return (PNG,) if tuple(self.calls) == ("attachments",) else ()

    @property
    def can_strike(self) -> bool:
        return not set(self.calls) <= NEVER_CALLED

    @property
    def is_harmless(self) -> bool:
        """Nothing but a whole answer will do."""
        return self.expect == "ok" and not self.tolerated

    def allows(self, error: errors.JumpseatError | None) -> bool:
        """Whether a turn may end so: with this error, or well."""
        if not self.can_strike:
            return error is None
        names = {"ok"} if error is None else {kind.__name__ for kind in type(error).__mro__}
        return bool(names & {self.expect, *self.tolerated})


def table() -> list[Fault]:
    """All faults."""
    rows: list[dict[str, Any]] = faults()
    return [Fault(**{name: row[name] for name in Fault.__struct_fields__}) for row in rows]


PATIENCE = {"CONNECT": "5", "FIRST_EVENT": "5", "IDLE": "5", "TOTAL": "10"}
HASTE = {"CONNECT": "0.4", "FIRST_EVENT": "0.6", "IDLE": "0.4", "TOTAL": "1.2"}
"""For faults that only a deadline ends; the others get patience, so that a busy machine breaks none."""


def staged_settings(
    simulator: SimulatorThread, home: Path, *, is_hasty: bool = False, **more: str
) -> Settings:
    """With a token and cookies, so that every call is made that can be."""
    home.mkdir(parents=True, exist_ok=True)
    cookies = home / "cookies.json"
    cookies.write_text(json.dumps([{"name": "user_session", "value": "sim-1", "domain": ".github.com"}]))
    return Settings.from_environment(
        {
            "JUMPSEAT_SIMULATOR": simulator.url,
            "JUMPSEAT_HOME": str(home),
            "JUMPSEAT_PACE": "off",
            "JUMPSEAT_MICROSOFT_TOKEN": "simulator-token",
            "JUMPSEAT_GITHUB_COOKIES": str(cookies),
            **{f"JUMPSEAT_{name}_TIMEOUT": text for name, text in (HASTE if is_hasty else PATIENCE).items()},
            "JUMPSEAT_CONVERSATION_WAIT": "0.5",
            **more,
        }
    )


def disarm(simulator: SimulatorThread) -> None:
    """No fault waits any more; what was said in conversations stays."""
    body = json.dumps({"fault": None}).encode()
    with urllib.request.urlopen(f"{simulator.url}/_simulator/next", body, timeout=5) as answer:  # noqa: S310
        assert answer.status == 200


def struck(simulator: SimulatorThread, fault: Fault) -> bool:
    """Whether the fault came to pass."""
    return bool(simulator.stats()["counts"].get(f"fault {fault.name}"))


def open_things(simulator: SimulatorThread) -> dict[str, int]:
    """Sockets, turns and streams that stand at the simulator."""
    return {what: count for what, count in simulator.stats()["open"].items() if count}


async def calm(simulator: SimulatorThread, tasks: int) -> None:
    """Wait until nothing of a turn is left: no wire, no task beyond the first `tasks`."""
    await until_async(
        lambda: not open_things(simulator) and len(asyncio.all_tasks()) <= tasks,
        CALM_SECONDS,
        told=lambda: (open_things(simulator), [task.get_coro() for task in asyncio.all_tasks()]),
    )
