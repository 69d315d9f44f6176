"""The system keyring: small entries, hard limits of time, and no trust in what calls itself one."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import traceback
from collections.abc import Iterator

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null

from jumpseat.accounts.keeps import system_keyring
from jumpseat.accounts.keeps.system_keyring import MAX_ENTRY_CHARS, SERVICE, KeyringKeep
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import VaultLocked
from tests.accounts.keyrings import (
    ForgettingKeyring,
    HangingKeyring,
    ImpossibleKeyring,
    LockedKeyring,
    LyingKeyring,
    MemoryKeyring,
    SmallKeyring,
    UnworthyKeyring,
    chosen,
)
from tests.waiting import until

LONG = Secret("".join(chr(33 + number % 90) for number in range(12_345)))


@pytest.mark.parametrize("length", [0, 1, 980, 991, 992, 993, 1000, 1984, 1985, 12_345])
def test_a_secret_of_any_length_comes_back(keyring_backend: MemoryKeyring, length: int) -> None:
    text = Secret(LONG.reveal()[:length])
    KeyringKeep().write("id", text)

    assert KeyringKeep().read("id") == text
    assert {service for service, _ in keyring_backend.entries} == {SERVICE}
    assert max(len(entry) for entry in keyring_backend.entries.values()) <= MAX_ENTRY_CHARS


def test_entries_are_small_enough_for_windows() -> None:
    with chosen(SmallKeyring()):
        KeyringKeep().write("id", LONG)

        assert KeyringKeep().read("id") == LONG


def test_a_dropped_secret_leaves_no_entry(keyring_backend: MemoryKeyring) -> None:
    keep = KeyringKeep()
    keep.write("a", LONG)
    keep.write("b", Secret("other"))
    keep.drop("a")
    keep.drop("never")

    assert list(keyring_backend.entries) == [(SERVICE, "b/0")]
    assert keep.read("a") is None


def test_what_a_killed_drop_left_is_found_by_the_next(keyring_backend: MemoryKeyring) -> None:
    keep = KeyringKeep()
    keep.write("a", LONG)
    keep.drop("a")
    deleted = [call for call in keyring_backend.calls if call.startswith("delete")]

    assert deleted == [f"delete a/{number}" for number in reversed(range(len(deleted)))]


@pytest.mark.parametrize("lost", ["a/0", "a/1", "a/12"])
def test_a_secret_with_an_entry_missing_is_none(keyring_backend: MemoryKeyring, lost: str) -> None:
    KeyringKeep().write("a", LONG)
    del keyring_backend.entries[SERVICE, lost]

    assert KeyringKeep().read("a") is None


def test_an_entry_of_somebody_else_is_none_of_ours(keyring_backend: MemoryKeyring) -> None:
    keyring_backend.entries[SERVICE, "a/0"] = "not ours"

    assert KeyringKeep().read("a") is None


@pytest.mark.parametrize("lie", ["9" * 5000 + " x", "99999999 x", "2", "x", "", b"1 x", 7])
def test_a_keyring_that_answers_whatever_it_is_asked_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch, lie: object
) -> None:
    monkeypatch.setattr(system_keyring, "MAX_ENTRIES", 5)
    backend = LyingKeyring(lie)
    with chosen(backend):
        KeyringKeep().drop("a")
        read = KeyringKeep().read("a")

    assert read in {None, Secret("2")}
    assert len(backend.calls) < 20


def test_a_keyring_that_is_full_half_way_is_cleared_again() -> None:
    backend = ForgettingKeyring()
    with chosen(backend):
        keep = KeyringKeep()
        with pytest.raises(VaultLocked, match=r"it refused \(PasswordSetError\)") as caught:
            keep.write("a", LONG)
        keep.drop("a")

    assert backend.entries == {}
    assert LONG.reveal()[:40] not in "".join(traceback.format_exception(caught.value))


class KindNull(null.Keyring):
    """As somebody may set it up to be taken seriously."""

    priority = 9.0


KindNull.__module__ = "keyrings.alt.file"
KeyringBackend._classes.discard(KindNull)


@pytest.mark.parametrize(
    "backend", [fail.Keyring, null.Keyring, KindNull, UnworthyKeyring, ImpossibleKeyring]
)
def test_what_is_no_real_keyring_counts_as_none(backend: type[KeyringBackend]) -> None:
    with chosen(backend()):
        assert KeyringKeep().trouble() == "there is none here"
        with pytest.raises(VaultLocked, match=r"there is none here.*JUMPSEAT_VAULT=encrypted"):
            KeyringKeep().write("a", LONG)


class Chain(chainer.ChainerBackend):
    """Several backends in turn."""

    backends: list[KeyringBackend] = []  # noqa: RUF012 - as the library has it
    priority = 10.0


KeyringBackend._classes.discard(Chain)


def test_of_several_the_first_real_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    real = MemoryKeyring()
    with chosen(Chain()):  # type: ignore[no-untyped-call]
        monkeypatch.setattr(Chain, "backends", [UnworthyKeyring(), real, MemoryKeyring()])
        KeyringKeep().write("a", Secret("x"))
        assert real.entries
        monkeypatch.setattr(Chain, "backends", [UnworthyKeyring()])
        assert KeyringKeep().trouble() == "there is none here"


def test_a_locked_keyring_is_named_so() -> None:
    with chosen(LockedKeyring()):
        assert KeyringKeep().trouble() == "it is locked, and was not unlocked"
        with pytest.raises(VaultLocked, match="the system keyring cannot be used: it is locked"):
            KeyringKeep().read("a")


def test_a_missing_library_is_named_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)

    assert KeyringKeep().trouble() == (
        'the library keyring is not installed: `pip install "jumpseat[vault]"`'
    )


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[HangingKeyring]:
    monkeypatch.setattr(system_keyring, "SECONDS", 0.05)
    backend = HangingKeyring()
    with chosen(backend):
        yield backend
        backend.come.set()


def test_a_call_takes_three_seconds_at_most() -> None:
    assert system_keyring.SECONDS == 3.0


def test_a_keyring_that_hangs_is_given_up_and_not_asked_again_meanwhile(hanging: HangingKeyring) -> None:
    keep = KeyringKeep()
    with pytest.raises(VaultLocked, match=r"did not answer within 0\.05 s\. If a window asks"):
        keep.read("a")
    with pytest.raises(VaultLocked, match="still hangs in it"):
        keep.read("a")
    hanging.come.set()
    until(lambda: keep.trouble() is None)

    assert keep.read("a") is None


def test_a_hanging_keyring_does_not_keep_the_interpreter_from_ending() -> None:
    program = textwrap.dedent("""
        from jumpseat.accounts.keeps import system_keyring
        from tests.accounts.keyrings import HangingKeyring, chosen

        system_keyring.SECONDS = 0.05
        with chosen(HangingKeyring()):
            print(system_keyring.KeyringKeep().trouble())
    """)
    ran = subprocess.run(
        [sys.executable, "-c", program], check=True, timeout=20, capture_output=True, text=True
    )

    assert "did not answer" in ran.stdout
    assert ran.stderr == ""
