"""Microsoft's REST calls under `/c/api`, the opening of the socket, and the pictures."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from aiohttp import web

from jumpseat.simulator import pictures
from jumpseat.simulator.calls import Handler, bad_request, fault_of, fields_of, reply, watched
from jumpseat.simulator.fault import MICROSOFT
from jumpseat.simulator.history import Book, Conversation, Said
from jumpseat.simulator.microsoft_socket import MAX_TEXT_CHARS, ChatSocket
from jumpseat.simulator.world import World, nanoid

PAGE = 20
CLIENT_FIRST = "client-first"
REFUSED_BY_SOCKET = frozenset({"expired", "wrong-audience"})


def bearer(request: web.Request) -> str:
    """The token of the Authorization header, or nothing."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme == "Bearer" else ""


def person(token: str) -> str | None:
    """
    Whose token it is; None for anonymous.

    Choice: `sim-alice` and `sim-alice.2` are two tokens of Alice, any other is one of Robin.
    """
    if not token:
        return None
    return token[4:].partition(".")[0].capitalize() if token.startswith("sim-") else "Robin"


def not_found() -> web.Response:
    return reply({"message": "Not Found"}, 404)


def summary(conversation: Conversation) -> dict[str, Any]:
    """A conversation as the list shows it."""
    return {
        "id": conversation.id,
        "title": conversation.title or None,
        "updatedAt": conversation.updated_at,
        "type": "chat",
        "isPinned": conversation.is_pinned,
        "continuedAt": None,
        "projectId": None,
        "scope": None,
    }


def message(said: Said, *, is_old_form: bool) -> dict[str, Any]:
    """A message as the history shows it."""
    author = "human" if said.role == "user" else "ai"
    content: list[dict[str, object]] = [{"type": "image", "url": image.url} for image in said.images]
    content += said.parts
    if said.text:
        content.append({"type": "text", "partId": "0", "text": said.text, "citations": []})
    return {
        "id": said.id,
        "author": author if is_old_form else {"type": author},
        "createdAt": said.created_at,
        "mode": said.mode,
        "streamingState": "completed",
        "content": content,
    }


