"""The program itself, as a child: between pipes, or at a terminal that a test types on."""

from __future__ import annotations

import fcntl
import os
import re
import selectors
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.programs import clean_environment

PROGRAM = (sys.executable, "-m", "jumpseat.cli.entry")
DEADLINE_SECONDS = 20.0

# Takes the terminal for itself, so that Ctrl-C arrives as a signal; then becomes the program.
_AT_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
_SEQUENCE = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[()][0-9A-B]|\x1b[=>78]|[\r\x07]"
)


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a child: ours, without the person's own settings."""
    ours = {"HOME": str(home), "JUMPSEAT_HOME": str(home / "state"), "JUMPSEAT_PACE": "off", "TERM": "xterm"}
    return clean_environment(**(ours | more))


def run(env: Mapping[str, str], *words: str, given: bytes = b"") -> tuple[int, str, str]:
    """Run a command between pipes; its exit code, output and errors."""
    done = subprocess.run(
        [*PROGRAM, *words],
        env=dict(env),
        input=given,
        capture_output=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class _Child:
    """A command under way; killed on leaving if it still runs."""

    _process: subprocess.Popen[bytes]

    def close(self) -> None:
        """Let go of what joins us to it."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self.close()


class Piped(_Child):
    """A command under way between pipes."""

    def __init__(self, env: Mapping[str, str], *words: str) -> None:
        self._words = words
        self._process = subprocess.Popen(
            [*PROGRAM, *words],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self.stdout = self._process.stdout
        self.stderr = self._process.stderr

    def read_until(self, text: bytes) -> bytes:
        """Everything printed up to `text`."""
        return _read_until(self.stdout.fileno(), text)

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def terminate(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        return self._process.wait(DEADLINE_SECONDS)

    def close(self) -> None:
        self.stdout.close()
        self.stderr.close()


def _read_until(fd: int, text: bytes) -> bytes:
    seen = b""
    deadline = time.monotonic() + DEADLINE_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(fd, selectors.EVENT_READ)
        while text not in seen:
            assert selector.select(deadline - time.monotonic()), f"waited in vain for {text!r}; saw {seen!r}"
            data = os.read(fd, 65536)
            assert data, f"ended before {text!r}; saw {seen!r}"
            seen += data
    return seen


class Terminal(_Child):
    """A command at a terminal of 30 lines and 100 columns."""

    def __init__(self, env: Mapping[str, str], *words: str, program: Sequence[str] = PROGRAM) -> None:
        self._master, slave = os.openpty()
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self._process = subprocess.Popen(
            [sys.executable, "-c", _AT_TERMINAL, *program, *words],
            env=dict(env),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.raw = ""
        self._at = 0
        """Where in `text` the next `expect` begins to look."""

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def text(self) -> str:
        """What was shown so far, without the sequences that a terminal obeys."""
        return _SEQUENCE.sub("", self.raw)

    def expect(self, text: str) -> None:
        """Wait until `text` is shown, after what was waited for before."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while (found := self.text.find(text, self._at)) < 0:
            assert self._read(deadline), f"ended before {text!r}; the screen had {self.text!r}"
        self._at = found + len(text)

    def press(self, text: str) -> None:
        """Press these keys: `\\r` is Enter, `\\x03` Ctrl-C, `\\x04` Ctrl-D."""
        os.write(self._master, text.encode())

    def wait(self) -> int:
        """Read to the end, and return the exit code."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while self._read(deadline):
            pass
        return self._process.wait(DEADLINE_SECONDS)

    def _read(self, deadline: float) -> bool:
        with selectors.DefaultSelector() as selector:
            selector.register(self._master, selectors.EVENT_READ)
            assert selector.select(deadline - time.monotonic()), (
                f"nothing more came; the screen had {self.text!r}"
            )
        try:
            data = os.read(self._master, 65536)
        except OSError:  # Linux says EIO when the last one at the terminal has left.
            return False
        if b"\x1b[6n" in data:
            # A line editor asks where the cursor is, and waits for an answer: on the last line.
            self.press("\x1b[30;1R")
        self.raw += data.decode("utf-8", "replace")
        return bool(data)

    def close(self) -> None:
        os.close(self._master)
