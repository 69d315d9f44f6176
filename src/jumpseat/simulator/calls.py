"""One way in for every HTTP call: it is written down, the armed fault strikes, or the handler answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from aiohttp import web

from jumpseat.simulator.fault import Fault, HttpReply
from jumpseat.simulator.journal import MAX_BODY_CHARS
from jumpseat.simulator.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
FAULT = web.RequestKey("simulator_fault", Fault)


def reply(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A JSON answer."""
    data = msgspec.json.encode(body)
    return web.Response(body=data, status=status, content_type="application/json", headers=headers)


def bad_request(what: str) -> web.Response:
    return reply({"message": what}, 400)


def fault_of(request: web.Request) -> str:
    """The name of the armed fault which the handler itself has to act out; empty if there is none."""
    fault = request.get(FAULT)
    return fault.name if fault else ""


async def body_of(request: web.Request) -> object:
    """The JSON body; None if there is none or it is not JSON."""
    try:
        return msgspec.json.decode(await request.read())
    except msgspec.DecodeError:
        return None


async def fields_of(request: web.Request) -> dict[str, Any]:
    """The JSON object of the body; empty if there is none."""
    body = await body_of(request)
    return body if isinstance(body, dict) else {}


async def _kept(request: web.Request) -> object:
    if not request.can_read_body:
        return None
    data = await request.read()
    if not request.content_type.endswith("json") or len(data) > MAX_BODY_CHARS:
        return f"{len(data)} bytes of {request.content_type}"
    return await body_of(request)


def watched(world: World, service: str, call: str, handler: Handler) -> Handler:
    """The handler, with its requests in the journal and faults of its `call` acted out."""

    async def answer(request: web.Request) -> web.StreamResponse:
        seen = {
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "headers": request.headers,
        }
        world.journal.request(service, call, seen, await _kept(request))
        fault = world.struck(service, call)
        if fault is None:
            return await handler(request)
        request[FAULT] = fault
        if fault.reply is not None:
            return instead(fault.reply)
        if fault.hangs and not fault.is_greeting:
            await asyncio.Event().wait()
        return await handler(request)

    return answer


def instead(given: HttpReply) -> web.Response:
    """The fault's own HTTP answer."""
    return web.Response(
        status=given.status, body=given.body, content_type=given.content_type, headers=given.headers
    )
