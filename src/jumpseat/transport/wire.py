"""What a party's shell asks of a network library: one request, one byte stream, one socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from jumpseat.model.errors import UpstreamBroke

MAX_BODY_BYTES = 16 * 1024 * 1024
"""Longest whole body that `request` reads; a longer one is `UpstreamBroke`."""

MAX_FRAME_BYTES = 8 * 1024 * 1024
"""Longest WebSocket frame taken. Picture frames reach 600 KB (classic protocol, section 6)."""


class WireFailed(UpstreamBroke):
    """
    The wire could not be opened, or broke.

    While opening, nothing can have been delivered (`may_be_delivered` is False).
    """

    code = "wire_failed"


class Response(Struct, frozen=True, kw_only=True):
    """A whole HTTP answer. Header names are in lower case; redirects are never followed."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""
    cookies: Mapping[str, str] = {}
    """Cookies this answer sets, empty values left out: a blank never replaces a good one."""

    def __repr__(self) -> str:
        # A token may be in all the rest.
        return f"Response(status={self.status}, {len(self.body)} bytes)"


class ByteStream(Protocol):
    """An HTTP answer whose body is read as it comes."""

    @property
    def response(self) -> Response:
        """Status and headers; its body is empty."""

    async def read(self) -> bytes:
        """The bytes that came since, at least one; `b""` at the end. Raises `WireFailed` when it breaks."""

    async def aclose(self) -> None:
        """Close the connection (not: read it to the end). Idempotent, returns within a second."""


class HandshakeRefused(Exception):
    """The server answered the WebSocket upgrade with an ordinary HTTP answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"the upgrade was answered with HTTP {response.status}")
        self.response = response


class Socket(Protocol):
    """An open WebSocket that carries text."""

    async def receive(self) -> list[str]:
        """
        The text frames that are there, waiting for at least one; `[]` once the socket is closed.

        Raises `WireFailed` when the connection breaks without a close and nothing can be told.
        A bare end of the connection counts as closed.
        """

    async def send(self, text: str) -> None: ...

    @property
    def close_code(self) -> int | None:
        """The peer's close code, once closed; 1006 for a bare end; None while open."""

    async def aclose(self) -> None:
        """Close at once. Idempotent, returns within a second."""


class Transport(Protocol):
    """
    One pool of connections with one proxy setting.

    Header values arrive here revealed; nothing below logs them.
    """

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        timeout: float,
    ) -> Response:
        """One exchange. Raises `UpstreamTimeout` (`connect`) after `timeout` seconds, or `WireFailed`."""

    async def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        timeout: float,
        connect: float | None = None,
    ) -> ByteStream:
        """
        Send a request and return once the status and headers are there (within `timeout` seconds).

        The connection itself may take `connect` seconds of them, if that is given.
        """

    async def socket(self, url: str, *, headers: Mapping[str, str], timeout: float) -> Socket:
        """Open a WebSocket. Raises `HandshakeRefused`, `UpstreamTimeout`, `WireFailed`."""

    async def aclose(self) -> None: ...
