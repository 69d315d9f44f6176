"""
Errors that nobody foresaw, told so that the telling may be shown to anybody: where, and of which kind.

The text of an error of somebody else's may hold anything: libraries quote addresses, keys of dictionaries and
values that would not do, and those may be secrets. What stays is enough to find the place.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from types import TracebackType

from jumpseat.cli.output import note
from jumpseat.model.errors import JumpseatError

LEFT_OUT = "(its text is left out: it might hold anything)"
FORMAT = "%(levelname)s %(name)s %(message)s"

# Their texts name parts of programs, or one character.
_HARMLESS = (AttributeError, NameError, ImportError, UnicodeError)


def told(error: BaseException) -> str:
    """The traceback of an error and of those that led to it, oldest first; texts of ours alone are in it."""
    return "\n".join(_lines(error, set()))


def _lines(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _lines(before, seen)
        yield "\nwhich led to:\n" if error.__cause__ else "\nand while that was handled:\n"
    yield "Traceback (most recent call last):"
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip()
    yield f"{type(error).__module__}.{type(error).__qualname__}: {_text(error)}"
    for one in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield "\none of its errors:\n"
        yield from _lines(one, seen)


def _text(error: BaseException) -> str:
    match error:
        case JumpseatError():
            return error.message
        case OSError(strerror=str(what)):
            return what
        case _ if not error.args or isinstance(error, _HARMLESS):
            return str(error)
    return LEFT_OUT


class Formatter(logging.Formatter):
    """Formats records of the log; errors that come with them as `told` does."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name == "asyncio" and record.exc_info:
            # Below its first line asyncio puts what it knows of a task, the text of its error included.
            told_of, _, _ = record.getMessage().partition("\n")
            values = {**vars(record), "msg": told_of, "args": None, "exc_text": None}
            record = logging.makeLogRecord(values)
        return super().format(record)

    def formatException(  # noqa: N802 - the name is the library's
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        return told(ei[1]) if ei[1] is not None else ""


def log_handler(form: str = FORMAT) -> logging.Handler:
    """What writes the log to standard error, through `Formatter`."""
    handler = logging.StreamHandler()
    handler.setFormatter(Formatter(form))
    return handler


def install() -> None:
    """Let `told` tell what ends a thread or the program too. A hook that somebody has put there stays."""
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = lambda _kind, error, _trace: note(told(error))
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _end_of_thread
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _unraisable


def _end_of_thread(end: threading.ExceptHookArgs) -> None:
    if end.exc_value is not None and not isinstance(end.exc_value, SystemExit):
        note(f"In the thread {end.thread.name if end.thread else '?'}:\n{told(end.exc_value)}")


def _unraisable(what: sys.UnraisableHookArgs) -> None:
    if what.exc_value is not None:
        note(f"Nobody could be told of:\n{told(what.exc_value)}")
