"""The entries of a HAR, one at a time, from chunks of bytes: however long the file, little of it is held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec
from msgspec import Struct

from jumpseat.recordings.looks import BYTES_NEEDED, look
from jumpseat.recordings.problems import BadRecording
from jumpseat.recordings.scanning import Scanner

_MARK = b"\xef\xbb\xbf"


class _Creator(Struct):
    name: str = ""


class EntryStream:
    """
    Iterate once: each element of `log.entries` as raw JSON, in the order of the file.

    An element may be of any type, and what stands between its brackets and strings is not judged. Strings of
    more than 64 KiB, as bodies are, have become empty ones; an element that is nested absurdly deep, or still
    longer than 16 MiB then, is passed over (`scanning` has the limits).

    `creator` is the exporter's name (`log.creator.name`), known when the iteration has ended; "" for nobody.
    What follows the log in the file is not read. The iteration raises `BadRecording` (`NotAHar`,
    `TruncatedHar`, `EmptyHar`), and what the iterable of chunks raises.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self.creator = ""

    def __iter__(self) -> Iterator[bytes]:
        head = b""
        for chunk in self._chunks:
            head += chunk
            if len(head) >= BYTES_NEEDED:
                break
        text = head.removeprefix(_MARK)
        if not text.lstrip().startswith(b"{"):
            raise _not_a_har(text)
        scanner = Scanner(chain([text], self._chunks), at=len(head) - len(text))
        for key in scanner.members():
            if key == "log" and scanner.peek() == b"{":
                yield from self._log(scanner, text)
                return
            scanner.value()
        raise _not_a_har(text)

    def _log(self, scanner: Scanner, head: bytes) -> Iterator[bytes]:
        count = None
        for key in scanner.members():
            if key == "entries" and scanner.peek() == b"[":
                count = 0
                for raw in scanner.elements():
                    count += 1
                    if raw is not None:
                        yield raw
            else:
                raw = scanner.value()
                if key == "creator" and raw is not None:
                    self.creator = _name(raw)
        if count is None:
            raise _not_a_har(head)
        if not count:
            raise BadRecording(
                "EmptyHar",
                "the recording is empty. Open the developer tools first, then reload the page, send one "
                "message, and export again.",
            )


def _name(raw: bytes) -> str:
    try:
        return msgspec.json.decode(raw, type=_Creator).name
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""


def _not_a_har(head: bytes) -> BadRecording:
    return BadRecording(
        "NotAHar",
        f"this is no recording: {look(head)}. In the browser's developer tools, export from the Network tab "
        "as HAR.",
    )
