"""`jumpseat login`: from a browser, a recording, a cookie export or a token to an account that is kept."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from msgspec import Struct

from jumpseat.accounts.register import Way
from jumpseat.cli import exits, running
from jumpseat.cli.keeping import Keeping, choose_name, keep, read_token
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
app.command("jumpseat.cli.login_github:github", name="github", sort_key=1)

HOSTS: dict[Kind, str] = {"microsoft": "copilot.microsoft.com", "github-web": "github.com"}
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
    settings, vault = _begin(keeping)
    if _is_browser(source):
        from jumpseat.cli.login_browser import sign_in

        # Whose sign-in is renewed has a window of their own, in which they may be signed in still.
        name = choose_name(vault, "microsoft", keeping.name, None)
        credential = running.run(running.until_interrupted(sign_in(settings, name)))
        return _finish(settings, vault, "microsoft", credential, "browser", keeping)
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
            "say with what: --cookies FILE (your browser's cookies of github.com, exported as JSON), "
            "--har FILE (a recording made there), or --token-stdin."
        )
    settings, vault = _begin(keeping)
    return _from_source(settings, vault, "github-web", source, keeping, Wanted())


def _begin(keeping: Keeping) -> tuple[Settings, Vault]:
    settings = read_settings()
    vault = open_vault(settings)
    # Before anybody takes the trouble of signing in: is there a place for it?
    vault.choose_keep(plaintext=keeping.plaintext)
    return settings, vault


def _is_browser(source: Source) -> bool:
    given = (source.har is not None, source.cookies is not None, source.token_stdin)
    if sum(given) > 1:
        raise InvalidRequest("--har, --cookies and --token-stdin exclude each other. Give one of them.")
    return not any(given)


def _from_source(
    settings: Settings, vault: Vault, kind: Kind, source: Source, keeping: Keeping, wanted: Wanted
) -> int:
    if source.token_stdin:
        return _finish(settings, vault, kind, Credential(token=read_token()), "token", keeping)
    path = source.har or source.cookies
    assert path is not None  # noqa: S101 - the caller has looked, and the type checker has not.
    way: Way = "har" if source.har is not None else "cookies"
    recording = _read(settings, path, kind, wanted)
    for remark in recording.remarks:
        note(f"note: {one_line(remark.message)}")
    code = _finish(settings, vault, kind, recording.credential, way, keeping)
    _tell_missing(recording.missing)
    if path != STDIN:
        _offer_to_delete(path, at_once=source.delete)
    return code


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
) -> int:
    from jumpseat.client import Client

    async def identify(account: Account) -> str | None:
        with Waiting("asking the service who this is ..."):
            async with Client(settings, vault=vault) as client:
                return await client.identify(account)

    running.run(keep(vault, kind, credential, way, keeping, identify))
    if credential.generation == "classic":
        words = "ask" if kind == "microsoft" else "ask -p github"
        note(f'Try it: jumpseat {words} "Hello!"')
    return exits.OK


def _tell_missing(missing: Sequence[str]) -> None:
    if missing:
        note(f"note: not found in the file: {', '.join(missing)}")


def _offer_to_delete(path: Path, *, at_once: bool) -> None:
    """A recording opens the account to whoever has it, a sanitized one too: it should not lie about."""
    path = path.expanduser()
    if not at_once:
        if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
            note(f"note: {path.name} still holds this sign-in, a sanitized recording too: delete it.")
            return
        note(f"{path.name} still holds this sign-in, as every such file does, a sanitized recording too.")
        if not _agrees(f"Delete {path.name}? [y/N] "):
            return
    path.unlink(missing_ok=True)
    note(f"Deleted: {path.name}")


def _agrees(question: str) -> bool:
    try:
        return input(question).strip().lower() in {"y", "yes"}
    except EOFError:
        return False
