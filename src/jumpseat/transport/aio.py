"""The transport over aiohttp's client: GitHub's wires, and any WebSocket that needs no curl."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from jumpseat.model.errors import InvalidRequest
from jumpseat.transport.failures import broken, closed, too_long, too_slow
from jumpseat.transport.headers import checked_proxy, gather_headers, proxy_for, refuse_line_breaks
from jumpseat.transport.wire import MAX_BODY_BYTES, MAX_FRAME_BYTES, HandshakeRefused, Response, WireFailed

if TYPE_CHECKING:
    import aiohttp

T = TypeVar("T")

CLOSE_SECONDS = 0.3
"""How long a closing handshake may take before the connection is dropped."""

MAX_FRAMES_WAITING = 512
"""Frames held for a slow reader; beyond that the connection is no longer read."""

MAX_CHARS_WAITING = 2 * MAX_FRAME_BYTES
"""The same limit by length."""


class AioTransport:
    """A `Transport` over aiohttp. Environment proxies are ignored; see `proxy_for`."""

    def __init__(self, proxy: str | None = None) -> None:
        self._proxy = checked_proxy(proxy)
        self._session: aiohttp.ClientSession | None = None
        self._sockets: aiohttp.ClientSession | None = None
        self._is_closed = False

    def _client(self, url: str) -> aiohttp.ClientSession:
        if self._is_closed:
            raise closed(url)
        if self._proxy is not None and self._proxy.startswith("socks"):
            raise InvalidRequest(
                "only Microsoft Copilot can be reached through a SOCKS proxy: use an http proxy",
                param="proxy",
            )
        if self._session is None:
            self._session = _session()
        return self._session

    def _socket_client(self, url: str) -> aiohttp.ClientSession:
        """Sockets have a session of their own: what watches over an upgrade costs every request."""
        shared = self._client(url)
        if self._sockets is None:
            self._sockets = _session(shared, _refuse_before_redirect)
        return self._sockets

    async def _open(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        connect: float | None = None,
    ) -> aiohttp.ClientResponse:
        """Send, and wait for status and headers; the caller holds the deadline."""
        from aiohttp import ClientTimeout
        from yarl import URL

        return await self._client(url).request(
            method,
            URL(url, encoded=True),
            headers=headers,
            data=body,
            allow_redirects=False,
            proxy=proxy_for(url, self._proxy),
            timeout=ClientTimeout(total=None, connect=connect),
        )

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        timeout: float,
    ) -> Response:
        refuse_line_breaks(url, headers)
        return await _bounded(self._exchange(method, url, headers, body), url, timeout)

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Response:
        answer = await self._open(method, url, headers, body)
        try:
            content = await _read_bounded(answer, url)
        except BaseException:
            answer.close()
            raise
        return _response(answer, content)

    async def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        timeout: float,
        connect: float | None = None,
    ) -> AioStream:
        refuse_line_breaks(url, headers)
        opening = self._open(method, url, headers, body, connect)
        return AioStream(await _bounded(opening, url, timeout, connect), url)

    async def socket(self, url: str, *, headers: Mapping[str, str], timeout: float) -> AioSocket:
        import aiohttp
        from yarl import URL

        refuse_line_breaks(url, headers)
        opening = self._socket_client(url).ws_connect(
            URL(url, encoded=True),
            headers=headers,
            proxy=proxy_for(url, self._proxy),
            max_msg_size=MAX_FRAME_BYTES,
            compress=0,
            autoping=True,
            timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS),
        )
        return AioSocket(await _bounded(opening, url, timeout, delivers=False), url)

    async def aclose(self) -> None:
        self._is_closed = True
        sessions = (self._session, self._sockets)  # Connections first: then nothing is opened any more.
        self._sockets = self._session = None
        for session in sessions:
            if session is not None:
                await session.close()


def _session(
    shared: aiohttp.ClientSession | None = None, *middlewares: aiohttp.ClientMiddlewareType
) -> aiohttp.ClientSession:
    """A session; it uses the connections of `shared`, if that is given."""
    import aiohttp

    return aiohttp.ClientSession(
        connector=shared.connector if shared else aiohttp.TCPConnector(limit=0),
        connector_owner=shared is None,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        trust_env=False,
        auto_decompress=True,
        skip_auto_headers=("User-Agent",),
        middlewares=middlewares,
    )


async def _refuse_before_redirect(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Stop an upgrade that was not accepted: the library would follow a redirect, credentials in hand."""
    answer = await handler(request)
    if answer.status != 101 and request.headers.get("Upgrade", "").lower() == "websocket":
        refusal = _response(answer, b"")
        answer.close()
        raise HandshakeRefused(refusal)
    return answer


