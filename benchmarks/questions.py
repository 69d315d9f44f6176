"""The questions that load is made of, as the bytes of each party's own protocol."""

from __future__ import annotations

import json
from typing import Literal

Service = Literal["microsoft", "github"]
MODELS: dict[Service, str] = {"microsoft": "microsoft/copilot", "github": "github/gpt-4o"}
WEB_TOKEN = "simulator-web-token"  # noqa: S105 - a well-known password of a toy

SHORT = "%%SAY zebra%%"
"""An answer of one word."""
FIRST_WORD = b"zebra"


def github_fields(text: str) -> bytes:
    """The body of a question at GitHub."""
    fields = {
        "content": text,
        "intent": "conversation",
        "references": [],
        "context": [],
        "currentURL": "https://github.com/copilot",
        "streaming": True,
        "confirmations": [],
        "customInstructions": [],
        "model": "gpt-4o",
        "mode": "immersive",
    }
    return json.dumps(fields).encode()


def microsoft_frames(conversation_id: str, text: str) -> list[str]:
    """What is said over Microsoft's socket after its greeting."""
    content = [{"type": "text", "text": text}]
    frames: list[dict[str, object]] = [
        {"event": "setOptions", "supportedFeatures": []},
        {"event": "reportLocalConsents", "grantedConsents": []},
        {"event": "send", "conversationId": conversation_id, "content": content, "mode": "smart"},
    ]
    return [json.dumps(frame) for frame in frames]


def chat_request(port: int, service: Service, text: str) -> bytes:
    """A whole request for a streamed chat completion."""
    body = json.dumps(
        {"model": MODELS[service], "stream": True, "messages": [{"role": "user", "content": text}]}
    ).encode()
    return post(port, "/v1/chat/completions", body)


def post(port: int, path: str, body: bytes, **headers: str) -> bytes:
    """A POST of JSON on a connection that is kept."""
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def masked(text: str) -> bytes:
    """One text frame of a client; the mask is zero, which leaves the payload as it is."""
    payload = text.encode()
    size = len(payload)
    head = bytes((0x81, 0x80 | size)) if size < 126 else bytes((0x81, 0xFE)) + size.to_bytes(2, "big")
    return head + bytes(4) + payload
