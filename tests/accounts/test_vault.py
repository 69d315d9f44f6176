"""The vault: what is kept comes back, from each keep alike, and one answers until told otherwise."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from jumpseat.accounts.register import AccountRecord
from jumpseat.accounts.vault import LOCK, REGISTER, Vault
from jumpseat.model.credentials import Credential, Secret
from jumpseat.model.errors import InvalidRequest, NotSignedIn, StoreUnavailable
from jumpseat.settings import Settings
from tests.accounts.keyrings import MemoryKeyring
from tests.accounts.vaulting import Kept, credential_of, everything_in


def names(vault: Vault) -> list[str]:
    return [f"{one.kind} {one.name}{'*' if one.is_used else ''}" for one in vault.records()]


def test_an_empty_home_has_no_accounts_and_stays_empty(tmp_path: Path) -> None:
    vault = Vault(Settings(home=tmp_path / "none"))

    assert vault.records() == []
    assert vault.stamp() is None
    assert not (tmp_path / "none").exists()


def test_what_is_kept_comes_back_in_another_process(kept: Kept) -> None:
    record = kept.save("microsoft", "me", person="Heiner")

    again = kept.another().vault
    assert again.records() == [record]
    assert again.credential(record) == credential_of("me")
    assert (record.keep, record.way, record.person) == (kept.keep, "har", "Heiner")


def test_the_record_tells_what_of_the_credential_is_no_secret(kept: Kept) -> None:
    record = kept.save("microsoft", "me")
    credential = credential_of("me")

    assert record.obtained_at == credential.obtained_at
    assert record.expires_at == credential.expires_at
    assert record.generation == credential.generation
    assert record.host == credential.host


def test_the_first_of_its_kind_is_used_and_stays_it(kept: Kept) -> None:
    kept.save("microsoft", "b")
    kept.save("microsoft", "a")
    kept.save("github", "c")

    assert names(kept.vault) == ["microsoft a", "microsoft b*", "github c*"]


def test_another_is_used_when_the_person_says_so(kept: Kept) -> None:
    kept.save("microsoft", "a")
    kept.save("microsoft", "b")
    record = kept.vault.use("B")

    assert record.is_used
    assert names(kept.another().vault) == ["microsoft a", "microsoft b*"]


def test_signing_in_again_replaces_the_account_and_drops_its_old_secret(kept: Kept) -> None:
    old = kept.save("microsoft", "me")
    new = kept.save("microsoft", "ME", credential_of("someone else"))

    assert kept.vault.records() == [new]
    assert new.name == "ME"
    assert new.is_used
    assert kept.vault.credential(new) == credential_of("someone else")
    assert kept.vault._keeps[kept.keep].read(old.secret_id) is None


def test_signing_in_again_does_not_change_who_is_used(kept: Kept) -> None:
    kept.save("microsoft", "a")
    kept.save("microsoft", "b")
    kept.save("microsoft", "b")

    assert names(kept.vault) == ["microsoft a*", "microsoft b"]


def test_an_account_may_move_to_another_keep(kept: Kept, keyring_backend: MemoryKeyring) -> None:
    kept.save("microsoft", "me")
    moved = kept.vault.save("microsoft", "me", credential_of("me"), way="token", plaintext=True)

    assert moved.keep == "plaintext"
    assert kept.vault.credential(moved) == credential_of("me")
    assert keyring_backend.entries == {}
    assert not (kept.home / "vault.sealed").exists()


def test_a_removed_account_leaves_nothing_and_nobody_takes_its_place(
    kept: Kept, keyring_backend: MemoryKeyring
) -> None:
    kept.save("microsoft", "a")
    kept.save("microsoft", "b")
    removed = kept.vault.remove("A")

    assert removed.name == "a"
    assert names(kept.vault) == ["microsoft b"]
    with pytest.raises(NotSignedIn, match="jumpseat login microsoft --name a"):
        kept.vault.credential(removed)
    kept.vault.remove("b")
    assert sorted(path.name for path in kept.home.iterdir()) == [REGISTER, LOCK]
    assert keyring_backend.entries == {}


def test_who_signs_in_when_nobody_is_used_is_used(kept: Kept) -> None:
    kept.save("microsoft", "a")
    kept.save("microsoft", "b")
    kept.vault.remove("a")
    kept.save("microsoft", "c")

    assert names(kept.vault) == ["microsoft b", "microsoft c*"]


def test_a_new_name_keeps_the_secret(kept: Kept) -> None:
    kept.save("microsoft", "me")
    record = kept.vault.rename("me", "work")

    assert names(kept.vault) == ["microsoft work*"]
    assert kept.vault.credential(record) == credential_of("me")


def test_a_taken_name_is_refused_and_ones_own_is_not(plain: Kept) -> None:
    plain.save("microsoft", "a")
    plain.save("microsoft", "b")
    plain.save("github", "c")

    with pytest.raises(InvalidRequest, match="an account 'A' already: `jumpseat accounts remove A`"):
        plain.vault.rename("b", "A")
    plain.vault.rename("c", "a")
    assert plain.vault.rename("a", "A", "microsoft").name == "A"
    with pytest.raises(InvalidRequest, match="1 to 64 letters"):
        plain.vault.rename("b", "../b")


def test_a_bad_name_is_refused_before_anything_is_written(plain: Kept) -> None:
    with pytest.raises(InvalidRequest, match="1 to 64 letters"):
        plain.save("microsoft", "a/b")

    assert not plain.home.exists()


def test_a_name_that_several_kinds_have_needs_the_kind(plain: Kept) -> None:
    plain.save("microsoft", "me")
    plain.save("github-web", "me")

    for change in (plain.vault.use, plain.vault.remove, lambda name: plain.vault.rename(name, "other")):
        with pytest.raises(InvalidRequest, match="--service microsoft or --service github-web"):
            change("me")
    assert plain.vault.remove("me", "github-web").kind == "github-web"
    with pytest.raises(InvalidRequest, match="no account 'you'"):
        plain.vault.use("you")


def test_a_renewed_credential_takes_the_place_of_the_old(kept: Kept) -> None:
    old = kept.save("github-web", "me", person="Heiner")
    renewed = Credential(token=Secret("fresh"), expires_at=2_000_000_000.0)
    record = kept.another().vault.update(old, renewed)

    assert (record.name, record.added_at, record.person) == ("me", old.added_at, "Heiner")
    assert record.expires_at == 2_000_000_000.0
    assert kept.vault.records() == [record]
    assert kept.vault.credential(record) == renewed
    assert kept.vault.credential(old) == renewed, (
        "whoever still has the old record is told the new credential"
    )


def test_an_account_that_got_another_name_meanwhile_is_renewed_under_it(kept: Kept) -> None:
    old = kept.save("github-web", "me")
    kept.vault.rename("me", "work")
    record = kept.vault.update(old, Credential(token=Secret("fresh")))

    assert kept.vault.records() == [record]
    assert record.name == "work"


def test_a_renewal_never_overwrites_a_newer_sign_in(kept: Kept) -> None:
    old = kept.save("github-web", "me")
    newer = kept.save("github-web", "me", credential_of("newer"))

    assert kept.vault.update(old, Credential(token=Secret("late"))) == newer
    assert kept.vault.credential(newer) == credential_of("newer")


def test_a_renewal_brings_no_removed_account_back(kept: Kept) -> None:
    record = kept.save("github-web", "me")
    kept.vault.remove("me")

    with pytest.raises(NotSignedIn, match="removed meanwhile: run `jumpseat login github-web`"):
        kept.vault.update(record, Credential(token=Secret("late")))
    assert kept.vault.records() == []


def test_every_change_changes_the_stamp(plain: Kept) -> None:
    watcher = plain.another().vault
    stamps = [watcher.stamp()]

    def note() -> None:
        stamps.append(watcher.stamp())

    record = plain.save("microsoft", "a")
    note()
    for _ in range(20):
        record = plain.vault.update(record, credential_of("a"))
        note()
        plain.vault.use("a")
        note()
    plain.vault.rename("a", "b")
    note()
    plain.vault.remove("b")
    note()
    assert len(set(stamps)) == len(stamps)


def test_a_clock_that_goes_back_does_not_hide_a_change(plain: Kept) -> None:
    plain.save("microsoft", "a")
    ahead = 4_000_000_000 * 10**9
    os.utime(plain.home / REGISTER, ns=(ahead, ahead))
    before = plain.vault.stamp()
    plain.vault.use("a")

    assert plain.vault.stamp() != before
    assert (plain.home / REGISTER).stat().st_mtime_ns > ahead


def test_the_simulators_accounts_and_the_real_ones_do_not_see_each_other(tmp_path: Path) -> None:
    home = tmp_path / "home"
    real = Kept(home, "plaintext")
    simulated = Kept(home, "plaintext", Settings(home=home, microsoft_url="http://127.0.0.1:1"))
    real_one = real.save("microsoft", "me")
    simulated_one = simulated.save("microsoft", "me", credential_of("nobody"))
    shared = real.save("github", "me")

    assert real_one.is_used
    assert simulated_one.is_used
    assert (real_one.is_simulated, simulated_one.is_simulated) == (False, True)
    assert real.vault.records() == [real_one, shared]
    assert simulated.vault.records() == [simulated_one, shared]
    simulated.vault.remove("me", "microsoft")
    assert real.vault.records() == [real_one, shared]
    assert real.vault.credential(real_one) == credential_of("me")
    with pytest.raises(InvalidRequest, match="no account"):
        simulated.vault.use("me", "microsoft")


def test_files_are_the_owners_alone(kept: Kept) -> None:
    previous = os.umask(0)
    try:
        kept.save("microsoft", "me")
    finally:
        os.umask(previous)

    assert stat.S_IMODE(kept.home.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept.home.iterdir()} == {0o600}


def test_secrets_stand_in_their_keep_alone(kept: Kept) -> None:
    kept.save("microsoft", "me", credential_of("CANARY"))
    kept.save("microsoft", "me", credential_of("CANARY"))
    kept.vault.rename("me", "work")

    if kept.keep == "plaintext":
        (kept.home / "vault.plaintext").unlink()
    assert "CANARY" not in everything_in(kept.home)
    assert not any("token of" in repr(value) for value in (kept.vault.records(), vars(kept.vault)))


def test_a_credential_that_its_keep_lost_is_said_plainly(kept: Kept, keyring_backend: MemoryKeyring) -> None:
    record = kept.save("microsoft", "me")
    keyring_backend.entries.clear()
    for name in ("vault.sealed", "vault.plaintext"):
        (kept.home / name).unlink(missing_ok=True)

    with pytest.raises(
        NotSignedIn, match="no longer where it was kept: run `jumpseat login microsoft --name me`"
    ):
        kept.vault.credential(record)


def test_a_credential_that_is_none_is_said_plainly(plain: Kept) -> None:
    record = plain.save("microsoft", "me")
    file = plain.home / "vault.plaintext"
    file.write_text(file.read_text().replace("token of me", '\\"'))

    with pytest.raises(NotSignedIn, match="damaged: run `jumpseat login microsoft --name me`"):
        plain.vault.credential(record)


def test_many_writers_at_once_lose_nothing(kept: Kept) -> None:
    failed: list[BaseException] = []

    def write(who: int) -> None:
        mine = kept.another()
        try:
            for number in range(3):
                record = mine.save("microsoft", f"w{who}-{number}")
                mine.vault.update(record, credential_of(f"renewed {who}-{number}"))
        except BaseException as exc:  # noqa: BLE001 - told below
            failed.append(exc)

    writers = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert failed == []
    found = kept.vault.records()
    assert len(found) == 12
    assert [one.name for one in found if one.is_used] == [next(one for one in found if one.is_used).name]
    for one in found:
        assert kept.vault.credential(one) == credential_of(f"renewed {one.name[1:]}")


def test_a_reader_beside_a_writer_always_finds_a_whole_credential(kept: Kept) -> None:
    record = kept.save("microsoft", "me", credential_of("0"))
    done = threading.Event()

    def renew(record: AccountRecord) -> None:
        for number in range(1, 30):
            record = kept.vault.update(record, credential_of(str(number)))
        done.set()

    writer = threading.Thread(target=renew, args=(record,))
    writer.start()
    reader = kept.another().vault
    whole = {str(number): credential_of(str(number)) for number in range(30)}
    while not done.is_set():
        found = reader.credential(record)
        assert found.client_id is not None
        assert found in whole.values()
    writer.join()


def test_a_failed_write_leaves_the_old_state_and_nothing_half_done(
    plain: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = plain.save("microsoft", "me")
    real = os.write
    secrets = plain.home / "vault.plaintext"
    before = secrets.read_bytes()

    def full(opened: int, data: bytes) -> int:
        if b"CANARY" in bytes(data):
            raise OSError(28, "No space left on device")
        return real(opened, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StoreUnavailable, match=r"vault\.plaintext cannot be written \(No space left"):
        plain.save("microsoft", "me", credential_of("CANARY"))

    assert plain.vault.records() == [old]
    assert secrets.read_bytes() == before
    assert b'"unsettled": []' in (plain.home / REGISTER).read_bytes()
    assert not list(plain.home.glob("*.new"))


def test_settings_say_which_keep(tmp_path: Path, keyring_backend: MemoryKeyring) -> None:
    for keep in ("keyring", "encrypted"):
        kept = Kept(tmp_path / keep, keep)
        assert kept.vault.choose_keep() == keep
        assert kept.vault.choose_keep(plaintext=True) == "plaintext"
    assert Vault(Settings(home=tmp_path)).choose_keep() == "keyring"
