"""One curl multi handle on the running event loop, and the HTTP exchanges on it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from curl_cffi import AsyncCurl, Curl, CurlECode, CurlError, CurlInfo, CurlOpt, ffi

from jumpseat.model.errors import JumpseatError
from jumpseat.transport.curl_options import Closed, Handle, cause, prepare, set_request, set_upgrade
from jumpseat.transport.curl_socket import RECEIVE_BYTES, CurlSocket
from jumpseat.transport.failures import broken, too_long, too_slow
from jumpseat.transport.headers import gather_headers
from jumpseat.transport.wire import MAX_BODY_BYTES, HandshakeRefused, Response

MAX_BYTES_WAITING = 1024 * 1024
"""Bytes of a stream held for a slow reader; beyond that curl is told to pause."""

_PAUSE = 0x10000001  # CURL_WRITEFUNC_PAUSE
_STOP = 0xFFFFFFFF  # CURL_WRITEFUNC_ERROR


class Multi(AsyncCurl):
    """The multi handle of curl_cffi, which here keeps the handle of a WebSocket after its upgrade."""

    def __init__(self) -> None:
        super().__init__()
        self._upgrading: dict[Curl, asyncio.Future[None]] = {}

    def add_upgrade(self, curl: Curl) -> asyncio.Future[None]:
        """Start the upgrade; the caller removes the handle when the WebSocket is closed."""
        future: asyncio.Future[None] = self.add_handle(curl)
        self._upgrading[curl] = future
        return future

    def set_result(self, curl: Curl) -> None:
        future = self._upgrading.pop(curl, None)
        if future is None:
            super().set_result(curl)
        elif not future.done():
            future.set_result(None)

    def set_exception(self, curl: Curl, exception: BaseException) -> None:
        self._upgrading.pop(curl, None)
        super().set_exception(curl, exception)

    async def close(self) -> None:
        """Close the multi handle. What is still under way fails first, or it would pass for done."""
        for curl in list(self._curl2future):
            self.set_exception(curl, Closed())
        await super().close()  # type: ignore[no-untyped-call]

    def drop(self, curl: Curl) -> None:
        """Take a handle out, whatever it was doing, and close it."""
        self._upgrading.pop(curl, None)
        if curl in self._curl2future:
            self.remove_handle(curl)
        curl.close()


class Engine:
    """Everything of one `CurlTransport` that needs the running loop."""

    def __init__(self, proxy: str | None, profile: str | None) -> None:
        self._multi = Multi()
        self._sockets: dict[Curl, CurlSocket] = {}
        self._proxy = proxy
        self._profile = profile
        self._buffer = ffi.new("char[]", RECEIVE_BYTES)

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float
    ) -> Response:
        exchange = self._start(method, url, headers, body, MAX_BODY_BYTES)
        try:
            await exchange.wait(exchange.done, timeout)
            return exchange.answer(exchange.take())
        finally:
            exchange.close()

    async def stream(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: float,
        connect: float | None,
    ) -> CurlStream:
        exchange = self._start(method, url, headers, body, None, connect)
        try:
            await exchange.wait(exchange.headers_done, timeout)
        except BaseException:
            exchange.close()
            raise
        return CurlStream(exchange)

    def _start(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        limit: int | None,
        connect: float | None = None,
    ) -> Exchange:
        curl = prepare(url, headers, self._proxy, self._profile)
        set_request(curl, method, body)
        if connect is not None:
            curl.setopt(CurlOpt.CONNECTTIMEOUT_MS, max(1, int(connect * 1000)))
        return Exchange(self._multi, curl, url, limit, connect)

    async def socket(self, url: str, headers: Mapping[str, str], timeout: float) -> CurlSocket:
        curl = prepare(url, headers, self._proxy, self._profile)
        set_upgrade(curl)
        lines: list[bytes] = []

        def keep(line: bytes) -> int:
            lines.append(line)
            return len(line)

        curl.setopt(CurlOpt.HEADERFUNCTION, keep)
        try:
            async with asyncio.timeout(timeout):
                await self._multi.add_upgrade(curl)
            self._sockets[curl] = CurlSocket(curl, url, self._buffer, self._forget)
            return self._sockets[curl]
        except TimeoutError as exc:
            self._multi.drop(curl)
            raise too_slow(url, timeout, may_be_delivered=False) from exc
        except CurlError as exc:
            status = curl.getinfo(CurlInfo.RESPONSE_CODE)
            self._multi.drop(curl)
            if isinstance(status, int) and status not in {0, 101}:
                raise HandshakeRefused(read_answer(lines, b"")) from exc
            raise broken(url, cause(exc), may_be_delivered=False) from exc
        except BaseException:
            self._multi.drop(curl)
            raise

    def _forget(self, curl: Curl) -> None:
        del self._sockets[curl]
        self._multi.drop(curl)

    async def aclose(self) -> None:
        for socket in list(self._sockets.values()):
            await socket.aclose()
        await self._multi.close()


def read_answer(lines: list[bytes], body: bytes) -> Response:
    """Status and headers of the last header block: earlier ones are interim answers (1xx)."""
    status = 0
    pairs: list[tuple[str, str]] = []
    for line in lines:
        text = line.decode("latin-1").strip()
        if text.startswith("HTTP/"):
            pairs = []
            code = text.split(" ", 2)[1:2]
            status = int(code[0]) if code and code[0].isdecimal() else 0
        elif ":" in text:
            name, _, value = text.partition(":")
            pairs.append((name.strip(), value.strip()))
    headers, cookies = gather_headers(pairs)
    return Response(status=status, headers=headers, body=body, cookies=cookies)


class Exchange:
    """One HTTP request on its way. `close` must be called, at any moment."""

    def __init__(
        self, multi: Multi, curl: Handle, url: str, limit: int | None, connect: float | None
    ) -> None:
        self._multi = multi
        self._curl = curl
        self._url = url
        self._limit = limit
        self._connect = connect
        self._lines: list[bytes] = []
        self._pieces: list[bytes] = []
        self._waiting = 0
        self._paused = False
        self._arrived = asyncio.Event()
        self._closed = False
        self._is_too_long = False
        curl.setopt(CurlOpt.HEADERFUNCTION, self._on_header)
        curl.setopt(CurlOpt.WRITEFUNCTION, self._on_body)
        self.headers_done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.done: asyncio.Future[None] = multi.add_handle(curl)
        self.done.add_done_callback(self._on_done)

    def _on_header(self, line: bytes) -> int:
        self._lines.append(line)
        if line == b"\r\n" and not self.headers_done.done() and read_answer(self._lines, b"").status >= 200:
            self.headers_done.set_result(None)
        return len(line)

    def _on_body(self, piece: bytes) -> int:
        if self._limit is not None and self._waiting + len(piece) > self._limit:
            self._is_too_long = True
            return _STOP
        if self._limit is None and self._waiting > MAX_BYTES_WAITING:
            self._paused = True
            return _PAUSE
        self._pieces.append(piece)
        self._waiting += len(piece)
        self._arrived.set()
        return len(piece)

    def _on_done(self, done: asyncio.Future[None]) -> None:
        self._arrived.set()
        if done.cancelled() or self.headers_done.done():
            return
        if error := done.exception():
            self.headers_done.set_exception(error)
        else:
            self.headers_done.set_result(None)

    async def wait(self, future: asyncio.Future[None], timeout: float) -> None:
        """Await one of our futures, within `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await asyncio.shield(future)
        except TimeoutError as exc:
            raise too_slow(self._url, timeout, may_be_delivered=self._was_sent()) from exc
        except CurlError as exc:
            raise self._failure(exc) from exc

    def _was_sent(self) -> bool:
        size = self._curl.getinfo(CurlInfo.REQUEST_SIZE)
        return isinstance(size, int) and size > 0

    def _failure(self, exc: CurlError) -> JumpseatError:
        if self._is_too_long:
            return too_long(self._url)
        if exc.code == CurlECode.OPERATION_TIMEDOUT and self._connect is not None:
            return too_slow(self._url, self._connect, may_be_delivered=self._was_sent())
        return broken(self._url, cause(exc), may_be_delivered=self._was_sent())

    def take(self) -> bytes:
        """The bytes that came since, if any."""
        pieces, self._pieces, self._waiting = self._pieces, [], 0
        return b"".join(pieces)

    def answer(self, body: bytes) -> Response:
        return read_answer(self._lines, body)

    async def read(self) -> bytes:
        while not self._pieces and not self._closed:
            if self.done.done():
                error = self.done.exception()
                if isinstance(error, CurlError):
                    raise self._failure(error) from error
                return b""
            self._arrived.clear()
            if self._paused:
                self._paused = False
                self._curl.pause(0)
            await self._arrived.wait()
        return self.take()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._arrived.set()
            if self.done.done() and not self.done.cancelled():
                self.done.exception()  # Seen: asyncio need not complain that nobody asked.
            if self.headers_done.done() and not self.headers_done.cancelled():
                self.headers_done.exception()
            self._multi.drop(self._curl)


class CurlStream:
    """A `ByteStream` of curl."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.response = exchange.answer(b"")

    async def read(self) -> bytes:
        return await self._exchange.read()

    async def aclose(self) -> None:
        self._exchange.close()
