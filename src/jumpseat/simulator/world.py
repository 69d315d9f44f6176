"""The state of one simulator: both services' memories, what is armed, and what was seen."""

from __future__ import annotations

import secrets
import string
import time
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

from jumpseat.simulator import fault_table
from jumpseat.simulator.fault import GITHUB, MICROSOFT, UNTIL_RESET, Fault
from jumpseat.simulator.github_signin_codes import Desk
from jumpseat.simulator.history import Book, timestamp
from jumpseat.simulator.journal import Journal

_ALPHABET = string.ascii_letters + string.digits
WEB_TOKEN = "simulator-web-token"  # noqa: S105 - a well-known password of a toy


def nanoid() -> str:
    """21 characters, as the service's own ids have."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(21))


@dataclass(slots=True)
class Armed:
    """A fault that waits for its call."""

    fault: Fault
    times: int
    """How often it strikes; below 0: until the simulator is reset."""


class World:
    """Everything that two calls can share."""

    def __init__(self, dialect: str, pace_seconds: float) -> None:
        self.dialect = dialect
        self.pace = pace_seconds
        self.journal = Journal()
        self.open: Counter[str] = Counter()
        self.peak: Counter[str] = Counter()
        self.sockets_seen = 0
        self.url = ""
        self.reset()

    def reset(self) -> None:
        """Forget everything but the connections that stand."""
        self.journal.clear()
        self.books = {MICROSOFT: Book(), GITHUB: Book()}
        self.armed: list[Armed] = []
        self.scripts: dict[str, deque[list[Any]]] = {MICROSOFT: deque(), GITHUB: deque()}
        self.images: dict[str, tuple[str, bytes]] = {}
        self.web_tokens = {WEB_TOKEN}
        self.desk = Desk()
        self.peak = Counter(self.open)

    def now(self) -> str:
        return timestamp(time.time())

    def count(self, what: str, change: int) -> None:
        """Note that a socket, turn or stream opened (1) or ended (-1)."""
        self.open[what] += change
        self.peak[what] = max(self.peak[what], self.open[what])

    def arm(self, fault: Fault, times: int | None = None) -> None:
        default = -1 if fault.lasts == UNTIL_RESET else 1
        self.armed.append(Armed(fault, default if times is None else times))

    def struck(self, service: str, call: str) -> Fault | None:
        """The armed fault that strikes this call now, if any; striking uses it up."""
        if not self.armed:
            return None
        for waiting in self.armed:
            if waiting.fault.service == service and call in waiting.fault.calls:
                waiting.times -= 1
                if waiting.times == 0:
                    self.armed.remove(waiting)
                self.journal.counts[f"fault {waiting.fault.name}"] += 1
                return waiting.fault
        return None

    def scripted(self, service: str) -> list[Any] | None:
        """The recorded frames which the next turn has to replay, if any."""
        waiting = self.scripts[service]
        return waiting.popleft() if waiting else None

    def fault_of_turn(self, service: str, wished: str | None, *, is_continued: bool) -> Fault | None:
        """The fault of a turn: the armed one, else the one which the prompt names."""
        found = self.struck(service, "turn")
        if found is None and wished is not None:
            found = fault_table.find(wished, service)
            if found is None:
                self.journal.violations.append(f"no such fault for {service}: {wished}")
        return None if found is None or (found.needs_thread and not is_continued) else found

    @staticmethod
    def wrong_wish(service: str, wished: str) -> str | None:
        """What is wrong with a fault that a prompt asks for; None if it can strike there."""
        found = fault_table.find(wished, service)
        if found is None:
            return f"No such fault here: {wished}. `jumpseat simulate --list` names them all."
        if found.strikes == "next":
            return (
                f"The fault {wished} strikes no answer, but other calls: arm it with POST /_simulator/next."
            )
        return None

    def mint_web_token(self) -> str:
        token = f"sim-web-{len(self.web_tokens)}"
        self.web_tokens.add(token)
        return token

    def stats(self) -> dict[str, Any]:
        return {"open": dict(self.open), "peak": dict(self.peak), "counts": dict(self.journal.counts)}
