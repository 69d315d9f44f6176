"""What is said to a model: messages and their parts, and the one question (`Turn`) they make up."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Role = Literal["system", "user", "assistant", "tool"]
"""`developer` (OpenAI's newer word) is read as `system` where a request is parsed."""

ImageType = Literal["image/jpeg", "image/png", "image/gif", "image/webp"]
"""The only pictures that go upstream: the types the classic protocol is known to take."""


class Text(Struct, frozen=True, tag="text"):
    """Plain text, Markdown included."""

    text: str


class Image(Struct, frozen=True, tag="image", kw_only=True):
    """A picture that the caller hands over, as bytes whose type was sniffed (see `jumpseat.media`)."""

    data: bytes
    media_type: ImageType
    name: str | None = None

    def __repr__(self) -> str:
        return f"Image({self.media_type}, {len(self.data)} bytes)"


class ToolCall(Struct, frozen=True, tag="tool_call", kw_only=True):
    """A call the assistant made; `arguments` is the JSON text as the model wrote it."""

    id: str
    name: str
    arguments: str


class ToolResult(Struct, frozen=True, tag="tool_result", kw_only=True):
    """What the caller's tool answered to the call `call_id`."""

    call_id: str
    text: str


Part = Text | Image | ToolCall | ToolResult


class Message(Struct, frozen=True):
    """One message of a conversation."""

    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """All text of the message, its parts joined as they stand."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Text):
            return self.parts[0].text  # By far the commonest, and asked for often.
        return "".join(part.text for part in self.parts if isinstance(part, Text))

    @property
    def images(self) -> tuple[Image, ...]:
        return tuple(part for part in self.parts if isinstance(part, Image))


def user(text: str, *images: Image) -> Message:
    """A message of the user: `images`, then `text`."""
    return Message("user", (*images, Text(text)))


def assistant(text: str) -> Message:
    """A message of the assistant that holds `text`."""
    return Message("assistant", (Text(text),))


class Sampling(Struct, frozen=True, kw_only=True):
    """How an answer is to be cut. No upstream here takes these; we honour them ourselves."""

    max_tokens: int | None = None
    stop: tuple[str, ...] = ()


class Turn(Struct, frozen=True, kw_only=True):
    """One question, and nothing about how it is asked."""

    model: str
    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
