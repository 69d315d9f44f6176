"""A reply as it streams: from events to the chunks of a chat completion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

import msgspec

from jumpseat.dialects.openai_chat.cutting import Cutter
from jumpseat.dialects.openai_chat.reply import Identity, picture, picture_text, usage_of
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
from jumpseat.model.messages import Turn

_encode = msgspec.json.encode
DONE = b"data: [DONE]\n\n"


class ChunkEncoder:
    """
    Encodes the events of one reply: a batch in, one piece of bytes out, each event still a chunk of its own.

    What the chunks of OpenAI have no word for stands in an extra field `jumpseat` of a chunk with an empty
    delta: `citation`, `image_started`, `title`, `followups`, and `text_replaced`. The last one says that the
    upstream took back what it had said: where its new text continues what was sent, the difference is sent
    as usual; else what was sent stands, later text follows it, and `text_replaced` tells once what the text
    was replaced by.
    """

    def __init__(self, identity: Identity, turn: Turn, *, include_usage: bool = False) -> None:
        self._turn = turn
        self._include_usage = include_usage
        # Everything that is the same in each chunk is encoded once: a word costs one encoding of its text.
        self._head = b'data: {"object":"chat.completion.chunk",' + identity.fields()
        self._last = (b',"usage":null' if include_usage else b"") + b"}\n\n"
        self._tail = b',"finish_reason":null}]' + self._last
        self._before_text = self._head + b',"choices":[{"index":0,"delta":{"content":'
        self._after_text = b"}" + self._tail
        self._cutter = Cutter(turn.sampling)
        self._is_plain = not (turn.sampling.stop or turn.sampling.max_tokens)
        """Text goes out as it comes: there is nothing to cut, and no picture stands before it."""
        self._sent: list[str] = []
        self._gap = ""
        self._has_begun = False
        self._has_told_replacement = False
        self._usage: Usage | None = None
        self._finished: FinishReason | None = None

    def encode(self, events: Sequence[ChatEvent]) -> bytes:
        """The chunks for `events`; without the end, for which see `end`."""
        out = [] if self._has_begun else [self._begin()]
        before, after, sent = self._before_text, self._after_text, self._sent
        for event in events:
            if type(event) is TextDelta and self._is_plain:
                sent.append(event.text)
                out += (before, _encode(event.text), after)
            elif not self.is_cut:
                out.append(self._encode_rare(event))
        return b"".join(out)

    @property
    def is_finished(self) -> bool:
        """The answer is complete: the upstream said so, or we cut it (then the upstream can be closed)."""
        return self._finished is not None or self.is_cut

    @property
    def is_cut(self) -> bool:
        """The answer was cut by `stop` or `max_tokens`."""
        return self._cutter.reason is not None

    def end(self) -> bytes:
        """The rest, the finish reason, the usage if it was asked for, and `[DONE]`. Only if `is_finished`."""
        held = self._text(self._cutter.finish())
        reason = _encode(self._cutter.reason or self._finished)
        finish = b',"choices":[{"index":0,"delta":{},"finish_reason":' + reason + b"}]"
        out = [held, self._head, finish, self._last]
        if self._include_usage:
            usage = _encode(usage_of(self._turn, "".join(self._sent), self._usage))
            out += (self._head, b',"choices":[],"usage":', usage, b"}\n\n")
        return b"".join((*out, DONE))

    def _begin(self) -> bytes:
        self._has_begun = True
        return self._delta({"role": "assistant", "content": ""})

    def _encode_rare(self, event: ChatEvent) -> bytes:
        match event:
            case TextDelta(text):
                return self._text(self._cutter.feed(text))
            case TextReplaced(text):
                return self._replace(text)
            case ReasoningDelta(text):
                return self._delta({"reasoning_content": text})
            case ImageMade():
                return self._image(event)
            case _:
                return self._remark(event)

    def _remark(
        self, event: Started | ImageStarted | Citation | TitleGiven | FollowupsSuggested | Usage | Finished
    ) -> bytes:
        said: dict[str, object] = {}
        match event:
            case Started():
                pass
            case Usage():
                self._usage = event
            case Finished(reason):
                self._finished = reason
            case ImageStarted(prompt):
                said["image_started"] = {"prompt": prompt}
            case Citation():
                said["citation"] = event
            case TitleGiven(title):
                said["title"] = title
            case FollowupsSuggested(suggestions):
                said["followups"] = suggestions
            case _:
                assert_never(event)
        return self._extra(said) if said else b""

    def _replace(self, text: str) -> bytes:
        sent = "".join(self._sent)
        self._cutter.take_back()
        if text.startswith(sent):
            return self._text(self._cutter.feed(text[len(sent) :]))
        if self._has_told_replacement:
            return b""
        self._has_told_replacement = True
        return self._extra({"text_replaced": text})

    def _text(self, text: str) -> bytes:
        if not text:
            return b""
        self._sent.append(text)
        gap, self._gap = self._gap, ""
        return self._before_text + _encode(gap + text) + self._after_text

    def _image(self, image: ImageMade) -> bytes:
        held = self._text(self._cutter.finish())
        if self.is_cut:
            return held
        # A picture stands in a paragraph of its own, and what follows it in the next.
        gap = "\n\n" if any(self._sent) else self._gap
        self._gap, self._is_plain = "\n\n", False
        return held + self._delta({"content": gap + picture_text(image), "images": picture(image)})

    def _delta(self, delta: dict[str, object]) -> bytes:
        return self._head + b',"choices":[{"index":0,"delta":' + _encode(delta) + self._tail

    def _extra(self, said: dict[str, object]) -> bytes:
        return (
            self._head + b',"jumpseat":' + _encode(said) + b',"choices":[{"index":0,"delta":{}' + self._tail
        )
