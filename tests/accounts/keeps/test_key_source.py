"""Where the key comes from: a private file, the environment, or the person, who is asked once."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jumpseat.accounts.keeps.key_source import MAX_KEY_BYTES, KeySource
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import VaultLocked


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "the key"
    path.touch(0o600)
    path.write_bytes(b"secret\n")
    return path


def read(path: Path) -> Secret:
    return KeySource(f"file:{path}", None).key(is_new=False)


def refused(source: KeySource, words: str, *, is_new: bool = False) -> str:
    with pytest.raises(VaultLocked, match=words) as caught:
        source.key(is_new=is_new)
    return caught.value.message


def test_a_key_file_holds_the_key_without_its_last_line_end(file: Path) -> None:
    assert read(file) == Secret("secret")


def test_any_bytes_are_a_key(file: Path) -> None:
    file.write_bytes(b"\xff\x00\xfe")

    assert read(file).reveal().encode("utf-8", "surrogateescape") == b"\xff\x00\xfe"


def test_a_key_file_may_be_a_link_as_in_containers(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)

    assert read(link) == Secret("secret")


def test_the_folder_of_the_person_is_found(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(file.parent))

    assert read(Path("~") / file.name) == Secret("secret")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o777])
def test_a_key_that_others_may_read_is_refused_with_the_command(file: Path, mode: int) -> None:
    file.chmod(mode)
    message = refused(KeySource(f"file:{file}", None), "others may read or change the key file")
    subprocess.run(["bash", "-c", message.split("`")[1]], check=True)

    assert read(file) == Secret("secret")


def test_a_missing_key_file_is_made_by_the_command_in_the_message(tmp_path: Path) -> None:
    path = tmp_path / "new key"
    message = refused(KeySource(f"file:{path}", None), "No such file", is_new=True)
    subprocess.run(["bash", "-c", message.split("`")[1]], check=True)

    assert len(read(path).reveal()) == 44


def test_a_missing_key_of_an_old_file_is_not_made_anew(tmp_path: Path) -> None:
    message = refused(KeySource(f"file:{tmp_path / 'gone'}", None), "No such file")

    assert "urandom" not in message


def test_a_key_file_has_a_limit(file: Path) -> None:
    file.write_bytes(b"x" * (MAX_KEY_BYTES + 1))

    refused(KeySource(f"file:{file}", None), "far too large")


def test_an_empty_key_is_none(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_bytes(b"\n")
    monkeypatch.setenv("THE_KEY", "")

    for source in (
        KeySource(f"file:{file}", None),
        KeySource("env:THE_KEY", None),
        KeySource(None, lambda _: Secret("")),
    ):
        refused(source, "the key of the encrypted file is empty")


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("THE_KEY", raising=False)

    refused(KeySource("env:THE_KEY", None), "the variable THE_KEY, which is not set")


def test_one_passphrase_has_one_form() -> None:
    composed, decomposed = "Zo\u00eb", "Zoe\u0308"

    assert KeySource(None, lambda _: Secret(decomposed)).key(is_new=True) == Secret(composed)


def test_a_setting_goes_before_the_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", "set")
    asked: list[bool] = []

    def ask(is_new: bool) -> Secret:
        asked.append(is_new)
        return Secret("said")

    source = KeySource("env:THE_KEY", ask)

    assert source.key(is_new=True) == Secret("set")
    assert asked == []
    assert source.is_set


def test_many_threads_ask_the_person_once() -> None:
    asked: list[bool] = []
    begin = threading.Barrier(8)

    def ask(is_new: bool) -> Secret:
        asked.append(is_new)
        return Secret("said")

    source = KeySource(None, ask)
    answers: list[Secret] = []

    def want() -> None:
        begin.wait()
        answers.append(source.key(is_new=False))

    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [Secret("said")] * 8
    assert asked == [False]


def test_who_says_nothing_and_who_is_not_there_are_told_the_ways() -> None:
    nobody: list[Callable[[bool], Secret | None] | None] = [None, lambda _: None]
    for ask in nobody:
        refused(KeySource(None, ask), "JUMPSEAT_VAULT_KEY=file:PATH")
    assert not KeySource(None, None).can_ask
