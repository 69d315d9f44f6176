"""What every transport promises of its WebSockets, asked of each of them over real ones."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import psutil
import pytest

from jumpseat.model.errors import UpstreamTimeout
from jumpseat.transport.wire import HandshakeRefused, Socket, Transport, WireFailed
from tests.transport.conftest import PICTURE_CHARS
from tests.waiting import until_async

HEADERS = {"User-Agent": "jumpseat/test"}


def ws(server: str) -> str:
    return server.replace("http://", "ws://")


async def everything(wire: Socket) -> list[str]:
    frames: list[str] = []
    while batch := await wire.receive():
        frames += batch
    return frames


@asynccontextmanager
async def raw_server(
    play: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """A server that writes its own bytes; its address as `127.0.0.1:port`."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await play(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_silent_upgrade_is_a_connect_timeout(transport: Transport, server: str) -> None:
    began = time.monotonic()
    with pytest.raises(UpstreamTimeout) as caught:
        await transport.socket(f"{ws(server)}/silent", headers=HEADERS, timeout=0.1)

    assert (caught.value.which, caught.value.may_be_delivered) == ("connect", False)
    assert time.monotonic() - began < 1


async def test_an_upgrade_carries_query_and_cookies(transport: Transport, server: str) -> None:
    wire = await transport.socket(
        f"{ws(server)}/hello?accessToken=a%2Bb%3D", headers=HEADERS | {"Cookie": "a=1"}, timeout=5
    )

    assert await everything(wire) == ["/hello?accessToken=a%2Bb%3D|a=1|jumpseat/test"]
    assert wire.close_code == 1000
    assert await wire.receive() == []
    await wire.aclose()


@pytest.mark.parametrize("status", [200, 302, 401, 403, 429, 451, 460, 503])
async def test_a_refused_upgrade_tells_the_status(transport: Transport, server: str, status: int) -> None:
    with pytest.raises(HandshakeRefused) as caught:
        await transport.socket(f"{ws(server)}/refused/{status}", headers=HEADERS, timeout=5)

    assert caught.value.response.status == status
    assert caught.value.response.headers["retry-after"] == "7"


async def test_frames_that_are_there_come_together(transport: Transport, server: str) -> None:
    wire = await transport.socket(f"{ws(server)}/burst", headers=HEADERS, timeout=5)
    frames: list[str] = []
    calls = 0
    while len(frames) < 200:
        frames += await wire.receive()
        calls += 1
        await asyncio.sleep(0.005)
    await wire.aclose()

    assert frames == [str(number) for number in range(200)]
    assert calls < 20


async def test_a_slow_reader_loses_no_frame(transport: Transport, server: str) -> None:
    wire = await transport.socket(f"{ws(server)}/flood", headers=HEADERS, timeout=5)
    await asyncio.sleep(0.1)
    frames = await everything(wire)
    await wire.aclose()

    assert [int(frame[:9]) for frame in frames] == list(range(20_000))
    assert wire.close_code == 1001


async def test_what_is_sent_arrives_whole(transport: Transport, server: str) -> None:
    wire = await transport.socket(f"{ws(server)}/back", headers=HEADERS, timeout=5)
    assert wire.close_code is None
    for text in ("привет", "", "x" * 1_000_000):
        await wire.send(text)
        assert await wire.receive() == [text]
    await wire.aclose()


async def test_a_picture_of_600_kb_is_one_frame(transport: Transport, server: str) -> None:
    wire = await transport.socket(f"{ws(server)}/picture", headers=HEADERS, timeout=5)
    frames = await everything(wire)
    await wire.aclose()

    assert frames == ["before", "ä" + "p" * PICTURE_CHARS, "after"]
    assert wire.close_code == 4000


async def test_a_frame_beyond_the_limit_breaks_the_wire(transport: Transport, server: str) -> None:
    wire = await transport.socket(f"{ws(server)}/too-big", headers=HEADERS, timeout=5)
    with pytest.raises(WireFailed):
        await wire.receive()
    await wire.aclose()


async def test_pings_and_binary_frames_are_no_text(transport: Transport, server: str) -> None:
    wire = await transport.socket(f"{ws(server)}/pinging", headers=HEADERS, timeout=5)

    assert await everything(wire) == ["", "text"]
    await wire.aclose()


async def test_a_bare_end_counts_as_closed(transport: Transport, server: str) -> None:
    wire = await transport.socket(f"{ws(server)}/bare", headers=HEADERS, timeout=5)

    assert await everything(wire) == ["last words"]
    assert wire.close_code == 1006
    await wire.aclose()


