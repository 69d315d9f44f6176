"""What a turn does on the wire, step by step; a player performs the steps."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

# A word with the blanks before it; very long words are cut, so that a delta stays small.
_WORD = re.compile(r"\s*\S{1,48}|\s+")


@dataclass(frozen=True, slots=True)
class Pause:
    """Everything before is on the wire now; nothing happens for `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Expect:
    """Wait for a frame of the client with this event; the script is sent its fields."""

    event: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close politely: the close frame of a socket (code 1000), the regular end of a body."""


@dataclass(frozen=True, slots=True)
class Cut:
    """End of the connection without a word: no close frame, no last chunk."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Say nothing more and leave the line open until the client hangs up."""


Step = bytes | Pause | Expect | Close | Cut | Silence
"""`bytes` is one text frame of a socket, or a piece of the body of an event stream."""

Script = Generator[Step, Any, None]


def words(text: str) -> list[str]:
    """Cut a text into word-sized deltas that join to the same text again."""
    return _WORD.findall(text)
