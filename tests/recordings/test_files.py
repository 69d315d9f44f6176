"""Tests of files that a person hands over."""

from __future__ import annotations

from pathlib import Path

import pytest

from jumpseat.model.errors import NotSignedIn, NoValidHarFileError
from jumpseat.recordings import BadRecording, files, read_bytes, read_file

HAR = (
    b'{"log":{"entries":[{"request":{"url":"wss://copilot.microsoft.com/c/api/chat?accessToken=t",'
    b'"cookies":[{"name":"a","value":"b"}]}}]}}'
)
HOST = "copilot.microsoft.com"


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["chat.har", "chat.json", "chat"])
def test_a_recording_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    found = read_file(put(tmp_path, name, HAR), HOST)

    assert found.token is not None
    assert found.token.reveal() == "t"
    assert list(found.cookies) == ["a"]


def test_a_cookie_export_is_known_by_its_content(tmp_path: Path) -> None:
    found = read_file(
        put(tmp_path, "cookies.json", b'{"log": "a cookie", "user_session": "s"}'), "github.com"
    )

    assert found.token is None
    assert sorted(found.cookies) == ["log", "user_session"]
    assert list(read_bytes(b'[{"name": "a", "value": "b"}]', "github.com").cookies) == ["a"]


def test_a_cookie_export_named_har_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(BadRecording, match="cookie export") as caught:
        read_file(put(tmp_path, "cookies.har", b"[]"), HOST)
    assert caught.value.reason == "NotAHar"


@pytest.mark.parametrize("name", ["x.harp", "x.har.gz", "x.zip"])
def test_packed_files_are_refused_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadRecording) as caught:
        read_file(put(tmp_path, name, HAR), HOST)
    assert caught.value.reason == "NotAHar"


def test_a_path_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.har", tmp_path):
        with pytest.raises(BadRecording, match="Check the path") as caught:
            read_file(path, HOST)
        assert caught.value.reason == "NoFile"


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_RECORDING_BYTES", 10)
    with pytest.raises(BadRecording, match="at most 10") as caught:
        read_file(put(tmp_path, "x.har", HAR), HOST)
    assert caught.value.reason == "TooLarge"


def test_every_reason_is_a_missing_har_file_and_a_missing_sign_in() -> None:
    error = BadRecording("EmptyHar", "it is empty.")

    assert isinstance(error, NoValidHarFileError)
    assert isinstance(error, NotSignedIn)
    assert error.reason == "EmptyHar"
