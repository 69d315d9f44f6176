"""Real pictures made by hand, so that what the simulator serves can be opened and looked at."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

MAGIC: Mapping[bytes, str] = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
ACCEPTED_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(prompt: str, side: int = 64, *, level: int = 9) -> bytes:
    """
    A square PNG with a disc, coloured after the prompt.

    With `level` 0 nothing is compressed: 3 bytes a pixel, which is how a preview of 600 KB comes about.
    """
    seed = zlib.crc32(prompt.encode("utf-8", "replace"))
    ink = bytes((seed & 0xFF, seed >> 8 & 0xFF, seed >> 16 & 0xFF))
    paper = bytes(255 - part // 3 for part in ink)
    rows = bytearray()
    middle, radius = (side - 1) / 2, side * 0.4
    for y in range(side):
        half = max(0.0, radius**2 - (y - middle) ** 2) ** 0.5
        left = round(middle - half) if half else side
        inside = max(0, side - 2 * left)
        rows += b"\0" + paper * min(left, side) + ink * inside + paper * (side - min(left, side) - inside)
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(rows), level)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def sniffed(data: bytes) -> str | None:
    """The MIME type that the first bytes tell, if it is one the service takes."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for magic, mime in MAGIC.items() if data.startswith(magic)), None)
