"""A client that answers from a script, and ways to call the gateway without its server or with bytes."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from jumpseat.gateway.app import Gateway, create_app
from jumpseat.gateway.server import ServerThread
from jumpseat.gateway.settings import GatewaySettings
from jumpseat.model.catalog import ModelCard
from jumpseat.model.errors import InvalidRequest
from jumpseat.model.events import ChatEvent, Finished, Started, TextDelta
from jumpseat.model.messages import Turn
from jumpseat.model.reply import Reply
from jumpseat.settings import Settings
from jumpseat.stream import Answering, Outcome, ReplyStream

if TYPE_CHECKING:
    from jumpseat.client import Client

Script = Sequence[Sequence[ChatEvent] | Exception | asyncio.Event | float]
"""Batches, errors to raise, events to wait for and pauses in seconds, in order."""

CARDS = [
    ModelCard(id="microsoft/copilot", service="microsoft", mode="chat", name="Copilot", aliases=("gpt-4",)),
    ModelCard(id="github/gpt-4o", service="github", mode="gpt-4o", name="GPT-4o"),
]
CHAT = "/v1/chat/completions"
HELLO: Script = (
    [Started(conversation_id="up-1")],
    [TextDelta("Hel"), TextDelta("lo")],
    [TextDelta("!"), Finished("stop")],
)


class ScriptedAnswering:
    def __init__(self, script: Script, then: Callable[[], Answering] | None = None) -> None:
        self._script = list(script)
        self._then = then
        self.closed = asyncio.Event()

    async def receive(self) -> Sequence[ChatEvent]:
        while self._script:
            step = self._script.pop(0)
            if isinstance(step, Exception):
                raise step
            if isinstance(step, asyncio.Event):
                await step.wait()
            elif isinstance(step, float | int):
                await asyncio.sleep(step)
            else:
                return step
        return await self._then().receive() if self._then else ()

    async def aclose(self) -> None:
        self.closed.set()


class FakeClient:
    """What the gateway uses of a `Client`; `asked` holds the arguments of every `start`."""

    def __init__(self, script: Script | Callable[[], Script] = HELLO) -> None:
        self._script = script
        self.asked: list[dict[str, Any]] = []
        self.turns: list[Turn] = []
        self.outcomes: list[Outcome] = []
        self.ended = threading.Event()
        self.answerings: list[ScriptedAnswering] = []
        self.started = asyncio.Event()
        self.make: Callable[[], Answering] | None = None
        """Makes what goes on answering after the script."""

    async def __aenter__(self) -> FakeClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def start(self, turn: Turn, **options: Any) -> ReplyStream:
        self.turns.append(turn)
        self.asked.append(options)
        script = self._script() if callable(self._script) else self._script
        answering = ScriptedAnswering(script, self.make)
        self.answerings.append(answering)
        self.started.set()
        try:
            first = await answering.receive()
        except BaseException:
            await answering.aclose()
            raise

        async def on_end(reply: Reply, outcome: Outcome) -> None:
            self.outcomes.append(outcome)
            self.ended.set()

        stream = ReplyStream(answering, first=first, on_end=on_end)
        stream.conversation_id = options["conversation"] or "made-up"
        stream.model = "github/gpt-4o" if options["provider"] == "github" else "microsoft/copilot"
        stream.headers["x-jumpseat-conversation"] = "replaced"
        return stream

    async def models(self) -> list[ModelCard]:
        return CARDS

    def resolve(self, model: str, provider: str | None = None, **_: Any) -> ModelCard:
        for card in CARDS:
            if model in {card.id, card.name, *card.aliases}:
                return card
        raise InvalidRequest(f"there is no model {model!r}", param="model", code="model_not_found")


def as_client(fake: FakeClient) -> Client:
    return cast("Client", fake)


class Answer:
    """What an ASGI application said to one request."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.pieces: list[bytes] = []
        self.is_complete = False

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def error(self) -> dict[str, Any]:
        return cast("dict[str, Any]", json.loads(self.body)["error"])

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.pieces.append(message.get("body", b""))
            self.is_complete = not message.get("more_body", False)


def scope_of(method: str, path: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    given = {"host": "127.0.0.1:1337"} | (headers or {})
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "server": ("127.0.0.1", 1337),
        "client": ("127.0.0.1", 5),
    }


async def call(
    app: Gateway,
    method: str,
    path: str,
    body: bytes | dict[str, Any] = b"",
    headers: dict[str, str] | None = None,
) -> Answer:
    """Call the application as a server would, with a client that stays to the end."""
    said = json.dumps(body).encode() if isinstance(body, dict) else body
    answer, sent = Answer(), [{"type": "http.request", "body": said, "more_body": False}]

    async def receive() -> Any:
        if sent:
            return sent.pop()
        return await asyncio.Event().wait()

    await app(scope_of(method, path, headers), receive, answer.send)
    return answer


def events_of(body: bytes) -> list[Any]:
    """The `data:` of a stream, decoded."""
    lines = [line[6:] for line in body.decode().split("\n\n") if line]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]


def question(**fields: Any) -> dict[str, Any]:
    return {"model": "", "messages": [{"role": "user", "content": "Hi"}]} | fields


@contextmanager
def running(fake: FakeClient | None = None, **settings: Any) -> Iterator[ServerThread]:
    """A gateway on a real socket, answering from `fake`."""
    gateway_settings = GatewaySettings(**({"port": 0, "drain_seconds": 0.2} | settings))
    answers = fake or FakeClient()
    with ServerThread(Settings(), gateway_settings, client=lambda: as_client(answers)) as server:
        yield server


def talk(port: int, *pieces: bytes, timeout: float = 10) -> bytes:
    """Send raw bytes and read until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as wire:
        for piece in pieces:
            wire.sendall(piece)
        said = b""
        while more := wire.recv(65536):
            said += more
        return said


def gateway(script: Script = HELLO, **settings: Any) -> tuple[Gateway, FakeClient]:
    """The application in front of a client that answers from `script`."""
    fake = FakeClient(script)
    return create_app(as_client(fake), GatewaySettings(**settings)), fake


async def ask(script: Script = HELLO, **fields: Any) -> tuple[Answer, FakeClient]:
    """Put one question to an application of its own."""
    app, fake = gateway(script)
    return await call(app, "POST", CHAT, question(**fields)), fake


def request(
    port: int, target: str = "/v1/models", *headers: str, method: str = "GET", body: bytes = b""
) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def status(said: bytes) -> int:
    return int(said.split(b" ", 2)[1]) if said else 0


def error(said: bytes) -> dict[str, str]:
    found: dict[str, str] = json.loads(said.partition(b"\r\n\r\n")[2])["error"]
    return found
