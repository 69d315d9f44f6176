"""What the vault refuses: links, lax modes, files that are damaged, strange or of a later version."""

from __future__ import annotations

import os
import shlex
import subprocess
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from jumpseat.accounts import vault as vaults
from jumpseat.accounts.vault import LOCK, REGISTER, Vault
from jumpseat.model.errors import JumpseatError, StoreUnavailable, VaultLocked
from jumpseat.settings import Settings
from tests.accounts.keyrings import DenyingKeyring, HangingKeyring, LockedKeyring, MemoryKeyring, chosen
from tests.accounts.vaulting import Kept, credential_of

SECRETS = {"plaintext": "vault.plaintext", "encrypted": "vault.sealed"}


@pytest.fixture(params=sorted(SECRETS))
def filed(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    """A vault whose secrets are in a file."""
    return Kept(tmp_path / "ho me", request.param)


def secrets(kept: Kept) -> Path:
    return kept.home / SECRETS[kept.keep]


def snapshot(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.iterdir() if path.is_file()}


def attempts(kept: Kept) -> list[Callable[[], object]]:
    """Everything that reads or writes the secrets or the register."""
    record = kept.vault.records()[0]
    fresh = kept.another()
    return [
        lambda: fresh.vault.credential(record),
        lambda: fresh.save("microsoft", "new"),
        lambda: fresh.save("microsoft", "me"),
        lambda: fresh.vault.update(record, credential_of("x")),
    ]


def refuse_all(tries: list[Callable[[], object]], words: str) -> None:
    for attempt in tries:
        with pytest.raises(StoreUnavailable, match=words):
            attempt()


def test_a_damaged_file_of_secrets_is_never_overwritten(filed: Kept) -> None:
    filed.save("microsoft", "me")
    whole = secrets(filed).read_bytes()
    tries = attempts(filed)
    for damaged in (
        whole[: len(whole) // 2],
        b"",
        b"\xff" * 40,
        whole.replace(b'"secrets":{', b'"secrets":['),
    ):
        secrets(filed).write_bytes(damaged)
        refuse_all(tries, r"is damaged: .*`mv '.*' '.*'\.damaged`")
        assert secrets(filed).read_bytes() == damaged


def test_an_account_is_forgotten_although_its_file_is_damaged(filed: Kept) -> None:
    filed.save("microsoft", "me")
    secrets(filed).write_bytes(b"damaged")

    with pytest.raises(StoreUnavailable, match="me is forgotten, but its secret could not be deleted yet"):
        filed.vault.remove("me")
    assert filed.vault.records() == []
    assert secrets(filed).read_bytes() == b"damaged"
    secrets(filed).rename(secrets(filed).with_suffix(".damaged"))
    filed.save("microsoft", "me")
    assert b'"unsettled": []' in (filed.home / REGISTER).read_bytes()


def test_a_file_of_secrets_of_a_later_version_is_left_alone(filed: Kept) -> None:
    filed.save("microsoft", "me")
    tries = attempts(filed)
    newer = secrets(filed).read_bytes().replace(b'"version":1', b'"version":2')
    secrets(filed).write_bytes(newer)

    refuse_all(tries, "newer jumpseat: `pip install --upgrade jumpseat`")
    assert secrets(filed).read_bytes() == newer


def test_a_register_of_a_later_version_is_left_alone(filed: Kept) -> None:
    filed.save("microsoft", "me")
    file = filed.home / REGISTER
    file.write_bytes(file.read_bytes().replace(b'"version": 1', b'"version": 2'))
    before = snapshot(filed.home)
    vault = filed.another().vault

    for attempt in (vault.records, lambda: filed.save("microsoft", "me"), lambda: vault.use("me")):
        with pytest.raises(StoreUnavailable, match="newer jumpseat: `pip install --upgrade jumpseat`"):
            attempt()
    assert snapshot(filed.home) == before


def test_a_damaged_register_is_left_alone(filed: Kept) -> None:
    filed.save("microsoft", "me")
    (filed.home / REGISTER).write_bytes(b'{"version": 1, "accounts": [{"kind"')
    before = snapshot(filed.home)
    vault = filed.another().vault

    for attempt in (vault.records, lambda: filed.save("microsoft", "me"), lambda: vault.remove("me")):
        with pytest.raises(StoreUnavailable, match=r"is damaged: run `mv '.*accounts.json' '"):
            attempt()
    assert snapshot(filed.home) == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610])
