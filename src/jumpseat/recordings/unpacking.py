"""Files as people keep them, plain, gzipped or zipped, as chunks of what is inside; nothing is written."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from io import BytesIO, IOBase
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from jumpseat.recordings.problems import BadRecording

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

MEGABYTE = 1024 * 1024
CHUNK_BYTES = MEGABYTE // 2
MAX_ZIP_BYTES = 256 * MEGABYTE
"""Choice: so much is held of a zip that comes through a pipe, because its table stands at its end."""
MAX_TABLE_BYTES = MEGABYTE
"""Choice: a zip's table may have so much, which is some ten thousand files; each costs memory."""
MAX_MEMBERS = 50_000
"""Choice: gzip files may be put together of so many; empty ones take time, and count for nothing unpacked."""

_GZIP, _ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 1


def unpacked(file: BinaryIO) -> Iterator[bytes]:
    """
    What `file` holds, in chunks: itself, or what is packed in it. Its first bytes decide, not its name.

    Raises `BadRecording`: `NotAHar` for an archive that cannot be used, `TruncatedHar` for one that was cut,
    `TooLarge` for a zip in a pipe. The caller opens and closes the file, and counts what comes.
    """
    head = file.read(4)
    if head.startswith(_GZIP):
        yield from _gunzipped(_chunks(file, head))
    elif head in _ZIP:
        yield from _unzipped(_seekable(file, head))
    else:
        yield from _chunks(file, head)


def limited(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The chunks, as long as they have no more than `limit` bytes together; then `TooLarge`."""
    count = 0
    for chunk in chunks:
        count += len(chunk)
        if count > limit:
            raise too_large(limit)
        yield chunk


def too_large(limit: int) -> BadRecording:
    """Why nothing of more than `limit` bytes is read."""
    megabytes = limit // MEGABYTE
    size = f"{megabytes} MB" if megabytes else f"{limit} bytes"
    return BadRecording(
        "TooLarge",
        f"the recording has more than {size}, unpacked. Record less: open the developer tools, reload, send "
        f"one message, export. Or raise the limit, in MB: JUMPSEAT_HAR_LIMIT={2 * megabytes or 1}",
    )


def _chunks(file: IO[bytes], head: bytes = b"") -> Iterator[bytes]:
    yield head
    yield from iter(partial(file.read, CHUNK_BYTES), b"")


def _gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """What one or more members of a gzip file hold. What follows them, as padding does, is left alone."""
    inflater = zlib.decompressobj(wbits=31)
    members = 1
    try:
        for chunk in chunks:
            packed = chunk
            while packed:
                if inflater.eof:
                    if not packed.startswith(_GZIP[:1]):
                        return
                    if (members := members + 1) > MAX_MEMBERS:
                        raise _damaged("gzip")
                    inflater = zlib.decompressobj(wbits=31)
                yield inflater.decompress(packed, CHUNK_BYTES)
                packed = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    except zlib.error as exc:
        raise _damaged("gzip") from exc
    if not inflater.eof:
        raise BadRecording("TruncatedHar", "the gzip file ends in the middle. Export or copy it again.")


def _seekable(file: BinaryIO, head: bytes) -> BinaryIO:
    if file.seekable():
        return file
    return BytesIO(b"".join(limited(_chunks(file, head), MAX_ZIP_BYTES)))


class _Modest(IOBase):
    """A file of which no more than `MAX_TABLE_BYTES` are read at once, whatever a zip says of its table."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(min(size, MAX_TABLE_BYTES + 1) if size >= 0 else MAX_TABLE_BYTES + 1)
        if len(data) > MAX_TABLE_BYTES:
            raise _damaged("zip")
        return data

    def close(self) -> None:
        """The file is closed by whoever opened it."""


def _unzipped(file: BinaryIO) -> Iterator[bytes]:
    """The one HAR in a zip."""
    import struct
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(cast("IO[bytes]", _Modest(file))) as archive, archive.open(_only_har(archive)) as member:
            yield from _chunks(member)
    except (BadZipFile, EOFError, NotImplementedError, ValueError, struct.error, zlib.error) as exc:
        raise _damaged("zip") from exc


def _only_har(archive: ZipFile) -> ZipInfo:
    # What macOS adds beside each file stands in a folder of its own.
    hars = [
        member
        for member in archive.infolist()
        if member.filename.lower().endswith(".har") and not member.filename.startswith("__MACOSX/")
    ]
    if len(hars) != 1:
        raise BadRecording(
            "NotAHar",
            f"the zip holds {len(hars) or 'no'} .har files, and it should be one. Give that file alone.",
        )
    if hars[0].flag_bits & _ENCRYPTED:
        raise BadRecording("NotAHar", "the zip is locked with a password. Unpack it, and give the .har file.")
    if hars[0].compress_type not in {_STORED, _DEFLATED}:
        # Other methods have no bound on the memory that they take.
        raise BadRecording(
            "NotAHar", "the zip is packed in a rare way. Unpack it, and give the .har file instead."
        )
    return hars[0]


def _damaged(what: str) -> BadRecording:
    return BadRecording("NotAHar", f"the {what} file is damaged. Export or copy it again.")
