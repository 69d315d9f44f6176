"""A WebSocket of curl: frames are taken straight from libcurl as they come, without a task or a queue."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from contextlib import suppress

from curl_cffi import CurlECode, CurlError, CurlInfo, CurlWsFlag, ffi, lib

from jumpseat.transport.curl_options import Handle, cause
from jumpseat.transport.failures import broken
from jumpseat.transport.wire import MAX_FRAME_BYTES, WireFailed

RECEIVE_BYTES = 64 * 1024
"""Size of the buffer that libcurl fills: the sockets of one transport share it, for it is emptied at once."""

MAX_FRAMES_WAITING = 512
"""Frames held for a slow reader; beyond that the connection is no longer read."""

MAX_BYTES_WAITING = 2 * MAX_FRAME_BYTES
"""The same limit by length."""

_AGAIN = int(CurlECode.AGAIN)
_TEXT = int(CurlWsFlag.TEXT)
_CONT = int(CurlWsFlag.CONT)
_CLOSE = int(CurlWsFlag.CLOSE)
_DATA = _TEXT | int(CurlWsFlag.BINARY) | _CONT
_PIECE_BYTES = 32 * 1024


class CurlSocket:
    """
    A `Socket` over a handle whose upgrade is done.

    The loop calls `_drain` when bytes are there; it takes frames until libcurl has no more, and wakes the
    reader once. While too much waits for a slow reader, the connection is not read.
    """

    def __init__(self, curl: Handle, url: str, buffer: object, forget: Callable[[Handle], None]) -> None:
        self._curl = curl
        self._url = url
        self._forget = forget
        self._buffer = buffer
        self._bytes = ffi.buffer(buffer)
        self._length = ffi.new("size_t *")
        self._frame = ffi.new("struct curl_ws_frame **")
        self._loop = asyncio.get_running_loop()
        self._descriptor: int = curl.getinfo(CurlInfo.ACTIVESOCKET)  # type: ignore[assignment]
        self._frames: list[str] = []
        self._parts: list[bytes] = []
        self._parts_bytes = 0
        self._waiting_bytes = 0
        self._writable = asyncio.Event()
        self._waiter: asyncio.Future[None] | None = None
        self._failure: WireFailed | None = None
        self._code: int | None = None
        self._is_reading = False
        self._closed = False

    async def receive(self) -> list[str]:
        while not self._frames and self._code is None:
            self._read_on()
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        frames, self._frames, self._waiting_bytes = self._frames, [], 0
        if not frames and self._failure is not None:
            raise self._failure
        return frames

    def _read_on(self) -> None:
        """Have the loop call `_drain`, once now: what libcurl already holds makes no descriptor readable."""
        if not self._is_reading:
            self._is_reading = True
            self._loop.add_reader(self._descriptor, self._drain)
            self._loop.call_soon(self._drain)

    def _stop_reading(self) -> None:
        if self._is_reading:
            self._is_reading = False
            self._loop.remove_reader(self._descriptor)

    def _drain(self) -> None:
        """Take every frame that is there, and wake the reader once."""
        if self._code is not None:
            return
        try:
            self._take_frames(self._frames)
        except UnicodeDecodeError:
            self._fail("a text frame is not UTF-8")
        if self._frames or self._code is not None:
            self._wake()

    def _take_frames(self, frames: list[str]) -> None:
        handle, length, frame_at = self._curl._curl, self._length, self._frame
        while len(frames) < MAX_FRAMES_WAITING and self._waiting_bytes <= MAX_BYTES_WAITING:
            result = lib.curl_ws_recv(handle, self._buffer, RECEIVE_BYTES, length, frame_at)
            if result:
                if result != _AGAIN:
                    self._end(1006)
                return
            frame = frame_at[0]
            # A whole text frame: by far the commonest.
            if frame.flags == _TEXT and not frame.bytesleft and not self._parts:
                frames.append(str(self._bytes[: length[0]], "utf-8"))
                self._waiting_bytes += length[0]
            else:
                self._take_other(frame.flags, frame.bytesleft, self._bytes[: length[0]])
                if self._code is not None:
                    return
        self._stop_reading()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _take_other(self, flags: int, bytes_left: int, piece: bytes) -> None:
        """A part of a frame, a frame of another kind, or the close."""
        if flags & _CLOSE:
            self._end(struct.unpack("!H", piece[:2])[0] if len(piece) >= 2 else 1005)
        elif flags & _DATA:  # Pings are answered by libcurl; a pong needs nothing.
            self._parts.append(piece)
            self._parts_bytes += len(piece)
            if self._parts_bytes + bytes_left > MAX_FRAME_BYTES:
                self._fail(f"a frame is longer than {MAX_FRAME_BYTES} bytes")
            elif not flags & _CONT and not bytes_left:
                self._join_parts(flags)

    def _join_parts(self, flags: int) -> None:
        whole, self._parts, self._parts_bytes = b"".join(self._parts), [], 0
        if flags & _TEXT:
            self._frames.append(str(whole, "utf-8"))
            self._waiting_bytes += len(whole)

    def _end(self, code: int) -> None:
        """Nothing more comes."""
        self._stop_reading()
        self._code = code

    def _fail(self, why: str) -> None:
        self._failure = broken(self._url, why)
        self._end(1006)

    @property
    def close_code(self) -> int | None:
        return self._code

    async def send(self, text: str) -> None:
        rest = memoryview(text.encode())
        while True:
            piece = rest[:_PIECE_BYTES]
            rest = rest[_PIECE_BYTES:]
            await self._send_piece(piece, _TEXT | _CONT if rest else _TEXT)
            if not rest:
                return

    async def _send_piece(self, piece: memoryview, flags: int) -> None:
        while True:
            if self._closed:
                raise broken(self._url, "it was closed")
            try:
                sent = self._curl.ws_send(piece, flags)
            except CurlError as exc:
                if exc.code != _AGAIN:
                    raise broken(self._url, cause(exc)) from exc
                sent = 0
            piece = piece[sent:]
            if not piece:
                return
            await self._until_writable()

    async def _until_writable(self) -> None:
        self._writable.clear()
        self._loop.add_writer(self._descriptor, self._writable.set)
        try:
            await self._writable.wait()
        finally:
            if not self._closed:  # Afterwards the descriptor is somebody else's.
                self._loop.remove_writer(self._descriptor)

    async def aclose(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._end(self._code if self._code is not None else 1006)
        # One try to say goodbye; a peer that does not listen is not waited for.
        with suppress(CurlError):
            self._curl.ws_close()
        self._wake()
        self._loop.remove_writer(self._descriptor)
        self._writable.set()
        self._forget(self._curl)
