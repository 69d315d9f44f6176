"""One turn over the Microsoft chat socket: its frames, and the order of an ordinary answer."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from jumpseat.simulator import pictures
from jumpseat.simulator.history import Conversation, Said, title_of
from jumpseat.simulator.plan import CLOCK, MAX_KEPT_CHARS, Plan, clock
from jumpseat.simulator.steps import Close, Expect, Pause, Script

encode = msgspec.json.encode
PREVIEW_SIDE = 24
PICTURE_SIDE = 256


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a turn takes from the world outside: identifiers, the time, and a place to hang pictures."""

    new_id: Callable[[], str]
    now: Callable[[], str]
    publish: Callable[[bytes], str]
    """Takes a PNG, gives the URL under which it can be fetched."""


class Voice:
    """Words one answer in frames; knows its message, its part and the growing frame ids."""

    def __init__(
        self, conversation_id: str, outside: Surroundings, *, server_first: bool, first_id: int
    ) -> None:
        self.conversation_id = conversation_id
        self.server_first = server_first
        self._outside = outside
        self._next_id = first_id
        self.message_id = outside.new_id()
        self.part_id = outside.new_id() if server_first else "0"

    @property
    def next_id(self) -> int:
        return self._next_id

    def event(self, event: str, **fields: object) -> bytes:
        """Any event, with the next frame id."""
        number = self._next_id
        self._next_id += 1
        return encode({"event": event, **fields, "id": str(number)})

    def part(self, event: str, **fields: object) -> bytes:
        """An event of the answer's current part."""
        return self.event(event, messageId=self.message_id, partId=self.part_id, **fields)

    def start(self, event: str, message_id: str) -> bytes:
        """`received` or `startMessage`."""
        return self.event(
            event, conversationId=self.conversation_id, messageId=message_id, createdAt=self._outside.now()
        )

    def append(self, text: str) -> bytes:
        """A text delta; written out by hand because this is what the simulator does most."""
        number = self._next_id
        self._next_id += 1
        return b'{"event":"appendText","messageId":"%b","partId":"%b","text":%b,"id":"%d"}' % (
            self.message_id.encode(),
            self.part_id.encode(),
            encode(text),
            number,
        )

    def done(self) -> bytes:
        return self.event("done", messageId=self.message_id)

    def error(self, code: str, **fields: object) -> bytes:
        return self.event("error", errorCode=code, **fields)

    def another_message(self) -> None:
        """From here on an answer of its own, with an id of its own."""
        self.message_id = self._outside.new_id()