class MicrosoftCalls:
    """The handlers of all calls, over one world."""

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def book(self) -> Book:
        return self.world.books[MICROSOFT]

    def _rest(self, call: str, handler: Handler) -> Handler:
        """A call that a refused token does not reach."""

        async def signed_in(request: web.Request) -> web.StreamResponse:
            if bearer(request) == "expired":
                return reply({"message": "Unauthorized"}, 401)
            return await handler(request)

        return watched(self.world, MICROSOFT, call, signed_in)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """All routes under a prefix, which chooses the dialect."""
        api = f"{prefix}/c/api"
        one = api + "/conversations/{id}"
        rest = self._rest
        return [
            web.get(f"{api}/chat", watched(self.world, MICROSOFT, "chat", self.chat)),
            web.get(f"{api}/user", rest("user", self.user)),
            web.get(f"{api}/config", rest("config", self.config)),
            web.post(f"{api}/start", rest("start", self.start)),
            web.get(f"{api}/conversations", rest("list", self.overview)),
            web.post(f"{api}/conversations", rest("create", self.create)),
            web.delete(f"{api}/conversations/history", rest("delete-all", self.delete_all)),
            web.get(one, rest("conversation", self.show)),
            web.patch(one, rest("conversation", self.change)),
            web.delete(one, rest("conversation", self.delete)),
            web.get(f"{one}/history", rest("history", self.history)),
            web.post(f"{api}/attachments", rest("attachments", self.attach)),
            web.get(prefix + "/images/{name}", self.picture),
            web.get(prefix + "/th/id/{name:.+}", self.picture),
        ]

    def _is_server_first(self, request: web.Request) -> bool:
        named = request.path.split("/", 2)[1]
        return (named if named.endswith("-first") else self.world.dialect) != CLIENT_FIRST

    async def chat(self, request: web.Request) -> web.StreamResponse:
        token = request.query.get("accessToken", "") or bearer(request)
        if token in REFUSED_BY_SOCKET:
            return reply({"message": "Unauthorized"}, 401)
        socket = ChatSocket(
            self.world,
            person(token),
            server_first=self._is_server_first(request),
            has_session=bool(request.query.get("clientSessionId")),
        )
        return await socket.serve(request, fault_of(request))

    async def user(self, request: web.Request) -> web.Response:
        owner = person(bearer(request))
        is_known = owner is not None and fault_of(request) != "rest-token-not-accepted"
        body: dict[str, Any] = {
            "id": f"user-{owner}" if is_known else "anonymous",
            "firstName": owner if is_known else None,
            "anid": None,
            "isPro": False,
            "regionCode": "ZZ",
            "inEeaPlusRegion": False,
            "inGdprRegion": False,
            "remainingReasoningCalls": 50,
            "isHistoryMigrationPending": False,
            "isEligibleForFreeTrial": False,
            "isDeprecated": False,
            "phoneLink": None,
            "ageGroup": None,
            "allowedToggles": {"textTraining": False, "voiceTraining": False, "personalization": False},
        }
        if request.query.get("api-version") == "4":
            body["remainingUsage"] = {"reasoningCalls": 50, "researchCalls": 5}
        return reply(body, headers=self._cookie(request))

    def _cookie(self, request: web.Request) -> dict[str, str]:
        """The landing page may blank a cookie; a client never replaces a value by an empty one."""
        is_blank = fault_of(request) == "rest-blank-cookie"
        return {"Set-Cookie": "_C_Auth=; Path=/"} if is_blank else {}

    async def config(self, request: web.Request) -> web.Response:
        return reply(
            {
                "maxTextMessageLength": MAX_TEXT_CHARS,
                "maxPageContentLength": 128_000,
                "maxPageTitleLength": 512,
                "messagePreview": {"minTextLength": 3, "textDeltaPercent": 20, "debounceInMilliseconds": 500},
                "messageRecoveryInMinutes": 5,
                "pageLimit": PAGE,
                "voices": [],
                "signInPrompts": [],
            }
        )

    def _open(self, request: web.Request) -> Conversation:
        return self.book.open(nanoid(), person(bearer(request)), self.world.now())

    async def start(self, request: web.Request) -> web.Response:
        fields = await fields_of(request)
        if not isinstance(fields.get("timeZone"), str):
            return bad_request("timeZone is missing")
        fault = fault_of(request)
        is_open = fault not in ("start-without-conversation", "start-blocked")
        body: dict[str, Any] = {
            "currentConversationId": self._open(request).id if is_open else None,
            "isNewUser": False,
            "remainingTurns": 1000,
            "features": [],
            "userId": f"user-{person(bearer(request))}",
            "isBlocked": fault == "start-blocked",
            "banExpiresAt": "2030-01-01T00:00:00Z" if fault == "start-blocked" else None,
            "cohortStatus": None,
        }
        return reply(body, headers={"Set-Cookie": "MUID=simulated; Path=/", **self._cookie(request)})

    async def create(self, request: web.Request) -> web.Response:
        return reply({"id": self._open(request).id}, headers=self._cookie(request))

    async def overview(self, request: web.Request) -> web.Response:
        return self._page(request, [summary(c) for c in self.book.of(person(bearer(request)))])

    def _page(self, request: web.Request, rows: list[dict[str, Any]]) -> web.Response:
        """
        One page of the rows, and where the next one is.

        Choice: the cursor is opaque (base64 of an offset); a list's `next` is the path with the cursor, the
        history's only the cursor, for both are seen. `limit` is ours, so that few rows make many pages.
        """
        limit = request.query.get("limit", "")
        size = max(1, int(limit)) if limit.isdecimal() and len(limit) < 6 else PAGE
        try:
            offset = int(base64.urlsafe_b64decode(request.query.get("cursor", "") or b"MA=="))
        except ValueError:
            return bad_request("cursor")
        following = offset + size
        cursor = base64.urlsafe_b64encode(str(following).encode()).decode()
        if following >= len(rows):
            return reply({"results": rows[offset:following], "next": None})
        is_path = request.path.endswith("/conversations") != (fault_of(request) == "paging-other-form")
        query = f"cursor={quote(cursor)}" + (f"&limit={size}" if "limit" in request.query else "")
        return reply(
            {"results": rows[offset:following], "next": f"{request.path}?{query}" if is_path else cursor}
        )

    def _found(self, request: web.Request) -> Conversation | None:
        return self.book.find(request.match_info["id"], person(bearer(request)))

    async def show(self, request: web.Request) -> web.Response:
        found = self._found(request)
        return reply(summary(found)) if found else not_found()

    async def change(self, request: web.Request) -> web.Response:
        found = self._found(request)
        if found is None:
            return not_found()
        fields = await fields_of(request)
        if isinstance(title := fields.get("title"), str):
            found.title = title
        if isinstance(pinned := fields.get("isPinned"), bool):
            found.is_pinned = pinned
        return reply(summary(found))

    async def delete(self, request: web.Request) -> web.Response:
        found = self._found(request)
        if found is None:
            return not_found()
        self.book.delete([found.id])
        return web.Response(status=204)

    async def delete_all(self, request: web.Request) -> web.Response:
        self.book.delete([c.id for c in self.book.of(person(bearer(request)))])
        return web.Response(status=204)

    async def history(self, request: web.Request) -> web.Response:
        found = self._found(request)
        if found is None:
            return not_found()
        is_old_form = "api-version" not in request.query
        return self._page(request, [message(m, is_old_form=is_old_form) for m in reversed(found.messages)])

    async def attach(self, request: web.Request) -> web.Response:
        """A picture comes as raw bytes; what it is not, is told by its MIME type and its first bytes."""
        data, mime = await request.read(), request.content_type
        if mime not in pictures.ACCEPTED_TYPES or pictures.sniffed(data) != mime:
            return reply({"message": f"unsupported media type {mime}"}, 415)
        path = f"/images/{nanoid()}.{mime.rpartition('/')[2]}"
        self.world.images[path] = (mime, data)
        is_absolute = fault_of(request) == "attachment-absolute-url"
        return reply({"url": self.world.url + path if is_absolute else path})

    async def picture(self, request: web.Request) -> web.Response:
        """Pictures are served to anybody who knows the address; `/?w=…` asks for a thumbnail."""
        kind = "/images/" if "/images/" in request.path else "/th/id/"
        path = kind + request.match_info["name"].rstrip("/")
        if path not in self.world.images:
            return not_found()
        mime, data = self.world.images[path]
        return web.Response(body=data, content_type=mime)
