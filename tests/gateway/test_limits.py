"""How much may be sent, and how slowly."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jumpseat.gateway.exchange import Exchange, Refused
from jumpseat.gateway.limits import BodyRoom, ClientGone, linger, read_body
from jumpseat.gateway.settings import GatewaySettings


async def read(
    *pieces: bytes,
    headers: Any = (),
    limit: int = 10,
    more: bool = False,
    room: BodyRoom | None = None,
) -> bytes:
    """Read a body that comes in `pieces`; with `more` it never ends."""
    messages = [
        {"type": "http.request", "body": piece, "more_body": more or i < len(pieces) - 1}
        for i, piece in enumerate(pieces)
    ]

    async def receive() -> Any:
        return messages.pop(0) if messages else await asyncio.Event().wait()

    async def send(_: Any) -> None:
        raise AssertionError("nothing is sent while reading")

    exchange = Exchange({"headers": [*headers]}, receive, send)
    settings = GatewaySettings(max_body=limit, body_seconds=0.05)
    with (room or BodyRoom(settings)).lend() as take:
        return await read_body(exchange, settings, take)


async def status_of(*pieces: bytes, **options: Any) -> int:
    with pytest.raises(Refused) as caught:
        await read(*pieces, **options)
    return caught.value.status


async def test_a_body_may_come_in_pieces() -> None:
    assert await read(b"whole") == b"whole"
    assert await read(b"in ", b"", b"pieces") == b"in pieces"
    assert await read(b"1234567890", headers=[(b"content-length", b"10")]) == b"1234567890"


async def test_too_much_is_refused_however_it_comes() -> None:
    assert await status_of(b"12345678901") == 413
    assert await status_of(b"123456", b"78901") == 413
    assert await status_of(b"123456", b"78901", more=True) == 413


async def test_many_large_bodies_at_once_are_refused_until_one_has_gone() -> None:
    room = BodyRoom(GatewaySettings(max_body=10))
    with room.lend() as others:
        others(71)
        assert await read(b"123456789", room=room) == b"123456789"
        assert await status_of(b"1234567890", room=room) == 503
        assert await status_of(b"12345", b"67890", room=room) == 503

    with room.lend() as one:
        one(80)
    assert await read(b"12345", b"67890", room=room) == b"1234567890"


async def test_too_much_is_refused_by_its_own_word_before_it_comes() -> None:
    assert await status_of(headers=[(b"content-length", b"11")]) == 413


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    assert await status_of(b"123", more=True) == 408


@pytest.mark.parametrize(
    "lengths", [[b"4"], [b"6"], [b"x"], [b"-1"], [b"5", b"6"], [b"0x5"], [b""], [b"5, 5"]], ids=str
)
async def test_a_length_must_be_true(lengths: list[bytes]) -> None:
    assert await status_of(b"12345", headers=[(b"content-length", length) for length in lengths]) == 400


async def test_a_length_may_be_said_twice_if_it_is_the_same() -> None:
    assert await read(b"12345", headers=[(b"content-length", b"5")] * 2) == b"12345"


async def test_a_compressed_body_is_refused() -> None:
    assert await status_of(b"x", headers=[(b"content-encoding", b"gzip")]) == 415
    assert await read(b"x", headers=[(b"content-encoding", b"Identity")]) == b"x"


async def test_a_caller_who_leaves_is_gone() -> None:
    messages = [{"type": "http.disconnect"}, {"type": "http.request", "body": b"x", "more_body": True}]

    async def receive() -> Any:
        return messages.pop()

    async def send(_: Any) -> None: ...

    with pytest.raises(ClientGone):
        await read_body(Exchange({"headers": []}, receive, send), GatewaySettings(), lambda _size: None)


async def test_what_a_refused_caller_still_sends_is_thrown_away_up_to_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("jumpseat.gateway.limits._LINGER_SECONDS", 0.02)
    count = 0

    async def endless() -> Any:
        nonlocal count
        count += 1
        return {"type": "http.request", "body": b"x" * 1024 * 1024, "more_body": True}

    async def slow() -> Any:
        await asyncio.Event().wait()

    async def ended() -> Any:
        return {"type": "http.request", "body": b"x"}

    await linger(endless)
    await linger(slow)
    await linger(ended)

    assert count == 8
