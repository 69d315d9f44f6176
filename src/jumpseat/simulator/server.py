"""The simulator as a server: in this event loop, in a thread of its own, or as a program."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from jumpseat.simulator import fault_table
from jumpseat.simulator.calls import bad_request, fields_of, reply
from jumpseat.simulator.github import GithubCalls
from jumpseat.simulator.github_api import GithubApi
from jumpseat.simulator.github_signin import ACTIONS, GithubSignin
from jumpseat.simulator.microsoft_rest import MicrosoftCalls
from jumpseat.simulator.microsoft_signin import MicrosoftSignIn
from jumpseat.simulator.world import World

DIALECTS = ("server-first", "client-first")
DEFAULT_PORT = 8400
PREFIXES = ("", "/client-first", "/server-first")
MAX_BODY_BYTES = 32 * 1024 * 1024

_T = TypeVar("_T")


class _Control:
    """The calls under `/_simulator`, by which tests look behind the scenes."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_simulator/log", self.log),
            web.get("/_simulator/faults", self.faults),
            web.get("/_simulator/stats", self.stats),
            web.post("/_simulator/reset", self.reset),
            web.post("/_simulator/next", self.next),
            web.post("/_simulator/script", self.script),
        ]

    async def log(self, request: web.Request) -> web.Response:
        return reply(self.world.journal.report(request.query.getall("kind", [])))

    async def faults(self, _: web.Request) -> web.Response:
        return reply({"faults": fault_table.faults()})

    async def stats(self, _: web.Request) -> web.Response:
        return reply(self.world.stats())

    async def reset(self, _: web.Request) -> web.Response:
        self.world.reset()
        return reply({"ok": True})

    async def next(self, request: web.Request) -> web.Response:
        fields = await fields_of(request)
        if fields.get("fault") is None:
            self.world.armed.clear()
            return reply({"ok": True})
        fault = fault_table.find(str(fields["fault"]), fields.get("service"))
        if fault is None:
            return bad_request(f"no such fault: {fields['fault']}")
        times = fields.get("times")
        self.world.arm(fault, times if isinstance(times, int) else None)
        return reply({"ok": True, **fault.row()})

    async def script(self, request: web.Request) -> web.Response:
        fields = await fields_of(request)
        waiting = self.world.scripts.get(str(fields.get("service")))
        frames = fields.get("frames")
        if waiting is None or not isinstance(frames, list):
            return bad_request('{"service": "microsoft" or "github", "frames": [...]} is what is wanted')
        waiting.append(frames)
        return reply({"ok": True})


def application(world: World) -> web.Application:
    """The server's application over a world."""
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    microsoft, github, signin = MicrosoftCalls(world), GithubCalls(world), GithubSignin(world)
    page = MicrosoftSignIn(world)
    for prefix in PREFIXES:
        app.router.add_routes(microsoft.routes(prefix))
        app.router.add_routes(page.routes(prefix))
        app.router.add_routes(github.routes(prefix))
        app.router.add_routes(GithubApi(world).routes(prefix))
        app.router.add_routes(signin.routes(prefix))
    app.router.add_routes(page.control_routes())
    app.router.add_routes(_Control(world).routes())
    app.router.add_routes(signin.control_routes())
    return app


