"""Tests of files that a person hands over."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path
from typing import BinaryIO

import pytest

from jumpseat.model.errors import NotSignedIn, NoValidHarFileError
from jumpseat.recordings import BadRecording, Recording, files, read_bytes, read_file, read_recording

HAR = (
    b'{"log":{"entries":[{"request":{"url":"wss://copilot.microsoft.com/c/api/chat?accessToken=t",'
    b'"cookies":[{"name":"a","value":"b"}]}}]}}'
)
HOST = "copilot.microsoft.com"
GITHUB = "github.com"


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def zipped(data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("chat.har", data)
    return packed.getvalue()


def token_of(recording: Recording) -> str | None:
    token = recording.credential.token
    return token.reveal() if token else None


def reason(source: Path | BinaryIO, host: str = HOST, limit: int = files.MAX_RECORDING_BYTES) -> str:
    with pytest.raises(BadRecording) as caught:
        read_recording(source, host, limit=limit)
    return caught.value.reason


@pytest.mark.parametrize("name", ["chat.har", "chat.json", "chat", "chat.har.gz", "chat.zip"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zipped])
def test_a_recording_is_known_by_its_content(tmp_path: Path, name: str, pack: type[bytes]) -> None:
    path = put(tmp_path, name, pack(HAR))
    found = read_file(path, HOST)

    assert found.token is not None
    assert found.token.reveal() == "t"
    assert list(found.cookies) == ["a"]
    assert [one.name for one in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zipped])
def test_an_open_file_is_read_and_not_closed(pack: type[bytes]) -> None:
    file = io.BytesIO(pack(HAR))

    assert token_of(read_recording(file, HOST)) == "t"
    assert not file.closed


def test_the_options_reach_the_reading(tmp_path: Path) -> None:
    anonymous = (
        b'{"log":{"entries":[{"request":{"url":"https://copilot.microsoft.com/","cookies":[%b]}}]}}'
        % (b'{"name": "__Host-copilot-anon", "value": "x"}')
    )
    path = put(tmp_path, "x.har", anonymous)

    assert reason(path) == "SignedOut"
    assert list(read_recording(path, HOST, allow_anonymous=True).credential.cookies) == [
        "__Host-copilot-anon"
    ]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_cookie_export_is_known_by_its_content(tmp_path: Path, pack: type[bytes]) -> None:
    found = read_file(
        put(tmp_path, "cookies.json", pack(b'{"log": "a cookie", "user_session": "s"}')), GITHUB
    )

    assert found.token is None
    assert sorted(found.cookies) == ["log", "user_session"]
    listed = b'\xef\xbb\xbf[{"name": "a", "value": "b", "domain": ".microsoft.com"}]'
    assert list(read_bytes(pack(listed), HOST).cookies) == ["a"]
    assert reason(io.BytesIO(pack(listed)), GITHUB) == "NoCookies"


@pytest.mark.parametrize(
    "content", [b"[]", b'[{"name": "a"}]', b'{"error": 1}', b"[1, ", b"{}", b'{"a": {}}']
)
def test_other_json_is_no_cookie_export(tmp_path: Path, content: bytes) -> None:
    assert reason(put(tmp_path, "cookies.har", content)) == "NotAHar"


def test_a_huge_list_is_not_read_to_its_end() -> None:
    class Endless(io.RawIOBase):
        taken = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            buffer[:] = b"[" * len(buffer)
            self.taken += len(buffer)
            return len(buffer)

    endless = Endless()
    assert reason(io.BufferedReader(endless)) == "NotAHar"
    assert endless.taken < 2 * files.MAX_COOKIE_EXPORT_BYTES


def test_a_path_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.har", tmp_path):
        with pytest.raises(BadRecording, match="Check the path") as caught:
            read_recording(path, HOST)
        assert caught.value.reason == "NoFile"


def test_a_file_that_cannot_be_read_on_is_told() -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            del size
            raise OSError

    with pytest.raises(BadRecording, match="the file cannot be read: OSError"):
        read_recording(Torn(), HOST)


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    path = put(tmp_path, "x.har", HAR)

    assert reason(path, limit=10) == "TooLarge"
    assert reason(put(tmp_path, "x.gz", gzip.compress(HAR * 100)), limit=len(HAR)) == "TooLarge"
    assert reason(io.BytesIO(HAR), limit=10) == "TooLarge"
    assert token_of(read_recording(path, HOST, limit=len(HAR))) == "t"
    with pytest.raises(BadRecording, match="JUMPSEAT_HAR_LIMIT"):
        read_file(path, HOST, limit=10)
    with pytest.raises(BadRecording, match="JUMPSEAT_HAR_LIMIT"):
        read_bytes(HAR, HOST, limit=10)


def test_every_reason_is_a_missing_har_file_and_a_missing_sign_in() -> None:
    error = BadRecording("EmptyHar", "it is empty.")

    assert isinstance(error, NoValidHarFileError)
    assert isinstance(error, NotSignedIn)
    assert error.reason == "EmptyHar"
