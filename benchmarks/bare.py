"""
The bare pass-through: the least that can stand between a client and an upstream.

The gateway's ASGI server, event loop and client libraries (aiohttp for GitHub, curl_cffi for Microsoft), and
an application that makes the same exchange with the upstream and passes on what it hears without reading it.
No memory, no limits, no errors: not a gateway, only a yardstick. `python -m benchmarks.bare UPSTREAM PORT`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import uvicorn
from curl_cffi import AsyncSession

from benchmarks.questions import WEB_TOKEN, github_fields, microsoft_frames
from jumpseat.gateway.exchange import Receive, Scope, Send

DONE = b'"event":"done"'


class Bare:
    """The application."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._socket = upstream.replace("http", "ws", 1) + "/c/api/chat?api-version=2&clientSessionId=bare"
        self._aio: aiohttp.ClientSession | None = None
        self._curl: AsyncSession[Any] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        fields = json.loads(body or b"{}")
        text = fields["messages"][-1]["content"]
        answer = self._github(text) if fields["model"].startswith("github") else self._microsoft(text)
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for piece in answer:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})

    async def _github(self, text: str) -> AsyncIterator[bytes]:
        self._aio = self._aio or aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        headers = {"Authorization": f"GitHub-Bearer {WEB_TOKEN}"}
        threads = f"{self._upstream}/github/chat/threads"
        async with self._aio.post(threads, data=b"{}", headers=headers) as created:
            thread = (await created.json())["thread_id"]
        url = f"{threads}/{thread}/messages"
        headers["Content-Type"] = "application/json"
        async with self._aio.post(url, data=github_fields(text), headers=headers) as answer:
            async for piece in answer.content.iter_any():
                yield piece

    async def _microsoft(self, text: str) -> AsyncIterator[bytes]:
        self._curl = self._curl or AsyncSession(max_clients=1000)
        created = await self._curl.post(f"{self._upstream}/c/api/conversations", json={})
        socket = await self._curl.ws_connect(self._socket)
        try:
            await socket.recv()
            for frame in microsoft_frames(created.json()["id"], text):
                await socket.send_str(frame)
            while True:
                piece, _ = await socket.recv()
                yield b"data: " + piece + b"\n\n"
                if DONE in piece:
                    return
        finally:
            await socket.close()


def main() -> None:
    upstream, port = sys.argv[1], int(sys.argv[2])
    uvicorn.run(
        Bare(upstream), port=port, http="httptools", loop="uvloop", ws="none", lifespan="off", log_config=None
    )


if __name__ == "__main__":
    main()
