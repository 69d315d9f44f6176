"""How much a caller may send, and how long it may take: bodies are read within limits or refused."""

from __future__ import annotations

import asyncio

from jumpseat.gateway.exchange import Exchange, Receive, Refused
from jumpseat.gateway.settings import GatewaySettings

# A caller who is still sending would not hear a refusal, so a little more is read and thrown away first.
_LINGER_BYTES = 8 * 1024 * 1024
_LINGER_SECONDS = 2.0


class ClientGone(Exception):
    """The caller left: there is nobody to answer."""


async def read_body(exchange: Exchange, settings: GatewaySettings) -> bytes:
    """
    The whole body of the request.

    Raises `Refused` for a body that is too large, too slow, cut short or compressed, and `ClientGone`.
    """
    declared = _check_headers(exchange, settings.max_body)
    try:
        async with asyncio.timeout(settings.body_seconds):
            body = await _collect(exchange.receive, settings.max_body)
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


async def _collect(receive: Receive, limit: int) -> bytes:
    event = await receive()
    if event["type"] == "http.request" and not event.get("more_body") and len(event["body"]) <= limit:
        whole: bytes = event["body"]
        return whole
    body = bytearray()
    while True:
        if event["type"] == "http.disconnect":
            raise ClientGone
        body += event.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
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
