"""HTTP/1.1 on one connection: uvicorn's protocol, with limits on what comes before a request's body."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from jumpseat.dialects.failures import error_body
from jumpseat.gateway.app import ABORT
from jumpseat.gateway.exchange import new_request_id
from jumpseat.gateway.settings import GatewaySettings

_PHRASES = {400: b"Bad Request", 408: b"Request Timeout", 431: b"Request Header Fields Too Large"}


class _BadHead(Exception):
    """What came before the body is refused with `status`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class GuardedProtocol(HttpToolsProtocol):
    """
    Adds to uvicorn's protocol: a time limit for the headers, limits on their size and number, targets in
    origin form only, and an end for connections whose peer never reads what it was sent.
    """

    limits = GatewaySettings()
    """Set by a subclass that the server makes for itself."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._answering = 0
        """Requests of this connection that are not yet answered."""
        self._is_in_head = False
        self._head_size = 0
        self._refused: _BadHead | None = None
        self._head_timer: asyncio.TimerHandle | None = None
        self._last_timer: asyncio.TimerHandle | None = None

    # What the transport says

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.limits.max_connections:
            transport.abort()
            return
        self._arm_head_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        if self._last_timer is not None:
            self._last_timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._is_in_head or self.transport.is_closing():
            return
        # Still in the headers after this much: seldom, for most requests come in one piece.
        self._head_size += len(data)
        if self._head_size > self.limits.max_head:
            self._refuse(_BadHead(431, "The headers are too large."))
        elif self._head_timer is None:
            self._arm_head_timer()

    # What the parser says

    def on_message_begin(self) -> None:
        self._is_in_head = True
        self._head_size = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        if len(self.headers) > self.limits.max_headers:
            self._refused = _BadHead(431, f"More than {self.limits.max_headers} headers.")
            raise self._refused

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._stop_head_timer()
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self.limits.max_head:
            self._refused = _BadHead(431, "The headers are too large.")
        elif not self.url.startswith(b"/") or b"#" in self.url:
            # In any other form the target names a host of its own, which the guard would not see.
            self._refused = _BadHead(400, "The request target must be a path.")
        if self._refused is not None:
            raise self._refused
        # The application may have to end a connection whose buffers never empty.
        self.scope["extensions"] = {ABORT: {"abort": self.transport.abort}}
        self._answering += 1
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        self._answering -= 1
        super().on_response_complete()
        if self.transport.get_write_buffer_size() and self._last_timer is None:
            # All was said; a peer that does not take it is not waited for longer than a stalled reader.
            self._last_timer = self.loop.call_later(self.limits.stall_seconds, self._look_at_the_last)

    # What we say

    def send_400_response(self, msg: str) -> None:
        self._refuse(self._refused or _BadHead(400, "This is not valid HTTP."))

    def timeout_keep_alive_handler(self) -> None:
        # A connection that idles is closed; one that still has something to take is left to the other timer.
        if not self.transport.get_write_buffer_size():
            super().timeout_keep_alive_handler()

    def _refuse(self, why: _BadHead) -> None:
        self._stop_head_timer()
        if not self._answering:
            body = error_body("invalid_request_error", "bad_request", str(why))
            self.transport.write(
                b"HTTP/1.1 %d %s\r\nserver: jumpseat\r\ncache-control: no-store\r\n"
                b"x-content-type-options: nosniff\r\nx-request-id: %s\r\ncontent-type: application/json\r\n"
                b"content-length: %d\r\nconnection: close\r\n\r\n%s"
                % (why.status, _PHRASES[why.status], new_request_id().encode(), len(body), body)
            )
        self.transport.close()

    def _arm_head_timer(self) -> None:
        self._head_timer = self.loop.call_later(self.limits.head_seconds, self._head_is_late)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self.transport.is_closing():
            return
        if self._is_in_head:
            self._refuse(_BadHead(408, "The headers did not arrive in time."))
        else:
            self.transport.close()

    def _look_at_the_last(self) -> None:
        self._last_timer = None
        if self.transport.get_write_buffer_size():
            self.transport.abort()
