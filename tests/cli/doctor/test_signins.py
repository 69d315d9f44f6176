"""What the doctor says of the accounts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import cast

from jumpseat.accounts.register import AccountRecord
from jumpseat.accounts.vault import Vault
from jumpseat.cli.doctor.check import Check
from jumpseat.cli.doctor.signins import accounts
from jumpseat.model.credentials import Account, Credential, Generation, Kind, Secret
from jumpseat.model.errors import JumpseatError, NotSignedIn, StoreUnavailable, UpstreamBroke, VaultLocked


def record(
    name: str, *, kind: Kind = "microsoft", is_used: bool = True, expires_at: float | None = None
) -> AccountRecord:
    return AccountRecord(
        kind=kind,
        name=name,
        is_used=is_used,
        keep="plaintext",
        secret_id=name,
        way="har",
        added_at=1.0,
        expires_at=expires_at,
    )


class FakeVault:
    """Holds these accounts, or fails as told."""

    generation: Generation = "classic"

    def __init__(self, *records: AccountRecord, error: JumpseatError | None = None) -> None:
        self._records, self._error = records, error

    def records(self) -> Sequence[AccountRecord]:
        if self._error is not None and not self._records:
            raise self._error
        return self._records

    def credential(self, record: AccountRecord) -> Credential:
        if self._error is not None:
            raise self._error
        return Credential(token=Secret("canary-4711"), generation=self.generation)


async def look(
    *records: AccountRecord,
    error: JumpseatError | None = None,
    said: str | JumpseatError | None = None,
    overriding: Sequence[str] = (),
    generation: Generation = "classic",
) -> list[Check]:
    async def identify(account: Account) -> str | None:
        if isinstance(said, JumpseatError):
            raise said
        return said

    vault = FakeVault(*records, error=error)
    vault.generation = generation

    async def credential(record: AccountRecord) -> Credential:
        return vault.credential(record)

    return await accounts(cast("Vault", vault), credential, identify, overriding)


async def test_an_account_that_is_accepted_is_named_with_its_person_and_its_end() -> None:
    (check,) = await look(record("work", expires_at=time.time() + 1801), said="Heiner")

    assert (check.name, check.verdict) == ("microsoft work", "ok")
    assert check.text.startswith("accepted as Heiner, presumed to end in 30 minutes")
    assert check.text.endswith(", used")


async def test_one_that_is_refused_comes_with_the_command_that_renews_it() -> None:
    (check,) = await look(
        record("work", expires_at=time.time() - 61), said=NotSignedIn("it is over. Do this")
    )

    assert check.verdict == "wrong"
    assert check.text == "not accepted, presumed to have ended 1 minute ago: it is over"
    assert check.advice == "jumpseat login microsoft --name work"


async def test_one_that_cannot_be_checked_now_is_no_fault_of_its_own() -> None:
    (check,) = await look(record("work"), said=UpstreamBroke("the service stumbles"))

    assert check.verdict == "note"
    assert "could not be checked: the service stumbles" in check.text
    assert check.advice == "jumpseat doctor"


async def test_one_whose_credential_cannot_be_had_is_wrong() -> None:
    (lost,) = await look(record("work"), error=NotSignedIn("the keyring has lost it"))
    (locked,) = await look(record("work"), error=VaultLocked("give the key"))

    (lax,) = await look(record("work"), error=StoreUnavailable("others may read it: run `chmod`"))

    assert (lax.verdict, lax.text, lax.advice) == ("wrong", "others may read it: run `chmod`", None)
    assert (lost.verdict, lost.advice) == ("wrong", "jumpseat login microsoft --name work")
    assert (locked.verdict, locked.advice) == ("wrong", None)


async def test_several_accounts_of_which_none_is_used_are_wrong() -> None:
    *_, check = await look(record("a", is_used=False), record("b", is_used=False))

    assert (check.verdict, check.advice) == ("wrong", "jumpseat accounts use a")


async def test_nobody_signed_in_is_worth_a_word() -> None:
    (check,) = await look()

    assert (check.verdict, check.advice) == ("note", "jumpseat login microsoft")


async def test_settings_that_answer_first_are_named() -> None:
    *_, check = await look(record("work"), overriding=["JUMPSEAT_MICROSOFT_TOKEN"])

    assert check.verdict == "note"
    assert "JUMPSEAT_MICROSOFT_TOKEN set" in check.text
    assert check.advice == "unset JUMPSEAT_MICROSOFT_TOKEN"


async def test_a_register_that_cannot_be_read_is_wrong() -> None:
    (check,) = await look(error=StoreUnavailable("accounts.json is damaged"))

    assert (check.verdict, check.text) == ("wrong", "accounts.json is damaged")


async def test_one_of_the_newer_chat_is_kept_and_no_fault() -> None:
    (check,) = await look(record("newer"), generation="chathub")

    assert check.verdict == "note"
    assert "newer chat, which this version does not speak yet" in check.text
