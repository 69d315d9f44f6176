"""
What a reply is made of.

A reply is `Started (any other event)* Finished`: exactly one of each end, or the stream raises.
`Finished` exists only if the upstream said that it is done.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

FinishReason = Literal["stop", "length", "content_filter"]


class Started(Struct, frozen=True, kw_only=True):
    """The upstream has accepted the question and begins to answer."""

    conversation_id: str
    """The upstream's own identifier of the conversation or thread."""
    message_id: str | None = None


class TextDelta(Struct, frozen=True):
    """More text of the answer."""

    text: str


class TextReplaced(Struct, frozen=True):
    """The upstream withdrew all text of the answer so far and says this instead."""

    text: str


class ReasoningDelta(Struct, frozen=True):
    """More of the model's thinking aloud; no part of the answer."""

    text: str


class ImageStarted(Struct, frozen=True):
    """A picture is being drawn."""

    prompt: str


class ImageMade(Struct, frozen=True, kw_only=True):
    """
    A picture of the answer.

    `url` is the upstream's address of the final picture; None when the wire ended early and the last
    preview is all there is. `preview` holds the best preview seen (JPEG or PNG bytes), if any came.
    """

    url: str | None
    prompt: str = ""
    preview: bytes | None = None
    thumbnail_url: str | None = None

    def __repr__(self) -> str:
        return (
            f"ImageMade(url={self.url!r}, prompt={self.prompt!r}, preview={len(self.preview or b'')} bytes)"
        )


class Citation(Struct, frozen=True, kw_only=True):
    """A source the answer leans on."""

    url: str
    title: str = ""
    publisher: str | None = None
    snippet: str | None = None


class TitleGiven(Struct, frozen=True):
    """The upstream named the conversation."""

    title: str


class FollowupsSuggested(Struct, frozen=True):
    """Questions the user might ask next."""

    suggestions: tuple[str, ...]


class Usage(Struct, frozen=True, kw_only=True):
    """Tokens in and out; `estimated` when the upstream gave no numbers and we counted by rule of thumb."""

    input_tokens: int
    output_tokens: int
    estimated: bool


class Finished(Struct, frozen=True):
    """The upstream said that the answer is complete (or we cut it, by `stop` or `max_tokens`)."""

    reason: FinishReason


ChatEvent = (
    Started
    | TextDelta
    | TextReplaced
    | ReasoningDelta
    | ImageStarted
    | ImageMade
    | Citation
    | TitleGiven
    | FollowupsSuggested
    | Usage
    | Finished
)
