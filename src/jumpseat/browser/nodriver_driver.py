"""
Opens the installed browser and talks with it through nodriver, which the reference documents name.

nodriver is under the AGPL-3.0, so it is imported here alone, and only when this driver is the one chosen. Its
connection is all that is used: its own way to start a browser switches off the isolation of sites from each
other, and for root the sandbox, and lets any page of the browser speak to the debugging port.

It knows that port alone. While the window is open, whatever runs on this machine, under any account, can find
the port, ask it for its pages, and look into them.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sys
from collections import deque
from collections.abc import Awaitable, Coroutine, Generator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import websockets
from filelock import FileLock
from nodriver import cdp
from nodriver.core.connection import (  # type: ignore[import-untyped]  # it tells no types
    Connection,
    ProtocolException,
)

from jumpseat.browser import looks, troubles
from jumpseat.browser.arguments import FIRST_PAGE, arguments, environment
from jumpseat.browser.driver import LOOK_SECONDS, START_SECONDS, BrowserCookie, Launch
from jumpseat.browser.processes import Ending, group_of, kill_group
from jumpseat.browser.profiles import give_back, reserve
from jumpseat.model.credentials import Secret

_LISTENS = re.compile(r"^DevTools listening on (ws://127\.0\.0\.1:\d+/\S+)")
_SAID_LINES = 50
_GONE = (OSError, ProtocolException, websockets.WebSocketException)
"""How a command fails whose page, or browser, is no more."""

Answer = Mapping[str, Any]

# Chromium listens on a pipe as well, and ends when that is closed. Its other end is ours: so the browser ends
# with us, even where we are killed. It wants the pipe as its files 3 and 4.
_LIFELINE = ("/bin/sh", "-c", 'exec "$@" 3<&0 4>&1 </dev/null >/dev/null', "jumpseat")

# What nodriver and websockets log has pages' addresses in it, and those have tokens.
_SILENT = logging.Logger("silent", logging.CRITICAL + 1)  # noqa: LOG001 - so that nobody else has it


def silence() -> None:
    """Keep nodriver from logging, unless somebody configured its logger."""
    logger = logging.getLogger("nodriver")
    if logger.level == logging.NOTSET and not logger.handlers:
        logger.setLevel(logging.CRITICAL + 1)


class NodriverDriver:
    """See `jumpseat.browser.driver.Driver`."""

    name = "nodriver"

    async def open(self, launch: Launch) -> NodriverWindow:
        silence()
        window = NodriverWindow(launch, reserve(launch.profile))
        try:
            async with asyncio.timeout(START_SECONDS):
                await window.start()
        except TimeoutError as exc:
            await window.aclose()
            raise troubles.silent(launch.executable, START_SECONDS) from exc
        except _GONE as exc:
            await window.aclose()
            raise troubles.would_not_start(launch.executable, launch.profile, str(exc)) from exc
        except BaseException:
            await window.aclose()
            raise
        return window


class _Connection(Connection):  # type: ignore[misc]
    """nodriver's connection, opened without a log, without a limit, and never through a proxy."""

    async def aopen(self) -> None:
        if self.socket is None:
            self.socket: websockets.ClientConnection | None = await websockets.connect(
                self.websocket_url,
                proxy=None,
                compression=None,
                max_size=None,
                ping_interval=None,
                logger=_SILENT,
            )
            self._listener_task = asyncio.create_task(self._listener())


