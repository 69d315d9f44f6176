"""One row of the table of faults: what goes wrong, how it is asked for, what a correct client makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack

from jumpseat.simulator.steps import Script

MICROSOFT = "microsoft"
GITHUB = "github"
ONCE = "once"
UNTIL_RESET = "until-reset"


@dataclass(frozen=True, slots=True)
class HttpReply:
    """An answer given in place of the right one."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A way in which a service misbehaves, or merely surprises."""

    name: str
    service: str
    description: str
    wire: str
    """The effect on the wire: a status, the frames, the bytes."""
    expect: str = "ok"
    """`ok`, or the class of error which a correct client reports."""
    tolerated: tuple[str, ...] = ()
    """Other outcomes that the protocol page leaves room for."""
    calls: tuple[str, ...] = ("turn",)
    """Which calls it strikes. `turn`: the prompt's answer, so that a prompt can ask for it."""
    lasts: str = ONCE
    hangs: bool = False
    """Whether nothing more comes, so that only a deadline of the client ends it."""
    needs_thread: bool = False
    """Whether it strikes only where a conversation is continued."""
    script: Callable[[Any], Script] | None = None
    reply: HttpReply | None = None

    @property
    def is_greeting(self) -> bool:
        """Whether it comes after the socket is open, so that the handshake itself is answered."""
        return self.name.startswith("greeting-")

    @property
    def strikes(self) -> str:
        """`prompt` (a directive; arming works as well) or `next` (only by arming it beforehand)."""
        return "prompt" if "turn" in self.calls else "next"

    def row(self) -> dict[str, Any]:
        """What the list of faults tells about it, in plain values."""
        return {
            "name": self.name,
            "service": self.service,
            "description": self.description,
            "wire": self.wire,
            "status": self.reply.status if self.reply else None,
            "strikes": self.strikes,
            "calls": list(self.calls),
            "lasts": self.lasts,
            "hangs": self.hangs,
            "needs_thread": self.needs_thread,
            "expect": self.expect,
            "tolerated": list(self.tolerated),
        }


class Traits(TypedDict, total=False):
    """What a row may say beyond its name and words; as in `Fault`."""

    tolerated: tuple[str, ...]
    calls: tuple[str, ...]
    lasts: str
    hangs: bool
    needs_thread: bool
    script: Callable[[Any], Script]
    reply: HttpReply | None


class Table:
    """The faults of one kind, in the order in which they are written down."""

    def __init__(self, service: str, prefix: str = "") -> None:
        self.rows: list[Fault] = []
        self._service = service
        self._prefix = prefix

    def add(self, name: str, description: str, wire: str, expect: str = "ok", **more: Unpack[Traits]) -> None:
        """A fault without a script of its own."""
        fault = Fault(
            name=self._prefix + name,
            service=self._service,
            description=description,
            wire=wire,
            expect=expect,
            **more,
        )
        self.rows.append(fault)

    def fault(
        self, name: str, description: str, wire: str, expect: str = "ok", **more: Unpack[Traits]
    ) -> Callable[[Callable[[Any], Script]], Callable[[Any], Script]]:
        """Put the decorated script into the table under this name."""

        def add(script: Callable[[Any], Script]) -> Callable[[Any], Script]:
            more["script"] = script
            self.add(name, description, wire, expect, **more)
            return script

        return add
