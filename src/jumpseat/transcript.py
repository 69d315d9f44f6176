"""
Messages folded into one text, for an upstream that takes a single question.

One message is sent as it stands. Several become lines `Role: text` and a last line `Assistant:` (classic
protocol, section 16). Inside such a transcript, where a line of somebody's text itself begins like a role
(`User:`, `ASSISTANT:`), `> ` is put before it, as for a quotation: nobody can speak in another's name.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping, Sequence
from typing import assert_never

from jumpseat.model.errors import InvalidRequest
from jumpseat.model.messages import Image, Message, Text, ToolCall, ToolResult

CALL = "\nAssistant:"
"""Asks for the next words."""

GAP = "[Some earlier messages are left out here, because the conversation is too long.]"

CUT = " [... a part is left out here ...] "

MIN_SHORTENED_CHARS = 200
"""A message is not shortened to less than this; it is left out then."""

# Line ends are all that `str.splitlines` knows, for nobody can say which of them a model takes for one.
_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_BLANKS = " \t\u00a0\u00ad\u1680\u2000-\u200f\u202a-\u202f\u205f-\u2069\u3000\ufeff"
# Only words with a capital, as the transcript writes them: a key `user:` in somebody's YAML stays as it is.
_FORGED_ROLE = re.compile(
    f"([{_LINE_ENDS}][{_BLANKS}]*)"
    "(?=(?:S(?i:ystem)|D(?i:eveloper)|U(?i:ser)|A(?i:ssistant)|T(?i:ool))\\s*[:\uff1a])"
)


def fold(messages: Sequence[Message], limit_chars: int) -> str:
    """
    The whole conversation as one text of at most `limit_chars` characters.

    What is too long loses its middle: the system messages, the first and the last messages stay as far as
    they fit, a line says that something is missing, and the last message is never touched. Raises
    `InvalidRequest` (`context_length_exceeded`) if the last message alone is too long.
    """
    if not messages:
        raise InvalidRequest("there is no message to send: give at least one", param="messages")
    names = _tool_names(messages)
    spoken = [(message.role, text) for message in messages if (text := _text(message, names)).strip()]
    if not spoken:
        return ""
    question = _checked(spoken[-1][1], limit_chars)
    if len(spoken) == 1:
        return question
    # What could never fit is cut before it is searched for forged roles.
    blocks = [_block(role, _shortened(text, limit_chars)) for role, text in spoken]
    whole = "\n".join(blocks) + CALL
    if len(whole) <= limit_chars:
        return whole
    room = limit_chars - len(f"{GAP}\n{blocks[-1]}{CALL}")
    if room < 0:
        return question
    is_system = [role == "system" for role, _ in spoken]
    return _join(_keep(blocks, is_system, room), len(blocks)) + CALL


def continuation(messages: Sequence[Message], limit_chars: int) -> str:
    """
    What is said to an upstream that remembers the rest: the trailing messages of user and tools, by lines.

    Too long, it loses the earlier ones of them, never the last. Raises `InvalidRequest` if there is none, or
    (`context_length_exceeded`) if the last one alone is too long.
    """
    start = len(messages)
    while start > 0 and messages[start - 1].role in {"user", "tool"}:
        start -= 1
    if start == len(messages):
        raise InvalidRequest("the last message must be one of the user", param="messages")
    names = _tool_names(messages)
    texts = [text for message in messages[start:] if (text := _text(message, names)).strip()]
    whole = "\n".join(texts)
    if len(whole) <= limit_chars:
        return whole
    first, room = len(texts) - 1, limit_chars - len(texts[-1]) - len(GAP) - 1
    if room < 0:
        return _checked(texts[-1], limit_chars)
    while len(texts[first - 1]) < room:
        first -= 1
        room -= len(texts[first]) + 1
    return "\n".join((GAP, *texts[first:]))


def _checked(question: str, limit_chars: int) -> str:
    if len(question) > limit_chars:
        raise InvalidRequest(
            f"the last message has {len(question)} characters, {len(question) - limit_chars} more than the "
            f"{limit_chars} that the service takes: shorten it",
            param="messages",
            code="context_length_exceeded",
        )
    return question


def _keep(blocks: Sequence[str], is_system: Sequence[bool], room: int) -> Mapping[int, str]:
    """Choose what stands beside the last block, in `room` characters: instructions, then from outside in."""
    last = len(blocks) - 1
    kept = {last: blocks[last]}
    instructions = deque(index for index in range(last) if is_system[index])
    history = deque(index for index in range(last) if not is_system[index])
    takes_newest = True
    while instructions or history:
        if instructions:
            index = instructions.popleft()
        else:
            index = history.pop() if takes_newest else history.popleft()
            takes_newest = not takes_newest
        block = _fitted(blocks[index], room - 1)
        if block is not None:
            kept[index] = block
            room -= len(block) + 1
        elif not is_system[index]:
            break
    return kept


def _fitted(block: str, room: int) -> str | None:
    """
    `block` if it fits, else cut in its middle to half of `room`, so that others find some too.

    None where too little of it would be left.
    """
    if len(block) <= room:
        return block
    if room < 2 * MIN_SHORTENED_CHARS:
        return None
    return _shortened(block, room // 2)


def _shortened(text: str, limit_chars: int) -> str:
    """`text`, without its middle if it is longer than `limit_chars`."""
    if len(text) <= limit_chars:
        return text
    rest = max(0, limit_chars - len(CUT))
    return text[: rest - rest // 2] + CUT + text[len(text) - rest // 2 :]


def _block(role: str, text: str) -> str:
    quoted = _FORGED_ROLE.sub(r"\1> ", text)
    return f"{role.capitalize()}: {quoted}"


def _join(kept: Mapping[int, str], count: int) -> str:
    lines: list[str] = []
    has_gap = False
    for index in range(count):
        if index in kept:
            lines.append(kept[index])
        elif not has_gap:
            lines.append(GAP)
            has_gap = True
    return "\n".join(lines)


def _tool_names(messages: Sequence[Message]) -> Mapping[str, str]:
    return {
        part.id: part.name for message in messages for part in message.parts if isinstance(part, ToolCall)
    }


def readable(message: Message) -> str:
    """What one message says: its text, its tool calls and their results in words. Pictures travel apart."""
    return _text(message, _tool_names([message]))


def _text(message: Message, tool_names: Mapping[str, str]) -> str:
    told = [message.text] if message.text else []
    for part in message.parts:
        match part:
            case Text() | Image():
                pass
            case ToolCall():
                told.append(f"[calls the tool {part.name} with {part.arguments}]")
            case ToolResult():
                told.append(f"[the tool {tool_names.get(part.call_id, part.call_id)} answers] {part.text}")
            case _:
                assert_never(part)
    return "\n".join(told)
