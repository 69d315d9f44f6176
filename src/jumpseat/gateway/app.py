"""The gateway as one ASGI application: guard, routes, one place where every error becomes an answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING

from jumpseat.dialects.failures import failure
from jumpseat.gateway.access import Guard
from jumpseat.gateway.exchange import Exchange, Receive, Refused, Scope, Send, raw_headers
from jumpseat.gateway.limits import ClientGone, linger
from jumpseat.gateway.presence import Interrupted, OpenRequests
from jumpseat.gateway.routes import build_router
from jumpseat.gateway.settings import GatewaySettings
from jumpseat.model.errors import JumpseatError, Overloaded

if TYPE_CHECKING:
    from jumpseat.client import Client

log = logging.getLogger("jumpseat.gateway")

ABORT = "jumpseat.abort"
"""Scope extension of our server: closes the connection at once, whatever waits in its buffers."""

_LAST_WORDS_SECONDS = 2.0
_CLIENT_CLOSED = 499
"""What the log says where nobody was left to be answered (nginx's number for it)."""


class Gateway:
    """
    Answers HTTP requests on behalf of `client`, which its owner opens and closes.

    `stop()` ends every open answer, each with an error that its caller understands.
    """

    def __init__(self, client: Client, settings: GatewaySettings) -> None:
        self._guard = Guard(settings)
        self.requests = OpenRequests(settings.stall_seconds)
        self._router = build_router(client, settings, self.requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._serve(Exchange(scope, receive, send))
            case "lifespan":
                await _lifespan(receive, send)
            case _:
                await send({"type": "websocket.close", "code": 1008})

    def stop(self) -> None:
        """End every open answer now."""
        self.requests.interrupt_all("stopping")

    async def _serve(self, exchange: Exchange) -> None:
        exchange.scope["jumpseat"] = exchange
        try:
            await self._answer(exchange)
        except ClientGone:
            exchange.status, exchange.remark = exchange.status or _CLIENT_CLOSED, "gone"
        except Refused as refused:
            await _refuse(exchange, refused)
        except JumpseatError as error:
            await _fail(exchange, error)
        except Exception:
            # The last one to see it: logged whole, told in general.
            log.exception("%s: a mistake of ours", exchange.request_id)
            await _fail(exchange, _broken_inside())
        finally:
            _log(exchange)

    async def _answer(self, exchange: Exchange) -> None:
        if not self._guard.admit(exchange):
            await exchange.begin(204, b"text/plain")
            await exchange.send({"type": "http.response.body"})
            return
        try:
            await self._router(exchange.scope, exchange.receive, exchange.send)
        except Interrupted as interrupted:
            match interrupted.cause:
                case "gone":
                    raise ClientGone from interrupted
                case "stalled":
                    exchange.remark = "stalled"
                    await _abort(exchange)
                case "stopping":
                    raise _stopping() from interrupted


async def _refuse(exchange: Exchange, refused: Refused) -> None:
    exchange.remark = refused.code
    body, headers = refused.body(), raw_headers(refused.headers)
    if "connection" not in refused.headers:
        await exchange.respond(refused.status, body, headers=headers)
        return
    # The caller may still be sending: it has to stop before it can hear.
    await exchange.begin(
        refused.status, b"application/json", (*headers, (b"content-length", str(len(body)).encode()))
    )
    await exchange.send({"type": "http.response.body", "body": body, "more_body": True})
    await linger(exchange.receive)
    await exchange.send({"type": "http.response.body"})


async def _fail(exchange: Exchange, error: JumpseatError) -> None:
    exchange.remark = error.code
    if not exchange.has_begun:
        status, body, headers = failure(error)
        await exchange.respond(status, body, headers=raw_headers(headers))
    elif exchange.last_words is not None:
        try:
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                await exchange.send({"type": "http.response.body", "body": exchange.last_words(error)})
        except TimeoutError:
            await _abort(exchange)


async def _abort(exchange: Exchange) -> None:
    extension = exchange.scope.get("extensions", {}).get(ABORT)
    if extension is None:
        return
    extension["abort"]()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LAST_WORDS_SECONDS):
            while (await exchange.receive())["type"] != "http.disconnect":
                pass


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


def _log(exchange: Exchange) -> None:
    """One line a request; never a body, a key or a query string."""
    if not log.isEnabledFor(logging.INFO):
        return
    scope = exchange.scope
    path = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
    log.info(
        "%s %.200s %d %.1f ms model=%s id=%s%s",
        scope["method"],
        path.decode("ascii", "backslashreplace"),
        exchange.status,
        (time.perf_counter() - exchange.began_at) * 1000,
        _in_one_line(exchange.model),
        exchange.request_id,
        f" error={_in_one_line(exchange.remark)}" if exchange.remark else "",
    )


def _in_one_line(text: str) -> str:
    """What a caller or an upstream chose, so that it forges no line of the log and colours no terminal."""
    return text[:100].encode("unicode_escape").decode("ascii")


def _stopping() -> Overloaded:
    error = Overloaded("The gateway is being stopped. Ask again when it runs again.", retry_after=5)
    error.code = "gateway_stopping"
    error.may_be_delivered = True
    return error


def _broken_inside() -> JumpseatError:
    return JumpseatError("Something broke in the gateway; its log says more.", code="internal_error")


def create_app(client: Client, settings: GatewaySettings | None = None) -> Gateway:
    """The gateway in front of `client`, for any ASGI server."""
    return Gateway(client, settings or GatewaySettings())
