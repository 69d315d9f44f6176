"""
The vault: the accounts that are kept, and their credentials in whichever keep each has.

A secret is written under a new id, which the register has noted as unsettled before; then one renaming of the
register makes it the account's, and the old one unsettled; then the old one is dropped. So a process that is
killed leaves the old state or the new one, and what it left lying about is taken away by the next who writes.
"""

from __future__ import annotations

import os
import shlex
import time
import uuid
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from msgspec import structs

from jumpseat.accounts import register as registers
from jumpseat.accounts.keeps import Keep
from jumpseat.accounts.keeps.encrypted import INSTALL, EncryptedKeep, is_installed
from jumpseat.accounts.keeps.key_source import KeySource
from jumpseat.accounts.keeps.plaintext import PlaintextKeep
from jumpseat.accounts.keeps.system_keyring import KeyringKeep
from jumpseat.accounts.register import AccountRecord, KeepName, Register, Way
from jumpseat.model.credentials import Credential, Kind, Secret
from jumpseat.model.errors import InvalidRequest, JumpseatError, NotSignedIn, StoreUnavailable, VaultLocked
from jumpseat.settings import Settings
from jumpseat.store.home import (
    NEW,
    check_own_folder,
    make_own_folder,
    make_private_file,
    read_private_file,
    write_private_file,
)

REGISTER, LOCK, SEALED, PLAINTEXT = "accounts.json", "accounts.lock", "vault.sealed", "vault.plaintext"
LOCK_SECONDS = 15.0
"""How long one who writes waits for another: a keyring may take seconds."""

AskPassphrase = Callable[[bool], Secret | None]
"""Asks the person for the passphrase; True when a new one is made. None: nobody is there to ask."""


