"""Tests of files that are packed, and of the limit on what is in them."""

from __future__ import annotations

import gzip
import io
import os
import threading
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from jumpseat.recordings import BadRecording, unpacking
from jumpseat.recordings.unpacking import CHUNK_BYTES, limited, unpacked

TEXT = b'{"log": {}}' * 7


def read(data: bytes) -> bytes:
    return b"".join(unpacked(io.BytesIO(data)))


def problem(data: bytes) -> BadRecording:
    with pytest.raises(BadRecording) as caught:
        read(data)
    return caught.value


def zipped(*names: str, text: bytes = TEXT, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name in names:
            archive.writestr(name, text)
    return packed.getvalue()


def patched(data: bytes, signature: bytes, offset: int, change: bytes) -> bytes:
    """Change bytes behind the last `signature`: `PK12` begins the table of a zip, `PK34` a file in it."""
    at = data.rindex(signature) + offset
    return data[:at] + change + data[at + len(change) :]


@pytest.mark.parametrize("text", [b"", b"{", b"PK", TEXT, bytes(3 * CHUNK_BYTES + 1)])
def test_a_plain_file_comes_as_it_is(text: bytes) -> None:
    assert read(text) == text


@pytest.mark.parametrize("text", [b"", TEXT, bytes(range(256)) * 10_000])
def test_a_gzip_file_is_unpacked(text: bytes) -> None:
    packed = gzip.compress(text)

    assert read(packed) == text
    assert read(packed + packed) == text + text
    assert read(packed + bytes(100)) == text


def test_a_gzip_file_that_was_cut_says_so() -> None:
    packed = gzip.compress(os.urandom(1000))
    for end in (2, 10, 500, len(packed) - 1):
        assert problem(packed[:end]).reason == "TruncatedHar"


@pytest.mark.parametrize("packed", [b"\x1f\x8bxxxxxxxxxxxxx", gzip.compress(TEXT, mtime=0)[:-8] + bytes(8)])
def test_a_damaged_gzip_file_says_so(packed: bytes) -> None:
    assert problem(packed).reason == "NotAHar"
    assert "gzip file is damaged" in problem(packed).message


def test_the_one_har_of_a_zip_is_unpacked() -> None:
    names = ("notes.txt", "My chat.HAR", "__MACOSX/._My chat.HAR", "folder.har/")

    assert read(zipped(*names)) == TEXT
    assert read(zipped("x/chat.har", method=zipfile.ZIP_STORED)) == TEXT


@pytest.mark.parametrize(
    ("names", "words"), [(("a.har", "b.har"), "2 .har"), (("a.txt",), "no .har"), ((), "no .har")]
)
def test_a_zip_without_exactly_one_har_is_refused(names: tuple[str, ...], words: str) -> None:
    assert problem(zipped(*names)).reason == "NotAHar"
    assert words in problem(zipped(*names)).message


def test_a_zip_with_a_password_is_told() -> None:
    locked = patched(zipped("a.har"), b"PK\x01\x02", 8, b"\x01")

    assert "password" in problem(locked).message


def test_a_zip_of_a_rare_method_is_told() -> None:
    assert "rare way" in problem(zipped("a.har", method=zipfile.ZIP_LZMA)).message


def test_a_damaged_zip_is_told() -> None:
    good = zipped("a.har", text=os.urandom(1000))
    damaged = [
        good[:-30],
        good[:4],
        patched(good, b"PK\x03\x04", 100, b"xxxx"),  # what is packed
        patched(good, b"PK\x03\x04", 30, b"b"),  # another name
        patched(good, b"PK\x01\x02", 6, b"\xff"),  # a version nobody knows
        patched(good, b"PK\x01\x02", 42, b"\xff\xff\xff"),  # its place
    ]
    for data in damaged:
        assert problem(data).reason == "NotAHar"
        assert "zip file is damaged" in problem(data).message


def test_a_zip_may_come_through_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    def piped(data: bytes) -> bytes:
        reading, writing = os.pipe()

        def write() -> None:
            with os.fdopen(writing, "wb") as end, suppress(BrokenPipeError):
                end.write(data)

        thread = threading.Thread(target=write)
        thread.start()
        with os.fdopen(reading, "rb") as end:
            try:
                return b"".join(unpacked(end))
            finally:
                end.close()
                thread.join()

    assert piped(TEXT) == TEXT
    assert piped(gzip.compress(TEXT)) == TEXT
    assert piped(zipped("a.har")) == TEXT
    monkeypatch.setattr(unpacking, "MAX_ZIP_BYTES", 100)
    with pytest.raises(BadRecording, match="more than 100 bytes") as caught:
        piped(zipped("a.har", text=os.urandom(200_000)))
    assert caught.value.reason == "TooLarge"


@pytest.mark.parametrize("pack", [lambda text: zipped("a.har", text=text), gzip.compress])
def test_a_bomb_is_stopped_while_it_unpacks(pack: object) -> None:
    assert callable(pack)
    bomb = pack(bytes(64 * CHUNK_BYTES))
    assert len(bomb) < CHUNK_BYTES // 2
    taken: list[int] = []
    with pytest.raises(BadRecording, match="JUMPSEAT_HAR_LIMIT=4") as caught:
        taken.extend(len(chunk) for chunk in limited(unpacked(io.BytesIO(bomb)), 4 * CHUNK_BYTES))

    assert caught.value.reason == "TooLarge"
    assert 0 < sum(taken) <= 4 * CHUNK_BYTES


def test_a_limit_is_told_with_the_setting_that_raises_it() -> None:
    assert list(limited([b"ab", b"c"], 3)) == [b"ab", b"c"]
    with pytest.raises(BadRecording, match=r"more than 2 bytes, .* JUMPSEAT_HAR_LIMIT=1$"):
        list(limited([b"ab", b"c"], 2))


def test_nothing_is_written_beside_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped("a.har", text=zlib.compress(b"")))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with path.open("rb") as file:
        chunks: Iterator[bytes] = unpacked(file)
        next(chunks)

        assert [one.name for one in tmp_path.iterdir()] == ["a.zip"]
        assert list(chunks)


def test_a_gzip_file_is_put_together_of_so_many_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MAX_MEMBERS", 3)
    assert read(gzip.compress(b"x") * 3) == b"xxx"

    # Empty ones count for nothing unpacked, and would never end.
    assert problem(gzip.compress(b"") * 4).reason == "NotAHar"


def test_a_zip_is_refused_whose_table_alone_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = zipped("a.har", *(f"{number}.txt" for number in range(2000)))
    assert read(packed) == TEXT

    monkeypatch.setattr(unpacking, "MAX_TABLE_BYTES", 80_000)
    assert problem(packed).reason == "NotAHar"


def test_a_zip_that_says_its_table_is_endless_costs_nothing() -> None:
    # The end record tells the size of the table at its 12th byte.
    packed = zipped("a.har") + bytes(100)
    big = b"PK\3\4" + patched(bytes(5_000_000) + packed, b"PK\5\6", 12, (4_900_000).to_bytes(4, "little"))
    tracemalloc.start()
    try:
        assert problem(big).reason == "NotAHar"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 3 * unpacking.MEGABYTE
