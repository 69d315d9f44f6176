"""JSON from chunks of bytes, walked over without being decoded; long strings are dropped on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from jumpseat.recordings.problems import BadRecording

MAX_STRING_BYTES = 64 * 1024
"""A longer string value is read as an empty one: nothing that we look for is that long."""
MAX_KEPT_BYTES = 8 * 1024 * 1024
"""Of a value of which more than this is kept, only strings of `SHORT_STRING_BYTES` are kept from there on."""
SHORT_STRING_BYTES = 8 * 1024
"""Addresses with a token in them, and most of a chat's frames, are shorter."""
MAX_VALUE_BYTES = 2 * MAX_KEPT_BYTES
"""A value that is still longer without its long strings is passed over."""
MAX_DEPTH = 256
"""So is one that is nested deeper. Recordings reach 50, by the stacks of asynchronous calls."""
MAX_VALUES = 2_000_000
"""Choice: members, elements and commas between these; a gigabyte of the smallest entries has half as many."""
MAX_BRACKETS = 10_000_000
"""
Choice: brackets that are walked over one by one. Recordings have 2,600 in a megabyte, where they have most.
"""

_QUOTE, _COLON, _COMMA = b'"', b":", b","
_OPENING, _CLOSING = b"{[", b"}]"
_SPACE = re.compile(rb"[ \t\n\r]*+")
_SCALAR = re.compile(rb'[^ \t\n\r,:"{}\[\]]*+')

# What holds no bracket, or is an object without one inside, as most objects of a HAR are (headers, cookies).
# Groups are atomic, not possessive: before Python 3.11.5 a possessive group ends in the wrong place when its
# last round fails (CPython issue 106052). Rounds are counted, because each costs the engine memory.
_FLAT = rb'(?>[^"{}\[\]]*+(?:"[^"]{0,%d}+"[^"{}\[\]]*+){0,1000})' % (SHORT_STRING_BYTES - 2)
_RUN = re.compile(rb"%b(?:\{%b\}%b){0,1000}" % (_FLAT, _FLAT, _FLAT))


