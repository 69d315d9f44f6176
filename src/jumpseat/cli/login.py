"""`jumpseat login`: from a browser, a recording, a cookie export or a token to an account that is kept."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from msgspec import Struct

from jumpseat.accounts.register import Way
from jumpseat.accounts.roster import GITHUB_HOST, MICROSOFT_HOST
from jumpseat.cli import exits, running
from jumpseat.cli.keeping import Keeping, find_place, keep, read_token
from jumpseat.cli.login_github import github
from jumpseat.cli.opening import open_vault, read_settings
from jumpseat.cli.output import Waiting, is_terminal, note
from jumpseat.cli.plain import one_line
from jumpseat.model.credentials import Account, Credential, Kind
from jumpseat.model.errors import InvalidRequest

if TYPE_CHECKING:
    from jumpseat.accounts.vault import Vault
    from jumpseat.recordings import Recording
    from jumpseat.settings import Settings

app = App(
    name="login",
    help="Sign in. The credential is kept in the system keyring, or in an encrypted file.",
    help_epilogue="",
)
app.command(github, name="github", sort_key=1)

HOSTS: dict[Kind, str] = {"microsoft": MICROSOFT_HOST, "github-web": GITHUB_HOST}
"""Whose cookies are looked for in a file, also where a stand-in serves in their place."""
STDIN = Path("-")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Source:
    """The options that say where a sign-in comes from."""

    har: Annotated[Path | None, Parameter(allow_leading_hyphen=True)] = None
    """A recording of your browser's traffic (HAR, also as .gz or .zip); - reads it from standard input."""

    cookies: Path | None = None
    """A JSON export of the site's cookies."""

    token_stdin: Annotated[bool, Parameter(negative="")] = False
    """Read the chat's token from standard input; typed at a terminal, it is not shown."""

    delete: Annotated[bool, Parameter(negative="")] = False
    """Delete the file after it was read, without asking."""


class Wanted(Struct, frozen=True, kw_only=True):
    """What else is taken from a recording."""

    anonymous: bool = False
    token_responses: bool = False


