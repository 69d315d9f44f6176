"""
Text from elsewhere, made harmless for a terminal.

A terminal obeys what it is shown: an answer could move the cursor, rename the window, write the clipboard
or hide a part of itself. Whatever comes from an upstream passes through here before it is printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

State = Literal["ground", "escape", "intermediate", "csi", "string", "string-escape"]

# C0 without tab and line feed, DEL, C1; embeddings, overrides and isolates of the bidirectional algorithm,
# which make text read differently from what it says (the marks U+200E, U+200F and U+061C stay: they are
# needed and cannot mislead); halves of surrogate pairs, which no terminal takes.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_STRING_STARTS = "P]X^_"
"""After ESC: DCS, OSC, SOS, PM and APC, which run to a terminator (ECMA-48, 5.6)."""
_STRING_STARTS_C1 = "\x90\x9d\x98\x9e\x9f"
_STRING_ENDS = "\x07\x9c\x18\x1a"
"""BEL (xterm's way), ST, and CAN and SUB, which cancel."""
_ESC = "\x1b"


class Harmless:
    """
    Makes a streamed text harmless, piece by piece.

    The pieces may cut an escape sequence anywhere: what comes out is the same as for the whole text at once.
    Nothing is held back, so there is nothing to flush.
    """

    def __init__(self) -> None:
        self._state: State = "ground"

    def feed(self, text: str) -> str:
        """What may be shown of `text`."""
        if self._state == "ground" and _UNSAFE.search(text) is None:
            return text
        shown = []
        state = self._state
        for char in text:
            state, keep = _STEPS[state](char)
            shown.append(keep)
        self._state = state
        return "".join(shown)


def harmless(text: str) -> str:
    """
    The text without control characters (tab and line feed stay), escape sequences, bidirectional overrides.

    A half of a surrogate pair becomes U+FFFD. Text that holds none of these comes back as it is.
    """
    return Harmless().feed(text)


def one_line(text: str, width: int | None = None) -> str:
    """Harmless text on one line, as a title in a list needs it, cut to `width` characters."""
    line = " ".join(harmless(text).split())
    if width is not None and len(line) > width:
        return line[: max(0, width - 1)].rstrip() + "…"
    return line


def visible_json(text: str) -> str:
    """JSON text that means the same, with what a terminal might obey written as `\\uXXXX`."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _ground(char: str) -> tuple[State, str]:
    if _UNSAFE.match(char) is None:
        return "ground", char
    if char == _ESC:
        return "escape", ""
    if char == "\x9b":
        return "csi", ""
    if char in _STRING_STARTS_C1:
        return "string", ""
    return "ground", "\ufffd" if "\ud800" <= char <= "\udfff" else ""


def _escape(char: str) -> tuple[State, str]:
    if char == "[":
        return "csi", ""
    if char in _STRING_STARTS:
        return "string", ""
    return _intermediate(char)


def _intermediate(char: str) -> tuple[State, str]:
    if " " <= char <= "/":
        return "intermediate", ""
    if "0" <= char <= "~":
        return "ground", ""
    return _ground(char)


def _csi(char: str) -> tuple[State, str]:
    if " " <= char <= "?":
        return "csi", ""
    if "@" <= char <= "~":
        return "ground", ""
    return _ground(char)


def _string(char: str) -> tuple[State, str]:
    if char in _STRING_ENDS:
        return "ground", ""
    if char == _ESC:
        return "string-escape", ""
    # Choice: the end of a line ends a string too, or one that is never ended would swallow the whole answer.
    return ("ground", char) if char == "\n" else ("string", "")


def _string_escape(char: str) -> tuple[State, str]:
    return ("ground", "") if char == "\\" else _escape(char)


_STEPS: dict[State, Callable[[str], tuple[State, str]]] = {
    "ground": _ground,
    "escape": _escape,
    "intermediate": _intermediate,
    "csi": _csi,
    "string": _string,
    "string-escape": _string_escape,
}
