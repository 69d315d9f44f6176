"""Tests of the scripted twin."""

from __future__ import annotations

import pytest

from jumpseat.model.errors import InvalidRequest
from jumpseat.transport.scripted import ScriptedTransport, Step
from jumpseat.transport.wire import HandshakeRefused, Response, WireFailed


async def test_the_script_is_played_in_its_order() -> None:
    twin = ScriptedTransport(
        [
            Step(method="GET", url="/user", answer=Response(status=200, body=b"{}")),
            Step(method="POST", url="/messages", pieces=[b"a", b"b"]),
            Step(method="SOCKET", url="/chat", frames=[["one", "two"], ["three"]]),
        ]
    )
    answer = await twin.request("GET", "https://x/user?a=1", headers={"A": "b"}, timeout=1)
    stream = await twin.stream("POST", "https://x/messages", headers={}, body=b"q", timeout=1)
    socket = await twin.socket("wss://x/chat?accessToken=t", headers={}, timeout=1)
    await socket.send("hello")

    assert answer.body == b"{}"
    assert [await stream.read() for _ in range(3)] == [b"a", b"b", b""]
    assert [await socket.receive() for _ in range(3)] == [["one", "two"], ["three"], []]
    assert (socket.close_code, twin.sent, twin.left, twin.open_wires) == (1000, ["hello"], (), 2)
    assert [call.method for call in twin.calls] == ["GET", "POST", "SOCKET"]
    for wire in (stream, socket, socket):
        await wire.aclose()
    assert twin.open_wires == 0
    await twin.aclose()


async def test_a_body_without_pieces_is_one_piece() -> None:
    twin = ScriptedTransport([Step(method="GET", url="/", answer=Response(status=200, body=b"whole"))] * 2)
    stream = await twin.stream("GET", "https://x/", headers={}, timeout=1)
    left = await twin.stream("GET", "https://x/", headers={}, timeout=1)
    await left.aclose()

    assert (await stream.read(), await stream.read(), await left.read()) == (b"whole", b"", b"")


async def test_errors_are_raised_in_their_turn() -> None:
    broken = WireFailed("cut")
    twin = ScriptedTransport(
        [
            Step(method="GET", url="/user", answer=broken),
            Step(method="SOCKET", url="/chat", answer=Response(status=460)),
            Step(method="SOCKET", url="/chat", frames=[["one"], broken]),
            Step(method="GET", url="/bytes", pieces=[broken]),
        ]
    )
    with pytest.raises(WireFailed):
        await twin.request("GET", "https://x/user", headers={}, timeout=1)
    with pytest.raises(HandshakeRefused) as caught:
        await twin.socket("wss://x/chat", headers={}, timeout=1)
    assert caught.value.response.status == 460
    socket = await twin.socket("wss://x/chat", headers={}, timeout=1)
    assert await socket.receive() == ["one"]
    with pytest.raises(WireFailed):
        await socket.receive()
    stream = await twin.stream("GET", "https://x/bytes", headers={}, timeout=1)
    with pytest.raises(WireFailed):
        await stream.read()


async def test_what_the_script_does_not_expect_is_a_failed_test() -> None:
    twin = ScriptedTransport([Step(method="GET", url="/user")])
    with pytest.raises(AssertionError, match="expects GET …/user, not POST https://x/user"):
        await twin.request("POST", "https://x/user?token=hush", headers={}, timeout=1)
    with pytest.raises(AssertionError, match="ends before GET"):
        await twin.request("GET", "https://x/user", headers={}, timeout=1)
    with pytest.raises(InvalidRequest):
        await twin.request("GET", "https://x/user", headers={"A": "\n"}, timeout=1)


async def test_a_closed_socket_gives_nothing_more() -> None:
    twin = ScriptedTransport([Step(method="SOCKET", url="/chat", frames=[["one"]])])
    socket = await twin.socket("wss://x/chat", headers={}, timeout=1)
    await socket.aclose()

    assert await socket.receive() == []
    assert socket.close_code == 1006
