"""How much a caller may send, and how long it may take: bodies are read within limits or refused."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator

from jumpseat.gateway.exchange import Exchange, Receive, Refused
from jumpseat.gateway.settings import GatewaySettings

# A caller who is still sending would not hear a refusal, so a little more is read and thrown away first.
_LINGER_BYTES = 8 * 1024 * 1024
_LINGER_SECONDS = 2.0


class ClientGone(Exception):
    """The caller left: there is nobody to answer."""


_LARGEST_AT_ONCE = 8
"""
Bodies of the largest size that may be here at the same time. Choice: together they take as much memory as
many thousand ordinary ones.
"""

Take = Callable[[int], None]
"""Takes so many bytes of the room there is, or raises `Refused`."""


class BodyRoom:
    """The room in which the bodies of all requests stand that are not answered yet."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._left = _LARGEST_AT_ONCE * settings.max_body

    @contextlib.contextmanager
    def lend(self) -> Iterator[Take]:
        """Room for one body, given back at the end of the `with`."""
        taken = 0

        def take(size: int) -> None:
            nonlocal taken
            if size > self._left:
                raise _no_room()
            self._left -= size
            taken += size

        try:
            yield take
        finally:
            self._left += taken


async def read_body(exchange: Exchange, settings: GatewaySettings, take: Take) -> bytes:
    """
    The whole body of the request, in room that `take` gives for it.

    Raises `Refused` for a body that is too large, too slow, cut short or compressed, or for which there is
    no room, and `ClientGone`.
    """
    declared = _check_headers(exchange, settings.max_body)
    try:
        async with asyncio.timeout(settings.body_seconds):
            body = await _collect(exchange.receive, settings.max_body, take)
    except TimeoutError:
        raise Refused(
            408,
            "body_timeout",
            f"The body did not arrive within {settings.body_seconds:g} seconds.",
            headers={"connection": "close"},
        ) from None
    if declared is not None and declared != len(body):
        raise Refused(400, "bad_length", "The body is not as long as Content-Length says.")
    return body


async def linger(receive: Receive) -> None:
    """Read on for a moment and throw away what comes, so that a refused caller hears why."""
    left = _LINGER_BYTES
    try:
        async with asyncio.timeout(_LINGER_SECONDS):
            while left > 0:
                event = await receive()
                if not event.get("more_body"):
                    return
                left -= len(event["body"])
    except TimeoutError:
        return


def _check_headers(exchange: Exchange, limit: int) -> int | None:
    declared = None
    for name, value in exchange.scope["headers"]:
        if name == b"content-length":
            if not value.isdigit() or declared not in {None, int(value)}:
                raise Refused(400, "bad_length", "Content-Length is not a number.")
            declared = int(value)
        elif name == b"content-encoding" and value.strip().lower() not in {b"", b"identity"}:
            raise Refused(415, "encoding_not_supported", "Send the body uncompressed.")
    if declared is not None and declared > limit:
        raise _too_large(limit)
    return declared


async def _collect(receive: Receive, limit: int, take: Take) -> bytes:
    event = await receive()
    if event["type"] == "http.request" and not event.get("more_body") and len(event["body"]) <= limit:
        whole: bytes = event["body"]
        take(len(whole))
        return whole
    body = bytearray()
    while True:
        if event["type"] == "http.disconnect":
            raise ClientGone
        piece = event.get("body", b"")
        if len(body) + len(piece) > limit:
            raise _too_large(limit)
        take(len(piece))
        body += piece
        if not event.get("more_body"):
            return bytes(body)
        event = await receive()


def _too_large(limit: int) -> Refused:
    return Refused(
        413,
        "request_too_large",
        f"The body is larger than {limit / 1024 / 1024:g} MB. Send less, or raise JUMPSEAT_MAX_BODY.",
        type_="request_too_large",
        headers={"connection": "close"},
    )


def _no_room() -> Refused:
    return Refused(
        503,
        "too_many_large_requests",
        "Too many large requests are under way. Ask again when one of them is answered.",
        type_="overloaded_error",
        headers={"connection": "close", "retry-after": "2"},
    )
