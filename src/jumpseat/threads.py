"""What of a request is new to an upstream that remembers, and how a message is recognised again."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import assert_never

from jumpseat.model.messages import Image, Message, Part, Text, ToolCall, ToolResult


def new_part(messages: Sequence[Message]) -> tuple[Message, ...]:
    """
    The messages of user and tools after the last one of the assistant: what the upstream has not heard yet.

    System messages are no part of it: clients repeat them with every request, and the upstream got them when
    the conversation was opened. Empty if the last word is the assistant's.
    """
    start = len(messages)
    while start > 0 and messages[start - 1].role != "assistant":
        start -= 1
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
