"""What every transport promises, asked of each of them over real sockets."""

from __future__ import annotations

import asyncio
import socket
import sys
import time

import msgspec
import pytest

from jumpseat.model.errors import InvalidRequest, UpstreamTimeout
from jumpseat.transport.aio import AioTransport
from jumpseat.transport.curl import CurlTransport
from jumpseat.transport.wire import Transport, WireFailed

HEADERS = {"User-Agent": "jumpseat/test"}


def ws(server: str) -> str:
    return server.replace("http://", "ws://")


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


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue refuses")
async def test_opening_a_stream_has_a_limit_of_its_own(transport: Transport) -> None:
    with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        # They fill its queue; whoever comes next is not even refused.
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(deaf.getsockname())
        with pytest.raises(UpstreamTimeout, match=r"0\.1 seconds") as caught:
            await transport.stream(
                "POST",
                f"http://127.0.0.1:{deaf.getsockname()[1]}/?accessToken=hush",
                headers=HEADERS,
                body=b"question",
                timeout=5,
                connect=0.1,
            )
    assert caught.value.which == "connect"
    assert caught.value.may_be_delivered is False


async def test_silence_is_a_connect_timeout(transport: Transport, server: str) -> None:
    for attempt in (
        transport.request("GET", f"{server}/silent", headers=HEADERS, timeout=0.1),
        transport.stream("GET", f"{server}/silent", headers=HEADERS, timeout=0.1),
    ):
        with pytest.raises(UpstreamTimeout, match=r"0\.1 seconds") as caught:
            await attempt
        assert caught.value.which == "connect"
        assert caught.value.may_be_delivered is True


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
async def test_loopback_does_not_leave_through_a_proxy_elsewhere(
    kind: type[AioTransport] | type[CurlTransport], server: str
) -> None:
    transport = kind(proxy="http://proxy.invalid:9")
    try:
        answer = await transport.request("GET", f"{server}/echo", headers=HEADERS, timeout=5)
        wire = await transport.socket(f"{ws(server)}/hello", headers=HEADERS, timeout=5)
        await wire.aclose()
    finally:
        await transport.aclose()

    assert answer.status == 200


@pytest.mark.parametrize("kind", [AioTransport, CurlTransport])
def test_what_is_no_proxy_is_refused_at_once(kind: type[AioTransport] | type[CurlTransport]) -> None:
    with pytest.raises(InvalidRequest, match="the proxy must be"):
        kind(proxy="http://user:word@[bad")


async def test_aiohttp_takes_no_socks_proxy_for_an_http_one() -> None:
    transport = AioTransport(proxy="socks5://user:word@127.0.0.1:9")
    with pytest.raises(InvalidRequest, match="SOCKS"):
        await transport.request("GET", "https://example.test/", headers=HEADERS, timeout=1)