async def _bounded(
    work: Awaitable[T], url: str, timeout: float, connect: float | None = None, *, delivers: bool = True
) -> T:
    """
    Await `work` for at most `timeout` seconds, and turn the library's errors into ours.

    What fails while the connection is being made cannot have been delivered, and what only opens a wire
    (`delivers` off) delivers nothing; of all else nobody knows.
    """
    import aiohttp

    try:
        async with asyncio.timeout(timeout):
            return await work
    except TimeoutError as exc:
        is_early = isinstance(exc, aiohttp.ConnectionTimeoutError)
        limit = connect if is_early and connect else timeout
        raise too_slow(url, limit, may_be_delivered=delivers and not is_early) from exc
    except (aiohttp.InvalidURL, aiohttp.ClientResponseError) as exc:
        # Not chained: these two quote addresses with all that is in them.
        is_early = isinstance(exc, (aiohttp.InvalidURL, aiohttp.ClientHttpProxyError))
        raise broken(url, _cause(exc), may_be_delivered=delivers and not is_early) from None
    except (aiohttp.ClientError, OSError) as exc:
        is_early = isinstance(exc, aiohttp.ClientConnectorError)
        raise broken(url, _cause(exc), may_be_delivered=delivers and not is_early) from exc


def _cause(exc: BaseException) -> str:
    """The kind of failure, without the library's own text, which can quote addresses with their query."""
    code = getattr(exc, "os_error", exc)
    if isinstance(code, OSError) and code.strerror:
        return code.strerror
    return type(exc).__name__


def _response(answer: aiohttp.ClientResponse, body: bytes) -> Response:
    headers, cookies = gather_headers(answer.headers.items())
    return Response(status=answer.status, headers=headers, body=body, cookies=cookies)


async def _read_bounded(answer: aiohttp.ClientResponse, url: str) -> bytes:
    """The whole body, counted after decompression, which aiohttp does in bounded steps."""
    pieces: list[bytes] = []
    length = 0
    while piece := await answer.content.readany():
        length += len(piece)
        if length > MAX_BODY_BYTES:
            raise too_long(url)
        pieces.append(piece)
    return b"".join(pieces)


class AioStream:
    """A `ByteStream` of aiohttp; `read` gives all bytes that are buffered at once."""

    def __init__(self, answer: aiohttp.ClientResponse, url: str) -> None:
        self._answer = answer
        self._url = url
        self.response = _response(answer, b"")

    async def read(self) -> bytes:
        import aiohttp

        try:
            return await self._answer.content.readany()
        except (aiohttp.ClientError, OSError) as exc:
            raise broken(self._url, _cause(exc)) from exc

    async def aclose(self) -> None:
        self._answer.close()


class AioSocket:
    """
    A `Socket` of aiohttp.

    A task moves frames from the library into a list, so that `receive` can give all that are there without
    asking for each; it stops reading while the list is full.
    """

    def __init__(self, wire: aiohttp.ClientWebSocketResponse, url: str) -> None:
        self._wire = wire
        self._url = url
        self._connection = wire._conn.transport if wire._conn is not None else None
        self._frames: list[str] = []
        self._chars = 0
        self._arrived = asyncio.Event()
        self._taken = asyncio.Event()
        self._failure: WireFailed | None = None
        self._code: int | None = None
        self._closed = False
        self._pump = asyncio.create_task(self._move_frames())

    async def receive(self) -> list[str]:
        if not self._frames and self._code is None:
            self._arrived.clear()
            await self._arrived.wait()
        frames, self._frames, self._chars = self._frames, [], 0
        self._taken.set()
        if not frames and self._failure is not None:
            raise self._failure
        return frames

    async def _move_frames(self) -> None:
        code = 1006
        try:
            code = await self._until_closed()
        finally:
            self._code = code
            self._arrived.set()

    async def _until_closed(self) -> int:
        """Move frames until there are no more; the close code."""
        from aiohttp import WSMsgType

        text, receive = WSMsgType.TEXT, self._wire.receive
        while True:
            message = await receive()
            if message.type is text:
                self._frames.append(message.data)
                self._chars += len(message.data)
                self._arrived.set()
                if len(self._frames) >= MAX_FRAMES_WAITING or self._chars > MAX_CHARS_WAITING:
                    self._taken.clear()
                    await self._taken.wait()
            elif message.type is WSMsgType.CLOSE:
                # Taken from the frame: the library forgets the code when its reply cannot be sent any more.
                return int(message.data) or 1005
            elif message.type is WSMsgType.ERROR:
                self._failure = broken(self._url, _cause(message.data))
                return 1006
            elif message.type is not WSMsgType.BINARY:
                return 1006

    async def send(self, text: str) -> None:
        import aiohttp

        try:
            await self._wire.send_str(text)
        except (aiohttp.ClientError, OSError) as exc:
            raise broken(self._url, _cause(exc)) from exc

    @property
    def close_code(self) -> int | None:
        return self._code

    async def aclose(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._pump.cancel()
        await asyncio.wait([self._pump])
        self._frames = []
        with suppress(TimeoutError):
            async with asyncio.timeout(2 * CLOSE_SECONDS):
                await self._wire.close()
        # A peer that does not read would keep the connection, and whoever is sending on it, for ever.
        if self._connection is not None:
            self._connection.abort()
