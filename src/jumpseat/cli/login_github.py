"""`jumpseat login github`: the OAuth token of a GitHub account, by a code, from `gh`, or handed over."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from jumpseat.cli import exits, running
from jumpseat.cli.countdown import Countdown
from jumpseat.cli.keeping import Keeping, find_place, keep, read_token
from jumpseat.cli.opening import open_vault, read_settings
from jumpseat.cli.output import Waiting, is_terminal, note
from jumpseat.cli.plain import one_line
from jumpseat.model.credentials import Account, Credential, Secret
from jumpseat.model.errors import InvalidRequest
from jumpseat.settings import environment_of_others

if TYPE_CHECKING:
    from jumpseat.accounts.register import Way
    from jumpseat.accounts.vault import Vault
    from jumpseat.github.hosts import Site
    from jumpseat.github.signin import Prompt
    from jumpseat.settings import Settings
    from jumpseat.transport.wire import Transport

HOW_TO_REGISTER = """\
  1. Open https://{host}/settings/developers, press "New OAuth App"; any name and any address will do.
  2. Tick "Enable Device Flow" and register it. Its secret is not needed.
  3. Copy its client id (like Ov23li...) and run: jumpseat login github --client-id ID
  4. For good: JUMPSEAT_GITHUB_CLIENT_ID=ID, or github_client_id = "ID" in {home}/settings.toml
Other ways: --from-gh takes the login of GitHub's own gh, --token-stdin reads a token; the variable
JUMPSEAT_GITHUB_TOKEN holds one."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Door:
    """The options that say at which GitHub, and how."""

    client_id: str | None = None
    """The client id of your own OAuth app (or JUMPSEAT_GITHUB_CLIENT_ID)."""

    host: str | None = None
    """Your company's tenant of GHE.com (TENANT.ghe.com); without it github.com."""

    from_gh: Annotated[bool, Parameter(negative="")] = False
    """Take the token of GitHub's own command line gh, which is asked for it once."""

    token_stdin: Annotated[bool, Parameter(negative="")] = False
    """Read the token from standard input; typed at a terminal, it is not shown."""

    no_browser: Annotated[bool, Parameter(negative="")] = False
    """Only print the address, and open no browser."""


def github(
    door: Door = Door(),
    keeping: Keeping = Keeping(),  # noqa: B008 - frozen
) -> int:
    """
    Sign in to GitHub, with a code that you enter there (OAuth's device flow).

    It needs the client id of an OAuth app of your own; without one you are told how to get it. The smallest
    scope is asked for (read:user). This version keeps the token and asks GitHub through its web chat only,
    which has a sign-in of its own: `jumpseat login github-web`.
    """
    from jumpseat.github.hosts import site_of

    settings = read_settings()
    if door.from_gh and door.token_stdin:
        raise InvalidRequest("--from-gh and --token-stdin exclude each other. Give one of them.")
    site = site_of(settings, door.host)
    is_by_code = not (door.from_gh or door.token_stdin)
    client_id = (door.client_id or settings.github_client_id) if is_by_code else None
    if is_by_code and not client_id:
        _explain(settings, site)
        return exits.USAGE
    vault = open_vault(settings)
    find_place(vault, "github", keeping)
    token = read_token() if door.token_stdin else None
    work = login_github(settings, vault, site, keeping, client_id=client_id, token=token, door=door)
    return running.run(running.until_interrupted(work))


def _explain(settings: Settings, site: Site) -> None:
    """How to come by a client id, for somebody who has none."""
    from jumpseat.settings import LOOPBACK

    exits.complain("jumpseat has no client id to sign in with: it needs one of your own, and borrows none")
    host = "github.com" if site.host in LOOPBACK else site.host
    note(HOW_TO_REGISTER.format(host=host, home=one_line(str(settings.home))))


