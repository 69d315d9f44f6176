"""The answer of one turn as it grows: which message is the active one, and what its frames mean."""

from __future__ import annotations

from typing import Any

from jumpseat.microsoft.frames import Incoming
from jumpseat.microsoft.parts import Pictures, Suggestions, TextParts, key_of, text_of
from jumpseat.model.events import (
    ChatEvent,
    Citation,
    Finished,
    FollowupsSuggested,
    ImageStarted,
    ReasoningDelta,
    Started,
    TextDelta,
    TextReplaced,
    TitleGiven,
)


class Answer:
    """
    Folds frames into events; every method that takes `out` appends to it.

    Text is keyed by message and part. Only one message is active: the one that `startMessage` named last
    (classic protocol, section 9).
    """

    def __init__(self, conversation_id: str, base_url: str) -> None:
        self._conversation_id = conversation_id
        self._base_url = base_url
        self._is_started = False
        self._text = TextParts()
        self._pictures = Pictures(base_url)
        self._suggestions = Suggestions()
        self._abandoned: set[str] = set()
        self._title_came = False
        self._followups_came = False
        self.active: Any = None
        """The identifier of the active message, as the server wrote it; None: none yet, or it has none."""
        self.has_shown = False
        """Whether the caller has seen anything of an answer."""
        self.quick: list[str] | None = None
        """The pieces of the part that grows at the end: `appendText` for it needs no more than this list."""
        self.quick_part: Any = None

    def is_of_another(self, frame: Incoming) -> bool:
        """Whether the frame belongs to a message that is not the active one."""
        message_id = frame.message_id
        if message_id is None:
            return False
        is_abandoned = key_of(message_id) in self._abandoned
        return is_abandoned or (self.active is not None and message_id != self.active)

    @property
    def has_abandoned(self) -> bool:
        return bool(self._abandoned)

    @property
    def has_picture(self) -> bool:
        return self._pictures.has_any

    @property
    def is_empty(self) -> bool:
        """Whether there is neither text nor picture."""
        return not self._text.whole and not self._pictures.has_any

    @property
    def has_extras(self) -> bool:
        """Whether title and suggestions have both come."""
        return self._title_came and self._followups_came

    @property
    def has_suggestions(self) -> bool:
        """Whether suggestions have come: all of the 2025 form, or a whole one of the 2026 form."""
        return self._followups_came or self._suggestions.has_whole

    def begin(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """The answer has begun: by `startMessage`, or by its first content."""
        if self.active is None:
            self.active = frame.message_id
        if not self._is_started:
            self._is_started = True
            message_id = text_of(frame.message_id) or None
            out.append(Started(conversation_id=self._conversation_id, message_id=message_id))

    def start(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take `startMessage`: one for another message makes that the active one."""
        if self.active is not None and self.is_of_another(frame):
            self.abandon(self.active, out)
        self.begin(frame, out)

    def is_abandoned(self, frame: Incoming) -> bool:
        return frame.message_id is not None and key_of(frame.message_id) in self._abandoned

    def abandon(self, message_id: object, out: list[ChatEvent]) -> None:
        """Leave a message for another: what it said is withdrawn, what it says from now on is ignored."""
        self._abandoned.add(key_of(message_id))
        self.active = None
        self.quick = None
        if self._text.whole:
            out.append(TextReplaced(""))
        self._text = TextParts()
        self._pictures = Pictures(self._base_url)

    def append_text(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take `appendText`: a true delta, unless a later part is showing already."""
        text = text_of(frame.text)
        if not text:
            return
        self.has_shown = True
        if self._text.append(key_of(frame.part_id), text):
            self.quick = self._text.newest()
            self.quick_part = frame.part_id
            out.append(TextDelta(text))
        else:
            out.append(TextReplaced(self._text.whole))

    def replace_text(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take `replaceText`: a snapshot of one part, whatever it held before."""
        self.has_shown = True
        self.quick = None
        self._text.replace(key_of(frame.part_id), text_of(frame.text))
        out.append(TextReplaced(self._text.whole))

    def think(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take `chainOfThought`."""
        if text := text_of(frame.text):
            self.has_shown = True
            out.append(ReasoningDelta(text))

    def cite(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take `citation`; one without an address helps nobody."""
        if url := text_of(frame.url):
            out.append(
                Citation(
                    url=url,
                    title=text_of(frame.title),
                    publisher=text_of(frame.publisher) or None,
                    snippet=text_of(frame.snippet) or None,
                )
            )

    def announce_image(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take `generatingImage`."""
        self.has_shown = True
        out.append(ImageStarted(self._pictures.announce(frame)))

    def preview_image(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take `partialImageGenerated`: kept, in case that nothing better comes."""
        self._pictures.preview(frame)

    def make_image(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take `imageGenerated`."""
        if made := self._pictures.make(frame):
            self.has_shown = True
            out.append(made)

    def give_title(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take `titleUpdate`."""
        if title := text_of(frame.title):
            self._title_came = True
            out.append(TitleGiven(title))

    def suggest(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take `suggestedFollowups`, the 2025 form."""
        offered = frame.suggestions if isinstance(frame.suggestions, list) else []
        if suggestions := tuple(filter(None, map(text_of, offered))):
            self._followups_came = True
            out.append(FollowupsSuggested(suggestions))

    def start_suggestion(self, frame: Incoming, out: list[ChatEvent]) -> None:
        self._suggestions.start(frame)

    def append_suggestion(self, frame: Incoming, out: list[ChatEvent]) -> None:
        self._suggestions.append(frame)

    def complete_suggestion(self, frame: Incoming, out: list[ChatEvent]) -> None:
        self._suggestions.complete(frame)

    def finish(self, out: list[ChatEvent]) -> None:
        """The end: pictures of which only previews came, suggestions that came in pieces, `Finished`."""
        self.quick = None
        out.extend(self._pictures.take_previews())
        if suggestions := self._suggestions.take():
            out.append(FollowupsSuggested(suggestions))
        out.append(Finished("stop"))
