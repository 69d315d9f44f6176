"""A bare ASGI application that streams, and the servers compared in `benchmarks/server.py` to run it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs

Message = MutableMapping[str, Any]
CHUNK = b"data: " + b'{"choices":[{"index":0,"delta":{"content":"word "}}]}'.ljust(240) + b"\n\n"
HEADERS = [(b"content-type", b"text/event-stream")]
HELLO = b"hello" * 20
HELLO_HEADERS = [(b"content-type", b"text/plain"), (b"content-length", b"100")]
LAST_WORDS = b'data: {"error":{"code":"stopping"}}\n\n'


class App:
    """`/hello` answers at once, `/stream?n=` with n pieces, `/endless` until it is ended."""

    def __init__(self) -> None:
        self.requests = SimpleNamespace(is_stopping=False)
        self._tasks: set[asyncio.Task[Any]] = set()

    def stop(self) -> None:
        """End every open answer, as our server asks for once the drain time is over."""
        for task in self._tasks:
            task.cancel()

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] == "/hello":
            await send({"type": "http.response.start", "status": 200, "headers": HELLO_HEADERS})
            await send({"type": "http.response.body", "body": HELLO})
            return
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        match scope["path"]:
            case "/stream":
                for _ in range(int(parse_qs(scope["query_string"])[b"n"][0])):
                    await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
                    await asyncio.sleep(0)
            case "/endless":
                await self._endless(send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _endless(self, send: Callable[[Message], Awaitable[None]]) -> None:
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._tasks.add(task)
        try:
            while True:
                await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
                await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            task.uncancel()
            await send({"type": "http.response.body", "body": LAST_WORDS, "more_body": True})
        finally:
            self._tasks.discard(task)


app = App()


def run_ours(port: int, drain: float) -> None:
    """Uvicorn, uvloop and httptools with the gateway's protocol around them."""
    import uvloop

    from jumpseat.gateway.server import _Server, bind
    from jumpseat.gateway.settings import GatewaySettings

    settings = GatewaySettings(port=port, drain_seconds=drain)
    server = _Server(cast("Any", app), settings)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.serve_on(bind(settings), lambda: None))


def run_uvicorn(port: int, drain: float) -> None:
    """Uvicorn as it comes."""
    import uvicorn

    uvicorn.run(
        app, port=port, loop="uvloop", http="httptools", ws="none", lifespan="off", log_config=None,
        access_log=False, timeout_graceful_shutdown=int(drain),
    )  # fmt: skip


def run_granian(port: int, drain: float) -> None:
    """Granian as it comes, with one worker and the limits it has."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, Loops, RuntimeModes
    from granian.http import HTTP1Settings

    Granian(
        "benchmarks.server_app:app",
        port=port,
        interface=Interfaces.ASGINL,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        runtime_mode=RuntimeModes.st,
        websockets=False,
        log_enabled=False,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        workers_kill_timeout=int(drain),
    ).serve()


SERVERS = {"ours": run_ours, "uvicorn": run_uvicorn, "granian": run_granian}

if __name__ == "__main__":
    SERVERS[sys.argv[1]](int(sys.argv[2]), float(sys.argv[3]))
