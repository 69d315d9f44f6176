"""The entries of a HAR, one at a time, from chunks of bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct

from jumpseat.recordings.problems import BadRecording


class _Creator(Struct):
    name: str = ""


class _Log(Struct):
    entries: list[msgspec.Raw]
    creator: msgspec.Raw = msgspec.Raw(b"null")


class _Top(Struct):
    log: _Log


class EntryStream:
    """
    Iterate once: each element of `log.entries` as raw JSON, in the order of the file.

    `creator` is the exporter's name, known when the iteration has ended. Raises `BadRecording`: `NotAHar`,
    `TruncatedHar`, `EmptyHar`, `TooLarge`.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.creator = ""

    def __iter__(self) -> Iterator[bytes]:
        data = b"".join(self._chunks).removeprefix(b"\xef\xbb\xbf")
        try:
            log = msgspec.json.decode(data, type=_Top).log
        except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
            if "truncated" in str(exc):
                raise BadRecording(
                    "TruncatedHar", f"the recording ends in the middle, at byte {len(data)}. Export it again."
                ) from exc
            raise BadRecording("NotAHar", "this is no recording. Export from the Network tab as HAR.") from exc
        if not log.entries:
            raise BadRecording("EmptyHar", "the recording is empty. Export it again.")
        yield from (bytes(raw) for raw in log.entries)
        try:
            self.creator = msgspec.json.decode(log.creator, type=_Creator).name
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self.creator = ""
