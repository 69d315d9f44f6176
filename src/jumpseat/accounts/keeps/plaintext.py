"""The keep for those who asked for it by name: a file that its owner alone may read."""

from __future__ import annotations

import shlex
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from jumpseat.model.credentials import Secret
from jumpseat.model.errors import StoreUnavailable
from jumpseat.store.home import read_private_file, remove_private_file, write_private_file

VERSION = 1


class _Contents(Struct, frozen=True, kw_only=True, repr_omit_defaults=True):
    version: int = VERSION
    secrets: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"_Contents({len(self.secrets)} secrets)"


class PlaintextKeep:
    """Keeps secrets in one file as they are."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self) -> None:
        """There is nothing to ask."""

    def write(self, secret_id: str, text: Secret) -> None:
        contents = self._load()
        self._save(structs.replace(contents, secrets=contents.secrets | {secret_id: text.reveal()}))

    def read(self, secret_id: str) -> Secret | None:
        text = self._load().secrets.get(secret_id)
        return None if text is None else Secret(text)

    def drop(self, secret_id: str) -> None:
        contents = self._load()
        rest = {other: text for other, text in contents.secrets.items() if other != secret_id}
        if not rest:
            remove_private_file(self._path)
        elif len(rest) < len(contents.secrets):
            self._save(structs.replace(contents, secrets=rest))

    def _load(self) -> _Contents:
        data = read_private_file(self._path)
        if data is None:
            return _Contents()
        try:
            contents = msgspec.json.decode(data, type=_Contents)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            path = shlex.quote(str(self._path))
            # Nothing of what is in it is said, not even by the reader's own error.
            raise StoreUnavailable(
                f"the file {self._path} is damaged: run `mv {path} {path}.damaged`, and sign in again"
            ) from None
        if contents.version > VERSION:
            raise StoreUnavailable(
                f"the file {self._path} was written by a newer jumpseat: `pip install --upgrade jumpseat`"
            )
        return contents

    def _save(self, contents: _Contents) -> None:
        write_private_file(self._path, msgspec.json.encode(contents))