def test_files_that_others_may_read_or_write_are_refused_with_the_command(filed: Kept, mode: int) -> None:
    filed.save("microsoft", "me")
    record = filed.vault.records()[0]
    for file, attempt in (
        (secrets(filed), lambda: filed.vault.credential(record)),
        (filed.home / REGISTER, filed.vault.records),
    ):
        file.chmod(mode)
        with pytest.raises(StoreUnavailable) as caught:
            attempt()
        follow_the_advice(caught.value)
        attempt()


@pytest.mark.parametrize("mode", [0o770, 0o777, 0o720, 0o702])
def test_a_home_where_others_may_write_is_refused_with_the_command(filed: Kept, mode: int) -> None:
    filed.save("microsoft", "me")
    for attempt in (filed.vault.records, lambda: filed.save("microsoft", "me")):
        filed.home.chmod(mode)
        with pytest.raises(StoreUnavailable) as caught:
            attempt()
        follow_the_advice(caught.value)
        attempt()


@pytest.mark.parametrize("plaintext", [True, False])
def test_a_home_where_others_may_write_is_refused_before_anybody_signs_in(
    filed: Kept, plaintext: bool
) -> None:
    filed.home.mkdir(mode=0o700)
    filed.vault.choose_keep(plaintext=True)
    filed.home.chmod(0o770)

    with pytest.raises(StoreUnavailable, match="others may write"):
        filed.vault.choose_keep(plaintext=plaintext)


def follow_the_advice(error: JumpseatError) -> None:
    """Type what stands between the first two backquotes."""
    command = shlex.split(error.message.split("`")[1])
    assert command[0] == "chmod"
    subprocess.run(command, check=True)


def test_links_in_the_place_of_files_are_refused(filed: Kept, tmp_path: Path) -> None:
    filed.save("microsoft", "me")
    record = filed.vault.records()[0]
    for file in (secrets(filed), filed.home / REGISTER, filed.home / LOCK):
        aside = tmp_path / "aside"
        file.rename(aside)
        file.symlink_to(aside)
        with pytest.raises(StoreUnavailable, match="plain file"):
            filed.save("microsoft", "new")
        if file.name != LOCK:
            with pytest.raises(StoreUnavailable, match="plain file"):
                (filed.vault.records(), filed.vault.credential(record))
        file.unlink()
        aside.rename(file)
    assert filed.vault.credential(record) == credential_of("me")


def test_a_home_that_is_a_link_is_refused_with_its_target(filed: Kept, tmp_path: Path) -> None:
    filed.save("microsoft", "me")
    link = tmp_path / "link"
    link.symlink_to(filed.home)
    vault = Vault(Settings(home=link))

    with pytest.raises(StoreUnavailable, match=f"is a link.*JUMPSEAT_HOME to {filed.home}"):
        vault.records()
    with pytest.raises(StoreUnavailable, match="is a link"):
        vault.use("me")


def test_a_planted_link_in_the_place_of_the_next_file_is_not_followed(filed: Kept, tmp_path: Path) -> None:
    filed.save("microsoft", "me")
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    for name in (secrets(filed).name, REGISTER):
        (filed.home / f"{name}.new").symlink_to(victim)
    filed.save("microsoft", "new")

    assert victim.read_text() == "untouched"
    assert not list(filed.home.glob("*.new"))


def test_other_things_in_the_place_of_files_are_refused_at_once(filed: Kept) -> None:
    filed.save("microsoft", "me")
    (filed.home / REGISTER).unlink()
    os.mkfifo(filed.home / REGISTER, 0o600)

    with pytest.raises(StoreUnavailable, match="not a plain file"):
        filed.vault.records()


