"""HTTP/1.1 on one connection: uvicorn's protocol, with limits on what comes before a request's body."""

from __future__ import annotations

import asyncio
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from jumpseat.dialects.failures import error_body
from jumpseat.gateway.app import ABORT
from jumpseat.gateway.exchange import new_request_id
from jumpseat.gateway.settings import GatewaySettings

_PHRASES = {400: b"Bad Request", 408: b"Request Timeout", 431: b"Request Header Fields Too Large"}

_MAX_PIPELINED = 32
"""
Requests of one connection that wait for their answers; each takes some kilobytes. Choice: clients send the
next one when they have read the last answer.
"""


class _BadHead(Exception):
    """What came before the body is refused with `status`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class GuardedProtocol(HttpToolsProtocol):
    """
    Adds to uvicorn's protocol: a time limit for the headers, limits on their size and number and on what
    stands between the pieces of a body, targets in origin form only, an end for connections whose peer never
    reads what it was sent, and bodies that come with an offer to change the protocol.
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
        self._offers_upgrade = False
        """The head just read offers another protocol; it is read again without the offer."""
        self._overhead = 0
        """Bytes since the last head or piece of a body was complete: headers, trailers, marks of chunks."""
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
        self._unset_keepalive_if_required()
        self._overhead += len(data)
        self._feed(data)
        if self.transport.is_closing():
            return
        if self._overhead > self.limits.max_head:
            # More than this should have come in one piece with something to show for it.
            self._refuse(_BadHead(431, "The headers, or what stands around the body, are too large."))
        elif self._head_timer is None and (self._is_in_head or not self._answering):
            # Still in the headers: seldom, for most requests come in one piece. Or it is none: what is left
            # of the body of an answered request must not hold the connection for ever.
            self._arm_head_timer()

    # What the parser says

    def on_message_begin(self) -> None:
        self._is_in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._is_in_head:
            # A trailer, after the body. It would be taken for a header: a Host, a key (RFC 9110, 6.5.1).
            return
        super().on_header(name, value)
        if len(self.headers) > self.limits.max_headers:
            self._refused = _BadHead(431, f"More than {self.limits.max_headers} headers.")
            raise self._refused

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._overhead = 0
        self._stop_head_timer()
        self._refused = self._flaw_of_head()
        if self._refused is not None:
            raise self._refused
        self._offers_upgrade = self.parser.should_upgrade()
        if self._offers_upgrade:
            return
        # The application may have to end a connection whose buffers never empty.
        self.scope["extensions"] = {ABORT: {"abort": self.transport.abort}}
        super().on_headers_complete()
        self._answering += 1

    def on_body(self, body: bytes) -> None:
        self._overhead = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._offers_upgrade:
            self._overhead = 0
            super().on_message_complete()

    def on_response_complete(self) -> None:
        self._answering -= 1
        super().on_response_complete()
        if self.transport.get_write_buffer_size() and self._last_timer is None:
            # All was said; a peer that does not take it is not waited for longer than a stalled reader.
            self._last_timer = self.loop.call_later(self.limits.stall_seconds, self._look_at_the_last)

    def _feed(self, data: bytes | memoryview) -> None:
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                # The parser skips the body of a request that offers another protocol, as Java's client does
                # with each question (h2c). We change to none (RFC 9110, 7.8) and read it without the offer.
                data = memoryview(data)[upgrade.args[0] :]
                head = self._head_without_offer()
                self.parser = httptools.HttpRequestParser(self)
                self.parser.feed_data(head)
            except httptools.HttpParserError:
                self._refuse(self._refused or _BadHead(400, "This is not valid HTTP."))
                return
            else:
                return

    def _head_without_offer(self) -> bytes:
        version = self.parser.get_http_version().encode()
        first = b"%s %s HTTP/%s\r\n" % (self.parser.get_method(), self.url, version)
        lines = [b"%s: %s\r\n" % header for header in self.headers if header[0] != b"upgrade"]
        return b"".join((first, *lines, b"\r\n"))

    def _flaw_of_head(self) -> _BadHead | None:
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self.limits.max_head:
            return _BadHead(431, "The headers are too large.")
        if not self.url.startswith(b"/") or b"#" in self.url:
            # In any other form the target names a host of its own, which the guard would not see.
            return _BadHead(400, "The request target must be a path.")
        if self.parser.get_method() == b"CONNECT":
            return _BadHead(400, "The gateway is no proxy.")
        if self.parser.get_http_version() == "1.0" and any(
            name == b"transfer-encoding" for name, _ in self.headers
        ):
            # Whoever stands between may take the end of such a body for another place (RFC 9112, 6.1).
            return _BadHead(400, "HTTP/1.0 knows no chunks.")
        if self._answering >= _MAX_PIPELINED:
            return _BadHead(400, "Too many requests were sent before their answers were read.")
        return None

    # What we say

    def timeout_keep_alive_handler(self) -> None:
        # A connection that idles is closed; one that still has something to take is left to the other timer.
        if not self.transport.get_write_buffer_size():
            super().timeout_keep_alive_handler()

    def _refuse(self, why: _BadHead) -> None:
        self._stop_head_timer()
        if not self._answering or self._waits_for_body():
            body = error_body("invalid_request_error", "bad_request", str(why))
            self.transport.write(
                b"HTTP/1.1 %d %s\r\nserver: jumpseat\r\ncache-control: no-store\r\n"
                b"x-content-type-options: nosniff\r\nx-request-id: %s\r\ncontent-type: application/json\r\n"
                b"content-length: %d\r\nconnection: close\r\n\r\n%s"
                % (why.status, _PHRASES[why.status], new_request_id().encode(), len(body), body)
            )
        if self.cycle is not None:
            self.cycle.disconnected = True
        self.transport.close()

    def _waits_for_body(self) -> bool:
        """The one request that is not answered is still coming in, and nothing was said to it yet."""
        return self._answering == 1 and self.cycle.more_body and not self.cycle.response_started

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