class Simulator:
    """
    Serves both services on one port of this event loop, as long as the `async with` lasts.

    `port` 0 takes a free one; `pace_seconds` is the pause between two words of an answer.
    """

    def __init__(
        self,
        port: int = 0,
        dialect: str = "server-first",
        host: str = "127.0.0.1",
        pace_seconds: float = 0.0,
    ) -> None:
        if dialect not in DIALECTS:
            raise ValueError(f"dialect {dialect!r}: it is one of {', '.join(DIALECTS)}")
        self.host, self.port = host, port
        self.world = World(dialect, pace_seconds)
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return self.world.url

    @property
    def log(self) -> list[dict[str, Any]]:
        """What was received so far, oldest first."""
        return list(self.world.journal.entries)

    @property
    def violations(self) -> list[str]:
        """Rules of the protocol that a client broke."""
        return list(self.world.journal.violations)

    @staticmethod
    def faults() -> list[dict[str, Any]]:
        """The table of faults as plain rows."""
        return fault_table.faults()

    async def start(self) -> None:
        runner = web.AppRunner(
            application(self.world), access_log=None, handler_cancellation=True, shutdown_timeout=0.2
        )
        await runner.setup()
        self._runner = runner
        try:
            await web.TCPSite(runner, self.host, self.port).start()
        except OSError:
            await self.stop()
            raise
        self.port = runner.addresses[0][1]
        host = f"[{self.host}]" if ":" in self.host else self.host
        self.world.url = f"http://{host}:{self.port}"

    async def stop(self) -> None:
        """Close the port and all connections."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


async def _serve(simulator: Simulator, ready: Callable[[str], None] | None, stopped: asyncio.Event) -> None:
    async with simulator:
        if ready is not None:
            ready(simulator.url)
        await stopped.wait()


def run(
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    dialect: str = "server-first",
    ready: Callable[[str], None] | None = None,
    pace_seconds: float = 0.0,
) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is told the URL. Raises OSError if the port is taken."""

    async def main() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
        await _serve(Simulator(port, dialect, host, pace_seconds), ready, stopped)

    asyncio.run(main())


class SimulatorThread:
    """A simulator on an event loop of its own in a thread; a plain context manager for anybody."""

    def __init__(
        self,
        port: int = 0,
        dialect: str = "server-first",
        host: str = "127.0.0.1",
        pace_seconds: float = 0.0,
    ) -> None:
        self.simulator = Simulator(port, dialect, host, pace_seconds)
        self._thread = threading.Thread(target=self._main, name="jumpseat-simulator", daemon=True)
        self._ready = threading.Event()
        self._failure: BaseException | None = None

    @property
    def url(self) -> str:
        return self.simulator.url

    @property
    def port(self) -> int:
        return self.simulator.port

    def log(self) -> list[dict[str, Any]]:
        return self._call(lambda: self.simulator.log)

    def violations(self) -> list[str]:
        return self._call(lambda: self.simulator.violations)

    def stats(self) -> dict[str, Any]:
        return self._call(self.simulator.world.stats)

    def reset(self) -> None:
        self._call(self.simulator.world.reset)

    @staticmethod
    def faults() -> list[dict[str, Any]]:
        return fault_table.faults()

    def arm(self, name: str, service: str | None = None, times: int | None = None) -> None:
        """Let the fault strike the next call it is made for; KeyError if there is none of that name."""
        fault = fault_table.find(name, service)
        if fault is None:
            raise KeyError(name)
        self._call(lambda: self.simulator.world.arm(fault, times))

    def script(self, service: str, frames: list[Any]) -> None:
        """Let the service's next turn replay these frames."""
        self._call(lambda: self.simulator.world.scripts[service].append(frames))

    def device(self, action: str, name: str = "octocat") -> None:
        """
        What the person does about GitHub's newest code: `approve` or `deny`; or `expire` it.

        Raises `KeyError` when no code was given out.
        """

        def act() -> None:
            desk = self.simulator.world.desk
            code = desk.of_person(None)
            if code is None:
                raise KeyError("no code was given out")
            desk.decide(code, ACTIONS[action], name)

        self._call(act)

    def device_times(self, **seconds: float) -> None:
        """Set `interval`, `expires_in` or `slower_by` of the next codes, until the reset."""
        for name, value in seconds.items():
            self._call(partial(setattr, self.simulator.world.desk, name, value))

    def _call(self, ask: Callable[[], _T]) -> _T:
        """Ask in the simulator's own thread, so that nothing changes meanwhile."""

        async def answer() -> _T:
            return ask()

        return asyncio.run_coroutine_threadsafe(answer(), self._loop).result()

    def _main(self) -> None:
        async def main() -> None:
            self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
            await _serve(self.simulator, lambda _: self._ready.set(), self._stopped)

        try:
            asyncio.run(main())
        except BaseException as exc:  # noqa: BLE001 - handed to whoever waits in __enter__
            self._failure = exc
            self._ready.set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()
