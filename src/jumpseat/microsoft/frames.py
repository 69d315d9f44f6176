"""The JSON objects of the classic socket: what the server says, loosely typed, and what we say, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct, field

FURNITURE = frozenset(
    {
        *("pong", "partCompleted", "toolExecuting", "taskStart", "taskUpdate", "disconnecting", "newMessage"),
        *("ads", "card", "generatingCard", "cardGenerationFailed", "page", "document", "modelStatement"),
        *("imageGenerationStatus", "activityStart", "activityUpdate", "memorySignal", "sideBySideComparison"),
        *("suggestVision", "invokeAction", "browserAutomate", "emojiReaction", "podcastError"),
        *("audioStart", "audio", "audioEnd", "audioStartFailed", "audioTimeRemaining", "audioConfig"),
        *("interruptAudio", "callTerminated"),
    }
)
"""Events that are known, and of no use here: progress, the page's furniture, voice (section 7)."""


class Incoming(Struct, rename="camel"):
    """
    One object from the server.

    Every field is optional and of any type: the server may leave out, add and change fields, and none of that
    may cost us the frame (classic protocol, section 6). Whoever reads a field checks what it holds.
    """

    event: Any = None
    message_id: Any = None
    part_id: Any = None
    text: Any = None
    id: Any = None
    conversation_id: Any = None
    title: Any = None
    suggestions: Any = None
    url: Any = None
    thumbnail_url: Any = None
    prompt: Any = None
    content: Any = None
    publisher: Any = None
    snippet: Any = None
    mode: Any = None
    error_code: Any = None
    error_detail: Any = None
    message: Any = None
    next_available_at: Any = None
    ban_expires_at: Any = None


class _SeedOptions(Struct, tag_field="event", tag="setOptions", rename="camel"):
    """What the page of early 2025 said it can show. Empty lists are enough, even for pictures (section 8)."""

    supported_features: Sequence[str] = ()
    supported_cards: Sequence[str] = ()
    ads: None = None


class _Options(Struct, tag_field="event", tag="setOptions", rename="camel"):
    """The same in 2026."""

    supported_features: Sequence[str] = ()
    supported_cards: Sequence[str] = ()
    supported_ui_components: Mapping[str, str] = field(name="supportedUIComponents", default_factory=dict)
    ads: None = None
    supported_actions: Sequence[str] = ()


class _Consents(Struct, tag_field="event", tag="reportLocalConsents", rename="camel"):
    granted_consents: Sequence[str] = ()


class _TextPart(Struct, tag_field="type", tag="text"):
    text: str


class _ImagePart(Struct, tag_field="type", tag="image", rename="camel", omit_defaults=True):
    url: str
    file_name: str | None = None


class _Send(Struct, tag_field="event", tag="send", rename="camel"):
    conversation_id: str
    content: Sequence[_TextPart | _ImagePart]
    mode: str
    context: Mapping[str, str] = {}


class _Pong(Struct, tag_field="event", tag="pong", omit_defaults=True):
    id: Any = None


def _encode(frame: Struct) -> str:
    return msgspec.json.encode(frame).decode()


def encode_opening(*, server_first: bool) -> list[tuple[str, str]]:
    """What goes before the question, by name: options, and in the newer dialect the consents (none)."""
    if not server_first:
        return [("setOptions", _encode(_SeedOptions()))]
    return [("setOptions", _encode(_Options())), ("reportLocalConsents", _encode(_Consents()))]


def encode_send(conversation_id: str, text: str, mode: str, images: Sequence[tuple[str, str | None]]) -> str:
    """
    The question: its pictures first, then its text (section 8).

    `images` are the addresses that the uploads answered, relative or not, each with the picture's name.
    """
    pictures = [_ImagePart(url=url, file_name=name) for url, name in images]
    return _encode(_Send(conversation_id=conversation_id, content=[*pictures, _TextPart(text)], mode=mode))


def encode_pong(ping_id: object) -> str:
    """The answer to a ping; it repeats the ping's `id` if there was one."""
    return _encode(_Pong(id=ping_id))
