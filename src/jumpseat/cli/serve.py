"""`jumpseat serve`: the gateway."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from jumpseat.cli import crashes, exits
from jumpseat.cli.opening import open_vault, read_settings, stand_in_of
from jumpseat.cli.output import note, say
from jumpseat.cli.passphrase import is_somebody_there
from jumpseat.cli.plain import one_line
from jumpseat.model.catalog import Service
from jumpseat.model.errors import JumpseatError, VaultLocked
from jumpseat.settings_file import load

if TYPE_CHECKING:
    from jumpseat.accounts.vault import Vault
    from jumpseat.settings import Settings


def serve(
    *,
    host: str | None = None,
    port: int | None = None,
    api_key_file: Path | None = None,
    api_key: str | None = None,
    log: Literal["debug", "info", "warning"] = "info",
) -> int:
    """
    Run the gateway for programs that speak the OpenAI API, on 127.0.0.1:1337.

    Only this machine can reach it there, and no key is needed. Any other address needs a key, which callers
    show as `Authorization: Bearer ...`.

    Parameters
    ----------
    host
        The address to listen on (127.0.0.1, or JUMPSEAT_HOST).
    port
        The port to listen on (1337, or JUMPSEAT_PORT); 0 takes a free one.
    api_key_file
        A file of keys that callers must show, one a line, readable by you alone (or JUMPSEAT_API_KEY_FILE).
    api_key
        A key that callers must show. Every user of this machine can read the arguments of your programs:
        better put it into JUMPSEAT_API_KEY or a file.
    log
        How much is logged, on standard error: a line a request (info), more (debug), or troubles only.
    """
    from jumpseat.gateway.server import serve as run
    from jumpseat.gateway.settings import GatewaySettings

    given = _given(host, port, api_key_file, api_key)
    gateway = load(os.environ, lambda environ: GatewaySettings.from_environment(environ, **given))
    if api_key is not None:
        note("warning: other users of this machine can see --api-key. JUMPSEAT_API_KEY or a file is safer.")
    handler = crashes.log_handler("%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.basicConfig(force=True, level=log.upper(), handlers=[handler])
    if log != "debug":
        # What the server says of its own start and end is no news beside ours.
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
    keyed = bool(gateway.api_keys)
    settings = read_settings()
    stand_in = stand_in_of(settings, "microsoft")
    vault = open_vault(settings)
    look_up(settings, vault)
    run(settings, gateway, vault=vault, ready=lambda url: announce(url, keyed=keyed, stand_in=stand_in))
    return exits.OK


def look_up(settings: Settings, vault: Vault) -> None:
    """
    Have the accounts ready that will answer: now the person can be asked for a passphrase, and later not.

    Raises `VaultLocked` where the person was asked. Where nobody is there the gateway runs all the same, and
    says so: an account without a lock still answers.
    """
    from jumpseat.accounts.roster import Roster

    roster = Roster(settings, vault)
    for service in get_args(Service):
        try:
            roster.account_for(service)
        except VaultLocked as error:
            if is_somebody_there():
                raise
            note(f"warning: {one_line(error.message)}.")
        except JumpseatError:
            continue  # Whoever asks for that service is told; it may be mended by then.


def _given(
    host: str | None, port: int | None, api_key_file: Path | None, api_key: str | None
) -> dict[str, Any]:
    """What the command line says, which counts more than the environment."""
    from jumpseat.gateway.settings import ApiKey, read_key_file
    from jumpseat.model.credentials import Secret

    given: dict[str, Any] = {"host": host, "port": port}
    keys: tuple[ApiKey, ...] = ()
    if api_key_file is not None:
        keys += read_key_file(api_key_file.expanduser(), "--api-key-file")
    if api_key is not None:
        keys += (ApiKey(secret=Secret(api_key)),)
    given["api_keys"] = keys or None
    return {name: value for name, value in given.items() if value is not None}


def announce(url: str, *, keyed: bool, stand_in: str | None = None) -> None:
    """Say where the gateway listens, and how a program finds it."""
    say(f"The gateway listens on {url}")
    say(f"OpenAI clients:  base_url = {url}/v1   api_key = {'one of your keys' if keyed else 'anything'}")
    say(f"In the shell:    export OPENAI_BASE_URL={url}/v1 OPENAI_API_KEY={'...' if keyed else 'none'}")
    say(f"All there is:    {url}/docs")
    if url.startswith(("http://0.0.0.0", "http://[::]")):
        say("From elsewhere:  by this machine's address, or by a name listed in JUMPSEAT_ALLOWED_HOSTS")
    if stand_in:
        say(f"Who answers:     the stand-in at {stand_in}, not the real services")
    say("Ctrl-C stops it.")
