"""One request and its response: what every part of the gateway writes its answer with."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any
from urllib.parse import quote

from jumpseat.dialects.failures import error_body
from jumpseat.model.errors import JumpseatError

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
RawHeaders = Sequence[tuple[bytes, bytes]]

JSON = b"application/json"
_ALWAYS: tuple[tuple[bytes, bytes], ...] = (
    (b"server", b"jumpseat"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)
# Printable ASCII; the percent sign itself is quoted, so that reading it back is unambiguous.
_HEADER_SAFE = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")


class Refused(Exception):
    """A request that the gateway itself answers with an error; `code` is for programs."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        type_: str = "invalid_request_error",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.type = type_
        self.headers = headers or {}

    def body(self) -> bytes:
        return error_body(self.type, self.code, str(self))


class Exchange:
    """The request, the means to answer it, and what the log says about it."""

    __slots__ = (
        "began_at",
        "has_begun",
        "last_words",
        "model",
        "owner",
        "receive",
        "remark",
        "request_id",
        "scope",
        "send",
        "shared_headers",
        "status",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.request_id = new_request_id()
        self.began_at = time.perf_counter()
        self.status = 0
        self.has_begun = False
        self.owner = ""
        self.model = "-"
        self.remark = ""
        """A word on how it ended, for the log."""
        self.last_words: Callable[[JumpseatError], bytes] | None = None
        """How a failure is told once the answer has begun; None where it cannot be told."""
        self.shared_headers: list[tuple[bytes, bytes]] = [
            *_ALWAYS,
            (b"x-request-id", self.request_id.encode()),
        ]
        """Headers that each answer to this request carries, whatever it is."""

    async def begin(self, status: int, kind: bytes, headers: RawHeaders = ()) -> None:
        """Send the status and the headers."""
        self.status = status
        self.has_begun = True
        own = [*self.shared_headers, (b"content-type", kind), *headers]
        await self.send({"type": "http.response.start", "status": status, "headers": own})

    async def respond(
        self, status: int, body: bytes, *, kind: bytes = JSON, headers: RawHeaders = ()
    ) -> None:
        """Send a whole response."""
        length = (b"content-length", str(len(body)).encode())
        await self.begin(status, kind, (length, *headers))
        # A HEAD is answered like a GET, without the body.
        said = b"" if self.scope["method"] == "HEAD" else body
        await self.send({"type": "http.response.body", "body": said})


def new_request_id() -> str:
    """What the log and the caller call this request; never taken from the caller."""
    return f"req_{secrets.token_hex(12)}"


def raw_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as bytes; what may not stand in a header is percent-encoded."""
    return [(name.lower().encode(), header_value(value)) for name, value in headers.items()]


def header_value(text: str) -> bytes:
    """`text` as a header can carry it: anything but printable ASCII is percent-encoded (UTF-8)."""
    return quote(text, safe=_HEADER_SAFE, errors="replace").encode()