def test_somebody_elses_files_are_refused(filed: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    filed.save("microsoft", "me")
    mine = filed.home.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: mine + 4711)
    if mine == 0:
        os.chown(filed.home / REGISTER, 4712, -1)

    with pytest.raises(StoreUnavailable, match="belongs to somebody else"):
        filed.vault.records()


def test_a_writer_waits_for_another_only_so_long(filed: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    record = filed.save("microsoft", "me")
    monkeypatch.setattr(vaults, "LOCK_SECONDS", 0.1)

    with FileLock(filed.home / LOCK), pytest.raises(StoreUnavailable, match=r"accounts.lock for 0\.1 s"):
        filed.vault.use("me")
    with FileLock(filed.home / LOCK):
        assert filed.vault.credential(record) == credential_of("me"), "readers do not wait"
    filed.vault.use("me")


def test_without_keyring_and_key_the_choices_are_named(tmp_path: Path) -> None:
    vault = Vault(Settings(home=tmp_path / "home"))
    for attempt in (
        vault.choose_keep,
        lambda: vault.save("microsoft", "me", credential_of("CANARY"), way="har"),
    ):
        with pytest.raises(VaultLocked) as caught:
            attempt()
        for word in (
            "there is none here",
            "JUMPSEAT_VAULT_KEY=file:PATH",
            "env:NAME",
            "terminal",
            "--plaintext",
        ):
            assert word in caught.value.message
    assert not (tmp_path / "home").exists()
    assert vault.choose_keep(plaintext=True) == "plaintext"


def test_a_keyring_that_is_asked_for_by_name_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    vault = Kept(tmp_path / "home", "keyring").vault

    with pytest.raises(VaultLocked, match="no safe place for a credential here: the system keyring"):
        vault.choose_keep()


@pytest.mark.parametrize("backend", [LockedKeyring, MemoryKeyring])
def test_a_keyring_that_does_not_answer_gives_way_to_the_encrypted_file(
    tmp_path: Path, backend: type[MemoryKeyring]
) -> None:
    kept = Kept(tmp_path / "home", "plaintext")  # Its settings leave the choice open.
    with chosen(backend()):
        expected = "encrypted" if backend is LockedKeyring else "keyring"
        assert kept.vault.choose_keep() == expected


def test_a_keyring_that_denies_leaves_nothing_behind(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "home", "keyring")
    with chosen(DenyingKeyring()), pytest.raises(VaultLocked, match="it refused") as caught:
        kept.save("microsoft", "me", credential_of("canary"))

    assert "token of" not in "".join(traceback.format_exception(caught.value))
    assert kept.vault.records() == []
    assert b'"unsettled": []' in (kept.home / REGISTER).read_bytes()


def test_a_secret_that_a_locked_keyring_holds_back_is_dropped_by_the_next_writer(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "home", "keyring")
    backend = LockedKeyring()
    backend.is_locked = False
    with chosen(backend):
        kept.save("microsoft", "me")
        backend.is_locked = True
        with pytest.raises(
            StoreUnavailable, match="me is forgotten, but its secret could not be deleted yet"
        ):
            kept.vault.remove("me")
        assert kept.vault.records() == []
        assert backend.entries
        kept.another().vault.save("github", "other", credential_of("other"), way="gh", plaintext=True)
        assert backend.entries, "still locked, and nobody else is hindered"
        backend.is_locked = False
        kept.another().vault.use("other")
    assert backend.entries == {}


def test_a_hanging_keyring_hinders_nobody_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jumpseat.accounts.keeps.system_keyring.SECONDS", 0.05)
    backend = HangingKeyring()
    try:
        with chosen(backend):
            kept = Kept(tmp_path / "home", "plaintext")
            assert kept.vault.choose_keep() == "encrypted"
    finally:
        backend.come.set()
