"""Where the key of the encrypted file comes from: a file, the environment, or the person."""

from __future__ import annotations

import os
import shlex
import stat
import threading
import unicodedata
from collections.abc import Callable
from pathlib import Path

from jumpseat.model.credentials import Secret
from jumpseat.model.errors import VaultLocked

MAX_KEY_BYTES = 64 * 1024
WAYS = (
    "set JUMPSEAT_VAULT_KEY=file:PATH (or env:NAME) to where its key is, or run this at a terminal, where "
    "you are asked for a passphrase"
)


class KeySource:
    """
    Says the passphrase or key, as text.

    `where` is `file:PATH`, `env:NAME` or None; without it `ask` is called, once: what it said is remembered.
    Its argument is whether a new passphrase is made.
    """

    def __init__(self, where: str | None, ask: Callable[[bool], Secret | None] | None) -> None:
        self._where = where
        self._ask = ask
        self._asking = threading.Lock()
        self._said: Secret | None = None

    @property
    def is_set(self) -> bool:
        """Whether a setting says where the key is, so that nobody is asked."""
        return self._where is not None

    @property
    def can_ask(self) -> bool:
        return self._ask is not None

    def key(self, *, is_new: bool) -> Secret:
        """Raises `VaultLocked` when there is none."""
        if self._where is not None:
            kind, _, which = self._where.partition(":")
            raw = _from_file(which, is_new=is_new) if kind == "file" else _from_environment(which)
        else:
            raw = self._answer(is_new=is_new)
        # One passphrase has one form, whatever keyboard it was typed on.
        text = unicodedata.normalize("NFC", raw.reveal())
        if not text:
            raise VaultLocked(f"the key of the encrypted file is empty: {WAYS}")
        return Secret(text)

    def _answer(self, *, is_new: bool) -> Secret:
        with self._asking:
            if self._said is None and self._ask is not None:
                self._said = self._ask(is_new)
            if self._said is None:
                raise VaultLocked(f"nobody gave the key of the encrypted file: {WAYS}")
            return self._said


def _from_environment(name: str) -> Secret:
    text = os.environ.get(name)
    if text is None:
        raise VaultLocked(f"JUMPSEAT_VAULT_KEY names the variable {name}, which is not set: {WAYS}")
    return Secret(text)


def _from_file(name: str, *, is_new: bool) -> Secret:
    path = Path(name).expanduser()
    quoted = shlex.quote(str(path))
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(MAX_KEY_BYTES + 1)
    except OSError as exc:
        way = f"make one with `(umask 077; head -c 32 /dev/urandom | base64 > {quoted})`" if is_new else WAYS
        raise VaultLocked(
            f"JUMPSEAT_VAULT_KEY names the file {path}, which cannot be read ({exc.strerror}): {way}"
        ) from exc
    # Choice: a link to the key file is followed, for that is how secrets are mounted into containers.
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise VaultLocked(f"others may read or change the key file {path}: run `chmod 600 {quoted}`")
    if len(data) > MAX_KEY_BYTES:
        raise VaultLocked(f"the key file {path} is far too large to be one: {WAYS}")
    return Secret(data.decode("utf-8", "surrogateescape").rstrip("\r\n"))
