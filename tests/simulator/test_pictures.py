"""The simulator's pictures are real ones."""

from __future__ import annotations

import struct
import zlib

import pytest

from jumpseat.simulator.pictures import png, sniffed


def test_a_picture_is_a_well_formed_png() -> None:
    data = png("a cat", 16)

    assert sniffed(data) == "image/png"
    width, height, depth, colours = struct.unpack(">IIBB", data[16:26])
    assert (width, height, depth, colours) == (16, 16, 8, 2)
    start = data.index(b"IDAT") + 4
    size = struct.unpack(">I", data[start - 8 : start - 4])[0]
    assert len(zlib.decompress(data[start : start + size])) == 16 * (1 + 3 * 16)


def test_different_prompts_have_different_pictures() -> None:
    assert png("a") != png("b")


def test_an_uncompressed_picture_is_as_big_as_its_pixels() -> None:
    assert len(png("a", 400, level=0)) > 480_000


@pytest.mark.parametrize(
    ("start", "mime"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBP", "image/webp"),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_first_bytes_tell_the_type(start: bytes, mime: str | None) -> None:
    assert sniffed(start) == mime