class Vault:
    """
    Keeps accounts. Every method blocks (files, the keyring, scrypt): an event loop calls them in a thread.

    Any number of processes and threads may use one at once. A process killed at any moment leaves the old
    or the new state. Only the accounts of one world are seen, for each kind: those of the real service,
    or, where its address is one on this machine, those of the simulator.
    """

    def __init__(self, settings: Settings, *, ask: AskPassphrase | None = None) -> None:
        self._settings = settings
        self._home = settings.home
        self._path = settings.home / REGISTER
        self._source = KeySource(settings.vault_key, ask)
        self._keyring = KeyringKeep()
        self._encrypted = EncryptedKeep(settings.home / SEALED, self._source)
        self._keeps: Mapping[KeepName, Keep] = {
            "keyring": self._keyring,
            "encrypted": self._encrypted,
            "plaintext": PlaintextKeep(settings.home / PLAINTEXT),
        }

    def records(self) -> Sequence[AccountRecord]:
        """All accounts, by kind and name. Raises `StoreUnavailable` for a register that cannot be read."""
        return self._visible(self._read())

    def stamp(self) -> Hashable:
        """
        Something that changes whenever any process changes an account; cheap enough for every question.

        Take it before `records`: then a change between the two is seen the next time.
        """
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def credential(self, record: AccountRecord) -> Credential:
        """
        The credential of an account: of one signed in anew since `record` was read, the new one.

        Raises `VaultLocked` without the right key, `NotSignedIn` when its keep has lost it,
        `StoreUnavailable`, and `MissingRequirementsError` where the library that encrypts is not installed.
        """
        current: AccountRecord | None = record
        while current is not None:
            text = self._keeps[current.keep].read(current.secret_id)
            if text is not None:
                return self._decoded(current, text)
            seen, current = current, self._successor(self._read(), current)
            if current == seen:
                break
        raise NotSignedIn(
            f"the credential of the account {record.name} is no longer where it was kept: run "
            f"`jumpseat login {record.kind} --name {record.name}`"
        )

    def choose_keep(self, *, plaintext: bool = False) -> KeepName:
        """
        Where `save` would put a credential now. Asked for by name, plain text is it.

        Raises `VaultLocked`, saying what the choices are, where nothing but plain text is left and nobody
        asked for that, and where the key that the settings name is not there or not the right one; and
        `StoreUnavailable` for a home that others may change: nobody is to sign in for nothing there.
        """
        if os.path.lexists(self._home):
            check_own_folder(self._home)
        if plaintext:
            return "plaintext"
        reasons = []
        if self._settings.vault != "encrypted":
            trouble = self._keyring.trouble()
            if trouble is None:
                return "keyring"
            reasons.append(f"the system keyring cannot be used ({trouble})")
        if self._settings.vault != "keyring":
            trouble = self._no_encrypted_file()
            if trouble is None:
                return "encrypted"
            reasons.append(trouble)
        raise VaultLocked(
            f"there is no safe place for a credential here: {'; '.join(reasons)}. Set "
            "JUMPSEAT_VAULT_KEY=file:PATH (or env:NAME) to where a key is, or run this at a terminal, "
            "where you are asked for a passphrase, or add --plaintext to keep it in a file as it is"
        )

    def _no_encrypted_file(self) -> str | None:
        """Why there can be no encrypted file; None if there can. A key that is at hand is tried."""
        if not is_installed():
            return f"the library for the encrypted file is not installed ({INSTALL})"
        if self._source.is_set:
            self._encrypted.open()
        elif not self._source.can_ask:
            return "nobody gave a key for the encrypted file"
        return None

    def keyring_trouble(self) -> str | None:
        """Why the system keyring cannot be used here and now; None if it answers, or is not to be asked."""
        return None if self._settings.vault == "encrypted" else self._keyring.trouble()

    def save(
        self,
        kind: Kind,
        name: str,
        credential: Credential,
        *,
        way: Way,
        person: str | None = None,
        plaintext: bool = False,
    ) -> AccountRecord:
        """
        Keep an account; one of the same kind and name is replaced. If none of its kind is used, it is now.

        Raises as `choose_keep`, and `InvalidRequest` for a name that is none.
        """
        name = registers.checked_name(name)
        keep = self.choose_keep(plaintext=plaintext)
        self._keeps[keep].open()
        with self._writing() as register:
            visible = self._visible(register)
            same = registers.called(visible, name, kind)
            old = same[0] if same else None
            used = [one for one in visible if one.kind == kind and one.is_used]
            record = _dated(
                AccountRecord(
                    kind=kind,
                    name=name,
                    is_used=not used or used == same,
                    keep=keep,
                    secret_id=uuid.uuid4().hex,
                    way=way,
                    added_at=time.time(),
                    person=person,
                    is_simulated=registers.is_simulated(self._settings, kind),
                ),
                credential,
            )
            return self._put(register, old, record, credential)

    def update(self, record: AccountRecord, credential: Credential) -> AccountRecord:
        """
        Keep a renewed credential of an account that is kept already, in the same keep.

        An account that was signed in anew, or renewed by another process, since `record` was read keeps what
        it has: its record is returned, and `credential` is dropped. Raises `NotSignedIn` for one that was
        removed, else as `credential` does.
        """
        self._keeps[record.keep].open()
        with self._writing() as register:
            current = self._successor(register, record)
            if current is None:
                raise NotSignedIn(
                    f"the account {record.name} was removed meanwhile: run `jumpseat login {record.kind}`"
                )
            if current.secret_id != record.secret_id:
                return current
            renewed = structs.replace(current, secret_id=uuid.uuid4().hex)
            return self._put(register, current, _dated(renewed, credential), credential)

    def use(self, name: str, kind: Kind | None = None) -> AccountRecord:
        """Let this account answer from now on. Raises `InvalidRequest`: none of the name, or several."""
        with self._writing() as register:
            old = registers.the_one_called(self._visible(register), name, kind)
            record = structs.replace(old, is_used=True)
            self._write(register.with_account(record, instead_of=old))
        return record

    def rename(self, name: str, new: str, kind: Kind | None = None) -> AccountRecord:
        """Raises `InvalidRequest` as `use` does, and when the new name is taken or is none."""
        new = registers.checked_name(new)
        with self._writing() as register:
            visible = self._visible(register)
            old = registers.the_one_called(visible, name, kind)
            if any(other != old for other in registers.called(visible, new, old.kind)):
                raise InvalidRequest(
                    f"there is an account {new!r} already: `jumpseat accounts remove {new}` forgets it",
                    param="new",
                )
            record = structs.replace(old, name=new)
            self._write(register.with_account(record, instead_of=old))
        return record

    def remove(self, name: str, kind: Kind | None = None) -> AccountRecord:
        """
        Forget an account and its secrets. The next of its kind does not take its place by itself.

        Raises `InvalidRequest` as `use` does. Works without the key of the encrypted file too. Raises
        `StoreUnavailable` when the account is forgotten, but its keep cannot be reached to drop the secret:
        then the next change of any account does.
        """
        with self._writing() as register:
            record = registers.the_one_called(self._visible(register), name, kind)
            self._write(register.without_account(record))
            trouble = self._settle()[1].get(record.secret_id)
        if trouble is not None:
            raise StoreUnavailable(
                f"the account {record.name} is forgotten, but its secret could not be deleted yet; the next "
                f"sign-in or removal tries again: {trouble.message}"
            ) from trouble
        return record

    def _visible(self, register: Register) -> list[AccountRecord]:
        return [
            one
            for one in register.accounts
            if one.is_simulated == registers.is_simulated(self._settings, one.kind)
        ]

    def _successor(self, register: Register, record: AccountRecord) -> AccountRecord | None:
        """The account as it is now: the one with its secret, else the one of its name."""
        for one in register.accounts:
            if one.secret_id == record.secret_id:
                return one
        beside = [one for one in register.accounts if registers.is_beside(one, record)]
        return next(iter(registers.called(beside, record.name, record.kind)), None)

    def _decoded(self, record: AccountRecord, text: Secret) -> Credential:
        from jumpseat.accounts import codec

        try:
            return codec.decode(text)
        except ValueError:
            raise NotSignedIn(
                f"the credential of the account {record.name} is damaged: run "
                f"`jumpseat login {record.kind} --name {record.name}`"
            ) from None

    def _put(
        self, register: Register, old: AccountRecord | None, record: AccountRecord, credential: Credential
    ) -> AccountRecord:
        """Keep the credential of `record`, and `record` in the place of `old`. The lock is held."""
        from jumpseat.accounts import codec

        self._write(register.without_secret_of(None, record))
        try:
            self._keeps[record.keep].write(record.secret_id, codec.encode(credential))
            self._write(register.with_account(record, instead_of=old))
        finally:
            # What is left of the old one, or of one that failed half-way. If it cannot be done now, the next
            # one who writes does it.
            with suppress(JumpseatError):
                self._settle()
        return record

    @contextmanager
    def _writing(self) -> Iterator[Register]:
        """The register, for whoever changes it: alone, and with nothing of those before left lying about."""
        from filelock import FileLock, Timeout

        make_own_folder(self._home)
        path = self._home / LOCK
        make_private_file(path)
        lock = FileLock(path, timeout=LOCK_SECONDS, mode=0o600, poll_interval=0.02)
        try:
            lock.acquire()
        except Timeout:
            raise StoreUnavailable(
                f"another jumpseat has held {path} for {LOCK_SECONDS:g} s: end it, and try again"
            ) from None
        except OSError as exc:
            raise StoreUnavailable(
                f"{path} cannot be locked ({exc.strerror}): set JUMPSEAT_HOME to a folder on this machine"
            ) from exc
        try:
            yield self._settle()[0]
        finally:
            lock.release()

    def _settle(self) -> tuple[Register, Mapping[str, JumpseatError]]:
        """Drop the secrets that no account has; return the register, and why some could not be dropped."""
        for name in (REGISTER, SEALED, PLAINTEXT):
            with suppress(OSError):
                (self._home / (name + NEW)).unlink(missing_ok=True)
        register = self._read()
        troubles: dict[str, JumpseatError] = {}
        for one in register.unsettled:
            try:
                self._keeps[one.keep].drop(one.secret_id)
            except JumpseatError as exc:
                troubles[one.secret_id] = exc
        left = tuple(one for one in register.unsettled if one.secret_id in troubles)
        if len(left) < len(register.unsettled):
            register = structs.replace(register, unsettled=left)
            self._write(register)
        return register, troubles

    def _read(self) -> Register:
        data = read_private_file(self._path)
        if data is None:
            return Register()
        check_own_folder(self._home)
        path = shlex.quote(str(self._path))
        try:
            return registers.parse(data)
        except registers.Damaged:
            raise StoreUnavailable(
                f"the file {self._path} is damaged: run `mv {path} {path}.damaged`, and sign in again"
            ) from None
        except registers.TooNew:
            raise StoreUnavailable(
                f"the file {self._path} was written by a newer jumpseat: `pip install --upgrade jumpseat`"
            ) from None

    def _write(self, register: Register) -> None:
        write_private_file(self._path, registers.encode(register))


def _dated(record: AccountRecord, credential: Credential) -> AccountRecord:
    """The record with what of its credential is not secret."""
    return structs.replace(
        record,
        obtained_at=credential.obtained_at,
        expires_at=credential.expires_at,
        generation=credential.generation,
        host=credential.host,
    )
