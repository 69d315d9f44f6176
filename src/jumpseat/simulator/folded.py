"""Transcripts that a client folded into one text (`User: …`, `Assistant: …`), taken apart again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from jumpseat.simulator.history import Said

ASSISTANTS = frozenset({"assistant", "ai", "bot", "model", "copilot", "ассистент", "помощник"})
PEOPLE = frozenset({"user", "human", "person", "пользователь", "человек"})
OTHERS = frozenset({"system", "developer", "tool", "function", "система"})

_LINE = re.compile(r"^[ \t#*<\[]*([^\W\d_]{2,20})[\]>*]*:[*]*(?:[ \t]+(.*)|)$")


def _role(name: str) -> str | None:
    lowered = name.lower()
    if lowered in ASSISTANTS:
        return "assistant"
    if lowered in PEOPLE:
        return "user"
    return "system" if lowered in OTHERS else None


def _marked(line: str) -> tuple[str, str] | None:
    match = _LINE.match(line)
    role = _role(match[1]) if match else None
    return (role, match[2] or "") if match and role else None


def unfold(text: str) -> list[tuple[str, str]] | None:
    """
    The roles and texts of a folded transcript, or None if the text is an ordinary message.

    It is one if two lines or more open with a role's name, or if it ends in a bare `Assistant:`. Words before
    the first role count as the system's.
    """
    lines = text.split("\n")
    marked = [_marked(line) for line in lines]
    openings = [m for m in marked if m]
    if len(openings) < 2 or not any(role == "user" for role, _ in openings):
        return None
    messages: list[tuple[str, list[str]]] = [("system", [])]
    for line, mark in zip(lines, marked, strict=True):
        if mark:
            messages.append((mark[0], [mark[1]]))
        else:
            messages[-1][1].append(line)
    joined = [(role, "\n".join(parts).strip()) for role, parts in messages]
    return [(role, body) for role, body in joined if body]


def unfold_all(messages: Iterable[Said]) -> list[Said]:
    """The messages with every folded user message replaced by what it holds; the last stays a user's."""
    history: list[Said] = []
    for message in messages:
        parts = unfold(message.text) if message.role == "user" else None
        if not parts:
            history.append(message)
            continue
        history.extend(Said(role, body) for role, body in parts)
        while history and history[-1].role != "user":
            history.pop()
        history[-1].images = message.images
    return history


def latest_texts(history: Sequence[Said]) -> list[str]:
    """The texts of the user messages since the last answer, in order."""
    texts: list[str] = []
    for message in reversed(history):
        if message.role == "assistant":
            break
        if message.role == "user":
            texts.append(message.text)
    return texts[::-1]
