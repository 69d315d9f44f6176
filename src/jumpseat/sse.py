"""Event streams (`text/event-stream`), read and written: bytes in, events out, bounded."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from jumpseat.model.errors import UpstreamBroke

MAX_EVENT_BYTES = 4 * 1024 * 1024
"""Longest event taken, its line names and ends counted in. GitHub's `complete` goes far beyond 128 KiB."""

_BOM = b"\xef\xbb\xbf"


class SseEvent(Struct, frozen=True, gc=False):
    """One event. `data` is its bytes as they came, several `data` lines joined by line feeds."""

    data: bytes
    event: str = ""
    """The name in the event's own `event` line; empty when it has none."""
    id: str = ""
    """The last `id` the stream has named so far, which this event need not have named itself."""


class SseReader:
    """
    Reads one event stream, in whatever pieces it comes (WHATWG HTML, 9.2.6).

    Only CR, LF and CRLF end a line; JSON may carry the other line ends of Unicode unescaped. What exceeds
    `max_event_bytes` (one line, or the data lines of one event) is `UpstreamBroke`, raised after the events
    before it were given: `failure` then holds the error, and the next call raises it.
    """

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max_event_bytes = max_event_bytes
        self._head: bytes | None = b""
        """The first bytes, while they may still be a byte order mark; None from then on."""
        self._line = bytearray()
        """The beginning of a line whose end has not come."""
        self._ended_in_cr = False
        self._data: list[bytes] = []
        self._size = 0
        self._event = ""
        self._id = ""
        self.failure: UpstreamBroke | None = None

    def feed(self, data: bytes) -> list[SseEvent]:
        """Take more bytes; return the events that they complete."""
        if self.failure is not None:
            raise self.failure
        if self._head is not None:
            data = self._behead(data)
        if self._ended_in_cr or b"\r" in data:
            data = self._with_line_feeds(data)
        if self._line:
            if b"\n" not in data:
                self._keep(data)
                return self._given([])
            data = bytes(self._line) + data
            self._line.clear()
        lines = data.split(b"\n")
        rest = lines.pop()
        events = self._read(lines)
        if rest and self.failure is None:
            self._keep(rest)
        return self._given(events)

    def close(self) -> list[SseEvent]:
        """Say that the bytes are over; return the event that a missing last blank line has left."""
        if self.failure is not None:
            raise self.failure
        events = self._read((bytes(self._line), b""))
        self._line.clear()
        return self._given(events)

    def _behead(self, data: bytes) -> bytes:
        """Take off a byte order mark; give nothing while it cannot be told."""
        data = (self._head or b"") + data
        if len(data) < len(_BOM) and _BOM.startswith(data):
            self._head = data
            return b""
        self._head = None
        return data.removeprefix(_BOM)

    def _with_line_feeds(self, data: bytes) -> bytes:
        """Turn every line end into LF. A CR counts at once, so that no event waits for what follows it."""
        if not data:
            return data
        if self._ended_in_cr:
            data = data.removeprefix(b"\n")
        # An LF alone, left out above as the second half of a CRLF, ends nothing more.
        self._ended_in_cr = data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _keep(self, part: bytes) -> None:
        self._line += part
        if len(self._line) > self._max_event_bytes:
            self._fail()

    def _fail(self) -> None:
        self._line.clear()
        self._data.clear()
        # Event streams come in answer to a question, so the question has arrived.
        self.failure = UpstreamBroke(
            f"an event of the answer is longer than {self._max_event_bytes} bytes, which is more than any "
            "answer needs. Ask again; if it happens again, start a new conversation.",
            code="event_too_long",
            may_be_delivered=True,
        )

    def _given(self, events: list[SseEvent]) -> list[SseEvent]:
        if self.failure is not None and not events:
            raise self.failure
        return events

    def _read(self, lines: Sequence[bytes]) -> list[SseEvent]:
        """Read whole lines. This loop runs twice for every streamed word."""
        events: list[SseEvent] = []
        data = self._data
        for line in lines:
            if not line:
                if data:
                    events.append(
                        SseEvent(data[0] if len(data) == 1 else b"\n".join(data), self._event, self._id)
                    )
                    data.clear()
                    self._size = 0
                self._event = ""
                continue
            if line.startswith(b"data: "):
                data.append(line[6:])
            elif not self._is_data(line):
                if len(line) > self._max_event_bytes:
                    self._fail()
                    break
                continue
            self._size += len(line) + 1
            if self._size > self._max_event_bytes:
                self._fail()
                break
        return events

    def _is_data(self, line: bytes) -> bool:
        """Read a line that is not the usual `data: ...`; say whether it holds data all the same."""
        name, _, value = line.partition(b":")
        match name:
            case b"data":
                self._data.append(value.removeprefix(b" "))
                return True
            case b"event":
                self._event = value.removeprefix(b" ").decode(errors="replace")
            case b"id" if b"\0" not in value:
                self._id = value.removeprefix(b" ").decode(errors="replace")
            case _:
                pass  # Comments (no name at all), `retry`, and words we do not know.
        return False


def encode_event(data: bytes, event: str | None = None) -> bytes:
    """
    One event as it goes over the wire. `event` is its name, one line.

    `data` may hold line ends: a reader gives them back as LF.
    """
    head = b"" if event is None else b"event: " + event.encode() + b"\n"
    if b"\n" in data or b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\ndata: ")
    return head + b"data: " + data + b"\n\n"


def comment(text: str = "") -> bytes:
    """A line that every reader passes over, to keep a silent stream alive. `text` is one line."""
    return b": " + text.encode() + b"\n\n"
