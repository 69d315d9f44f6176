"""Keyrings of every temper, for tests: each a backend of the library, as a system's own would be."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keyring
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import KeyringLocked, PasswordDeleteError, PasswordSetError


class MemoryKeyring(KeyringBackend):
    """A good one. It notes every call."""

    priority = 5.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}
        self.calls: list[str] = []

    def get_password(self, service: str, username: str) -> str | None:
        self.calls.append(f"get {username}")
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.calls.append(f"set {username}")
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.calls.append(f"delete {username}")
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("not found")


class SmallKeyring(MemoryKeyring):
    """Windows' Credential Locker: 2,560 bytes an entry, two a character."""

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) > 2560:
            raise PasswordSetError(f"too long: {password}")
        super().set_password(service, username, password)


class HangingKeyring(MemoryKeyring):
    """Waits for somebody who never comes, as a prompt on a screen that nobody looks at."""

    def __init__(self) -> None:
        super().__init__()
        self.come = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.come.wait()
        return super().get_password(service, username)


class LockedKeyring(MemoryKeyring):
    """Cannot be unlocked while `is_locked`."""

    is_locked = True

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise KeyringLocked("Failed to unlock the collection!")
        return super().get_password(service, username)


class LyingKeyring(MemoryKeyring):
    """Has the same answer to whatever it is asked, also of another type."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer

    def get_password(self, service: str, username: str) -> str | None:
        super().get_password(service, username)
        said: str = self.answer
        return said

    def delete_password(self, service: str, username: str) -> None:
        self.calls.append(f"delete {username}")


class DenyingKeyring(MemoryKeyring):
    """Answers, and takes nothing. Its error repeats what it was given."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise PasswordSetError(f"denied: {password}")


class ForgettingKeyring(MemoryKeyring):
    """Takes no more than `room` entries."""

    room = 2

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(self.entries) >= self.room:
            raise PasswordSetError(f"full: {password}")
        super().set_password(service, username, password)


class UnworthyKeyring(MemoryKeyring):
    """Says of itself that it is no good one."""

    priority = 0.5


class ImpossibleKeyring(MemoryKeyring):
    """Says of itself that it cannot work here."""

    @property
    def priority(self) -> float:  # type: ignore[override]
        raise RuntimeError("no session bus")


class FolderKeyring(KeyringBackend):
    """A good one that outlives its process: a file an entry."""

    priority = 5

    def __init__(self, folder: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def path(self, username: str) -> Path:
        return self.folder / username.replace("/", "_")

    def get_password(self, service: str, username: str) -> str | None:
        try:
            text: str = json.loads(self.path(username).read_text())
        except FileNotFoundError:
            return None
        return text

    def set_password(self, service: str, username: str, password: str) -> None:
        new = self.folder / "new"
        new.write_text(json.dumps(password))
        new.replace(self.path(username))

    def delete_password(self, service: str, username: str) -> None:
        self.path(username).unlink()


class UsualKeyring(FolderKeyring):
    """The same for programs that find it by its name; `TESTS_KEYRING` says where."""

    def __init__(self) -> None:
        super().__init__(Path(os.environ["TESTS_KEYRING"]))


for _class in [MemoryKeyring, *MemoryKeyring.__subclasses__(), FolderKeyring, UsualKeyring]:
    # The library remembers every backend ever defined, and would choose among these for others, too.
    _classes: set[Any] = KeyringBackend._classes
    _classes.discard(_class)


@contextmanager
def chosen(backend: KeyringBackend) -> Iterator[None]:
    """Let this be the system keyring for a while."""
    keyring.set_keyring(backend)
    try:
        yield
    finally:
        keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
