"""A site of a few pages on this machine, for a browser to open."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiohttp import web

SECRET = "the-secret-of-the-page"

PAGES = {
    "/": "<title>signed out</title>nothing here",
    "/storage": f"<script>localStorage.token = '{SECRET}'; localStorage.other = 'thing'</script>",
    # It writes its token when the test says so, by `/hold`.
    "/late": f"<script>fetch('/hold').then(() => localStorage.token = '{SECRET}')</script>",
    "/popup": "<script>open('http://localhost:' + location.port + '/inside')</script>",
    "/inside": f"""<script>
        localStorage.inside = '{SECRET}'
        new WebSocket('ws://127.0.0.1:' + location.port + '/socket?from=popup')
    </script>""",
    "/sockets": f"""<script>
        new WebSocket('ws://' + location.host + '/socket?accessToken={SECRET}')
        const code = `new WebSocket('ws://${{location.host}}/socket?from=worker')`
        new Worker(URL.createObjectURL(new Blob([code])))
    </script><iframe src="/frame"></iframe>""",
    "/frame": "<script>new WebSocket('ws://' + location.host + '/socket?from=frame')</script>",
    "/hanging": """<script>location = '/hold'</script>""",
    "/alert": f"<script>localStorage.token = '{SECRET}'; alert('?'); localStorage.token = 'no'</script>",
}


async def _until_alone() -> None:
    """End the tasks of connections that a killed browser left, and wait for them."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class Site:
    """
    Serves the pages from a thread of its own, at `url` and, as another origin, at `other_url`.

    `/hold` answers once `let_go()` was called. `seen` has the paths that were asked for.
    """

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._is_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="site")

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._is_up.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call(self._over.set)
        self._thread.join(10)

    def forget(self) -> None:
        """Be as at the beginning."""
        self.seen.clear()
        self._call(self._go.clear)

    def let_go(self) -> None:
        self._call(self._go.set)

    def _call(self, what: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(what)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self._go, self._over = asyncio.Event(), asyncio.Event()
        app = web.Application()
        app.router.add_get("/socket", self._socket)
        app.router.add_get("/cookies", self._cookies)
        app.router.add_get("/hold", self._hold)
        app.router.add_get("/{page:.*}", self._page)
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            port = runner.addresses[0][1]
            self.url, self.other_url = f"http://127.0.0.1:{port}", f"http://localhost:{port}"
            self._is_up.set()
            await self._over.wait()
        finally:
            await runner.cleanup()
            await _until_alone()

    async def _page(self, request: web.Request) -> web.Response:
        self.seen.append(request.path)
        return web.Response(text=PAGES.get(request.path, ""), content_type="text/html")

    async def _hold(self, request: web.Request) -> web.Response:
        self.seen.append(request.path)
        await self._go.wait()
        return web.Response(text="go")

    async def _cookies(self, request: web.Request) -> web.Response:
        shown = dict(request.cookies)
        response = web.json_response(shown)
        response.set_cookie("lasting", SECRET, max_age=86_400, httponly=True)
        response.set_cookie("passing", "until-the-end")
        response.set_cookie("elsewhere", "x", path="/elsewhere")
        return response

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        self.seen.append(request.path_qs)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for _ in socket:
            pass
        return socket
