"""A whole reply, and the one builder that folds events into it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from msgspec import Struct

from jumpseat.model.events import (
    ChatEvent,
    Citation,
    Finished,
    FinishReason,
    FollowupsSuggested,
    ImageMade,
    ImageStarted,
    ReasoningDelta,
    Started,
    TextDelta,
    TextReplaced,
    TitleGiven,
    Usage,
)

_Remark = Started | ImageStarted | TitleGiven | FollowupsSuggested | Usage | Finished
_Rare = TextReplaced | ReasoningDelta | ImageMade | Citation | _Remark


class Reply(Struct, frozen=True, kw_only=True):
    """
    An answer, whole.

    `finish_reason` is None while, or if, the answer was never finished.
    """

    text: str = ""
    reasoning: str = ""
    images: tuple[ImageMade, ...] = ()
    citations: tuple[Citation, ...] = ()
    title: str | None = None
    followups: tuple[str, ...] = ()
    usage: Usage | None = None
    conversation_id: str | None = None
    message_id: str | None = None
    finish_reason: FinishReason | None = None

    def __str__(self) -> str:
        return self.text


class ReplyBuilder:
    """Folds the events of one reply; `build()` may be asked at any moment."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._images: list[ImageMade] = []
        self._citations: list[Citation] = []
        self._title: str | None = None
        self._followups: tuple[str, ...] = ()
        self._usage: Usage | None = None
        self._started: Started | None = None
        self._finish_reason: FinishReason | None = None

    def add(self, events: Iterable[ChatEvent]) -> None:
        """Fold `events`, in the order they came."""
        for event in events:
            # The commonest first: this runs once for every streamed word.
            if isinstance(event, TextDelta):
                self._text.append(event.text)
            else:
                self._add_rare(event)

    def _add_rare(self, event: _Rare) -> None:
        match event:
            case TextReplaced(text):
                self._text = [text]
            case ReasoningDelta(text):
                self._reasoning.append(text)
            case ImageMade():
                self._images.append(event)
            case Citation():
                self._citations.append(event)
            case _:
                self._add_remark(event)

    def _add_remark(self, event: _Remark) -> None:
        match event:
            case Started():
                self._started = event
            case TitleGiven(title):
                self._title = title
            case FollowupsSuggested(suggestions):
                self._followups = suggestions
            case Usage():
                self._usage = event
            case Finished(reason):
                self._finish_reason = reason
            case ImageStarted():
                pass
            case _:
                assert_never(event)

    def build(self) -> Reply:
        """The reply as far as it has come."""
        started = self._started
        return Reply(
            text="".join(self._text),
            reasoning="".join(self._reasoning),
            images=tuple(self._images),
            citations=tuple(self._citations),
            title=self._title,
            followups=self._followups,
            usage=self._usage,
            conversation_id=started.conversation_id if started else None,
            message_id=started.message_id if started else None,
            finish_reason=self._finish_reason,
        )
