"""The Microsoft chat socket: who may open it, what a client has to say in which order, and who answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec
from aiohttp import WSMsgType, web
from aiohttp.abc import AbstractStreamWriter

from jumpseat.simulator import plan as plans
from jumpseat.simulator.fault import MICROSOFT
from jumpseat.simulator.history import Attached, Conversation, Said
from jumpseat.simulator.microsoft_calls_faults import GREETINGS, plain_greeting
from jumpseat.simulator.microsoft_turn import Surroundings, Turn, Voice, encode, replay
from jumpseat.simulator.player import play, text_frame
from jumpseat.simulator.steps import Cut, Script
from jumpseat.simulator.world import World, nanoid

MAX_TEXT_CHARS = 10_240
_USUAL_MODES = {"chat", "smart", "reasoning", "study", "search", "research", "default"}
_RARE_MODES = {"researcher", "deep-research", "deep-research-nano", "coco", "computer_use", "browserAction"}
_SCHOOL_MODES = {"homeworkHelper", "quiz", "practiceTest", "flashcards", "copilot-beta"}
MODES = _USUAL_MODES | _RARE_MODES | _SCHOOL_MODES
IGNORED = frozenset(
    {"messagePreview", "ping", "pong", "regenerate", "sendContext", "selectMessage", "sendTypingStatus"}
)


class Refusal(Exception):
    """The client's frame is refused with an error frame."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _cut() -> Script:
    yield Cut()