async def login_github(
    settings: Settings,
    vault: Vault,
    site: Site,
    keeping: Keeping,
    *,
    client_id: str | None = None,
    token: Secret | None = None,
    door: Door = Door(),
) -> int:
    """
    Get a token (the given one, that of gh, or by a code with `client_id`), check it and keep it.

    Raises what the sign-in, the check and the vault raise; nothing is kept then.
    """
    from jumpseat.github.copilot_tokens import identify_oauth
    from jumpseat.github.token_kinds import checked_kind
    from jumpseat.transport.aio import AioTransport

    transport = AioTransport()

    async def identify(account: Account) -> str | None:
        with Waiting("asking GitHub who this is ..."):
            return await identify_oauth(transport, settings, account.credential)

    try:
        way: Way = "token"
        if client_id is not None:
            way, credential = "device", await _by_code(transport, settings, site, client_id, door)
        else:
            if token is None:
                way, token = "gh", await _of_gh(settings, site)
            credential = Credential(token=token, host=site.host, obtained_at=time.time())
        assert credential.token is not None  # noqa: S101 - each of the three ways ends with one or raises.
        if remark := (kind := checked_kind(credential.token)).remark:
            note(f"note: this is {kind.name}: {remark}")
        await keep(vault, "github", credential, way, keeping, identify)
    finally:
        await transport.aclose()
    _tell_what_next(settings)
    return exits.OK


async def _of_gh(settings: Settings, site: Site) -> Secret:
    from jumpseat.github.gh import token_of_gh
    from jumpseat.github.hosts import GITHUB
    from jumpseat.settings import LOOPBACK

    with Waiting("asking gh ..."):
        host = GITHUB if site.host in LOOPBACK else site.host
        return await token_of_gh(host, withheld=settings.withheld)


async def _by_code(
    transport: Transport, settings: Settings, site: Site, client_id: str, door: Door
) -> Credential:
    """Show the code and wait for the person. Raises what `device.sign_in` does."""
    from jumpseat.github.device import sign_in
    from jumpseat.github.signin import SCOPE, warning_about

    if warning := warning_about(client_id):
        note(f"warning: {warning}")
    countdown = Countdown("Waiting for you there; Ctrl-C leaves.")

    def show(prompt: Prompt) -> None:
        _present(prompt)
        if not door.no_browser:
            open_browser(prompt.verification_uri, settings.withheld)
        countdown.start(prompt.expires_in)

    def tell(trouble: str) -> None:
        countdown.tell(f"note: GitHub could not be asked, and is asked again: {one_line(trouble)}")

    try:
        granted = await sign_in(transport, site, client_id, show=show, tell=tell)
    finally:
        countdown.over()
    if granted.unasked:
        note(
            f"note: GitHub granted more than was asked for ({', '.join(granted.unasked)}; asked: {SCOPE}). "
            "jumpseat does not use it; your OAuth app was allowed that before."
        )
    return granted.credential


def _present(prompt: Prompt) -> None:
    code = prompt.user_code
    if is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb":
        code = f"\x1b[1m{code}\x1b[0m"
    note(f"\n    Open   {prompt.verification_uri}\n    Enter  {code}\n")


def open_browser(address: str, withheld: Iterable[str] = ()) -> None:
    """
    Open a page where a display is there. Whether that works nobody is told: the address stands above.

    The browser gets neither our own settings nor the variables that are `withheld`.
    """
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return
    # Python's own opener takes no environment, so a process of its own has the one that the browser gets. It
    # may stay in the foreground: nobody waits for it, also not at the end.
    threading.Thread(
        target=subprocess.run,
        args=([sys.executable, "-I", "-m", "webbrowser", address],),
        kwargs={
            "env": environment_of_others(os.environ, withheld),
            "check": False,
            "start_new_session": True,
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
        },
        daemon=True,
    ).start()


def _tell_what_next(settings: Settings) -> None:
    if settings.github_token is not None:
        note("note: JUMPSEAT_GITHUB_TOKEN is set, and counts more than the account that is kept now.")
    note(
        "This version keeps this token and checks it, no more: Copilot's API comes later. To ask GitHub now, "
        "sign in to its web chat: `jumpseat login github-web --cookies FILE`"
    )