class Kept:
    """What is kept of one value, within the limits."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    @property
    def longest(self) -> int:
        """How long the next string may be, in bytes with its quotes."""
        return MAX_STRING_BYTES if self._size <= MAX_KEPT_BYTES else SHORT_STRING_BYTES

    @property
    def is_within(self) -> bool:
        return self._size <= MAX_VALUE_BYTES

    def add(self, piece: bytes) -> None:
        self._size += len(piece)
        if self.is_within:
            self._pieces.append(piece)

    def whole(self) -> bytes | None:
        """All that was added; None if that was too much."""
        return b"".join(self._pieces) if self.is_within else None


class Scanner:
    """
    Walks over one JSON text. What stands between brackets and strings is not judged.

    Every method may raise `BadRecording`: `TruncatedHar` where the text ends too early, `NotAHar` where it
    makes no sense, and what the iterable of chunks raises.
    """

    def __init__(self, chunks: Iterable[bytes], *, at: int = 0) -> None:
        """`at`: how many bytes of the text came before the chunks."""
        self._chunks = iter(chunks)
        self._chunk = b""
        self._shadow = b""
        """The chunk, with blanks for escaped quotes and backslashes: its quotes begin and end strings."""
        self._at = 0
        self._before = at
        self._held = b""
        self._values = 0
        self._brackets = 0

    @property
    def position(self) -> int:
        """How many bytes of the text were walked over."""
        return self._before + self._at

    def peek(self) -> bytes:
        """The next byte that is no white space."""
        while True:
            self._at = _end(_SPACE, self._shadow, self._at)
            if self._at < len(self._shadow):
                return self._shadow[self._at : self._at + 1]
            self._load()

    def skip(self, wanted: bytes) -> bool:
        """Walk over the next byte, if it is one of those `wanted`; say whether it was."""
        is_wanted = self.peek() in wanted
        self._at += is_wanted
        return is_wanted

    def members(self) -> Iterator[str]:
        """The keys of the object that begins here. The caller walks over each value before it goes on."""
        self._expect(b"{")
        if self.skip(b"}"):
            return
        while True:
            self._count_value()
            if self.peek() != _QUOTE:
                raise self.broken()
            key = self._string(MAX_STRING_BYTES)
            self._expect(_COLON)
            yield _text(key)
            if self.skip(b"}"):
                return
            self._expect(_COMMA)

    def elements(self) -> Iterator[bytes | None]:
        """Each element of the list that begins here, as `value` gives it. Odd commas are borne."""
        self._expect(b"[")
        while not self.skip(b"]"):
            self._count_value()
            if not self.skip(_COMMA):
                yield self.value()

    def value(self) -> bytes | None:
        """Walk over the value that begins here; what is kept of it, None if it is too long or too deep."""
        kept = Kept()
        match self.peek():
            case b'"':
                return self._string(MAX_STRING_BYTES)
            case b"{" | b"[":
                return kept.whole() if self._nested(kept) <= MAX_DEPTH else None
            case _:
                self._scalar(kept)
                return kept.whole()

    def broken(self) -> BadRecording:
        return BadRecording(
            "NotAHar",
            f"this is no recording, or a damaged one: its JSON is broken at byte {self.position}. "
            "Export from the Network tab as HAR once more.",
        )

    def _expect(self, wanted: bytes) -> None:
        if not self.skip(wanted):
            raise self.broken()

    def _string(self, longest: int) -> bytes:
        """Walk over the string that begins here. It is given with its quotes, empty if it is too long."""
        pieces: list[bytes] = []
        size, after = 0, self._at + 1
        while True:
            end = self._shadow.find(_QUOTE, after) + 1
            piece = self._chunk[self._at : end or None]
            size += len(piece)
            if size <= longest:
                pieces.append(piece)
            if end:
                self._at = end
                return b"".join(pieces) if size <= longest else b'""'
            self._load()
            after = 0

    def _scalar(self, kept: Kept) -> None:
        """Walk over a number or a name."""
        while True:
            end = _end(_SCALAR, self._shadow, self._at)
            kept.add(self._chunk[self._at : end])
            self._at = end
            if end < len(self._shadow):
                break
            self._load()
        if kept.whole() == b"":
            raise self.broken()

    def _nested(self, kept: Kept) -> int:
        """Walk over an object or a list; its depth."""
        depth = deepest = 0
        begin = self._at
        while True:
            # The first byte is a bracket that opens, and later ones are where a run ended.
            byte = self._shadow[self._at : self._at + 1]
            if byte == _QUOTE:
                kept.add(self._chunk[begin : self._at])
                kept.add(self._string(kept.longest))
                begin = self._at
            elif byte:
                self._at += 1
                self._brackets += 1
                depth += 1 if byte in _OPENING else -1
                deepest = max(deepest, depth)
                if not depth:
                    kept.add(self._chunk[begin : self._at])
                    return deepest
                if self._brackets > MAX_BRACKETS:
                    raise self._too_many()
            else:
                kept.add(self._chunk[begin:])
                self._load()
                begin = 0
            self._at = _end(_RUN, self._shadow, self._at)

    def _count_value(self) -> None:
        self._values += 1
        if self._values > MAX_VALUES:
            raise self._too_many()

    def _too_many(self) -> BadRecording:
        """Each costs time, and packed well a small file holds as many as it likes."""
        return BadRecording(
            "TooLarge",
            "the recording holds more, or more nested, values than any browser writes. Record less: open the "
            "developer tools, reload, send one message, export.",
        )

    def _load(self) -> None:
        """Go on to the next chunk."""
        self._before += len(self._chunk)
        self._at = 0
        chunk = next(self._chunks, None)
        if chunk is None:
            raise self._truncated()
        chunk = self._held + chunk
        # An escape is not torn: its backslash waits for the next chunk.
        is_torn = (len(chunk) - len(chunk.rstrip(b"\\"))) % 2
        self._held = b"\\" * is_torn
        self._chunk = chunk[: len(chunk) - is_torn]
        self._shadow = self._chunk.replace(rb"\\", b"  ").replace(rb"\"", b"  ")

    def _truncated(self) -> BadRecording:
        end = self._before + len(self._held)
        return BadRecording(
            "TruncatedHar",
            f"the recording ends in the middle: the file was cut at byte {end}. Export it again.",
        )


def _end(pattern: re.Pattern[bytes], text: bytes, at: int) -> int:
    """Where the match at `at` ends, of a pattern that matches everywhere, if need be nothing."""
    found = pattern.match(text, at)
    return found.end() if found else at


def _text(raw: bytes) -> str:
    """The text of a JSON string; of a broken one, nothing."""
    try:
        return msgspec.json.decode(raw, type=str)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
