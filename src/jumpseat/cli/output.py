"""Where output goes: the answer to standard output, everything else to standard error."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from jumpseat.cli.folding import folded


class ReaderGone(Exception):
    """Whoever read our output has closed it, as `head` does; there is nobody left to tell."""


def prepare() -> None:
    """Let no closed stream, and no character that the terminal's encoding lacks, end a command."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def write(text: str) -> None:
    """
    Write to standard output, at once.

    Raises `ReaderGone` when nobody reads it any more.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError as exc:
        _discard(sys.stdout)
        raise ReaderGone from exc
    except OSError:
        _discard(sys.stdout)
        raise


def say(line: str = "") -> None:
    """Write a line to standard output."""
    write(line + "\n")


def note(line: str) -> None:
    """
    Write a line to standard error; nobody reading there is no reason to stop.

    A terminal gets it folded between words, without a break in a command to copy.
    """
    if columns := _columns(sys.stderr):
        line = "\n".join(part for whole in line.split("\n") for part in folded(whole, columns))
    try:
        print(line, file=sys.stderr, flush=True)
    except BrokenPipeError:
        _discard(sys.stderr)


def _columns(stream: TextIO) -> int:
    """The width of the terminal that `stream` is; 0 where it is none, or does not say."""
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (AttributeError, OSError, ValueError):  # A replaced stream has no number.
        return 0


def is_terminal(stream: TextIO) -> bool:
    """Whether a person looks at `stream`."""
    return stream.isatty()


def program_name() -> str:
    """What the person has to type to run us again: the bare name only where the shell would find it."""
    path = Path(sys.argv[0])
    if path.name != "jumpseat" or shutil.which("jumpseat") is not None:
        return "jumpseat"
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _discard(stream: TextIO) -> None:
    # The interpreter flushes once more at its end, and would complain about the closed pipe.
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class Waiting:
    """A remark on a terminal's standard error that something is being waited for; gone when `over()`."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = False

    def __enter__(self) -> Self:
        if is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb":
            print(f"\x1b[2m{self._what}\x1b[0m", end="", file=sys.stderr, flush=True)
            self._shown = True
        return self

    def over(self) -> None:
        """Take the remark away. Idempotent."""
        if self._shown:
            self._shown = False
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over()
