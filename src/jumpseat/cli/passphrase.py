"""The passphrase of the encrypted file, asked for at the terminal and nowhere else."""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from jumpseat.cli.output import is_terminal, note
from jumpseat.model.credentials import Secret

TRIES = 3
"""How often a new passphrase may be mistyped."""

WHY = (
    "Sign-ins are kept in an encrypted file here, which a passphrase of yours opens.",
    "Commands ask for it; with JUMPSEAT_VAULT_KEY=file:PATH it is read from there.",
)
"""What somebody hears before they choose one."""


class Passphrase:
    """
    What the vault asks for a passphrase, once a command.

    Only the main thread can ask, for that is where Ctrl-C arrives: a vault that is read in another thread
    hears nobody, `is_wanted` says so, and who waits for that thread asks with `ask` and tries again.
    """

    def __init__(self) -> None:
        self._said: Secret | None = None
        self.is_wanted = False

    def __call__(self, is_new: bool) -> Secret | None:
        if self._said is None:
            if threading.current_thread() is not threading.main_thread():
                self.is_wanted = True
                return None
            self.ask(is_new=is_new)
        return self._said

    def ask(self, *, is_new: bool = False) -> bool:
        """Ask the person; whether they said anything. Ctrl-C raises `KeyboardInterrupt`."""
        self.is_wanted = False
        self._said = _new() if is_new else type_unseen("Passphrase of your sign-ins (it is not shown): ")
        return self._said is not None


def is_somebody_there() -> bool:
    """Whether a person looks at standard error, and this is what they look at (no job in the background)."""
    if not is_terminal(sys.stderr):
        return False
    try:
        return os.tcgetpgrp(sys.stderr.fileno()) == os.getpgrp()
    except (AttributeError, OSError, ValueError):  # Windows has no groups; a replaced stream has no number.
        return sys.platform == "win32"


def _new() -> Secret | None:
    for line in WHY:
        note(line)
    for _ in range(TRIES):
        first = type_unseen("Choose a passphrase for your sign-ins (it is not shown): ")
        if first is None:
            return None
        if type_unseen("The same again: ") == first:
            return first
        note("These were two different ones.")
    return None


def type_unseen(prompt: str) -> Secret | None:
    """What is typed at the terminal unseen; None for nothing, and where it could not be hidden."""
    from getpass import GetPassWarning, getpass

    with _interruptible(), warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)
        try:
            text = getpass(prompt)
        except (EOFError, GetPassWarning):
            note("")
            return None
        except KeyboardInterrupt:
            note("")  # The shell's prompt belongs on a line of its own.
            raise
    return Secret(text) if text else None


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C end the typing: an event loop's own handler only takes note of the first one."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
