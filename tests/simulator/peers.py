"""Plain clients for the simulator, which know the protocol pages and nothing of ours."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

TOKEN = "simulator-token"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
WEB_BEARER = {"Authorization": "GitHub-Bearer simulator-web-token"}
PAGE_HEADERS = {"GitHub-Verified-Fetch": "true", "X-Requested-With": "XMLHttpRequest"}
MESSAGE = {
    "intent": "conversation",
    "references": [],
    "context": [],
    "currentURL": "https://github.com/copilot/c/1",
    "streaming": True,
    "confirmations": [],
    "customInstructions": [],
    "model": "gpt-4o",
    "mode": "immersive",
}

Frame = dict[str, Any]


class MicrosoftPeer:
    """One conversation over one socket at a time."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str = TOKEN) -> None:
        self.session, self.url, self.token = session, url, token

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    async def rest(self, method: str, path: str, **options: Any) -> Any:
        """The JSON answer of a call; its status is checked."""
        headers = {**self.headers, **options.pop("headers", {})}
        async with self.session.request(
            method, f"{self.url}/c/api{path}", headers=headers, raise_for_status=True, **options
        ) as answer:
            return await answer.json() if answer.status == 200 else None

    async def new_conversation(self) -> str:
        return str((await self.rest("POST", "/conversations"))["id"])

    @asynccontextmanager
    async def socket(self, session_id: str | None = None) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        query = {"api-version": "2", "clientSessionId": session_id or str(uuid.uuid4())}
        if session_id == "":
            del query["clientSessionId"]
        if self.token:
            query["accessToken"] = self.token
        async with self.session.ws_connect(f"{self.url}/c/api/chat", params=query, max_msg_size=0) as ws:
            yield ws

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A socket with the opening of server-first done."""
        async with self.socket() as ws:
            assert (await receive(ws))["event"] == "connected"
            await ws.send_json({"event": "setOptions", "supportedFeatures": []})
            await ws.send_json({"event": "reportLocalConsents", "grantedConsents": []})
            yield ws

    async def turn(self, conversation: str, text: str, images: tuple[str, ...] = ()) -> list[Frame]:
        """The frames of a whole turn, the suggestions after it included."""
        async with self.opened() as ws:
            await ws.send_json(send(conversation, text, images))
            return await frames_until(ws, "suggestionCompleted", times=2)

    async def answer(self, conversation: str, text: str, images: tuple[str, ...] = ()) -> str:
        return text_of(await self.turn(conversation, text, images))


def send(conversation: str, text: str, images: tuple[str, ...] = (), mode: str = "chat") -> Frame:
    content = [*({"type": "image", "url": url} for url in images), {"type": "text", "text": text}]
    return {"event": "send", "conversationId": conversation, "content": content, "mode": mode}


async def receive(ws: aiohttp.ClientWebSocketResponse) -> Frame:
    frame: Frame = json.loads(await asyncio.wait_for(ws.receive_str(), 5))
    return frame


async def frames_until(ws: aiohttp.ClientWebSocketResponse, event: str, times: int = 1) -> list[Frame]:
    """The frames up to the one with this event, for the given time."""
    frames: list[Frame] = []
    while times:
        frames.append(await receive(ws))
        times -= frames[-1]["event"] == event
    return frames


def text_of(frames: list[Frame]) -> str:
    return "".join(frame["text"] for frame in frames if frame["event"] == "appendText")


def events_of(frames: list[Frame]) -> list[str]:
    return [frame["event"] for frame in frames]


class GithubPeer:
    """One person's threads."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str = "simulator-web-token") -> None:
        self.session, self.url = session, url
        self.headers = {"Authorization": f"GitHub-Bearer {token}"}

    async def call(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        headers = {**self.headers, **options.pop("headers", {})}
        async with self.session.request(
            method, self.url + path, headers=headers, allow_redirects=False, **options
        ) as answer:
            data = await answer.read()
            return answer.status, json.loads(data) if answer.content_type == "application/json" else data

    async def new_thread(self) -> str:
        return str((await self.call("POST", "/github/chat/threads"))[1]["thread_id"])

    async def ask(self, thread: str, text: str, **fields: Any) -> tuple[int, Any]:
        body = {**MESSAGE, "content": text, **fields}
        return await self.call("POST", f"/github/chat/threads/{thread}/messages", json=body)

    async def answer(self, thread: str, text: str) -> str:
        status, data = await self.ask(thread, text)
        assert status == 200, data
        events = [json.loads(line[6:]) for line in data.decode().split("\n") if line.startswith("data: ")]
        assert events[-1]["type"] == "complete"
        return "".join(event["body"] for event in events if event["type"] == "content")