@app.command(sort_key=0)
def microsoft(
    source: Source = Source(),
    keeping: Keeping = Keeping(),  # noqa: B008 - frozen
    *,
    anonymous: Annotated[bool, Parameter(negative="")] = False,
    token_responses: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """
    Sign in to Microsoft Copilot: in a browser window, or with what another browser recorded.

    Without --har, --cookies and --token-stdin a window opens in which you sign in by hand.

    Parameters
    ----------
    anonymous
        Take a recording in which nobody is signed in, too.
    token_responses
        Look for the token in the answers of the sign-in service as well, if the recording holds no chat.
    """
    settings, vault, name = _begin("microsoft", keeping)
    if _is_browser(source):
        from jumpseat.cli.login_browser import sign_in

        # Whose sign-in is renewed has a window of their own, in which they may be signed in still.
        credential = running.run(running.until_interrupted(sign_in(settings, name)))
        is_used = _finish(settings, vault, "microsoft", credential, "browser", keeping)
        _tell_what_next("microsoft", credential, is_used=is_used)
        return exits.OK
    wanted = Wanted(anonymous=anonymous, token_responses=token_responses)
    return _from_source(settings, vault, "microsoft", source, keeping, wanted)


@app.command(sort_key=2)
def github_web(
    source: Source = Source(),
    keeping: Keeping = Keeping(),  # noqa: B008 - frozen
) -> int:
    """
    Sign in to GitHub's web chat, with what your browser has of github.com.

    It needs the cookies of github.com (`user_session` among them), or the web chat's token for an hour or so.
    """
    if _is_browser(source):
        raise InvalidRequest(
            "say with what: `jumpseat login github-web --cookies FILE` takes your browser's cookies of "
            "github.com, exported as JSON; --har FILE a recording made there; --token-stdin the chat's token."
        )
    settings, vault, _ = _begin("github-web", keeping)
    return _from_source(settings, vault, "github-web", source, keeping, Wanted())


def _begin(kind: Kind, keeping: Keeping) -> tuple[Settings, Vault, str]:
    """The settings, the vault and the name of the account, as far as that is known yet."""
    settings = read_settings()
    vault = open_vault(settings)
    return settings, vault, find_place(vault, kind, keeping)


def _is_browser(source: Source) -> bool:
    given = (source.har is not None, source.cookies is not None, source.token_stdin)
    if sum(given) > 1:
        raise InvalidRequest("--har, --cookies and --token-stdin exclude each other. Give one of them.")
    return not any(given)


def _from_source(
    settings: Settings, vault: Vault, kind: Kind, source: Source, keeping: Keeping, wanted: Wanted
) -> int:
    if source.token_stdin:
        credential = Credential(token=read_token())
        is_used = _finish(settings, vault, kind, credential, "token", keeping)
        _tell_what_next(kind, credential, is_used=is_used)
        return exits.OK
    path = source.har or source.cookies
    assert path is not None  # noqa: S101 - the caller has looked, and the type checker has not.
    way: Way = "har" if source.har is not None else "cookies"
    recording = _read(settings, path, kind, wanted)
    for remark in recording.remarks:
        note(f"note: {one_line(remark.message)}")
    is_used = _finish(settings, vault, kind, recording.credential, way, keeping)
    _tell_missing(recording)
    if path != STDIN:
        _offer_to_delete(path, at_once=source.delete)
    _tell_what_next(kind, recording.credential, is_used=is_used)
    return exits.OK


def _read(settings: Settings, path: Path, kind: Kind, wanted: Wanted) -> Recording:
    from jumpseat.recordings import BadRecording, read_recording

    try:
        with Waiting("reading the file ..."):
            return read_recording(
                sys.stdin.buffer if path == STDIN else path.expanduser(),
                HOSTS[kind],
                limit=settings.har_limit * 1024 * 1024,
                allow_anonymous=wanted.anonymous,
                read_token_responses=wanted.token_responses,
                now=time.time(),
            )
    except BadRecording as error:
        for remark in error.remarks:
            note(f"note: {one_line(remark.message)}")
        raise


def _finish(
    settings: Settings, vault: Vault, kind: Kind, credential: Credential, way: Way, keeping: Keeping
) -> bool:
    """Check the credential and keep it; whether its account is the one that answers."""
    from jumpseat.client import Client

    async def identify(account: Account) -> str | None:
        with Waiting("asking the service who this is ..."):
            async with Client(settings, vault=vault) as client:
                return await client.identify(account)

    return running.run(keep(vault, kind, credential, way, keeping, identify)).is_used


def _tell_what_next(kind: Kind, credential: Credential, *, is_used: bool) -> None:
    """One command to copy; whose account is not used has been told another."""
    if is_used and credential.generation == "classic":
        words = "ask" if kind == "microsoft" else "ask -p github"
        note(f'Try it: jumpseat {words} "Hello!"')


def _tell_missing(recording: Recording) -> None:
    # Of a sanitized one it was told that it has no cookies.
    missing = [what for what in recording.missing if not (recording.is_sanitized and "cookies" in what)]
    if missing:
        note(f"note: not found in the file: {', '.join(missing)}")


def _offer_to_delete(path: Path, *, at_once: bool) -> None:
    """A recording opens the account to whoever has it, a sanitized one too: it should not lie about."""
    path, shown = path.expanduser(), one_line(path.name)
    if not at_once:
        if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
            note(f"note: {shown} still holds this sign-in, for whoever gets the file: delete it.")
            return
        note(f"{shown} still holds this sign-in, for whoever gets the file.")
        if not _agrees(f"Delete {shown}? [y/N] "):
            return
    path.unlink(missing_ok=True)
    note(f"Deleted: {shown}")


def _agrees(question: str) -> bool:
    try:
        return input(question).strip().lower() in {"y", "yes"}
    except EOFError:
        note("")
        return False
    except KeyboardInterrupt:
        note("")  # The shell's prompt belongs on a line of its own.
        raise
