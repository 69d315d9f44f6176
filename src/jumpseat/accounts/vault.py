"""The vault: the accounts that are kept, and their credentials in whichever keep each has."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from jumpseat.accounts.register import AccountRecord, KeepName, Way
from jumpseat.model.credentials import Credential, Kind, Secret
from jumpseat.settings import Settings

AskPassphrase = Callable[[bool], Secret | None]
"""Asks the person for the passphrase; True when a new one is made. None: nobody is there to ask."""


class Vault:
    """
    Keeps accounts. Every method blocks (files, the keyring, scrypt): an event loop calls them in a thread.

    Any number of processes may use one at once. A process killed at any moment leaves the old or the new state.
    """

    def __init__(self, settings: Settings, *, ask: AskPassphrase | None = None) -> None:
        self._settings = settings
        self._ask = ask

    def records(self) -> Sequence[AccountRecord]:
        """All accounts, by kind and name. Raises `StoreUnavailable` for a register that cannot be read."""
        raise NotImplementedError

    def stamp(self) -> Hashable:
        """Something that changes whenever any process changes an account; cheap enough for every question."""
        raise NotImplementedError

    def credential(self, record: AccountRecord) -> Credential:
        """
        The credential of an account.

        Raises `VaultLocked` without the right key, `NotSignedIn` when its keep has lost it, `StoreUnavailable`.
        """
        raise NotImplementedError

    def choose_keep(self, *, plaintext: bool = False) -> KeepName:
        """
        Where `save` would put a credential now.

        Raises `VaultLocked`, saying what the choices are, where nothing but plain text is left and nobody asked
        for that.
        """
        raise NotImplementedError

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
        Keep an account; one of the same kind and name is replaced. The first of its kind becomes the used one.

        Raises as `choose_keep`, and `InvalidRequest` for a name that is none.
        """
        raise NotImplementedError

    def update(self, record: AccountRecord, credential: Credential) -> AccountRecord:
        """Keep a renewed credential of an account that is kept already, in the same keep."""
        raise NotImplementedError

    def use(self, name: str, kind: Kind | None = None) -> AccountRecord:
        """Let this account answer from now on. Raises `InvalidRequest` (no such account, or several kinds)."""
        raise NotImplementedError

    def rename(self, name: str, new: str, kind: Kind | None = None) -> AccountRecord:
        """Raises `InvalidRequest` as `use` does, and when the new name is taken."""
        raise NotImplementedError

    def remove(self, name: str, kind: Kind | None = None) -> AccountRecord:
        """
        Forget an account and its secrets. The next of its kind does not take its place by itself.

        Raises `InvalidRequest` as `use` does. Works without the key of the encrypted file too.
        """
        raise NotImplementedError
