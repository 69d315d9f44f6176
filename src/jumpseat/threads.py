"""What of a request is new to an upstream that remembers, and how a message is recognised again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import assert_never

from jumpseat.model.messages import Image, Message, Part, Text, ToolCall, ToolResult


def new_part(messages: Sequence[Message]) -> tuple[Message, ...]:
    """
    The messages of user and tools after the last one of the assistant: what the upstream has not heard yet.

    System messages are no part of it: clients repeat them with every request, and the upstream got them when
    the conversation was opened. Empty if the last word is the assistant's.
    """
    start = len(heard_part(messages))
    return tuple(message for message in messages[start:] if message.role != "system")


def digest(message: Message) -> str:
    """
    SHA-256 of role and content, as 64 hexadecimal digits.

    How the text is cut into parts makes no difference; pictures, tool calls and tool results count.
    """
    hashed = sha256()
    for field in (message.role, message.text, *_fields(message.parts)):
        data = field if isinstance(field, bytes) else field.encode("utf-8", "surrogatepass")
        # With its length before each, no two different messages can flow into the same bytes.
        hashed.update(b"%d:" % len(data))
        hashed.update(data)
    return hashed.hexdigest()


def lineage(messages: Iterable[Message], start: str = "") -> str:
    """
    What was said, as 64 hexadecimal digits: the same for a client that sends the same history again.

    `start` is the lineage of what was said before `messages`. Blanks make no difference, for clients trim.
    """
    chain = start
    for message in messages:
        said = Message(message.role, tuple(_trimmed(part) for part in message.parts))
        chain = sha256(f"{chain}\n{digest(said)}".encode()).hexdigest()
    return chain


def heard_part(messages: Sequence[Message]) -> Sequence[Message]:
    """The messages up to the last one of the assistant: what an upstream that remembers has heard already."""
    end = len(messages)
    while end > 0 and messages[end - 1].role != "assistant":
        end -= 1
    return messages[:end]


def _trimmed(part: Part) -> Part:
    return Text(" ".join(part.text.split())) if isinstance(part, Text) else part


def _fields(parts: Sequence[Part]) -> list[str | bytes]:
    fields: list[str | bytes] = []
    for part in parts:
        match part:
            case Text():
                pass
            case Image():
                fields += ("image", part.data)
            case ToolCall():
                fields += ("tool_call", part.id, part.name, part.arguments)
            case ToolResult():
                fields += ("tool_result", part.call_id, part.text)
            case _:
                assert_never(part)
    return fields
