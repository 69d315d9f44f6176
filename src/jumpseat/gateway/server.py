"""Runs the gateway: binds, serves, and on SIGTERM or SIGINT lets open answers end before it leaves."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Self

import uvicorn

from jumpseat.gateway.app import Gateway, create_app
from jumpseat.gateway.protocol import GuardedProtocol
from jumpseat.gateway.settings import GatewaySettings, is_loopback
from jumpseat.model.errors import AddressInUse, InvalidRequest
from jumpseat.settings import Settings
from jumpseat.settings_file import load, load_settings
from jumpseat.transport.allocation import spare_memory

if TYPE_CHECKING:
    from jumpseat.accounts.vault import Vault
    from jumpseat.client import Client

_BACKLOG = 1024
_IDLE_SECONDS = 30
"""How long a connection without a request stays open; clients ask several times in a minute."""
_AFTER_DRAIN_SECONDS = 3
"""Time for the last words of answers that were ended, before their tasks are cancelled."""
_FORCED_SECONDS = 1
"""Time for the last words after a second interrupt."""

Ready = Callable[[str], None]


def serve(
    settings: Settings | None = None,
    gateway_settings: GatewaySettings | None = None,
    *,
    ready: Ready | None = None,
    vault: Vault | None = None,
) -> None:
    """
    Serve until SIGTERM or SIGINT, then return; open answers get the drain time to end.

    `ready` is called with the gateway's address once it takes questions. `vault` has the accounts that are
    kept; give one that knows its passphrase, for nobody can be asked later.
    Raises `AddressInUse`, or `InvalidRequest` where the address cannot be bound.
    """
    spare_memory()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        server = GatewayServer(gateway_settings or load(os.environ, GatewaySettings.from_environment))
        runner.run(server.run(settings or load_settings(os.environ), ready, vault))


class GatewayServer:
    """One gateway on one port."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._server: _Server | None = None

    async def run(self, settings: Settings, ready: Ready | None = None, vault: Vault | None = None) -> None:
        """Open a client with `settings` and serve until told to stop."""
        async with _open_client(settings, vault) as client:
            await self.run_with(client, ready)

    async def run_with(self, client: Client, ready: Ready | None = None) -> None:
        """Serve on behalf of `client`, which stays open."""
        listener = bind(self._settings)
        port = listener.getsockname()[1]
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        server = _Server(create_app(client, self._settings), self._settings)
        self._server = server
        told = ready or (lambda _address: None)
        await server.serve_on(listener, lambda: told(f"http://{host}:{port}"))

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._server.server_state.connections) if self._server is not None else 0

    def stop(self) -> None:
        """Stop as on SIGTERM; from any thread."""
        if self._server is not None:
            self._server.should_exit = True


def bind(settings: GatewaySettings) -> socket.socket:
    """
    The listening socket.

    Raises `AddressInUse`, or `InvalidRequest` if the address is not ours, or open to others without a key:
    names are judged by what they turned out to mean.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=_BACKLOG)
    except OSError as exc:
        if exc.errno == errno.EADDRINUSE:
            raise AddressInUse(settings.host, settings.port) from exc
        # Not the error's own text: Python adds the address to it in its own way.
        why = os.strerror(exc.errno) if exc.errno and exc.errno > 0 else exc.strerror or str(exc)
        raise InvalidRequest(
            f"{settings.host} port {settings.port} cannot be listened on: {why}. "
            "Choose another with --host or --port.",
            param="JUMPSEAT_PORT",
        ) from exc
    if not settings.api_keys and not is_loopback(listener.getsockname()[0]):
        listener.close()
        raise InvalidRequest(
            f"{settings.host} is not this machine alone: set a key", param="JUMPSEAT_API_KEY"
        )
    return listener


class _Server(uvicorn.Server):
    """Uvicorn with a drain that tells open answers why they end, and an exit that is no signal's death."""

    def __init__(self, gateway: Gateway, settings: GatewaySettings) -> None:
        protocol = type("Protocol", (GuardedProtocol,), {"limits": settings})
        config = uvicorn.Config(
            gateway,
            http=protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=int(settings.drain_seconds + _AFTER_DRAIN_SECONDS) or None,
        )
        super().__init__(config)
        self._gateway = gateway
        self._drain_seconds = settings.drain_seconds
        self._when_ready: Callable[[], None] = lambda: None

    async def serve_on(self, listener: socket.socket, when_ready: Callable[[], None]) -> None:
        self._when_ready = when_ready
        await self.serve(sockets=[listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._when_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._gateway.requests.is_stopping = True
        timer = asyncio.get_running_loop().call_later(self._drain_seconds, self._gateway.stop)
        try:
            await super().shutdown(sockets=sockets)
        finally:
            timer.cancel()
        if self.force_exit:
            # Not waited for, but told why it ends.
            self._gateway.stop()
            if tasks := set(self.server_state.tasks):
                await asyncio.wait(tasks, timeout=_FORCED_SECONDS)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT; a second SIGINT does not wait. Not raised again: the exit is clean."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {
            number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True


class ServerThread:
    """
    A whole gateway in a thread of its own, for tests and demonstrations: `with ServerThread(...) as address`.

    Leaving stops it as SIGTERM would.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        gateway_settings: GatewaySettings | None = None,
        *,
        client: Callable[[], Client] | None = None,
    ) -> None:
        self._settings = settings or load_settings(os.environ)
        self._server = GatewayServer(gateway_settings or GatewaySettings(port=0))
        self._make_client = client or (lambda: _open_client(self._settings))
        self._is_ready = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="jumpseat-gateway", daemon=True)
        self.address = ""

    def __enter__(self) -> Self:
        self._thread.start()
        self._is_ready.wait()
        if self._error is not None:
            raise self._error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()
        self._thread.join()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.address.rpartition(":")[2])

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return self._server.connections

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(self._serve())
        except BaseException as exc:  # noqa: BLE001 - raised again by the thread that waits for us.
            self._error = exc
        finally:
            self._is_ready.set()

    async def _serve(self) -> None:
        async with self._make_client() as client:
            await self._server.run_with(client, self._note)

    def _note(self, address: str) -> None:
        self.address = address
        self._is_ready.set()


def _open_client(settings: Settings, vault: Vault | None = None) -> Client:
    # Here, for a gateway in front of another client need not load this one and all that it needs.
    from jumpseat.client import Client

    return Client(settings, vault=vault)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