@dataclass(slots=True)
class Turn:
    """One question in its conversation, the plan of its answer, and the voice that gives it."""

    conversation: Conversation
    question: Said
    plan: Plan
    voice: Voice
    outside: Surroundings
    is_first: bool
    """Whether the conversation was empty before."""
    answer: Said
    delete: Callable[[], None]
    """Makes the service forget the conversation."""

    def keep(self, text: str) -> None:
        """Remember a piece of the answer; the first one puts the answer into the conversation."""
        answer = self.answer
        if not answer.id:
            answer.id = self.voice.message_id
            answer.created_at = self.outside.now()
            self.conversation.add(answer)
        if len(answer.text) < MAX_KEPT_CHARS:
            answer.text += text

    def opening(self) -> Script:
        """`received` and `startMessage`; from here on the question is part of the history."""
        self.conversation.add(self.question)
        if self.is_first:
            self.conversation.title = title_of(self.question.text)
        yield self.voice.start("received", self.question.id)
        yield self.voice.start("startMessage", self.voice.message_id)

    def say(self, deltas: Iterable[str]) -> Script:
        """Text, delta by delta, with the pause of the plan between them."""
        pause = Pause(self.plan.pause) if self.plan.pause else None
        append = self.voice.append
        is_first = True
        for delta in deltas:
            if pause and not is_first:
                yield pause
            is_first = False
            text = clock() if delta is CLOCK else delta
            self.keep(text)
            yield append(text)

    def thoughts(self) -> Script:
        for thought in self.plan.thoughts:
            yield self.voice.part("chainOfThought", text=thought)

    def citations(self) -> Script:
        for position, url in enumerate(self.plan.citations, 1):
            fields = {
                "title": f"Source {position}",
                "url": url,
                "publisher": "simulator",
                "position": position,
            }
            self.keep("")
            self.answer.parts.append({"type": "citation", **fields})
            yield self.voice.part("citation", **fields)

    def generating(self) -> bytes:
        prompt = self.plan.image or "a red apple"
        return self.voice.part("generatingImage", prompt=prompt, progressionText="Mixing the colours...")

    def preview(self, side: int = PREVIEW_SIDE, level: int = 9) -> bytes:
        """A partial picture of `side` pixels squared."""
        data = pictures.png(self.plan.image or "a red apple", side, level=level)
        return self.voice.part("partialImageGenerated", content=base64.b64encode(data).decode())

    def picture(self) -> bytes:
        """The finished picture, which can be fetched under its URL."""
        prompt = self.plan.image or "a red apple"
        url = self.outside.publish(pictures.png(prompt, PICTURE_SIDE))
        thumbnail = f"{url}/?w=270&qlt=90"
        self.keep("")
        self.answer.parts.append({"type": "image", "url": url, "prompt": prompt, "thumbnailUrl": thumbnail})
        return self.voice.part("imageGenerated", url=url, thumbnailUrl=thumbnail, nextAvailableAt=None)

    def image(self) -> Script:
        if self.plan.image is not None:
            yield self.generating()
            yield self.preview()
            yield self.preview(PREVIEW_SIDE * 2)
            yield self.picture()

    def body(self) -> Script:
        yield from self.thoughts()
        yield from self.image()
        yield from self.say(self.plan.deltas())
        yield from self.citations()

    def closing(self) -> Script:
        self.keep("")
        yield self.voice.part("partCompleted")
        yield self.voice.done()

    def title(self) -> bytes:
        return self.voice.event(
            "titleUpdate", conversationId=self.conversation.id, title=self.conversation.title
        )

    def suggestions(self, *, new_form: bool) -> Script:
        """What the user might ask next: one frame in the 2025 form, a series in the 2026 form."""
        offers = ["Tell me more", "Why is that?"]
        message_id = self.voice.message_id
        if not new_form:
            yield self.voice.event("suggestedFollowups", messageId=message_id, suggestions=offers)
            return
        # Choice: the fields beyond the event's name are unknown; these are the likely ones.
        for offer in offers:
            yield self.voice.event("startSuggestion", messageId=message_id)
            for piece in offer.partition(" "):
                if piece:
                    yield self.voice.event("appendSuggestion", messageId=message_id, text=piece)
            yield self.voice.event("suggestionCompleted", messageId=message_id)

    def tail(self) -> Script:
        if self.is_first:
            yield self.title()
        yield from self.suggestions(new_form=self.voice.server_first)

    def ordinary(self) -> Script:
        """The whole answer as a healthy service gives it."""
        yield from self.opening()
        yield from self.body()
        yield from self.closing()
        yield from self.tail()


def replay(frames: Iterable[Any], end: Callable[[Mapping[str, Any]], Script]) -> Script:
    """
    Recorded frames, verbatim: strings as they are, objects as JSON, numbers as a pause in milliseconds.

    `{"_close": 1000}` closes politely, any other object with `_close` is given to `end`, and one with
    `_expect` waits for that event of the client.
    """
    for frame in frames:
        if isinstance(frame, str):
            yield frame.encode()
        elif isinstance(frame, int | float):
            yield Pause(frame / 1000)
        elif isinstance(frame, dict) and frame.get("_close") == 1000:
            yield Close()
        elif isinstance(frame, dict) and frame.get("_close"):
            yield from end(frame)
        elif isinstance(frame, dict) and isinstance(event := frame.get("_expect"), str):
            yield Expect(event)
        else:
            yield encode(frame)
