"""Conversations and threads as the simulated services remember them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Attached:
    """A picture that came with a message."""

    url: str
    mime: str
    size: int
    """Bytes."""


@dataclass(slots=True)
class Said:
    """One message as it was said; an answer grows while it is being given."""

    role: str
    """`user` or `assistant`."""
    text: str
    id: str = ""
    created_at: str = ""
    mode: str = ""
    images: tuple[Attached, ...] = ()
    parts: list[dict[str, object]] = field(default_factory=list)
    """Other content of an answer (images, citations, thoughts) in the wire's own words."""


@dataclass(slots=True)
class Conversation:
    """One conversation or thread, oldest message first."""

    id: str
    owner: str | None
    created_at: str
    updated_at: str
    title: str = ""
    is_pinned: bool = False
    messages: list[Said] = field(default_factory=list)

    def add(self, message: Said) -> Said:
        self.messages.append(message)
        self.updated_at = message.created_at or self.updated_at
        return message


class Book:
    """All conversations of one service, and the ids of those that were deleted."""

    def __init__(self) -> None:
        self._open: dict[str, Conversation] = {}
        self.gone: set[str] = set()

    def open(self, id: str, owner: str | None, now: str) -> Conversation:
        conversation = Conversation(id, owner, now, now)
        self._open[id] = conversation
        return conversation

    def find(self, id: str, owner: str | None) -> Conversation | None:
        """
        The conversation, if it exists and is not another named person's.

        Choice: somebody anonymous matches anybody, for a REST call may come with cookies only.
        """
        found = self._open.get(id)
        if found is None or (owner and found.owner and owner != found.owner):
            return None
        return found

    def of(self, owner: str | None) -> list[Conversation]:
        """The owner's conversations, the last one touched first."""
        mine = [c for c in self._open.values() if c.owner == owner]
        mine.reverse()  # Of two touched at once the later one first; the sort keeps that.
        return sorted(mine, key=lambda c: c.updated_at, reverse=True)

    def delete(self, ids: Iterable[str]) -> None:
        for id in ids:
            if self._open.pop(id, None) is not None:
                self.gone.add(id)


def timestamp(seconds: float) -> str:
    """RFC 3339 in UTC with microseconds, from seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def title_of(text: str, words: int = 6) -> str:
    """A title made of the first words of a message."""
    found = text.split()
    return " ".join(found[:words])[:60] + ("…" if len(found) > words else "")
