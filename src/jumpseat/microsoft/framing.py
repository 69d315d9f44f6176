"""Where one JSON object ends and the next begins, in the text frames of the classic socket."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable

import msgspec

from jumpseat.microsoft.frames import Incoming

MAX_OBJECT_CHARS = 8 * 1024 * 1024
"""Longest object we wait to see whole. Pictures reach 600 KB (classic protocol, section 10)."""

TRACE_FRAMES = 16
"""How many frames the trace remembers."""

MAX_NAME_CHARS = 40

_STRUCTURE = re.compile(r'[{}\[\]"]')
_BEGINNING = re.compile(r'[{\["]')
_STRING_END = re.compile(r'["\\]')
# A whole object that holds no other, as nearly all do: one step instead of one for every quote.
_FLAT_OBJECT = re.compile(r'\{(?:[^{}\[\]"]++|"(?:[^"\\]++|\\.)*+")*+\}', re.DOTALL)
_decode = msgspec.json.Decoder(Incoming).decode


class Framing:
    """
    Takes text frames, gives the objects in them (classic protocol, section 6).

    A frame usually holds one object, but may hold several, with nothing, blanks or U+001E between them, and
    may end in the middle of one. What is no object, or has no `event`, is counted in `skipped` and passed
    over.
    """

    def __init__(self) -> None:
        self.skipped = 0
        self.is_overflowing = False
        """An object grew past `MAX_OBJECT_CHARS`; nothing more is read."""
        self.trace: deque[tuple[str, int]] = deque(maxlen=TRACE_FRAMES)
        """The names and lengths (characters) of the last objects, and nothing else of them."""
        self._pieces: list[str] = []
        self._held_chars = 0
        self._depth = 0
        self._in_string = False
        self._is_escaped = False

    def receive(self, frames: Iterable[str]) -> list[Incoming]:
        """The objects that are complete now, in the order they came."""
        found: list[Incoming] = []
        note = self.trace.append
        for frame in frames:
            if not self._depth and not self._in_string:
                # The usual frame is exactly one object: no search for its end is needed.
                try:
                    one = _decode(frame)
                except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
                    pass
                else:
                    if type(one.event) is str:
                        note((one.event[:MAX_NAME_CHARS], len(frame)))
                        found.append(one)
                    else:
                        self.skipped += 1
                    continue
            self._search(frame, found)
        return found

    def _search(self, frame: str, found: list[Incoming]) -> None:
        """Cut `frame`, and what was held back before it, into values; keep the last one if it is open."""
        position, start = 0, 0
        if self._is_escaped and frame:
            self._is_escaped = False
            position = 1
        while not self.is_overflowing:
            is_outside = not self._depth and not self._in_string
            looked_for = _STRING_END if self._in_string else _BEGINNING if is_outside else _STRUCTURE
            mark = looked_for.search(frame, position)
            if mark is None:
                break
            if is_outside:
                start = mark.start()
                mark = _FLAT_OBJECT.match(frame, start) or mark
            position = mark.end()
            if mark.re is _FLAT_OBJECT or self._closes(mark.group()):
                self._finish(frame[start:position], found)
            elif self._is_escaped:
                self._is_escaped = position == len(frame)
                position += 1
        if self._depth or self._in_string:
            self._hold(frame[start:])

    def _closes(self, mark: str) -> bool:
        """Follow one structural character; whether a value of the top level ended with it."""
        if mark == "\\":
            self._is_escaped = True
            return False
        if mark == '"':
            self._in_string = not self._in_string
            return not self._in_string and not self._depth
        if mark in "{[":
            self._depth += 1
            return False
        self._depth -= 1
        return not self._depth

    def _hold(self, piece: str) -> None:
        self._pieces.append(piece)
        self._held_chars += len(piece)
        if self._held_chars > MAX_OBJECT_CHARS:
            self.is_overflowing = True
            self._pieces.clear()

    def _finish(self, last: str, found: list[Incoming]) -> None:
        text = "".join(self._pieces) + last
        self._pieces.clear()
        self._held_chars = 0
        one = _read(text)
        if one is None:
            self.skipped += 1
        else:
            self.trace.append((one.event[:MAX_NAME_CHARS], len(text)))
            found.append(one)


def _read(text: str) -> Incoming | None:
    """The object in `text`; None if it is none, or has no `event`."""
    try:
        one = _decode(text)
    except (ValueError, RecursionError):
        try:
            one = _decode(_repaired(text))
        except (ValueError, RecursionError):
            return None
    return one if type(one.event) is str else None


def _repaired(text: str) -> str:
    """
    The same JSON with U+FFFD for every half of a surrogate pair. Raises `ValueError` if it is no JSON.

    A server that counts in UTF-16 can cut a pair in two. Strict readers refuse the whole frame then.
    """
    loose = json.dumps(json.loads(text), ensure_ascii=False)
    return loose.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
