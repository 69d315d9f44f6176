"""Files that a person hands over: recordings and cookie exports, told apart by their content, read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal

from jumpseat.model.credentials import Credential
from jumpseat.recordings.cookie_exports import holds_cookies, read_cookies
from jumpseat.recordings.har import HarReading, Recording
from jumpseat.recordings.problems import BadRecording
from jumpseat.recordings.stream import EntryStream
from jumpseat.recordings.unpacking import MEGABYTE, limited, too_large, unpacked

MAX_RECORDING_BYTES = 1024 * MEGABYTE
"""
Choice: so much is read of a recording, unpacked. The HAR page has 256 MB, for readers that hold the whole
file; this one does not, so only time is at stake.
"""
MAX_COOKIE_EXPORT_BYTES = 8 * MEGABYTE
"""A file of more than this is no cookie export; browsers keep some thousands of cookies, of 4 KB each."""


def read_recording(
    source: Path | BinaryIO,
    host: str,
    *,
    limit: int = MAX_RECORDING_BYTES,
    allow_anonymous: bool = False,
    account: Literal["any", "personal", "work"] = "any",
    read_token_responses: bool = False,
    now: float | None = None,
) -> Recording:
    """
    What a HAR recording (plain, gzipped, or alone in a zip) or a cookie export holds for `host`.

    `source` is a path, or a binary file that is open, like that of standard input: it is read once, and not
    closed. `limit` is in bytes, unpacked; the options are those of `HarReading`. Raises `BadRecording`, a
    kind of `NoValidHarFileError`, which says what is wrong and what to do.
    """
    reading = HarReading(
        host,
        allow_anonymous=allow_anonymous,
        account=account,
        read_token_responses=read_token_responses,
        now=now,
    )
    try:
        with _opened(source, limit) as file:
            return _read(file, reading, host, limit)
    except OSError as exc:
        name = source if isinstance(source, Path) else "the file"
        raise BadRecording(
            "NoFile", f"{name} cannot be read: {exc.strerror or type(exc).__name__}. Check the path."
        ) from exc


def read_file(path: Path, host: str, *, limit: int = MAX_RECORDING_BYTES) -> Credential:
    """The credential in the file at `path`, as `read_recording` finds it."""
    return read_recording(path, host, limit=limit).credential


def read_bytes(data: bytes, host: str, *, limit: int = MAX_RECORDING_BYTES) -> Credential:
    """The same, for what was read already."""
    return read_recording(BytesIO(data), host, limit=limit).credential


def _opened(source: Path | BinaryIO, limit: int) -> AbstractContextManager[BinaryIO]:
    if not isinstance(source, Path):
        return nullcontext(source)
    if source.stat().st_size > limit:
        raise too_large(limit)
    return source.open("rb")


def _read(file: BinaryIO, reading: HarReading, host: str, limit: int) -> Recording:
    chunks = _Beginning(limited(unpacked(file), limit))
    stream = EntryStream(chunks)
    try:
        for raw in stream:
            reading.feed(raw)
    except BadRecording as problem:
        if problem.reason == "NotAHar" and holds_cookies(data := chunks.all_of_it()):
            return Recording(credential=Credential(cookies=read_cookies(data, host)))
        raise
    return reading.result(stream.creator)


class _Beginning:
    """Passes chunks on, and keeps them as long as they may be a cookie export."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._kept: list[bytes] | None = []
        self._size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._size += len(chunk)
            if self._size > MAX_COOKIE_EXPORT_BYTES:
                self._kept = None
            if self._kept is not None:
                self._kept.append(chunk)
            yield chunk

    def all_of_it(self) -> bytes:
        """Everything, to the end; nothing if that is too much."""
        for _ in self:
            if self._kept is None:
                return b""
        return b"".join(self._kept or ())
