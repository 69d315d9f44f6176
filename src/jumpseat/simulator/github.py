"""GitHub's calls: the token, the threads, and the stream of an answer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from jumpseat.simulator import plan as plans
from jumpseat.simulator.calls import Handler, bad_request, fault_of, fields_of, instead, reply, watched
from jumpseat.simulator.fault import GITHUB
from jumpseat.simulator.github_clocks import Life
from jumpseat.simulator.github_turn import ThreadTurn, replay
from jumpseat.simulator.history import Book, Conversation, Said, title_of
from jumpseat.simulator.player import play, same
from jumpseat.simulator.steps import Cut, Script
from jumpseat.simulator.world import World

TOKEN_SECONDS = 3600
NEEDED: Mapping[str, type | tuple[type, ...]] = {
    "content": str,
    "intent": str,
    "references": list,
    "context": list,
    "currentURL": str,
    "streaming": bool,
    "confirmations": list,
    "customInstructions": list,
    "model": str,
    "mode": str,
}
"""What the body of a message has to hold, and its types."""
MODES = ("immersive", "assistive")
MODELS = (
    ("gpt-4o", "Azure OpenAI", ["/chat/completions"]),
    ("o1-mini", "Azure OpenAI", ["/chat/completions"]),
    ("o1-preview", "Azure OpenAI", ["/chat/completions"]),
    ("claude-3.5-sonnet", "Anthropic", ["/chat/completions", "/v1/messages"]),
    ("gpt-5.4", "OpenAI", ["/chat/completions", "/responses"]),
    ("claude-sonnet-4.5", "Anthropic", ["/chat/completions", "/v1/messages"]),
)


def cut() -> Script:
    yield Cut()


def model(name: str, vendor: str, endpoints: list[str]) -> dict[str, Any]:
    """An element of the list of models."""
    return {
        "id": name,
        "name": name,
        "object": "model",
        "vendor": vendor,
        "version": name,
        "preview": False,
        "model_picker_enabled": True,
        "is_chat_default": name == MODELS[0][0],
        "is_chat_fallback": False,
        "supported_endpoints": endpoints,
        "policy": {"state": "enabled", "terms": ""},
        "capabilities": {
            "type": "chat",
            "family": name,
            "object": "model_capabilities",
            "tokenizer": "o200k_base",
            "limits": {
                "max_context_window_tokens": 128_000,
                "max_prompt_tokens": 64_000,
                "max_output_tokens": 16_384,
            },
            "supports": {"streaming": True, "tool_calls": True, "vision": name == "gpt-4o"},
        },
    }


def session_of(request: web.Request) -> str:
    """The cookie that counts."""
    return request.cookies.get("user_session", "")


class EventStream:
    """The body of an answer, as a wire for the player."""

    writer: AbstractStreamWriter

    frame = staticmethod(same)

    def __init__(self) -> None:
        self.response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
        )

    async def open(self, request: web.Request) -> None:
        self._transport = request.transport
        writer = await self.response.prepare(request)
        if writer is None:
            raise ConnectionResetError("the client left")
        writer.send_headers()  # Not held back until the first event, which may never come.
        self.writer = writer

    async def close(self) -> None:
        await self.response.write_eof()

    async def cut(self) -> None:
        if self._transport is not None:
            self._transport.close()  # What was written before still goes out; the last chunk never does.

    async def expect(self, event: str) -> object:
        raise NotImplementedError("nothing comes up an event stream")


class GithubCalls:
    """The handlers of all calls, over one world."""

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def book(self) -> Book:
        return self.world.books[GITHUB]

    def routes(self, prefix: str) -> list[web.RouteDef]:
        threads = f"{prefix}/github/chat/threads"
        one = threads + "/{id}"
        api = self._api
        return [
            web.post(f"{prefix}/github-copilot/chat/token", watched(self.world, GITHUB, "token", self.token)),
            web.get(f"{prefix}/models", api("models", self.models)),
            web.get(threads, api("threads", self.overview)),
            web.post(threads, api("create", self.create)),
            web.delete(one, api("thread", self.delete)),
            web.get(f"{one}/messages", api("history", self.history)),
            web.post(f"{one}/messages", api("messages", self.ask)),
        ]

    def _api(self, call: str, handler: Handler) -> Handler:
        """A call that needs a web token, under the one scheme the service knows."""

        async def signed_in(request: web.Request) -> web.StreamResponse:
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            if scheme != "GitHub-Bearer" or token.strip() not in self.world.web_tokens:
                return reply({"message": "Unauthorized"}, 401)
            return await handler(request)

        return watched(self.world, GITHUB, call, signed_in)

    async def token(self, request: web.Request) -> web.Response:
        session = session_of(request)
        if not session or session == "expired":
            return reply({"message": "Requires authentication"}, 401)
        # Choice: what a browser's page always sends is demanded, so that a client cannot forget it.
        if request.headers.get("GitHub-Verified-Fetch") != "true":
            return reply({"message": "GitHub-Verified-Fetch: true is missing"}, 422)
        if request.headers.get("X-Requested-With") != "XMLHttpRequest":
            return reply({"message": "X-Requested-With: XMLHttpRequest is missing"}, 422)
        fault = fault_of(request).removeprefix("github-token-")
        life = Life(fault, TOKEN_SECONDS)
        expires = datetime.fromtimestamp(life.ends_at, UTC)
        token = {"token": self.world.mint_web_token(), "expiration": expires.isoformat()}
        if fault == "without-expiration":
            del token["expiration"]
        return reply(token, headers=life.headers)

    async def models(self, request: web.Request) -> web.Response:
        return reply({"object": "list", "data": [model(*row) for row in MODELS]})

    async def overview(self, request: web.Request) -> web.Response:
        rows = [
            {"id": t.id, "name": t.title, "createdAt": t.created_at, "updatedAt": t.updated_at}
            for t in self.book.of(None)
        ]
        return reply({"threads": rows})

    async def create(self, request: web.Request) -> web.Response:
        thread = self.book.open(str(uuid.uuid4()), None, self.world.now())
        if fault_of(request) == "github-create-id-only":
            return reply({"id": thread.id})
        return reply({"thread_id": thread.id, "id": thread.id}, 201)

    def _found(self, request: web.Request) -> Conversation | None:
        return self.book.find(request.match_info["id"], None)

    async def delete(self, request: web.Request) -> web.Response:
        found = self._found(request)
        if found is None:
            return reply({"message": "Not Found"}, 404)
        self.book.delete([found.id])
        return web.Response(status=204)

    async def history(self, request: web.Request) -> web.Response:
        found = self._found(request)
        if found is None:
            return reply({"message": "Not Found"}, 404)
        rows = [
            {"id": m.id, "role": m.role, "content": m.text, "createdAt": m.created_at} for m in found.messages
        ]
        return reply({"messages": rows})

    async def ask(self, request: web.Request) -> web.StreamResponse:
        found = self._found(request)
        if found is None:
            return reply({"message": "Not Found"}, 404)
        fields = await fields_of(request)
        wrong = [name for name, type in NEEDED.items() if not isinstance(fields.get(name), type)]
        if wrong or not fields["content"].strip() or fields["mode"] not in MODES:
            return bad_request(f"missing or of a wrong type: {', '.join(wrong) or 'content, mode'}")
        recorded = self.world.scripted(GITHUB)
        if recorded is not None:
            return await self._stream(request, replay(recorded, cut))
        turn = self._turn(found, fields)
        fault = self.world.fault_of_turn(GITHUB, turn.plan.fault, is_continued=bool(found.messages))
        if fault and fault.reply is not None:
            if fault.script is not None:
                next(fault.script(turn))  # What it does besides answering otherwise.
            return instead(fault.reply)
        return await self._stream(request, fault.script(turn) if fault and fault.script else turn.ordinary())

    def _turn(self, thread: Conversation, fields: Mapping[str, Any]) -> ThreadTurn:
        now = self.world.now
        question = Said("user", fields["content"], str(uuid.uuid4()), now())
        thread.title = thread.title or title_of(question.text)
        answer_id = fields.get("responseMessageID")
        return ThreadTurn(
            thread,
            question,
            plans.make(
                thread,
                question,
                self.world.pace,
                draws=False,
                wrong_wish=partial(self.world.wrong_wish, GITHUB),
            ),
            Said("assistant", "", str(answer_id or uuid.uuid4())),
            model=fields["model"],
            parent_id=str(fields.get("parentMessageID") or question.id),
            now=now,
            delete=lambda: self.book.delete([thread.id]),
        )

    async def _stream(self, request: web.Request, script: Script) -> web.StreamResponse:
        stream = EventStream()
        self.world.count("streams", 1)
        try:
            await stream.open(request)
            await play(script, stream)
        except ConnectionError:
            pass  # The client left.
        finally:
            self.world.count("streams", -1)
        return stream.response