async def test_a_reset_counts_as_closed(transport: Transport) -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _upgrade(reader, writer)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with raw_server(play) as address:
        wire = await transport.socket(f"ws://{address}/", headers=HEADERS, timeout=5)
        assert await wire.receive() == []
        assert wire.close_code == 1006
        await wire.aclose()


async def test_fragments_are_joined(transport: Transport) -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _upgrade(reader, writer)
        writer.write(b"\x01\x02\xd0\xbf" + b"\x89\x00" + b"\x00\x01\xd1" + b"\x80\x01\x80" + b"\x81\x02ok")
        writer.write(b"\x88\x00")
        await writer.drain()
        await reader.read(100)

    async with raw_server(play) as address:
        wire = await transport.socket(f"ws://{address}/", headers=HEADERS, timeout=5)
        assert await everything(wire) == ["пр", "ok"]
        assert wire.close_code in {1000, 1005}
        await wire.aclose()


async def test_text_that_is_not_utf8_breaks_the_wire(transport: Transport) -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _upgrade(reader, writer)
        writer.write(b"\x81\x02ok\x81\x02\xff\xfe")
        await writer.drain()
        await reader.read(100)

    async with raw_server(play) as address:
        wire = await transport.socket(f"ws://{address}/", headers=HEADERS, timeout=5)
        with pytest.raises(WireFailed):
            await everything(wire)
        await wire.aclose()


async def test_a_peer_that_says_nothing_is_left_within_a_second(transport: Transport, server: str) -> None:
    wire = await transport.socket(f"{ws(server)}/mute", headers=HEADERS, timeout=5)
    waiting = asyncio.create_task(wire.receive())
    await asyncio.sleep(0)
    began = time.monotonic()
    await wire.aclose()
    await wire.aclose()

    assert await waiting == []
    assert time.monotonic() - began < 1
    assert wire.close_code is not None
    with pytest.raises(WireFailed):
        await wire.send("too late")


async def test_a_peer_that_does_not_read_holds_the_sender_up(transport: Transport) -> None:
    reading = asyncio.Event()
    received = 0

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal received
        await _upgrade(reader, writer)
        await reading.wait()
        while received < 32 * 1024 * 1024 and (piece := await reader.read(1 << 20)):
            received += len(piece)

    async with raw_server(play) as address:
        wire = await transport.socket(f"ws://{address}/", headers=HEADERS, timeout=5)
        sending = asyncio.create_task(wire.send("x" * (32 * 1024 * 1024)))
        done, _ = await asyncio.wait([sending], timeout=0.3)
        assert not done
        reading.set()
        await asyncio.wait_for(sending, 10)
        await wire.aclose()


async def test_a_sender_that_is_held_up_can_be_closed(transport: Transport) -> None:
    leaving = asyncio.Event()

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _upgrade(reader, writer)
        await leaving.wait()

    async with raw_server(play) as address:
        wire = await transport.socket(f"ws://{address}/", headers=HEADERS, timeout=5)
        sending = asyncio.create_task(wire.send("x" * (32 * 1024 * 1024)))
        await asyncio.wait([sending], timeout=0.2)
        began = time.monotonic()
        await wire.aclose()
        with pytest.raises(WireFailed):
            await asyncio.wait_for(sending, 5)
        assert time.monotonic() - began < 1
        leaving.set()


async def test_sending_to_a_peer_that_has_gone_is_an_error(transport: Transport) -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _upgrade(reader, writer)
        writer.transport.abort()

    async with raw_server(play) as address:
        wire = await transport.socket(f"ws://{address}/", headers=HEADERS, timeout=5)
        assert await wire.receive() == []
        with pytest.raises(WireFailed):
            await send_again_and_again(wire)
        await wire.aclose()


async def send_again_and_again(wire: Socket) -> None:
    for _ in range(20):
        await wire.send("x" * 100_000)
        await asyncio.sleep(0)


async def test_giving_up_waiting_loses_nothing(transport: Transport, server: str) -> None:
    wire = await transport.socket(f"{ws(server)}/back", headers=HEADERS, timeout=5)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await wire.receive()
    await wire.send("still here")

    assert await wire.receive() == ["still here"]
    await wire.aclose()


async def test_many_turns_leave_no_socket_behind(transport: Transport, server: str) -> None:
    async def turn() -> None:
        wire = await transport.socket(f"{ws(server)}/back", headers=HEADERS, timeout=5)
        await wire.send("hello")
        await wire.receive()
        await wire.aclose()

    await turn()
    before = psutil.Process().num_fds()
    await asyncio.gather(*(turn() for _ in range(20)))

    await until_async(lambda: psutil.Process().num_fds() <= before)


async def _upgrade(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    import base64
    import hashlib

    head = await reader.readuntil(b"\r\n\r\n")
    key = next(
        line[19:].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:")
    )
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())  # noqa: S324
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
