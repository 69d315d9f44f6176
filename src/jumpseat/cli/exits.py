"""How a command ends: the exit codes, and the one line an error becomes."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import NamedTuple

from jumpseat.cli import crashes
from jumpseat.cli.output import ReaderGone, note
from jumpseat.cli.plain import one_line
from jumpseat.model.errors import (
    ConversationBusy,
    HumanCheckRequired,
    InvalidRequest,
    JumpseatError,
    MissingRequirementsError,
    NotSignedIn,
    Overloaded,
    QuotaExceeded,
    RateLimited,
    StoreUnavailable,
)

OK = 0
FAILED = 1
USAGE = 2
SIGN_IN = 3
LATER = 4
STORE = 5
INTERRUPTED = 130
"""128 and the number of SIGINT, as shells count."""


class Meaning(NamedTuple):
    """One exit code, for the help and the manual."""

    code: int
    meaning: str


MEANINGS = (
    Meaning(OK, "it worked (also when the reader of the output closed it early, as `| head` does)"),
    Meaning(FAILED, "the service refused or broke, or something else failed"),
    Meaning(USAGE, "the command line or a setting makes no sense"),
    Meaning(SIGN_IN, "the account needs its owner: to sign in, or to pass a human check in a browser"),
    Meaning(LATER, "too much at once or a used-up quota: the same works later"),
    Meaning(STORE, "the conversations on this machine cannot be read or written"),
    Meaning(INTERRUPTED, "stopped with Ctrl-C"),
)

CODES: Mapping[type[JumpseatError], int] = {
    JumpseatError: FAILED,
    InvalidRequest: USAGE,
    NotSignedIn: SIGN_IN,
    HumanCheckRequired: SIGN_IN,
    RateLimited: LATER,
    QuotaExceeded: LATER,
    Overloaded: LATER,
    ConversationBusy: LATER,
    StoreUnavailable: STORE,
}
"""The nearest class of an error counts."""


class Stopped(Exception):
    """The person pressed Ctrl-C, and what was running has been closed."""


def code_of(error: JumpseatError) -> int:
    """The exit code of an error of ours."""
    return next(CODES[kind] for kind in type(error).__mro__ if kind in CODES)


def complain(message: str) -> None:
    """Write an error, as one line, to where errors go."""
    line = one_line(message).removeprefix("error: ")
    note(f"error: {line}" if line.endswith((".", "!", "?")) else f"error: {line}.")


def advised(error: JumpseatError) -> str:
    """The message of an error, and what one can do here that the library cannot know of."""
    message = error.message
    match error.code:
        case "wire_failed" if not error.may_be_delivered:
            advice = (
                "JUMPSEAT_SIMULATOR is set: is `jumpseat simulate` running?"
                if os.environ.get("JUMPSEAT_SIMULATOR")
                else "`jumpseat demo` shows everything without a network."
            )
        case "model_not_found":
            advice = "`jumpseat models` lists them all."
        case _:
            return message
    return f"{message}{'' if message.endswith('.') else '.'} {advice}"


def guarded(command: Callable[[], int]) -> int:
    """
    Run a command; whatever it raises becomes one line and an exit code.

    JUMPSEAT_DEBUG=1 shows tracebacks and logs as well, without the texts of errors that are not ours.
    """
    _prepare_logs()
    try:
        return command()
    except ReaderGone:
        return OK
    except (KeyboardInterrupt, Stopped):
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - this is where every error ends.
        if _is_debugging():
            note(crashes.told(error))
        complain(_sentence(error))
        return code_of(error) if isinstance(error, JumpseatError) else FAILED


def _is_debugging() -> bool:
    return os.environ.get("JUMPSEAT_DEBUG", "") not in {"", "0"}


def _prepare_logs() -> None:
    if _is_debugging():
        logging.basicConfig(handlers=[crashes.log_handler()])
        logging.getLogger("jumpseat").setLevel(logging.DEBUG)
    elif not logging.getLogger().handlers:
        # What matters to a person is an error or a note; without a handler Python prints warnings, ours and
        # those of libraries, amid the answer.
        logging.getLogger().addHandler(logging.NullHandler())


def _sentence(error: Exception) -> str:
    match error:
        case JumpseatError():
            return advised(error)
        case ImportError(__cause__=ModuleNotFoundError() as cause):
            # A command that is imported when it is asked for wraps what it lacks.
            return _sentence(cause)
        case ModuleNotFoundError(name=str(name)) if not name.startswith("jumpseat"):
            return missing(name).message
        case OSError(strerror=str(what)):
            return f"{error.filename}: {what}" if error.filename else what
        case _:
            # The text of an error nobody foresaw might hold anything, secrets included.
            return (
                f"jumpseat itself failed ({type(error).__name__}). Run it again with JUMPSEAT_DEBUG=1 to see "
                "where, and please report it."
            )


EXTRAS: Mapping[str, str] = {
    "curl_cffi": "microsoft",
    "httptools": "gateway",
    "starlette": "gateway",
    "uvicorn": "gateway",
    "uvloop": "gateway",
}
"""Which extra of the package brings a library; the others belong to `cli`."""


def missing(library: str) -> MissingRequirementsError:
    """The error for a library that is not installed."""
    extra = EXTRAS.get(library.partition(".")[0], "cli")
    return MissingRequirementsError(
        f'the library {library} is not installed. Install it with: pip install "jumpseat[{extra}]"'
    )
