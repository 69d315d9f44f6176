"""What the doctor says of this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import pytest
from msgspec import structs

from jumpseat.accounts.vault import Vault
from jumpseat.cli.doctor import machine
from jumpseat.cli.doctor.check import Check
from jumpseat.model.errors import StoreUnavailable
from jumpseat.settings import Settings
from jumpseat.store.sql import open_archive
from tests.accounts.keyrings import LockedKeyring, MemoryKeyring, chosen


def only(checks: Sequence[Check]) -> Check:
    (check,) = checks
    return check


def test_versions_name_the_program_python_and_every_extra() -> None:
    versions, extras = machine.versions()

    assert versions.text.startswith("jumpseat ")
    assert ", Python 3." in versions.text
    assert extras.verdict == "ok"
    assert f"curl_cffi {metadata.version('curl_cffi')}" in extras.text


def test_an_extra_that_is_not_installed_comes_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def version(name: str) -> str:
        if name in {"keyring", "playwright", "nodriver"}:
            raise metadata.PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(metadata, "version", version)

    _, extras = machine.versions()

    assert extras.verdict == "note"
    assert extras.text.startswith("not installed: vault, browser; there: ")
    assert extras.advice == 'pip install "jumpseat[vault,browser]"'


def test_a_folder_that_is_not_there_yet_is_no_fault(tmp_path: Path) -> None:
    check = only([*machine.folder(Settings(home=tmp_path / "none"))])

    assert check.verdict == "note"


def test_a_private_folder_is_well(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "jumpseat.db").touch(0o600)

    assert only([*machine.folder(Settings(home=home))]).text == f"{home}, mode 0700"


def test_a_folder_into_which_others_may_write_is_wrong(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o770)

    check = only([*machine.folder(Settings(home=home))])

    assert (check.verdict, check.advice) == ("wrong", f"chmod 700 {home}")


def test_files_that_others_may_read_are_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "jumpseat.db").touch()
    (home / "jumpseat.db").chmod(0o644)

    check = only([*machine.folder(Settings(home=home))])

    assert (check.verdict, check.advice) == ("wrong", f"chmod 600 {home / 'jumpseat.db'}")


def test_a_full_disk_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1))
    tmp_path.chmod(0o700)

    assert only([*machine.folder(Settings(home=tmp_path))]).advice == "make room on that disk"


def test_a_folder_that_cannot_be_written_to_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setattr(os, "access", lambda *_: False)

    assert only([*machine.folder(Settings(home=tmp_path))]).text.endswith("cannot be written to")


async def test_the_store_is_read(tmp_path: Path) -> None:
    archive = open_archive(Settings(home=tmp_path))
    try:
        assert (await machine.store(archive)).text == "no conversation is kept yet"
    finally:
        await archive.aclose()


async def test_a_store_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "not-a-folder").touch()
    archive = open_archive(Settings(home=tmp_path / "not-a-folder"))
    try:
        check = await machine.store(archive)
    except StoreUnavailable:
        pytest.fail("the doctor does not fall ill itself")
    finally:
        await archive.aclose()

    assert check.verdict == "wrong"
    assert "JUMPSEAT_HOME" in check.text


def test_a_proxy_is_named_without_its_password() -> None:
    check = machine.proxies({"https_proxy": "http://user:canary@proxy.example:3128", "NO_PROXY": "x"})

    assert check.verdict == "note"
    assert "HTTPS_PROXY (proxy.example)" in check.text
    assert "canary" not in check.text


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("user:can/ary@proxy.example:3128", "proxy.example"),
        ("http://can/ary#1@proxy.example", "proxy.example"),
        ("http://us\u2100er:canary@proxy.example", "proxy.example"),
        ("http://[canary", "no address"),
        ("proxy.example:80", "proxy.example"),
    ],
)
def test_however_it_is_written_its_password_is_not_shown(address: str, shown: str) -> None:
    assert f"HTTP_PROXY ({shown})" in machine.proxies({"HTTP_PROXY": address}).text


def test_no_proxy_is_well() -> None:
    assert machine.proxies({}).verdict == "ok"


def test_where_the_next_sign_in_would_be_kept_is_told(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with chosen(MemoryKeyring()):
        in_keyring = machine.keep(Vault(settings))
    with chosen(LockedKeyring()):
        nowhere = machine.keep(Vault(settings))
        in_file = machine.keep(Vault(settings, ask=lambda _is_new: None))
        chosen_file = structs.replace(settings, vault="encrypted")
        by_choice = machine.keep(Vault(chosen_file, ask=lambda _is_new: None))
    lost = machine.keep(Vault(Settings(home=tmp_path, vault_key=f"file:{tmp_path}/none")))

    assert (in_keyring.verdict, in_keyring.text) == ("ok", "sign-ins are kept in the system keyring")
    assert in_file.verdict == "ok"
    assert in_file.text == (
        "sign-ins are kept in an encrypted file, for the system keyring cannot be used: "
        "it is locked, and was not unlocked"
    )
    assert by_choice.text == "sign-ins are kept in an encrypted file"
    assert nowhere.verdict == lost.verdict == "note"
    assert "keyring cannot be used (it is locked, and was not unlocked)" in nowhere.text
    assert "JUMPSEAT_VAULT_KEY=file:PATH" in nowhere.text
    assert "umask 077" in lost.text
