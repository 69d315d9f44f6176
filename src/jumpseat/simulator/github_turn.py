"""One turn of GitHub's web chat: its events, and the order of an ordinary answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from jumpseat.simulator.history import Conversation, Said
from jumpseat.simulator.plan import CLOCK, MAX_KEPT_CHARS, Plan, clock
from jumpseat.simulator.steps import Pause, Script

encode = msgspec.json.encode


def event(body: object) -> bytes:
    """One event of the stream, as it is written ordinarily."""
    return b"data: " + encode(body) + b"\n\n"


@dataclass(slots=True)
class ThreadTurn:
    """One question in its thread, and the plan of its answer."""

    thread: Conversation
    question: Said
    plan: Plan
    answer: Said
    model: str
    parent_id: str
    now: Callable[[], str]
    delete: Callable[[], None]

    def opening(self) -> None:
        """The question becomes part of the history."""
        self.thread.add(self.question)

    def keep(self, text: str) -> None:
        """Remember a piece of the answer; the first one puts the answer into the thread."""
        answer = self.answer
        if not answer.created_at:
            answer.created_at = self.now()
            self.thread.add(answer)
        if len(answer.text) < MAX_KEPT_CHARS:
            answer.text += text

    def content(self, text: str) -> bytes:
        """A text delta as JSON."""
        self.keep(text)
        return b'{"type":"content","body":%b}' % encode(text)

    def say(self, deltas: Iterable[str], before: bytes = b"data: ", after: bytes = b"\n\n") -> Script:
        """Text, delta by delta, with the pause of the plan between them."""
        pause = Pause(self.plan.pause) if self.plan.pause else None
        is_first = True
        for delta in deltas:
            if pause and not is_first:
                yield pause
            is_first = False
            text = clock() if delta is CLOCK else delta
            yield before + self.content(text) + after

    def skill(self, name: str = "bing-search", status: str = "completed") -> bytes:
        # Choice: the payload of this event is unknown.
        return event({"type": "functionCall", "name": name, "status": status})

    def complete(self, references: Iterable[Any] = ()) -> dict[str, Any]:
        """The event that ends a turn."""
        cited = [{"type": "web-search", "url": url} for url in self.plan.citations]
        return {
            "type": "complete",
            "id": self.answer.id,
            "parentMessageID": self.parent_id,
            "model": self.model,
            "turnId": self.question.id,
            "createdAt": self.now(),
            "references": [*cited, *references],
            "role": "assistant",
            "intent": "conversation",
            "copilotAnnotations": {"CodeVulnerability": [], "PublicCodeReference": []},
        }

    def body(self) -> Script:
        if self.plan.thoughts:
            yield self.skill("planskill")  # Choice: this service shows no reasoning, only that it plans.
        yield from self.say(self.plan.deltas())

    def closing(self) -> Script:
        self.keep("")
        yield event(self.complete())

    def ordinary(self) -> Script:
        """The whole answer as a healthy service gives it."""
        self.opening()
        yield from self.body()
        yield from self.closing()


def replay(frames: Iterable[Any], end: Callable[[], Script]) -> Script:
    """Recorded pieces of a body, verbatim; numbers are a pause in milliseconds, `{"_close": true}` a cut."""
    for frame in frames:
        if isinstance(frame, str):
            yield frame.encode()
        elif isinstance(frame, int | float):
            yield Pause(frame / 1000)
        elif isinstance(frame, dict) and frame.get("_close"):
            yield from end()
        else:
            yield event(frame)
