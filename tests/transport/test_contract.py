"""What every transport promises, asked of each of them over real sockets."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec
import psutil
import pytest

from jumpseat.model.errors import InvalidRequest, UpstreamTimeout
from jumpseat.transport.aio import AioTransport
from jumpseat.transport.curl import CurlTransport
from jumpseat.transport.wire import HandshakeRefused, Socket, Transport, WireFailed
from tests.transport.conftest import PICTURE_CHARS

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


async def test_a_request_goes_out_as_it_was_written(transport: Transport, server: str) -> None:
    answer = await transport.request(
        "POST",
        f"{server}/echo?accessToken=a%2Bb%3D%3D&x=+1",
        headers=HEADERS | {"Cookie": 'a=1; b="2"', "Content-Type": "image/png", "X-Empty": ""},
        body=b"\x00\xffbytes",
        timeout=5,
    )
    seen = msgspec.json.decode(answer.body)
    headers = dict(seen["headers"])

    assert answer.status == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert seen["method"] == "POST"
    assert seen["raw_path"] == "/echo?accessToken=a%2Bb%3D%3D&x=+1"
    assert headers["cookie"] == 'a=1; b="2"'
    assert headers["user-agent"] == "jumpseat/test"
    assert headers["content-type"] == "image/png"
    assert headers["x-empty"] == ""
    assert "expect" not in headers
    assert seen["body"] == "\x00\xffbytes"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH"])
async def test_a_request_without_a_body_sends_none(transport: Transport, server: str, method: str) -> None:
    answer = await transport.request(method, f"{server}/echo", headers=HEADERS, timeout=5)
    seen = msgspec.json.decode(answer.body)

    assert (seen["method"], seen["body"]) == (method, "")


async def test_head_has_no_body(transport: Transport, server: str) -> None:
    answer = await transport.request("HEAD", f"{server}/echo", headers=HEADERS, timeout=5)

    assert (answer.status, answer.body) == (200, b"")


async def test_cookies_are_read_and_blank_ones_left_out(transport: Transport, server: str) -> None:
    answer = await transport.request("GET", f"{server}/cookies", headers=HEADERS, timeout=5)

    assert answer.cookies == {"good": "a=b"}
    assert answer.headers["x-twice"] == "one, two"
    assert "set-cookie" not in answer.headers


async def test_cookies_are_not_sent_back_unasked(transport: Transport, server: str) -> None:
    await transport.request("GET", f"{server}/cookies", headers=HEADERS, timeout=5)
    answer = await transport.request("GET", f"{server}/echo", headers=HEADERS, timeout=5)

    assert "cookie" not in dict(msgspec.json.decode(answer.body)["headers"])


async def test_redirects_are_not_followed(transport: Transport, server: str) -> None:
    answer = await transport.request("GET", f"{server}/moved", headers=HEADERS, timeout=5)

    assert (answer.status, answer.headers["location"]) == (302, "/echo")


async def test_compressed_bodies_are_unpacked(transport: Transport, server: str) -> None:
    answer = await transport.request("GET", f"{server}/zipped", headers=HEADERS, timeout=5)

    assert answer.body.decode() == "Grüße"


@pytest.mark.parametrize("path", ["/huge", "/bomb"])
async def test_a_body_beyond_the_limit_is_refused(transport: Transport, server: str, path: str) -> None:
    with pytest.raises(WireFailed, match="more than 16777216 bytes"):
        await transport.request("GET", server + path, headers=HEADERS, timeout=20)


async def test_a_refused_connection_delivered_nothing(transport: Transport) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for attempt in (
        transport.request("POST", f"http://127.0.0.1:{port}/?accessToken=hush", headers=HEADERS, timeout=5),
        transport.stream("POST", f"http://127.0.0.1:{port}/?accessToken=hush", headers=HEADERS, timeout=5),
        transport.socket(f"ws://127.0.0.1:{port}/?accessToken=hush", headers=HEADERS, timeout=5),
    ):
        with pytest.raises(WireFailed) as caught:
            await attempt
        assert caught.value.may_be_delivered is False
        assert f"127.0.0.1:{port}" in str(caught.value)
        assert "hush" not in str(caught.value)


async def test_silence_is_a_connect_timeout(transport: Transport, server: str) -> None:
    for attempt in (
        transport.request("GET", f"{server}/silent", headers=HEADERS, timeout=0.1),
        transport.stream("GET", f"{server}/silent", headers=HEADERS, timeout=0.1),
    ):
        with pytest.raises(UpstreamTimeout, match=r"0\.1 seconds") as caught:
            await attempt
        assert caught.value.which == "connect"
        assert caught.value.may_be_delivered is True


async def test_a_silent_upgrade_is_a_connect_timeout(transport: Transport, server: str) -> None:
    began = time.monotonic()
    with pytest.raises(UpstreamTimeout) as caught:
        await transport.socket(f"{ws(server)}/silent", headers=HEADERS, timeout=0.1)

    assert (caught.value.which, caught.value.may_be_delivered) == ("connect", False)
    assert time.monotonic() - began < 1


async def test_an_answer_cut_in_the_middle_is_an_error(transport: Transport, server: str) -> None:
    with pytest.raises(WireFailed) as caught:
        await transport.request("POST", f"{server}/cut", headers=HEADERS, timeout=5)

    assert caught.value.may_be_delivered is True


async def test_a_stream_cut_in_the_middle_gives_what_came_first(transport: Transport, server: str) -> None:
    wire = await transport.stream("GET", f"{server}/cut", headers=HEADERS, timeout=5)
    assert await wire.read() == b"half of it"
    with pytest.raises(WireFailed):
        await wire.read()
    await wire.aclose()
    await wire.aclose()


async def test_a_stream_is_read_to_its_end(transport: Transport, server: str) -> None:
    wire = await transport.stream("GET", f"{server}/dripping", headers=HEADERS, timeout=5)
    read = b""
    while piece := await wire.read():
        read += piece
    await wire.aclose()

    assert (wire.response.status, wire.response.body, read) == (200, b"", b"one two three")


async def test_an_endless_stream_is_left_quickly(transport: Transport, server: str) -> None:
    wire = await transport.stream("GET", f"{server}/endless", headers=HEADERS, timeout=5)
    read = 0
    while read < 8 * 1024 * 1024:
        read += len(await wire.read())
    began = time.monotonic()
    await wire.aclose()

    assert time.monotonic() - began < 1


async def test_a_slow_reader_holds_the_stream_up(transport: Transport, server: str) -> None:
    wire = await transport.stream("GET", f"{server}/endless", headers=HEADERS, timeout=5)
    for _ in range(100):
        await asyncio.sleep(0.002)

    assert len(await wire.read()) < 3 * 1024 * 1024
    await wire.aclose()


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


async def test_giving_up_waiting_loses_nothing(transport: Transport, server: str) -> None:
    wire = await transport.socket(f"{ws(server)}/back", headers=HEADERS, timeout=5)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await wire.receive()
    await wire.send("still here")

    assert await wire.receive() == ["still here"]
    await wire.aclose()


async def test_line_breaks_never_reach_the_wire(transport: Transport, server: str) -> None:
    for url, headers in (
        (f"{server}/echo", {"Authorization": "Bearer x\r\nX-Evil: 1"}),
        (f"{server}/echo?a=\r\nb", {}),
        (f"{server}/echo?a= b", {}),
    ):
        with pytest.raises(InvalidRequest) as caught:
            await transport.request("GET", url, headers=headers, timeout=5)
        assert "Evil" not in str(caught.value)


async def test_the_environment_names_no_proxy(
    transport: Transport, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY", "ws_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    answer = await transport.request("GET", f"{server}/echo", headers=HEADERS, timeout=5)
    wire = await transport.socket(f"{ws(server)}/hello", headers=HEADERS, timeout=5)
    await wire.aclose()

    assert answer.status == 200


@pytest.mark.parametrize("kind", [AioTransport, CurlTransport])
async def test_loopback_never_goes_through_the_proxy(
    kind: type[AioTransport] | type[CurlTransport], server: str
) -> None:
    transport = kind(proxy="http://127.0.0.1:9")
    answer = await transport.request("GET", f"{server}/echo", headers=HEADERS, timeout=5)
    wire = await transport.socket(f"{ws(server)}/hello", headers=HEADERS, timeout=5)
    await wire.aclose()
    with pytest.raises(WireFailed) as caught:
        await transport.request("GET", "https://host.invalid/", headers=HEADERS, timeout=5)
    with pytest.raises(WireFailed):
        await transport.socket("wss://host.invalid/", headers=HEADERS, timeout=5)
    await transport.aclose()

    assert answer.status == 200
    assert caught.value.may_be_delivered is False


async def test_many_turns_leave_no_socket_behind(transport: Transport, server: str) -> None:
    async def turn() -> None:
        wire = await transport.socket(f"{ws(server)}/back", headers=HEADERS, timeout=5)
        await wire.send("hello")
        await wire.receive()
        await wire.aclose()

    await turn()
    before = psutil.Process().num_fds()
    await asyncio.gather(*(turn() for _ in range(20)))
    for _ in range(100):
        if psutil.Process().num_fds() <= before:
            break
        await asyncio.sleep(0.01)

    assert psutil.Process().num_fds() <= before


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
