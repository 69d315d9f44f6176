"""A question put to the gateway over HTTP, with the standard library alone, as any program would."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec

from jumpseat.model.errors import JumpseatError

PATIENCE_SECONDS = 60.0
"""Silence after which we give up."""


def stream_text(gateway: str, body: dict[str, Any]) -> Iterator[str]:
    """
    Post `body` to the chat completions of `gateway`; give the answer's text as it comes.

    Raises `JumpseatError` for every ending but the right one.
    """
    parts = urlsplit(gateway)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request(
            "POST", "/v1/chat/completions", msgspec.json.encode(body), {"Content-Type": "application/json"}
        )
        response = connection.getresponse()
        if response.status != 200:
            raise JumpseatError(f"the gateway answered HTTP {response.status}: {_reason(response.read())}")
        yield from _texts(response)
    except (OSError, http.client.HTTPException) as exc:
        raise JumpseatError(
            f"the connection to the gateway broke ({type(exc).__name__}). Try again."
        ) from exc
    finally:
        connection.close()


def _texts(lines: Iterator[bytes] | http.client.HTTPResponse) -> Iterator[str]:
    for line in lines:
        if not line.startswith(b"data: "):
            continue
        data = line[6:].strip()
        if data == b"[DONE]":
            return
        chunk = msgspec.json.decode(data)
        if error := chunk.get("error"):
            raise JumpseatError(f"the gateway broke off: {error.get('message')}")
        for choice in chunk.get("choices", ()):
            if text := choice["delta"].get("content"):
                yield text
    raise JumpseatError("the answer of the gateway ended too early.")


def _reason(body: bytes) -> str:
    try:
        message: str = msgspec.json.decode(body)["error"]["message"]
    except (msgspec.DecodeError, LookupError, TypeError):
        return body[:200].decode("utf-8", "replace")
    return message
