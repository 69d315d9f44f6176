"""The keep for machines without a keyring: one encrypted file for all secrets."""

from __future__ import annotations

import importlib.util
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from jumpseat.accounts.keeps.key_source import KeySource
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import MissingRequirementsError, StoreUnavailable, VaultLocked
from jumpseat.store.home import read_private_file, remove_private_file, write_private_file

if TYPE_CHECKING:
    from jumpseat.accounts.sealing import Header, Sealed

INSTALL = '`pip install "jumpseat[vault]"`'
MAX_KEYS = 8


def is_installed() -> bool:
    """Whether the library that encrypts is there."""
    return importlib.util.find_spec("cryptography") is not None


class EncryptedKeep:
    """Keeps secrets in a file that only the right key opens; a wrong one never changes it."""

    def __init__(self, path: Path, source: KeySource) -> None:
        self._path = path
        self._source = source
        self._keys: dict[tuple[Header, Secret], bytes] = {}
        """What scrypt made, which takes a fifth of a second."""

    def open(self) -> None:
        sealed = self._load()
        if sealed is None:
            self._source.key(is_new=True)
        else:
            self._key_of(sealed)

    def write(self, secret_id: str, text: Secret) -> None:
        sealed = self._load()
        from jumpseat.accounts import sealing

        if sealed is None:
            header = sealing.new_header(os.urandom(sealing.SALT_BYTES))
            key = self._derive(header, self._source.key(is_new=True))
            sealed = sealing.begin(header, key, os.urandom(sealing.NONCE_BYTES))
        key = self._key_of(sealed)
        self._save(sealing.put(sealed, secret_id, text, key, os.urandom(sealing.NONCE_BYTES)))

    def read(self, secret_id: str) -> Secret | None:
        sealed = self._load()
        if sealed is None or secret_id not in sealed.secrets:
            return None
        from jumpseat.accounts import sealing

        try:
            return sealing.get(sealed, secret_id, self._key_of(sealed))
        except sealing.Damaged:
            raise self._damaged() from None

    def drop(self, secret_id: str) -> None:
        sealed = self._load()
        if sealed is None or secret_id not in sealed.secrets:
            return
        from jumpseat.accounts import sealing

        rest = sealing.without(sealed, secret_id)
        if rest.secrets:
            self._save(rest)
        else:
            # The next one may have another passphrase: so a forgotten one does not last for ever.
            remove_private_file(self._path)

    def _load(self) -> Sealed | None:
        if not is_installed():
            raise MissingRequirementsError(
                f"the encrypted file needs the library cryptography, which is not installed: {INSTALL}"
            )
        from jumpseat.accounts import sealing

        data = read_private_file(self._path)
        if data is None:
            return None
        try:
            return sealing.parse(data)
        except sealing.Damaged:
            raise self._damaged() from None
        except sealing.TooNew:
            raise StoreUnavailable(
                f"the file {self._path} was written by a newer jumpseat: `pip install --upgrade jumpseat`"
            ) from None

    def _save(self, sealed: Sealed) -> None:
        from jumpseat.accounts import sealing

        write_private_file(self._path, sealing.encode(sealed))

    def _damaged(self) -> StoreUnavailable:
        path = shlex.quote(str(self._path))
        return StoreUnavailable(
            f"the file {self._path} is damaged: bring back a copy of it, or run "
            f"`mv {path} {path}.damaged` and sign in again"
        )

    def _key_of(self, sealed: Sealed) -> bytes:
        from jumpseat.accounts import sealing

        key = self._derive(sealed.header, self._source.key(is_new=False))
        if not sealing.is_key(sealed, key):
            what = "JUMPSEAT_VAULT_KEY names a key that is" if self._source.is_set else "the passphrase is"
            raise VaultLocked(
                f"{what} not the one of {self._path}, which was left as it is. Give the right one; if it is "
                "lost, run `jumpseat logout --all` and sign in again"
            )
        return key

    def _derive(self, header: Header, text: Secret) -> bytes:
        from jumpseat.accounts import sealing

        known = self._keys.get((header, text))
        if known is None:
            known = sealing.derive(header, text)
            if len(self._keys) >= MAX_KEYS:
                self._keys.clear()
            self._keys[header, text] = known
        return known
