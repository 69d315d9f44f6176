"""Pictures that a caller hands over: read, and known by their first bytes or refused before they are sent."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote_to_bytes

from jumpseat.model.errors import InvalidRequest
from jumpseat.model.messages import Image, ImageType

MAX_IMAGE_BYTES = 20 * 1024 * 1024
"""Choice: the protocol pages name no limit; this one keeps a slip of the hand from going upstream."""

ImageSource = bytes | bytearray | memoryview | str | Path | BinaryIO

_MAX_BASE64_CHARS = (MAX_IMAGE_BYTES + 2) // 3 * 4

_MAX_ESCAPES = 200_000
"""Choice: each takes a hundred times its length while it is read; who has more can write base64."""

# Of its 65 signs these are the ones that URLs escape.
_BASE64_ESCAPES = (
    (b"%2B", b"+"),
    (b"%2F", b"/"),
    (b"%3D", b"="),
    (b"%2b", b"+"),
    (b"%2f", b"/"),
    (b"%3d", b"="),
)

_URL = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)

# First bytes, from the formats' own definitions. Those of ISO media (AVIF, HEIC, MP4) follow a length.
_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF document"),
    (b"BM", "a BMP picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"\x00\x00\x01\x00", "an icon file"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\x1f\x8b", "a gzip file"),
    (b"RIFF", "a WAV or AVI file"),
    (b"OggS", "an Ogg file"),
    (b"ID3", "an MP3 file"),
    (b"\x1a\x45\xdf\xa3", "a WebM or Matroska file"),
)
_BRANDS = {
    b"avif": "an AVIF picture",
    b"heic": "a HEIC picture",
    b"heix": "a HEIC picture",
    b"mif1": "a HEIF picture",
}


def sniff(data: bytes) -> ImageType | None:
    """The type of the picture, by its first bytes; None for everything that goes not upstream."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def read_image(source: ImageSource | tuple[ImageSource, str | None] | Image) -> Image:
    """
    The picture that `source` is or names.

    `source` is bytes, a data URI, a path (as text or `Path`), a file open for reading bytes, or a pair of one
    of these and a name. The type is told by the bytes alone. Raises `InvalidRequest` for what is no jpeg,
    png, gif or webp picture, cannot be read, or is longer than `MAX_IMAGE_BYTES`. Text from a stranger must
    not come here, for it could name a file of ours: see `parse_data_uri`.
    """
    name: str | None = None
    if isinstance(source, Image):
        return source
    if isinstance(source, (tuple, list)):
        source, name = _pair(source)
    if isinstance(source, str) and source[:5].lower() == "data:":
        return _image(_decoded(source), name)
    if isinstance(source, (str, Path)):
        return _image(_contents(source), name or Path(source).name)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _image(bytes(source), name)
    if hasattr(source, "read"):
        own_name = getattr(source, "name", None)
        return _image(_rest(source), name or (Path(own_name).name if isinstance(own_name, str) else None))
    raise InvalidRequest(
        f"a picture must be bytes, a path, a data URI or an open file, not {type(source).__name__}",
        param="images",
    )


def parse_data_uri(uri: str, *, name: str | None = None) -> Image:
    """
    The picture in a data URI (RFC 2397), in base64 or percent-encoded; for text that comes from a stranger.

    The media type it names is not believed. Raises `InvalidRequest` for everything else, other addresses too.
    """
    if uri[:5].lower() != "data:":
        raise InvalidRequest(_no_data_uri(uri), param="images")
    return _image(_decoded(uri), name)


def _pair(source: tuple[object, ...] | list[object]) -> tuple[ImageSource, str | None]:
    match source:
        case (content, (str() | None) as name):
            return content, name  # type: ignore[return-value]  # what it is, is looked at next
    raise InvalidRequest("a picture with a name must be a pair: (picture, name)", param="images")


def _no_data_uri(text: str) -> str:
    if text[:5].lower() == "file:":
        return "files are not opened by address: hand over the path, the bytes or a data URI"
    if _URL.match(text):
        return (
            "pictures are not fetched from addresses: "
            "hand over the bytes, or a data URI (data:image/png;base64,...)"
        )
    return "a picture must be a data URI: data:image/png;base64,..."


def _decoded(uri: str) -> bytes:
    head, comma, payload = uri.partition(",")
    if not comma:
        raise InvalidRequest("the data URI has no comma before its data", param="images")
    if not payload.isascii():
        raise InvalidRequest("the data URI holds characters outside ASCII", param="images")
    if not head.lower().endswith(";base64"):
        if payload.count("%") > _MAX_ESCAPES:
            raise InvalidRequest("the data URI has too many escapes: write it in base64", param="images")
        return unquote_to_bytes(payload)
    encoded = payload.encode()
    for escape, sign in _BASE64_ESCAPES if "%" in payload else ():
        encoded = encoded.replace(escape, sign)
    if len(encoded) > _MAX_BASE64_CHARS:
        raise InvalidRequest(_too_long(), param="images")
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error as exc:
        raise InvalidRequest(f"the data URI is no valid base64 ({exc})", param="images") from exc


def _contents(source: str | Path) -> bytes:
    if isinstance(source, str) and _URL.match(source):
        raise InvalidRequest(_no_data_uri(source), param="images")
    try:
        with Path(source).open("rb") as file:
            return file.read(MAX_IMAGE_BYTES + 1)
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "no name of a file"
        shown = str(source)[:200]
        raise InvalidRequest(f"the picture {shown!r} cannot be read: {reason}", param="images") from exc


def _rest(file: BinaryIO) -> bytes:
    try:
        data: object = file.read(MAX_IMAGE_BYTES + 1)
    except (OSError, ValueError) as exc:
        raise InvalidRequest(f"the picture cannot be read from its file: {exc}", param="images") from exc
    if not isinstance(data, bytes):
        raise InvalidRequest("the picture's file is open for text: open it with mode 'rb'", param="images")
    return data


def _image(data: bytes, name: str | None) -> Image:
    if len(data) > MAX_IMAGE_BYTES:
        raise InvalidRequest(_too_long(), param="images")
    media_type = sniff(data)
    if media_type is None:
        raise InvalidRequest(
            f"only jpeg, png, gif and webp pictures are taken; this is {_kind(data)}",
            param="images",
            code="unsupported_image",
        )
    return Image(data=data, media_type=media_type, name=name)


def _too_long() -> str:
    return f"the picture is longer than {MAX_IMAGE_BYTES // 2**20} MiB: make it smaller"


def _kind(data: bytes) -> str:
    """What `data` looks like, in words."""
    if not data:
        return "empty"
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "an MP4 or similar file")
    for start, kind in _KINDS:
        if data.startswith(start):
            return kind
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in head:
        return "an SVG drawing"
    if head.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    return "something else" if b"\x00" in head or not _is_text(head) else "text"


def _is_text(head: bytes) -> bool:
    try:
        # By this decoder, for the last bytes may be half a character.
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
