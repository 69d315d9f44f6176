"""A small server on loopback that answers every way a transport must cope with, and the transports."""

from __future__ import annotations

import asyncio
import gc
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import WSMsgType, web

from jumpseat.transport.aio import AioTransport
from jumpseat.transport.curl import CurlTransport
from jumpseat.transport.wire import Transport

PICTURE_CHARS = 600 * 1024


@pytest.fixture(params=["aiohttp", "curl"])
async def transport(request: pytest.FixtureRequest) -> AsyncIterator[Transport]:
    chosen: Transport = AioTransport() if request.param == "aiohttp" else CurlTransport()
    yield chosen
    await chosen.aclose()
    assert not [task for task in asyncio.all_tasks() if _is_of_a_transport(task)]
    gc.collect()


def _is_of_a_transport(task: asyncio.Task[object]) -> bool:
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and ("jumpseat/transport/" in code.co_filename or "curl_cffi" in code.co_filename)


@pytest.fixture
async def server() -> AsyncIterator[str]:
    """Address of the server, without a slash at the end."""
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_get("/bare", cut_upgraded)
    for path, answer in HTTP.items():
        app.router.add_route("*", path, answer)
    for path, play in SOCKETS.items():
        app.router.add_get(path, upgraded(play))
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def echo(request: web.Request) -> web.Response:
    body = await request.read()
    return web.json_response(
        {
            "method": request.method,
            "raw_path": request.raw_path,
            "headers": [[name.lower(), value] for name, value in request.headers.items()],
            "body": body.decode("latin-1"),
        }
    )


async def cookies(_request: web.Request) -> web.Response:
    answer = web.Response(text="ok", headers={"X-Twice": "one"})
    answer.headers.add("X-Twice", "two")
    answer.headers.add("Set-Cookie", "good=a=b; Path=/; HttpOnly")
    answer.headers.add("Set-Cookie", "_C_Auth=; Path=/")
    answer.headers.add("Set-Cookie", "gone=x; Max-Age=0")
    return answer


async def huge(_request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(_request)
    for _ in range(40):
        await answer.write(b"x" * (512 * 1024))
    return answer


async def bomb(_request: web.Request) -> web.Response:
    packed = gzip.compress(b"\0" * (40 * 1024 * 1024), 9)
    return web.Response(body=packed, headers={"Content-Encoding": "gzip"})


async def zipped(_request: web.Request) -> web.Response:
    return web.Response(body=gzip.compress("Grüße".encode()), headers={"Content-Encoding": "gzip"})


async def moved(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "/echo"})


async def silent(_request: web.Request) -> web.Response:
    await asyncio.Event().wait()
    return web.Response()


async def cut(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Length": "1000"})
    await answer.prepare(request)
    await answer.write(b"half of it")
    assert request.transport is not None
    request.transport.close()
    return answer


async def dripping(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    for word in (b"one ", b"two ", b"three"):
        await answer.write(word)
        await asyncio.sleep(0)
    return answer


async def endless(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    while True:
        await answer.write(b"." * 65536)


async def refused(request: web.Request) -> web.Response:
    status = int(request.match_info["status"])
    return web.Response(status=status, headers={"Retry-After": "7", "Location": "/echo"}, text="no")


HTTP: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
    "/echo": echo,
    "/cookies": cookies,
    "/huge": huge,
    "/bomb": bomb,
    "/zipped": zipped,
    "/moved": moved,
    "/silent": silent,
    "/cut": cut,
    "/dripping": dripping,
    "/endless": endless,
    "/refused/{status}": refused,
}

Play = Callable[[web.WebSocketResponse, web.Request], Awaitable[None]]


def upgraded(play: Play) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(compress=False, timeout=0.1)
        await socket.prepare(request)
        await play(socket, request)
        return socket

    return answer


async def say_hello(socket: web.WebSocketResponse, request: web.Request) -> None:
    await socket.send_str(
        f"{request.raw_path}|{request.headers.get('Cookie')}|{request.headers['User-Agent']}"
    )
    await socket.close(code=1000)


async def say_back(socket: web.WebSocketResponse, request: web.Request) -> None:
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)


async def burst(socket: web.WebSocketResponse, request: web.Request) -> None:
    for number in range(200):
        await socket.send_str(str(number))
    await socket.receive()


async def flood(socket: web.WebSocketResponse, request: web.Request) -> None:
    for number in range(20_000):
        await socket.send_str(f"{number:09d}" + "x" * 200)
    await socket.close(code=1001)


async def picture(socket: web.WebSocketResponse, request: web.Request) -> None:
    await socket.send_str("before")
    await socket.send_str("ä" + "p" * PICTURE_CHARS)
    await socket.send_str("after")
    await socket.close(code=4000)


async def too_big(socket: web.WebSocketResponse, request: web.Request) -> None:
    await socket.send_str("p" * (9 * 1024 * 1024))
    await socket.receive()


async def pinging(socket: web.WebSocketResponse, request: web.Request) -> None:
    await socket.ping(b"are you there")
    await socket.pong(b"unasked")
    await socket.send_bytes(b"binary is passed over")
    await socket.send_str("")
    await socket.send_str("text")
    await socket.close(code=1000)


async def mute(socket: web.WebSocketResponse, request: web.Request) -> None:
    await asyncio.Event().wait()


async def cut_upgraded(request: web.Request) -> web.StreamResponse:
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    await socket.send_str("last words")
    assert request.transport is not None
    request.transport.close()
    return socket


SOCKETS: dict[str, Play] = {
    "/hello": say_hello,
    "/back": say_back,
    "/burst": burst,
    "/flood": flood,
    "/picture": picture,
    "/too-big": too_big,
    "/pinging": pinging,
    "/mute": mute,
}
