"""What answers under which path."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from starlette.routing import Route, Router

from jumpseat.dialects import openai_chat
from jumpseat.gateway import streaming
from jumpseat.gateway.exchange import Exchange, Receive, Refused, Scope, Send
from jumpseat.gateway.limits import BodyRoom, Take, read_body
from jumpseat.gateway.operations import OPERATIONS
from jumpseat.gateway.page.help import CONTENT_SECURITY_POLICY, help_page
from jumpseat.gateway.page.openapi import openapi_document
from jumpseat.gateway.presence import OpenRequests
from jumpseat.gateway.settings import GatewaySettings
from jumpseat.model.errors import InvalidRequest

if TYPE_CHECKING:
    from jumpseat.client import Client

log = logging.getLogger("jumpseat.gateway")
Handler = Callable[[Exchange], Awaitable[None]]
HELLO = b"jumpseat is running. What it can do: /docs\n"


class Door:
    """The handlers, each named in the table of operations."""

    def __init__(self, client: Client, settings: GatewaySettings, requests: OpenRequests) -> None:
        self._client = client
        self._settings = settings
        self._requests = requests
        self._room = BodyRoom(settings)
        self._openapi = openapi_document()

    async def chat(self, exchange: Exchange) -> None:
        with self._room.lend() as take:
            # To the end of the answer, for what was asked is held as long.
            await self._chat(exchange, take)

    async def _chat(self, exchange: Exchange, take: Take) -> None:
        request = openai_chat.parse(await read_body(exchange, self._settings, take))
        if request.unknown and log.isEnabledFor(logging.DEBUG):
            fields = ", ".join(name[:40] for name in request.unknown[:20])
            log.debug("%s: fields ignored: %a", exchange.request_id, fields)
        named = exchange.scope["path_params"].get("provider")
        await streaming.answer(
            exchange,
            self._client,
            self._requests,
            request,
            provider=openai_chat.read_provider(named) or request.provider,
            conversation=request.conversation_id or _conversation_header(exchange),
        )

    async def models(self, exchange: Exchange) -> None:
        await exchange.respond(200, openai_chat.encode_models(await self._client.models()))

    async def model(self, exchange: Exchange) -> None:
        name = exchange.scope["path_params"]["model"]
        if not name:
            await self.models(exchange)
            return
        try:
            card = self._client.resolve(name)
        except InvalidRequest as exc:
            raise Refused(404, "model_not_found", exc.message, type_="not_found_error") from exc
        await exchange.respond(200, openai_chat.encode_model(card))

    async def providers(self, exchange: Exchange) -> None:
        await exchange.respond(200, openai_chat.encode_providers(await self._client.models()))

    async def live(self, exchange: Exchange) -> None:
        await exchange.respond(200, b'{"status":"ok"}')

    async def ready(self, exchange: Exchange) -> None:
        if self._requests.is_stopping:
            raise Refused(503, "gateway_stopping", "The gateway is being stopped.", type_="overloaded_error")
        await exchange.respond(200, b'{"status":"ok"}')

    async def openapi(self, exchange: Exchange) -> None:
        await exchange.respond(200, self._openapi)

    async def docs(self, exchange: Exchange) -> None:
        # The guard has let this name in; the examples call the gateway as the reader did.
        host = next(value for name, value in exchange.scope["headers"] if name == b"host")
        page = help_page(f"http://{host.decode('ascii')}")
        policy = (b"content-security-policy", CONTENT_SECURITY_POLICY.encode())
        await exchange.respond(200, page, kind=b"text/html; charset=utf-8", headers=(policy,))

    async def hello(self, exchange: Exchange) -> None:
        await exchange.respond(200, HELLO, kind=b"text/plain; charset=utf-8")


class _Resource:
    """Everything that can be done at one path."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers
        self._allowed = ", ".join([*handlers, *(["HEAD"] if "GET" in handlers else [])])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        handler = self._handlers.get(method)
        if handler is None:
            raise Refused(
                405,
                "method_not_allowed",
                f"This path takes {self._allowed}.",
                headers={"allow": self._allowed},
            )
        await handler(scope["jumpseat"])


def build_router(client: Client, settings: GatewaySettings, requests: OpenRequests) -> Router:
    """The routes of the gateway; a path that none of them knows raises `Refused`."""
    door = Door(client, settings, requests)
    resources: dict[str, dict[str, Handler]] = {}
    for operation in OPERATIONS:
        for path in operation.paths:
            resources.setdefault(path, {})[operation.method] = getattr(door, operation.name)
    routes = [Route(path, _Resource(handlers)) for path, handlers in resources.items()]
    return Router(routes, redirect_slashes=False, default=_nothing_here)


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    path: str = scope["path"]
    message = "There is nothing under this path. /docs says what there is."
    if path.startswith("/v1/v1/"):
        message = "The base address ends in /v1 twice: take one of them away."
    elif path.endswith(("/responses", "/messages")):
        message = "This version speaks chat completions only: POST /v1/chat/completions."
    raise Refused(404, "not_found", message, type_="not_found_error")


def _conversation_header(exchange: Exchange) -> str | None:
    for name, value in exchange.scope["headers"]:
        if name == b"x-conversation-id":
            return openai_chat.read_conversation_id(value.decode("latin-1"), "x-conversation-id")
    return None
