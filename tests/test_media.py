"""Pictures taken, and everything else refused."""

import base64
import io
from pathlib import Path
from typing import Any

import pytest

from jumpseat import media
from jumpseat.media import parse_data_uri, read_image, sniff
from jumpseat.model.errors import InvalidRequest
from jumpseat.model.messages import Image

PNG = b"\x89PNG\r\n\x1a\n rest"
PICTURES = {
    "image/jpeg": b"\xff\xd8\xff\xe0 rest",
    "image/png": PNG,
    "image/gif": b"GIF89a rest",
    "image/webp": b"RIFF\x00\x00\x00\x00WEBPVP8 rest",
}


def data_uri(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


@pytest.mark.parametrize(("kind", "data"), PICTURES.items())
def test_a_picture_is_known_by_its_first_bytes(kind: str, data: bytes) -> None:
    assert sniff(data) == kind
    assert read_image(data_uri(data, "text/plain")).media_type == kind


def test_the_older_gif_is_known_too() -> None:
    assert sniff(b"GIF87a") == "image/gif"


@pytest.mark.parametrize(
    ("data", "looks_like"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "a PDF document"),
        (b"RIFF\x00\x00\x00\x00WAVE", "a WAV or AVI file"),
        (b"\x00\x00\x00\x20ftypavif", "an AVIF picture"),
        (b"\x00\x00\x00\x20ftypisom", "an MP4"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><svg xmlns="">', "an SVG drawing"),
        (b" \n<!DOCTYPE HTML>", "an HTML page"),
        (b"Hello there", "text"),
        ("Привет, как дела? ".encode() * 99, "text"),
        (b"\x00\x01\x02", "something else"),
        (b"\xff\xfe\xfd\xfc\xfb\xfa", "something else"),
    ],
)
def test_what_is_no_picture_is_refused_by_what_it_looks_like(data: bytes, looks_like: str) -> None:
    with pytest.raises(InvalidRequest, match=f"jpeg, png, gif and webp.*{looks_like}") as refused:
        read_image(data)

    assert refused.value.code == "unsupported_image"
    assert refused.value.param == "images"


def test_a_picture_may_come_in_every_form(tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(PNG)

    for source in (PNG, bytearray(PNG), memoryview(PNG), io.BytesIO(PNG), data_uri(PNG)):
        assert read_image(source) == Image(data=PNG, media_type="image/png")
    for named in (path, str(path), (PNG, "cat.png"), (data_uri(PNG), "cat.png"), (path, None)):
        assert read_image(named) == Image(data=PNG, media_type="image/png", name="cat.png")
    with path.open("rb") as file:
        assert read_image(file).name == "cat.png"
    with path.open("rb") as file:
        assert read_image((file, "dog.png")).name == "dog.png"
    image = read_image(PNG)
    assert read_image(image) is image


def test_a_pair_may_be_a_list_as_the_documents_have_it() -> None:
    pair: Any = [PNG, "cat.png"]

    assert read_image(pair).name == "cat.png"


@pytest.mark.parametrize("source", [(PNG,), (PNG, 1), (PNG, "a", "b"), ()])
def test_what_is_no_pair_is_refused(source: Any) -> None:
    with pytest.raises(InvalidRequest, match="must be a pair"):
        read_image(source)


@pytest.mark.parametrize("source", [None, 3, {"url": "x"}, (None, "name")])
def test_what_holds_no_picture_is_refused(source: Any) -> None:
    with pytest.raises(InvalidRequest, match="must be bytes, a path, a data URI or an open file, not"):
        read_image(source)


@pytest.mark.parametrize(
    "source", ["https://example.com/a.png", "HTTP://example.com/a.png", "ftp://example.com"]
)
def test_addresses_are_not_fetched(source: str) -> None:
    for way in (read_image, parse_data_uri):
        with pytest.raises(InvalidRequest, match="not fetched from addresses"):
            way(source)


@pytest.mark.parametrize("source", ["file:///etc/passwd", "FILE://localhost/etc/passwd"])
def test_files_are_not_opened_by_address(source: str) -> None:
    for way in (read_image, parse_data_uri):
        with pytest.raises(InvalidRequest, match="not opened by address"):
            way(source)


def test_only_a_data_uri_is_taken_from_a_stranger(tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(PNG)

    with pytest.raises(InvalidRequest, match="must be a data URI"):
        parse_data_uri(str(path))
    with pytest.raises(InvalidRequest, match="not opened by address"):
        parse_data_uri("file:cat.png")
    assert parse_data_uri(data_uri(PNG), name="cat").name == "cat"


@pytest.mark.parametrize(
    "uri",
    [
        "data:image/png;base64," + base64.b64encode(PNG).decode().replace("=", "%3D").replace("/", "%2F"),
        "DATA:;BASE64," + base64.b64encode(PNG).decode(),
        "data:image/png;charset=x;base64," + base64.b64encode(PNG).decode(),
        "data:,%89PNG%0D%0A%1A%0A%20rest",
    ],
)
def test_data_uris_have_several_forms(uri: str) -> None:
    assert parse_data_uri(uri).data == PNG


def test_escapes_without_end_are_not_read() -> None:
    with pytest.raises(InvalidRequest, match="write it in base64"):
        parse_data_uri("data:image/png," + "%41" * 10_000_000)
    with pytest.raises(InvalidRequest, match="no valid base64"):
        parse_data_uri("data:image/png;base64," + "%41" * 1_000_000)


@pytest.mark.parametrize(
    ("uri", "wrong"),
    [
        ("data:image/png;base64", "no comma"),
        ("data:image/png;base64,iVBORw0KGgo", "no valid base64"),
        ("data:image/png;base64,iVBO Rw0KGgo=", "no valid base64"),
        ("data:image/png;base64,iVBORw0K_-o=", "no valid base64"),
        ("data:image/png;base64,привет", "outside ASCII"),
        ("data:image/png;base64,", "empty"),
    ],
)
def test_a_bent_data_uri_is_refused(uri: str, wrong: str) -> None:
    for way in (read_image, parse_data_uri):
        with pytest.raises(InvalidRequest, match=wrong):
            way(uri)


def test_a_picture_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(media, "MAX_IMAGE_BYTES", 12)
    monkeypatch.setattr(media, "_MAX_BASE64_CHARS", 16)
    path = tmp_path / "cat.png"
    path.write_bytes(PNG)

    for source in (PNG, path, io.BytesIO(PNG), data_uri(PNG), "data:,%89PNG%0D%0A%1A%0A%20rest"):
        with pytest.raises(InvalidRequest, match="longer than"):
            read_image(source)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for source in (tmp_path / "missing.png", tmp_path, str(tmp_path / "missing.png"), "a\0b"):
        with pytest.raises(InvalidRequest, match="cannot be read"):
            read_image(source)


def test_an_open_file_that_cannot_be_read_is_refused() -> None:
    closed = io.BytesIO(PNG)
    closed.close()
    text: Any = io.StringIO("text")

    with pytest.raises(InvalidRequest, match="cannot be read from its file"):
        read_image(closed)
    with pytest.raises(InvalidRequest, match="mode 'rb'"):
        read_image(text)
