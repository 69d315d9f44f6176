"""What a provider's result yields beside plain text."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Conversation(Struct, frozen=True):
    """
    An upstream conversation: give it back to go on with it.

    Printing it shows nothing, so that a loop that prints every item shows the answer alone; so it is with
    the other items here that are no part of the answer.
    """

    conversation_id: str

    def __str__(self) -> str:
        return ""


class ImageResponse(Struct, frozen=True, kw_only=True):
    """A picture; `url` is None when only a preview came before the wire ended."""

    url: str | None
    alt: str = ""
    preview: bytes | None = None

    def __str__(self) -> str:
        return f"![{self.alt}]({self.url})" if self.url else f"[picture: {self.alt}]"

    def __repr__(self) -> str:
        return f"ImageResponse(url={self.url!r}, alt={self.alt!r}, preview={len(self.preview or b'')} bytes)"


class SuggestedFollowups(Struct, frozen=True):
    """Questions the user might ask next."""

    suggestions: Sequence[str]

    def __str__(self) -> str:
        return ""


class TitleGeneration(Struct, frozen=True):
    """The name the service gave to the conversation."""

    title: str

    def __str__(self) -> str:
        return ""


class Reasoning(Struct, frozen=True):
    """The model's thinking aloud."""

    token: str

    def __str__(self) -> str:
        return ""


class Sources(Struct, frozen=True):
    """Sources of the answer, as `{"title": ..., "url": ...}`."""

    sources: Sequence[dict[str, str]]

    def __str__(self) -> str:
        return "".join(
            f"\n> [{source['title'] or source['url']}]({source['url']})" for source in self.sources
        )


class FinishReason(Struct, frozen=True):
    """The answer is complete."""

    reason: str

    def __str__(self) -> str:
        return ""


class RequestLogin(Struct, frozen=True):
    """A sign-in window is about to open: `label` names the service, `url` the page."""

    label: str
    url: str

    def __str__(self) -> str:
        return f"Sign in to {self.label}: {self.url}"


class ReplacedText(str):
    """The whole text of the answer so far, which replaces what came before."""

    __slots__ = ()


Item = (
    str
    | Conversation
    | ImageResponse
    | SuggestedFollowups
    | TitleGeneration
    | Reasoning
    | Sources
    | FinishReason
    | RequestLogin
)
