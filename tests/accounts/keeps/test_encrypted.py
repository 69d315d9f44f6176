"""The encrypted file: opened by its key alone, asked for once, and never changed by a wrong one."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from jumpseat.accounts import sealing
from jumpseat.accounts.keeps import encrypted as module
from jumpseat.accounts.vault import Vault
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import MissingRequirementsError, VaultLocked
from jumpseat.settings import Settings
from tests.accounts.vaulting import PASSPHRASE, Kept, credential_of, everything_in

Ask = Callable[[bool], Secret | None]


def vault_with(home: Path, *, key: str | None = None, ask: Ask | None = None) -> Vault:
    return Vault(Settings(home=home, vault="encrypted", vault_key=key), ask=ask)


def save(vault: Vault, name: str) -> None:
    vault.save("microsoft", name, credential_of(name), way="har")


def test_the_person_is_asked_once_for_each_vault_that_is_opened(encrypted: Kept) -> None:
    record = encrypted.save("microsoft", "a")
    encrypted.save("microsoft", "b")
    encrypted.vault.credential(record)
    again = encrypted.another()
    again.vault.credential(record)
    again.save("microsoft", "c")

    assert encrypted.asked == [True]
    assert again.asked == [False]


def test_nobody_is_asked_for_what_needs_no_key(encrypted: Kept) -> None:
    encrypted.save("microsoft", "a")
    encrypted.save("microsoft", "b")
    other = encrypted.another()
    other.vault.choose_keep()
    other.vault.use("b")
    other.vault.rename("b", "c")
    other.vault.remove("a")

    assert other.asked == []
    assert [one.name for one in encrypted.vault.records()] == ["c"]
    assert list(sealing.parse((encrypted.home / "vault.sealed").read_bytes()).secrets) == [
        encrypted.vault.records()[0].secret_id
    ]


def test_the_key_is_made_once(encrypted: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    real = sealing.derive

    def derive(header: sealing.Header, text: Secret) -> bytes:
        made.append(header)
        return real(header, text)

    monkeypatch.setattr(sealing, "derive", derive)
    record = encrypted.save("microsoft", "a")
    for _ in range(3):
        record = encrypted.vault.update(record, credential_of("x"))
        encrypted.vault.credential(record)

    assert len(made) == 1


def test_keys_that_are_no_longer_needed_are_forgotten(encrypted: Kept) -> None:
    for number in range(module.MAX_KEYS + 2):
        encrypted.save("microsoft", f"a{number}")
        encrypted.vault.remove(f"a{number}")

    assert len(encrypted.vault._encrypted._keys) <= module.MAX_KEYS


@pytest.mark.parametrize(
    "wrong", ["other", "correct horse battery stapl", "CORRECT HORSE BATTERY STAPLE", " "]
)
def test_a_wrong_passphrase_opens_nothing_and_changes_nothing(encrypted: Kept, wrong: str) -> None:
    record = encrypted.save("microsoft", "me")
    before = everything_in(encrypted.home)
    vault = vault_with(encrypted.home, ask=lambda _: Secret(wrong))

    for attempt in (
        lambda: vault.credential(record),
        lambda: save(vault, "new"),
        lambda: save(vault, "me"),
        lambda: vault.update(record, credential_of("x")),
    ):
        with pytest.raises(VaultLocked, match=r"the passphrase is not the one of .*logout --all"):
            attempt()
    assert everything_in(encrypted.home) == before
    assert encrypted.vault.credential(record) == credential_of("me")


def test_a_wrong_key_in_the_settings_is_found_before_anybody_signs_in(
    encrypted: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypted.save("microsoft", "me")
    monkeypatch.setenv("THE_KEY", "CANARY")
    vault = vault_with(encrypted.home, key="env:THE_KEY")

    with pytest.raises(VaultLocked, match="JUMPSEAT_VAULT_KEY names a key that is not the one of") as caught:
        vault.choose_keep()
    assert "CANARY" not in "".join(traceback.format_exception(caught.value))


def test_whoever_cannot_be_asked_is_told_the_ways(encrypted: Kept) -> None:
    record = encrypted.save("microsoft", "me")

    for ask in (None, lambda _: None):
        with pytest.raises(VaultLocked, match=r"JUMPSEAT_VAULT_KEY=file:PATH \(or env:NAME\).*terminal"):
            vault_with(encrypted.home, ask=ask).credential(record)


def test_a_key_from_the_environment_a_file_and_the_keyboard_are_one(
    encrypted: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = encrypted.save("microsoft", "me")
    file = tmp_path / "key"
    file.touch(0o600)
    file.write_text(PASSPHRASE.reveal() + "\n")
    monkeypatch.setenv("THE_KEY", PASSPHRASE.reveal())

    for key in ("env:THE_KEY", f"file:{file}"):
        assert vault_with(encrypted.home, key=key).credential(record) == credential_of("me")
        assert vault_with(encrypted.home, key=key).choose_keep() == "encrypted"


def test_a_forgotten_passphrase_does_not_last_for_ever(encrypted: Kept) -> None:
    encrypted.save("microsoft", "me")
    vault = vault_with(encrypted.home, ask=lambda _: Secret("a new one"))
    vault.remove("me")
    save(vault, "me")

    assert vault.credential(vault.records()[0]) == credential_of("me")


def test_two_files_with_one_passphrase_have_nothing_in_common(tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        kept = Kept(tmp_path / name, "encrypted")
        kept.save("microsoft", "me")
        files.append(sealing.parse((kept.home / "vault.sealed").read_bytes()))

    assert files[0].header.salt != files[1].header.salt
    assert files[0].check != files[1].check


def test_no_nonce_comes_twice(encrypted: Kept) -> None:
    record = encrypted.save("microsoft", "me")
    nonces = set()
    for _ in range(5):
        record = encrypted.vault.update(record, credential_of("me"))
        nonces.add(
            sealing.parse((encrypted.home / "vault.sealed").read_bytes()).secrets[record.secret_id][:12]
        )

    assert len(nonces) == 5


def test_a_secret_that_was_exchanged_with_care_is_damage(encrypted: Kept) -> None:
    encrypted.save("microsoft", "a")
    encrypted.save("microsoft", "b")
    first, second = encrypted.vault.records()
    file = encrypted.home / "vault.sealed"
    sealed = sealing.parse(file.read_bytes())
    sealed.secrets[first.secret_id] = sealed.secrets[second.secret_id]
    file.write_bytes(sealing.encode(sealed))

    with pytest.raises(Exception, match="is damaged: bring back a copy"):
        encrypted.vault.credential(first)
    assert encrypted.vault.credential(second) == credential_of("b")


def test_a_missing_library_is_named_with_the_line_that_installs_it(
    encrypted: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = encrypted.save("microsoft", "me")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    with pytest.raises(MissingRequirementsError, match=r'cryptography.*`pip install "jumpseat\[vault\]"`'):
        encrypted.vault.credential(record)
    with pytest.raises(VaultLocked, match=r'`pip install "jumpseat\[vault\]"`'):
        encrypted.another().vault.choose_keep()