class ChatSocket:
    """One open socket; hears frames, and plays at most one turn at a time."""

    writer: AbstractStreamWriter

    def __init__(self, world: World, owner: str | None, *, server_first: bool, has_session: bool) -> None:
        self.world = world
        self.owner = owner
        self.server_first = server_first
        self.has_session = has_session
        self.is_barred = self.has_greeted = self.has_options = self.has_consents = False
        self.number = world.sockets_seen = world.sockets_seen + 1
        self.ws = web.WebSocketResponse(compress=False, max_msg_size=8 * 1024 * 1024)
        self.next_id = 0
        self.stray_id = 0
        self.turn: asyncio.Task[None] | None = None
        self.expected: tuple[str, asyncio.Future[dict[str, Any]]] | None = None

    # What a player needs of a wire.

    frame = staticmethod(text_frame)

    async def close(self) -> None:
        await self.ws.close(code=1000)

    async def cut(self) -> None:
        transport = self._transport
        if transport is not None:
            transport.close()  # What was written before still goes out.

    async def expect(self, event: str) -> object:
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.expected = (event, future)
        return await future

    # The life of the socket.

    async def serve(self, request: web.Request, fault: str = "") -> web.WebSocketResponse:
        writer = await self.ws.prepare(request)
        writer.send_headers()  # Not held back until the first frame, which may never come.
        self.writer = writer
        self._transport = request.transport
        self.world.count("sockets", 1)
        greeter: asyncio.Task[None] | None = None
        try:
            self.is_barred = fault == "greeting-challenge"
            if self.server_first:
                greeting = GREETINGS[fault][0] if fault in GREETINGS else plain_greeting
                greeter = asyncio.get_running_loop().create_task(play(greeting(self.greeting), self))
            async for message in self.ws:
                if message.type is WSMsgType.TEXT:
                    await self.hear(message.data)
        finally:
            self.world.count("sockets", -1)
            # No await here: a server that is told of a lost connection twice would skip what follows it.
            for task in (greeter, self.turn):
                if task is not None:
                    task.cancel()
        return self.ws

    def greeting(self) -> bytes:
        self.has_greeted = True
        self.next_id = 1
        return encode({"event": "connected", "requestId": nanoid().ljust(32, "0"), "id": "0"})

    async def hear(self, data: str) -> None:
        """One frame of the client."""
        try:
            frame = msgspec.json.decode(data)
        except msgspec.DecodeError:
            frame = None
        fields: dict[str, Any] = frame if isinstance(frame, dict) else {}
        self.world.journal.frame(self.number, fields.get("conversationId"), frame if fields else data[:200])
        try:
            await self._take(fields)
        except Refusal as refusal:
            await self._refuse(refusal)

    async def _take(self, fields: dict[str, Any]) -> None:
        event = fields.get("event")
        if self.is_barred and event == "send":
            return  # Behind a challenge there is only silence.
        if self.server_first and not self.has_greeted:
            raise Refusal("invalid-event", "a frame before connected")
        if self.expected and self.expected[0] == event:
            _, future = self.expected
            self.expected = None
            future.set_result(fields)
        elif event == "send":
            self._begin(fields)
        elif event == "stop":
            await self._stop_turn()
        elif event not in IGNORED:
            self._set_up(fields)

    def _set_up(self, fields: Mapping[str, Any]) -> None:
        """What comes before a question, and what never comes."""
        match fields.get("event"):
            case "setOptions":
                self.has_options = True
            case "reportLocalConsents":
                self._consents(fields)
            case "challengeResponse":
                self.world.journal.violation("a challengeResponse was sent: challenges are never answered")
                raise Refusal("invalid-event", "challengeResponse")
            case event:
                raise Refusal("event-not-recognized" if event else "invalid-event", f"event {event!r}")

    def _consents(self, fields: Mapping[str, Any]) -> None:
        if not self.server_first:
            raise Refusal("event-not-recognized", "reportLocalConsents does not exist here")
        if not isinstance(fields.get("grantedConsents"), list):
            raise Refusal("invalid-event", "grantedConsents has to be a list")
        self.has_consents = True

    async def _refuse(self, refusal: Refusal) -> None:
        """An error frame; the socket stays open."""
        self.stray_id += 1
        error = {"event": "error", "errorCode": refusal.code, "message": str(refusal)}
        await self.writer.write(text_frame(encode({**error, "id": f"0.{self.stray_id + 1:04d}"})))

    async def _stop_turn(self) -> None:
        # Choice: nothing follows a `stop`, not even `done`; what was said stays in the history.
        turn, self.turn = self.turn, None
        if turn is not None:
            turn.cancel()
            await asyncio.gather(turn, return_exceptions=True)

    # A turn.

    def _begin(self, fields: Mapping[str, Any]) -> None:
        if self.turn is not None and not self.turn.done():
            raise Refusal("invalid-event", "a turn is under way")
        if self.server_first and not (self.has_options and self.has_consents):
            raise Refusal("invalid-event", "setOptions and reportLocalConsents come before send")
        if self.server_first and not self.has_session:
            raise Refusal("invalid-event", "clientSessionId is missing")
        conversation, question = self._question(fields)
        self.turn = asyncio.get_running_loop().create_task(self._play(self._script(conversation, question)))

    def _question(self, fields: Mapping[str, Any]) -> tuple[Conversation, Said]:
        mode = fields.get("mode")
        if mode not in MODES:
            raise Refusal("invalid-event", f"mode {mode!r}")
        conversation = self.world.books[MICROSOFT].find(str(fields.get("conversationId")), self.owner)
        if conversation is None:
            raise Refusal("invalid-event", "unknown conversation")
        text, images = read_content(fields.get("content"), self.world)
        if len(text) > MAX_TEXT_CHARS:
            raise Refusal("text-too-long", f"{len(text)} characters, {MAX_TEXT_CHARS} at most")
        question = Said("user", text, nanoid(), self.world.now(), mode=str(mode), images=tuple(images))
        return conversation, question

    def _script(self, conversation: Conversation, question: Said) -> Script:
        recorded = self.world.scripted(MICROSOFT)
        if recorded is not None:
            conversation.add(question)
            return replay(recorded, lambda _: _cut())
        turn = self._turn(conversation, question)
        fault = self.world.fault_of_turn(MICROSOFT, turn.plan.fault, is_continued=not turn.is_first)
        return fault.script(turn) if fault and fault.script else turn.ordinary()

    def _turn(self, conversation: Conversation, question: Said) -> Turn:
        book = self.world.books[MICROSOFT]
        outside = Surroundings(nanoid, self.world.now, self._publish)
        return Turn(
            conversation,
            question,
            plans.make(
                conversation,
                question,
                self.world.pace,
                draws=question.mode != "reasoning",
                wrong_wish=partial(self.world.wrong_wish, MICROSOFT),
            ),
            Voice(conversation.id, outside, server_first=self.server_first, first_id=self.next_id),
            outside,
            is_first=not conversation.messages,
            answer=Said("assistant", "", mode=question.mode),
            delete=lambda: book.delete([conversation.id]),
        )

    def _publish(self, png: bytes) -> str:
        path = f"/th/id/BCO.{nanoid()}.png"
        self.world.images[path] = ("image/png", png)
        return self.world.url + path

    async def _play(self, script: Script) -> None:
        self.world.count("turns", 1)
        try:
            await play(script, self)
        except (ConnectionError, RuntimeError):
            pass  # The client left; the reader notices by itself.
        finally:
            self.world.count("turns", -1)


def read_content(content: object, world: World) -> tuple[str, list[Attached]]:
    """The text and the pictures of a `send`; anything out of shape is a `Refusal`."""
    if not isinstance(content, list) or not content:
        raise Refusal("invalid-event", "content has to be a list of parts")
    texts: list[str] = []
    images: list[Attached] = []
    for part in content:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "text" and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif kind == "image" and isinstance(part.get("url"), str):
            if texts:
                raise Refusal("invalid-event", "images come before the text")
            images.append(_attached(part["url"], world))
        elif kind not in ("document", "file", "reference", "citations", "card", "command"):
            raise Refusal("invalid-event", f"content part {kind!r}")
    text = "".join(texts)
    if not text.strip() and not images:
        raise Refusal("invalid-event", "there is no text")
    return text, images


def _attached(url: str, world: World) -> Attached:
    path = "/images/" + url.rpartition("/images/")[2]
    if path not in world.images:
        raise Refusal("invalid-event", "an image that was never uploaded")
    mime, data = world.images[path]
    return Attached(path, mime, len(data))
