"""The keep of the system: Secret Service or KWallet, macOS's Keychain, Windows' Credential Locker."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from jumpseat.model.credentials import Secret
from jumpseat.model.errors import VaultLocked

SERVICE = "jumpseat"
SECONDS = 3.0
"""How long each call may take: a keyring may wait for somebody who is not there."""
MAX_ENTRY_CHARS = 1000
"""Windows keeps 2,560 bytes an entry, two a character."""
MAX_ENTRIES = 10_000
"""As many are looked for: a keyring may answer whatever it is asked."""
INSTALL = '`pip install "jumpseat[vault]"`'
PROBE = "probe"
"""An entry that never is, to see whether the keyring answers."""
# These keep nothing, or keep it as it is, whatever they say of themselves.
NO_KEYRINGS = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")

T = TypeVar("T")


class _Backend(Protocol):
    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


class _Unusable(Exception):
    """Why the keyring cannot be used, in words of ours."""

    @property
    def reason(self) -> str:
        return str(self.args[0])


class KeyringKeep:
    """Keeps each secret as entries `ID/0`, `ID/1`... of the keyring, the first of which counts them."""

    def __init__(self) -> None:
        self._backend: _Backend | None = None
        self._hanging: threading.Thread | None = None

    def trouble(self) -> str | None:
        """Why the keyring cannot be used here and now; None if it answers."""
        try:
            self._try(lambda backend: backend.get_password(SERVICE, PROBE))
        except _Unusable as exc:
            return exc.reason
        return None

    def open(self) -> None:
        """The keyring itself asks, if it must."""

    def write(self, secret_id: str, text: Secret) -> None:
        for number, part in enumerate(_parts(text.reveal())):
            self._set(f"{secret_id}/{number}", Secret(part))

    def read(self, secret_id: str) -> Secret | None:
        first = self._get(f"{secret_id}/0")
        if first is None:
            return None
        count, _, text = first.reveal().partition(" ")
        if not count.isdecimal() or len(count) > len(str(MAX_ENTRIES)):
            return None
        parts = [text]
        for number in range(1, int(count)):
            part = self._get(f"{secret_id}/{number}")
            if part is None:
                return None
            parts.append(part.reveal())
        return Secret("".join(parts))

    def drop(self, secret_id: str) -> None:
        count = 0
        while count < MAX_ENTRIES and self._get(f"{secret_id}/{count}") is not None:
            count += 1
        # From the end, so that what is left by a process killed meanwhile is found in the same way.
        for number in reversed(range(count)):
            self._delete(f"{secret_id}/{number}")

    def _get(self, entry: str) -> Secret | None:
        text = self._call(lambda backend: backend.get_password(SERVICE, entry))
        # Not each backend keeps to the types of the library.
        return Secret(text) if isinstance(text, str) else None

    def _set(self, entry: str, text: Secret) -> None:
        self._call(lambda backend: backend.set_password(SERVICE, entry, text.reveal()))

    def _delete(self, entry: str) -> None:
        self._call(lambda backend: backend.delete_password(SERVICE, entry))

    def _call(self, work: Callable[[_Backend], T]) -> T:
        try:
            return self._try(work)
        except _Unusable as exc:
            raise VaultLocked(
                f"the system keyring cannot be used: {exc.reason}. Without it, set JUMPSEAT_VAULT=encrypted "
                "and sign in again"
            ) from None

    def _try(self, work: Callable[[_Backend], T]) -> T:
        if self._hanging is not None and self._hanging.is_alive():
            raise _Unusable(f"a call of {SECONDS:g} s ago and more still hangs in it")
        if self._backend is None:
            self._backend = self._limited(_real_backend)
        backend = self._backend
        return self._limited(lambda: work(backend))

    def _limited(self, work: Callable[[], T]) -> T:
        """
        Do `work` in a thread of its own and wait for it a while.

        The thread is a daemon: one that hangs for ever does not keep the interpreter from ending either.
        """
        done: list[T] = []
        failed: list[BaseException] = []

        def run() -> None:
            try:
                done.append(work())
            except BaseException as exc:  # noqa: BLE001 - whatever a backend raises, it is said to whoever waits
                failed.append(exc)

        thread = threading.Thread(target=run, name="jumpseat-keyring", daemon=True)
        thread.start()
        thread.join(SECONDS)
        if done:
            return done[0]
        if failed:
            raise _Unusable(_reason(failed[0])) from None
        self._hanging = thread
        raise _Unusable(
            f"it did not answer within {SECONDS:g} s. If a window asks for its password, unlock it there"
        )


def _parts(text: str) -> list[str]:
    """What the entries hold: at most `MAX_ENTRY_CHARS` each, and the number of them before the first."""
    size = MAX_ENTRY_CHARS - 8
    parts = [text[at : at + size] for at in range(0, len(text), size)] or [""]
    parts[0] = f"{len(parts)} {parts[0]}"
    return parts


def _real_backend() -> _Backend:
    """The backend that the library chose, if it is a real keyring. Raises `_Unusable`."""
    try:
        import keyring
    except ImportError:
        raise _Unusable(f"the library keyring is not installed: {INSTALL}") from None
    chosen = keyring.get_keyring()
    # Where several are there, the library chooses one that tries them in turn.
    for backend in getattr(chosen, "backends", [chosen]):
        if _is_real(backend):
            real: _Backend = backend
            return real
    raise _Unusable("there is none here")


def _is_real(backend: object) -> bool:
    if type(backend).__module__.startswith(NO_KEYRINGS):
        return False
    try:
        priority = float(getattr(backend, "priority"))  # noqa: B009 - each has it, and their base types it away
    except (RuntimeError, NotImplementedError, AttributeError):
        return False
    return priority >= 1


def _reason(exc: BaseException) -> str:
    """What a failure means. Its own words are not repeated: nobody knows what a backend puts there."""
    if isinstance(exc, _Unusable):
        return exc.reason
    if type(exc).__name__ == "KeyringLocked":
        return "it is locked, and was not unlocked"
    return f"it refused ({type(exc).__name__})"