class NodriverWindow:
    """See `jumpseat.browser.driver.Window`."""

    def __init__(self, launch: Launch, lock: FileLock) -> None:
        self._launch = launch
        self._lock = lock
        self._starting: asyncio.Task[asyncio.subprocess.Process] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._said: deque[str] = deque(maxlen=_SAID_LINES)
        self._connection: _Connection | None = None
        self._sessions: dict[str, str] = {}
        """The session that we have with each page or worker."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._created: dict[str, Secret] = {}
        """Sockets that have not said yet who opens them, by the number of their request."""
        self._sockets: list[tuple[str | None, Secret]] = []
        """The origin that opened each, and its address."""
        self._group: int | None = None
        self._ending = Ending(
            close=self._close, kill=self._kill, let_go=self._let_go, group=lambda: self._group
        )

    async def start(self) -> None:
        """Open the browser on its first page and send it on its way."""
        process = await self._launch_browser()
        address = await self._address(process)
        self._reading = asyncio.create_task(self._listen(process))
        connection = self._connection = _Connection()
        connection.websocket_url = address
        await connection.attach()
        connection.add_handler(cdp.target.AttachedToTarget, self._watch)
        connection.add_handler(cdp.target.DetachedFromTarget, self._forget)
        connection.add_handler(cdp.network.WebSocketCreated, self._note_socket)
        connection.add_handler(cdp.network.WebSocketWillSendHandshakeRequest, self._note_origin)
        await self._send("Target.setAutoAttach", _EVERYTHING)
        # A page that goes elsewhere before it has answered forgets for a moment what it was asked.
        await asyncio.gather(*self._tasks)
        page = next(iter(await self._pages()))
        self._start_task(self._send("Page.navigate", {"url": self._launch.url}, self._sessions[page]))

    async def _launch_browser(self) -> asyncio.subprocess.Process:
        is_root = sys.platform != "win32" and os.geteuid() == 0
        told = [*arguments(self._launch, is_root=is_root), "--remote-debugging-port=0"]
        lifeline = _LIFELINE if sys.platform != "win32" else ()
        starting = asyncio.create_subprocess_exec(
            *lifeline,
            self._launch.executable,
            *told,
            *(["--remote-debugging-pipe"] if lifeline else []),
            FIRST_PAGE,
            env=environment(os.environ, self._launch),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        # Cancelled midway, it would leave a process that nobody could reach.
        self._starting = asyncio.create_task(starting)
        return await self._started(self._starting)

    async def _started(
        self, starting: asyncio.Task[asyncio.subprocess.Process]
    ) -> asyncio.subprocess.Process:
        process = self._process = await asyncio.shield(starting)
        self._group = group_of(process.pid)
        return process

    async def _address(self, process: asyncio.subprocess.Process) -> str:
        """Where it listens, as it says itself. Raises `SignInFailed` when it ends instead."""
        assert process.stderr is not None  # noqa: S101 - it was asked for
        async for line in process.stderr:
            text = line.decode("utf-8", "replace")
            if found := _LISTENS.match(text):
                return found[1]
            self._said.append(text)
        raise troubles.would_not_start(self._launch.executable, self._launch.profile, "".join(self._said))

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Read what else it says, which nobody needs: unread, it would make the browser wait."""
        assert process.stderr is not None  # noqa: S101 - it was asked for
        while await process.stderr.read(2**16):
            pass

    async def _send(self, method: str, params: Mapping[str, Any], session: str | None = None) -> Answer:
        """One command of the DevTools protocol, to the browser or to one page of it."""
        assert self._connection is not None  # noqa: S101 - it is there once the browser is
        where = {"sessionId": session} if session else {}
        answer: Answer = await self._connection.send(_command(method, params), **where)
        return answer

    def _watch(self, event: cdp.target.AttachedToTarget, _connection: object) -> None:
        """A page or worker is there; it waits until we have asked for its sockets, and for its workers'."""
        session = str(event.session_id)
        self._sessions[str(event.target_info.target_id)] = session
        for method, params in (
            ("Network.enable", {"maxTotalBufferSize": 0, "maxResourceBufferSize": 0}),
            ("Target.setAutoAttach", _EVERYTHING),
            ("Runtime.runIfWaitingForDebugger", {}),
        ):
            self._start_task(self._send(method, params, session))

    def _forget(self, event: cdp.target.DetachedFromTarget, _connection: object) -> None:
        gone = str(event.session_id)
        self._sessions = {target: session for target, session in self._sessions.items() if session != gone}

    def _note_socket(self, event: cdp.network.WebSocketCreated, _connection: object) -> None:
        self._created[str(event.request_id)] = Secret(event.url)

    def _note_origin(self, event: cdp.network.WebSocketWillSendHandshakeRequest, _connection: object) -> None:
        """The browser itself says in the handshake whose page, frame or worker it is."""
        url = self._created.pop(str(event.request_id), None)
        if url is not None:
            self._sockets.append((looks.origin_of(event.request.headers.get("Origin", "")), url))

    def _start_task(self, command: Coroutine[Any, Any, Answer]) -> None:
        """Let a command run; what becomes of it shows in the next look."""
        task = asyncio.create_task(_tolerate(command))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def storage(self, origins: Sequence[str]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for target, url in (await self._pages()).items():
            if looks.origin_of(url) in origins and target in self._sessions:
                found |= await self._look_at(self._sessions[target], origins)
        await self._pages()
        return found

    async def _look_at(self, session: str, origins: Sequence[str]) -> dict[str, str]:
        """Its localStorage; nothing from a page that is on its way elsewhere, busy, or just closed."""
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                answer = await self._send("Runtime.evaluate", looks.storage_question(origins), session)
        except (TimeoutError, *_GONE):
            return {}
        return looks.storage_in(answer)

    def socket_urls(self, origins: Sequence[str]) -> Sequence[Secret]:
        return [url for origin, url in self._sockets if origin in origins]

    async def cookies(self, urls: Sequence[str]) -> Sequence[BrowserCookie]:
        page = next(iter(await self._pages()))
        answer = await self._ask("Network.getCookies", {"urls": list(urls)}, self._sessions.get(page))
        return [looks.cookie_in(cookie) for cookie in answer["cookies"]]

    async def _pages(self) -> dict[str, str]:
        """The addresses of the open pages; on macOS a browser goes on without any."""
        answer = await self._ask("Target.getTargets", {})
        pages = {
            target["targetId"]: target["url"] for target in answer["targetInfos"] if target["type"] == "page"
        }
        if not pages:
            raise troubles.closed()
        return pages

    async def _ask(self, method: str, params: Mapping[str, Any], session: str | None = None) -> Answer:
        if self._process is None or self._process.returncode is not None:
            raise troubles.closed()
        try:
            async with asyncio.timeout(START_SECONDS):
                return await self._send(method, params, session)
        except (TimeoutError, *_GONE) as exc:
            raise troubles.closed() from exc

    async def aclose(self) -> None:
        try:
            await self._ending.end()
        finally:
            give_back(self._lock, self._launch.profile)

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._connection is None:
            if self._starting is not None:
                await self._started(self._starting)
            self._kill()  # Whatever it is, it does not know what it is asked.
            return
        with suppress(*_GONE):
            await self._send("Browser.close", {})
        if self._process is not None:
            await self._process.wait()

    async def _let_go(self) -> None:
        if self._connection is not None:
            await self._connection.aclose()
        if self._reading is not None:
            await self._reading
        if self._process is not None:
            # It closes the pipes, and waits until that is done.
            await self._process.communicate()

    def _kill(self) -> None:
        kill_group(self._group)
        if self._process is not None and self._process.returncode is None:
            self._process.kill()


_EVERYTHING = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}


def _command(method: str, params: Mapping[str, Any]) -> Generator[dict[str, Any], Any, Any]:
    """A command as nodriver sends one. Its own have classes that do not know every browser's answers."""
    return (yield {"method": method, "params": dict(params)})


async def _tolerate(command: Awaitable[Answer]) -> None:
    with suppress(*_GONE):
        await command
