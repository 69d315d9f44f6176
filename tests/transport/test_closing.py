"""What becomes of whatever is under way when a transport is closed: it ends, and nothing is opened anew."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest

from jumpseat.transport.wire import Transport, WireFailed


async def ended(awaitable: Awaitable[object]) -> object:
    """What comes of it within two seconds; an error of ours counts as an end."""
    async with asyncio.timeout(2):
        try:
            return await awaitable
        except WireFailed as error:
            return error


async def under_way() -> None:
    """Let what was begun get as far as it can without the server."""
    for _ in range(200):
        await asyncio.sleep(0)


async def test_whoever_waits_for_an_answer_is_told(transport: Transport, server: str) -> None:
    waiting = asyncio.ensure_future(
        ended(transport.request("GET", f"{server}/silent", headers={}, timeout=30))
    )
    await under_way()
    await transport.aclose()

    assert isinstance(await waiting, WireFailed)


async def test_whoever_waits_for_a_socket_is_told(transport: Transport, server: str) -> None:
    address = f"{server.replace('http', 'ws')}/silent"
    waiting = asyncio.ensure_future(ended(transport.socket(address, headers={}, timeout=30)))
    await under_way()
    await transport.aclose()

    assert isinstance(await waiting, WireFailed)


async def test_an_open_stream_ends(transport: Transport, server: str) -> None:
    wire = await transport.stream("GET", f"{server}/dripping", headers={}, timeout=5)
    reading = asyncio.ensure_future(ended(wire.read()))
    await transport.aclose()

    assert await reading is not None
    await wire.aclose()


async def test_an_open_socket_ends(transport: Transport, server: str) -> None:
    wire = await transport.socket(f"{server.replace('http', 'ws')}/mute", headers={}, timeout=5)
    reading = asyncio.ensure_future(ended(wire.receive()))
    await asyncio.sleep(0)
    await transport.aclose()

    assert await reading == [] or isinstance(reading.result(), WireFailed)
    await wire.aclose()


@pytest.mark.parametrize("used_before", [False, True])
async def test_nothing_is_opened_after_closing(transport: Transport, server: str, used_before: bool) -> None:
    if used_before:
        await transport.request("GET", f"{server}/echo", headers={}, timeout=5)
    for _ in range(2):
        await transport.aclose()
    with pytest.raises(WireFailed, match="the client was closed") as told:
        await transport.request("GET", f"{server}/echo", headers={}, timeout=5)
    assert not told.value.may_be_delivered
    with pytest.raises(WireFailed, match="the client was closed"):
        await transport.socket(f"{server.replace('http', 'ws')}/hello", headers={}, timeout=5)
