"""The event stream that answers one message of GitHub's web chat, understood."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from jumpseat.github.reading import UNREADABLE, object_in, rows_in, said_in, tidy
from jumpseat.model.errors import JumpseatError, UpstreamBroke, UpstreamInterrupted, UpstreamRefused
from jumpseat.model.events import ChatEvent, Citation, Finished, Started, TextDelta
from jumpseat.sse import SseEvent, SseReader


class _Line(Struct, gc=False):
    """What nearly every event needs; the rest of the fields are passed over."""

    type: str
    body: str | None = None


_decode_line = msgspec.json.Decoder(_Line).decode


class WebChatStream:
    """
    Understands the event stream that answers one message (web-chat page, section 5), however it is cut.

    What came before an error is given first: then `failure` holds the error, and the next call raises it.
    Once `complete` was heard, nothing more is.
    """

    def __init__(self, thread_id: str, *, message_id: str | None = None, page: str = "") -> None:
        self._started = Started(conversation_id=thread_id, message_id=message_id)
        self._page = page
        self._reader = SseReader()
        self._has_started = False
        self._has_text = False
        self._is_asked_to_confirm = False
        self.is_finished = False
        self.failure: JumpseatError | None = None
        self.malformed = 0
        """Lines that made no sense; the answer goes on without them."""
        self.passed_over = 0
        """Events that make sense but say nothing to us: skills at work, and words we do not know."""

    def feed(self, data: bytes) -> list[ChatEvent]:
        """Take more bytes of the body; return what they mean."""
        if self._is_over():
            return []
        return self._given(self._heard(self._reader.feed(data)))

    def end(self) -> list[ChatEvent]:
        """
        Take the end of the body.

        Raises `UpstreamInterrupted` when it came in the midst of the text, `UpstreamBroke` before any.
        """
        if self._is_over():
            return []
        events = self._heard(self._reader.close())
        if not self.is_finished and self.failure is None:
            self.failure = self._broken_off()
        return self._given(events)

    def _is_over(self) -> bool:
        if self.failure is not None:
            raise self.failure
        return self.is_finished

    def _given(self, events: list[ChatEvent]) -> list[ChatEvent]:
        if self.failure is not None and not events:
            raise self.failure
        return events

    def _heard(self, lines: Iterable[SseEvent]) -> list[ChatEvent]:
        """This loop runs once for every streamed word."""
        events: list[ChatEvent] = []
        for event in lines:
            data = event.data
            try:
                line = _decode_line(data)
            except UNREADABLE:
                self._take_odd(data, events)
            else:
                if line.type == "content" and self._has_started:
                    if line.body:
                        events.append(TextDelta(line.body))
                        self._has_text = True
                    continue
                self._take(line.type, line.body, data, events)
            if self.is_finished or self.failure is not None:
                return events
        self.failure = self._reader.failure
        return events

    def _take_odd(self, data: bytes, events: list[ChatEvent]) -> None:
        """Take a line that has not the usual form: an event with fields of its own, or nothing at all."""
        kind = object_in(data).get("type")
        if isinstance(kind, str) and kind != "content":
            self._take(kind, None, data, events)
        elif data:
            self.malformed += 1

    def _take(self, kind: str, body: str | None, data: bytes, events: list[ChatEvent]) -> None:
        match kind:
            case "error" | "agentError":
                self.failure = self._refused(kind, object_in(data))
                return
            case "complete" if not self._has_text:
                self.failure = self._empty("GitHub said it was done without having said anything")
                return
        if not self._has_started:
            self._has_started = True
            events.append(self._started)
        match kind:
            case "complete":
                events.extend(_citations(object_in(data)))
                events.append(Finished("stop"))
                self.is_finished = True
            case "content" if body:
                events.append(TextDelta(body))
                self._has_text = True
            case "content":
                pass  # Null bodies occur (section 5).
            case _:
                self._is_asked_to_confirm = self._is_asked_to_confirm or kind == "confirmation"
                self.passed_over += 1

    def _refused(self, kind: str, fields: dict[str, Any]) -> JumpseatError:
        sort = tidy(fields.get("errorType") or fields.get("code") or kind)
        said = said_in(fields) or "without giving a reason"
        return UpstreamRefused(
            f"GitHub gave up on the answer ({sort}): {said}. Change the question or the model and ask again.",
            code="agent_error" if kind == "agentError" else "upstream_error",
            may_be_delivered=True,
        )

    def _empty(self, what: str) -> JumpseatError:
        if self._is_asked_to_confirm:
            # Choice: the payload is unknown, and jumpseat says yes to nothing on a person's behalf. An answer
            # that goes on without a yes is fine; where nothing else was said, this is why.
            where = f" on {self._page}" if self._page else " in the browser"
            return UpstreamRefused(
                "GitHub wants a confirmation before it goes on, which jumpseat never gives. "
                f"Answer it{where}, or ask for something that needs none.",
                code="confirmation_required",
                may_be_delivered=True,
            )
        return UpstreamBroke(
            f"{what}{self._losses()}. Ask again; if it stays so, try another model.",
            code="empty_answer",
            may_be_delivered=True,
        )

    def _broken_off(self) -> JumpseatError:
        if not self._has_text:
            return self._empty("GitHub closed the connection without replying")
        return UpstreamInterrupted(
            f"GitHub's answer broke off before its end{self._losses()}. Ask again.", may_be_delivered=True
        )

    def _losses(self) -> str:
        return f" (lines of it that made no sense: {self.malformed})" if self.malformed else ""


def _citations(fields: dict[str, Any]) -> list[Citation]:
    """
    The sources that `complete` names, each address once.

    Choice: the form of a reference is unknown; one that has a web address is a source.
    """
    annotations = fields.get("copilotAnnotations")
    lists = [fields.get("references"), *(annotations.values() if isinstance(annotations, dict) else ())]
    found: dict[str, Citation] = {}
    for row in (row for rows in lists for row in rows_in(rows)):
        url = row.get("url")
        if isinstance(url, str) and url.startswith(("https://", "http://")):
            title = row.get("title") or row.get("name")
            found.setdefault(url, Citation(url=url, title=title if isinstance(title, str) else ""))
    return list(found.values())
