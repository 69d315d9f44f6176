"""Who is asked: the gateway, the bare pass-through, or the simulator itself, by equally cheap clients."""

from __future__ import annotations

import re
from typing import Protocol

from benchmarks.questions import (
    WEB_TOKEN,
    Service,
    chat_request,
    github_fields,
    masked,
    microsoft_frames,
    post,
)
from benchmarks.wire import END_OF_CHUNKS, Timing, Wire

END_OF_JSON = b"}"
_ID = re.compile(rb'"id":"([^"]+)"')


def found_id(answer: bytes) -> str:
    """The identifier that an answer tells."""
    found = _ID.search(answer)
    assert found is not None, answer
    return found[1].decode()


class Asker(Protocol):
    """Puts one question after the other."""

    async def ask(self, text: str, first: bytes) -> Timing:
        """Put a question and wait for the end of its answer; `first` marks its first word."""

    def close(self) -> None: ...


class HttpAsker:
    """Asks whatever takes chat completions: the gateway, and the bare pass-through."""

    def __init__(self, port: int, service: Service) -> None:
        self._port = port
        self._service = service
        self._wire: Wire | None = None

    async def ask(self, text: str, first: bytes) -> Timing:
        self._wire = self._wire or await Wire.open(self._port)
        request = chat_request(self._port, self._service, text)
        timing = Timing()
        await self._wire.until(request, END_OF_CHUNKS, timing=timing, first=first)
        return timing

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()


class DirectGithub:
    """Asks the simulator as GitHub's page does: a thread, then a message."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._wire: Wire | None = None

    async def ask(self, text: str, first: bytes) -> Timing:
        self._wire = self._wire or await Wire.open(self._port)
        key = f"GitHub-Bearer {WEB_TOKEN}"
        timing = Timing()
        create = post(self._port, "/github/chat/threads", b"{}", Authorization=key)
        thread = found_id(await self._wire.until(create, END_OF_JSON))
        path = f"/github/chat/threads/{thread}/messages"
        question = post(self._port, path, github_fields(text), Authorization=key)
        await self._wire.until(question, END_OF_CHUNKS, timing=timing, first=first)
        return timing

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()


class DirectMicrosoft:
    """Asks the simulator as Microsoft's page does: a conversation, then a socket."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._rest: Wire | None = None
        self._upgrade = (
            f"GET /c/api/chat?api-version=2&clientSessionId=bench HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        ).encode()

    async def ask(self, text: str, first: bytes) -> Timing:
        self._rest = self._rest or await Wire.open(self._port)
        timing = Timing()
        create = post(self._port, "/c/api/conversations", b"{}")
        conversation = found_id(await self._rest.until(create, END_OF_JSON))
        socket = await Wire.open(self._port)
        await socket.until(self._upgrade, b'"connected"')
        frames = b"".join(masked(frame) for frame in microsoft_frames(conversation, text))
        await socket.until(frames, b'"event":"done"', timing=timing, first=first)
        socket.close()
        return timing

    def close(self) -> None:
        if self._rest is not None:
            self._rest.close()
