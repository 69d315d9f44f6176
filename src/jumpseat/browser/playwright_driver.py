"""
Opens the installed browser through Playwright, and talks with it over a pipe.

Nothing that Playwright does to browsers for tests is wanted here: the command line is ours, no size, colour
or language is pretended, dialogs wait for the person, and no browser is ever downloaded.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar

from filelock import FileLock
from playwright.async_api import (
    BrowserContext,
    CDPSession,
    Dialog,
    Error,
    Page,
    Playwright,
    WebSocket,
    async_playwright,
)
from playwright.async_api import TimeoutError as PlaywrightTimeout

from jumpseat.browser import looks, troubles
from jumpseat.browser.arguments import FIRST_PAGE, arguments, environment
from jumpseat.browser.driver import LOOK_SECONDS, START_SECONDS, BrowserCookie, Launch
from jumpseat.browser.processes import Ending, group_of, kill_group
from jumpseat.browser.profiles import give_back, holder, reserve
from jumpseat.model.credentials import Secret
from jumpseat.settings import environment_of_others


def silence() -> None:
    """
    Keep Playwright from logging what passes through it, tokens and cookies too, where DEBUG asks for that.

    Choice: for the whole process and for good; nobody can tell one window's traffic from another's there.
    """
    with suppress(ImportError):
        from playwright._impl.utils.debug_logger import debug_logger

        setattr(debug_logger, _IS_LOGGED, lambda _: False)


class PlaywrightDriver:
    """See `jumpseat.browser.driver.Driver`."""

    name = "playwright"

    async def open(self, launch: Launch) -> PlaywrightWindow:
        silence()
        window = PlaywrightWindow(launch, reserve(launch.profile))
        try:
            await window.start()
        except Error as exc:
            await window.aclose()
            raise troubles.would_not_start(launch.executable, launch.profile, exc.message) from exc
        except BaseException:
            await window.aclose()
            raise
        return window


class PlaywrightWindow:
    """See `jumpseat.browser.driver.Window`."""

    def __init__(self, launch: Launch, lock: FileLock) -> None:
        self._launch = launch
        self._lock = lock
        self._manager = async_playwright()
        self._starting: asyncio.Task[Playwright] | None = None
        self._context: BrowserContext | None = None
        self._going: asyncio.Task[None] | None = None
        self._sessions: dict[Page, CDPSession] = {}
        self._sockets: list[tuple[str | None, Secret]] = []
        """The origin of the page that opened each, and its address."""
        self._group: int | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._ending = Ending(close=self._close, kill=self._kill, let_go=self._close, group=self._find_group)

    async def start(self) -> None:
        """Open the browser on its first page and send it on its way."""
        # Cancelled midway, `start` would leave a process that nobody could reach.
        with _driver_without(self._launch.withheld):
            self._starting = asyncio.create_task(self._manager.start())
        try:
            playwright = await asyncio.shield(self._starting)
        except Exception as exc:
            raise troubles.no_node() from exc
        context = self._context = await self._launch_browser(playwright)
        self._find_group()
        context.on("page", self._watch)
        context.on("dialog", _leave_to_the_person)
        for page in context.pages:
            self._watch(page)
        first = context.pages[0] if context.pages else await context.new_page()
        self._going = asyncio.create_task(_go(first, self._launch.url))

    async def _launch_browser(self, playwright: Playwright) -> BrowserContext:
        told = arguments(self._launch, is_root=sys.platform != "win32" and os.geteuid() == 0)
        try:
            return await playwright.chromium.launch_persistent_context(
                self._launch.profile,
                executable_path=self._launch.executable,
                args=[*told, "--remote-debugging-pipe", FIRST_PAGE],
                ignore_default_args=True,
                env={**environment(os.environ, self._launch)},
                artifacts_dir=self._launch.profile,
                timeout=START_SECONDS * 1000,
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
                accept_downloads=False,
                no_viewport=True,
                color_scheme="null",
                contrast="null",
                forced_colors="null",
                reduced_motion="null",
            )
        except PlaywrightTimeout as exc:
            raise troubles.silent(self._launch.executable, START_SECONDS) from exc

    def _watch(self, page: Page) -> None:
        def note(socket: WebSocket) -> None:
            # Playwright does not tell frames apart here: those of a page count as the page.
            self._sockets.append((looks.origin_of(page.url), Secret(socket.url)))

        page.on("websocket", note)

    async def storage(self, origins: Sequence[str]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for page in self._pages():
            if looks.origin_of(page.url) in origins:
                found |= await self._look_at(page, origins)
        self._pages()
        return found

    async def _look_at(self, page: Page, origins: Sequence[str]) -> dict[str, str]:
        """Its localStorage; nothing from a page that is on its way elsewhere, busy, or just closed."""
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                if page not in self._sessions:
                    self._sessions[page] = await page.context.new_cdp_session(page)
                answer = await self._sessions[page].send("Runtime.evaluate", looks.storage_question(origins))
        except (TimeoutError, Error):
            self._sessions.pop(page, None)
            return {}
        return looks.storage_in(answer)

    def socket_urls(self, origins: Sequence[str]) -> Sequence[Secret]:
        return [url for origin, url in self._sockets if origin in origins]

    async def cookies(self, urls: Sequence[str]) -> Sequence[BrowserCookie]:
        context = self._pages()[0].context
        try:
            return [looks.cookie_in(cookie) for cookie in await context.cookies(list(urls))]
        except Error as exc:
            raise troubles.closed() from exc

    def _pages(self) -> list[Page]:
        """The open pages; on macOS a browser goes on without any."""
        if self._context is None or not self._context.pages:
            raise troubles.closed()
        return self._context.pages

    async def aclose(self) -> None:
        try:
            await self._ending.end()
        finally:
            give_back(self._lock, self._launch.profile)

    async def _close(self) -> None:
        """Playwright closes its browsers before it ends. Killed, it still has to be waited for."""
        if self._going is not None:
            self._going.cancel()
        if self._starting is None:
            return
        playwright = await asyncio.shield(self._starting)
        if self._stopping is None:
            self._stopping = asyncio.create_task(playwright.stop())
        await asyncio.shield(self._stopping)

    def _kill(self) -> None:
        kill_group(self._find_group())
        _kill_driver(self._manager)

    def _find_group(self) -> int | None:
        """The profile is ours alone, so whatever has it open was started for this window."""
        if self._group is None:
            self._group = group_of(holder(self._launch.profile))
        return self._group


# A method of its log, which not every version of it has.
_IS_LOGGED = "is_enabled"
_withheld: ContextVar[tuple[str, ...] | None] = ContextVar("withheld", default=None)
# What starts Playwright's own process, and what that one's environment is asked of. These names are its own.
_STARTERS = ("playwright._impl.transport", "playwright._impl._transport")
_GET_ENVIRONMENT = "get_driver_env"


@contextmanager
def _driver_without(withheld: tuple[str, ...]) -> Iterator[None]:
    """
    Let what starts here start Playwright's own process without our settings, and with nothing in its log.

    It offers no way to say so, and a test sees that its names are still right. Others who use Playwright in
    this process are not concerned.
    """
    for starter in (sys.modules[name] for name in _STARTERS if name in sys.modules):
        whole = getattr(starter, _GET_ENVIRONMENT, None)
        if whole is not None and not isinstance(whole, _Environment):
            setattr(starter, _GET_ENVIRONMENT, _Environment(whole))
    before = _withheld.set(withheld)
    try:
        yield
    finally:
        _withheld.reset(before)


class _Environment:
    """Asks for an environment as Playwright does, and takes out of it what one of our windows withholds."""

    def __init__(self, whole: Callable[[], dict[str, str]]) -> None:
        self._whole = whole

    def __call__(self) -> dict[str, str]:
        environ, withheld = self._whole(), _withheld.get()
        if withheld is None:
            return environ
        # DEBUG makes it log all that passes through, tokens and cookies too.
        loud = [name for name in environ if name.startswith("DEBUG")]
        return environment_of_others(environ, (*withheld, *loud))


def _leave_to_the_person(dialog: Dialog) -> None:
    """Playwright dismisses the dialogs of a page that nobody listens to."""


async def _go(page: Page, url: str) -> None:
    """What is wrong with the address, the browser tells the person."""
    with suppress(Error):
        await page.goto(url, wait_until="commit", timeout=0)


def _kill_driver(manager: object) -> None:
    """
    Kill Playwright's own process, if it still runs.

    It offers no way to do so: these names are its own, and a test sees that they are still right. Without
    them that process ends when it finds its input closed, unless it hangs.
    """
    transport = getattr(getattr(manager, "_client", None), "_transport", None)
    process: asyncio.subprocess.Process | None = getattr(transport, "_proc", None)
    failed: asyncio.Future[None] | None = getattr(transport, "on_error_future", None)
    if process is not None and failed is not None and process.returncode is None:
        failed.add_done_callback(lambda future: future.exception())
        process.kill()
