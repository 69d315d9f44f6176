"""The command itself: every check, on one screen."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from jumpseat.accounts.overriding import overriding
from jumpseat.accounts.register import AccountRecord
from jumpseat.cli import exits, running
from jumpseat.cli.doctor import door, machine, services, signins
from jumpseat.cli.doctor.bundle import Redaction, private_words, report
from jumpseat.cli.doctor.check import Check, failed
from jumpseat.cli.folding import folded
from jumpseat.cli.opening import open_vault, read_settings, unlock
from jumpseat.cli.output import Waiting, is_terminal, note, say
from jumpseat.cli.plain import one_line
from jumpseat.cli.printing import to_json
from jumpseat.cli.saving import save
from jumpseat.model.credentials import Account, Credential
from jumpseat.model.errors import JumpseatError
from jumpseat.settings import Settings

if TYPE_CHECKING:
    from jumpseat.accounts.vault import Vault

COLOURS = {"ok": "32", "note": "33", "wrong": "31;1"}
NAME_COLUMNS = 24
"""A longer name, as of an account, has a line of its own."""
LEAST_COLUMNS = 28
"""Where less is left beside the names, everything stands below them."""
VERDICT_COLUMNS = len("wrong ")


def doctor(*, json: Annotated[bool, Parameter(negative="")] = False, bundle: Path | None = None) -> int:
    """
    Look at everything that has to be well, and say what to type where it is not.

    Versions, the state folder, where sign-ins are kept, every account (by asking its service), every service,
    the gateway, the clock. No question is put to a model, and no secret is shown. Ends with 1 if anything is
    wrong.

    Parameters
    ----------
    json
        Print a JSON array.
    bundle
        Write a report for a bug tracker to this file: without secrets, names of people, and paths of yours.
    """
    try:
        settings = read_settings()
    except JumpseatError as error:
        return _end([failed("settings", error)], as_json=json)
    vault = open_vault(settings)
    unlock(vault)
    checks = [*machine.versions(), *machine.folder(settings), machine.keep(vault)]
    with Waiting("asking the services ..."):
        checks += running.run(_live(settings, vault))
    checks += [door.gateway(os.environ), machine.proxies(os.environ)]
    if bundle is not None:
        redact = Redaction(_records(vault), settings.home, private_words(settings, os.environ))
        save(bundle, report(checks, settings, redact))
        note(f"Written to {bundle}. Look it over before you show it to anybody.")
    return _end(checks, as_json=json)


async def _live(settings: Settings, vault: Vault) -> list[Check]:
    """The checks that need the network, or the store."""
    from jumpseat.accounts import oauth
    from jumpseat.client import Client
    from jumpseat.store.sql import open_archive
    from jumpseat.transport.aio import AioTransport
    from jumpseat.transport.curl import CurlTransport

    async with AsyncExitStack() as stack:
        archive = open_archive(settings)
        client = await stack.enter_async_context(Client(settings, archive=archive, vault=vault))
        curl, aio = CurlTransport(), AioTransport()
        stack.push_async_callback(curl.aclose)
        stack.push_async_callback(aio.aclose)

        async def identify(account: Account) -> str | None:
            if account.kind == "github":
                return await oauth.identify(vault, account, aio, settings)
            return await client.identify(account)

        async def credential(record: AccountRecord) -> Credential:
            return await oauth.lend(vault, record, aio, settings)

        kept = await machine.store(archive)
        probes = list(
            await asyncio.gather(
                services.microsoft(settings, curl, archive),
                services.github("github", settings.github_url, aio),
                services.github("github chat", settings.github_chat_url, aio),
            )
        )
        accounts = await signins.accounts(vault, credential, identify, overriding(settings))
        return [kept, *accounts, *(probe.check for probe in probes), *services.clock(probes)]


def _records(vault: Vault) -> Sequence[AccountRecord]:
    try:
        return vault.records()
    except JumpseatError:
        return ()


def _end(checks: Sequence[Check], *, as_json: bool) -> int:
    """Print the checks; the exit code says whether all is well."""
    if as_json:
        say(to_json(list(checks)))
    else:
        is_seen = is_terminal(sys.stdout)
        columns = shutil.get_terminal_size().columns if is_seen else None
        for line in screen(checks, columns=columns, is_coloured=is_seen and not os.environ.get("NO_COLOR")):
            say(line)
    return exits.FAILED if any(check.verdict == "wrong" for check in checks) else exits.OK


def screen(checks: Sequence[Check], *, columns: int | None = None, is_coloured: bool = False) -> list[str]:
    """One line a check, and below it what to do; `columns` fold what is longer, below its beginning."""
    width = min(NAME_COLUMNS, max(len(check.name) for check in checks))
    if columns is not None and columns - VERDICT_COLUMNS - width - 1 < LEAST_COLUMNS:
        width = 0
    indent = " " * (VERDICT_COLUMNS + (width + 1 if width else 0))
    lines = []
    for check in checks:
        verdict = f"{check.verdict:5}"
        if is_coloured:
            verdict = f"\x1b[{COLOURS[check.verdict]}m{verdict}\x1b[0m"
        lines_of_text = folded(one_line(check.text), columns - len(indent) if columns else sys.maxsize)
        if len(check.name) <= width:
            lines.append(f"{verdict} {check.name:{width}} {lines_of_text.pop(0)}")
        else:
            lines.append(f"{verdict} {check.name}")
        lines += [indent + line for line in lines_of_text]
        if check.advice:
            lines.append(f"{indent}-> {one_line(check.advice)}")
    return lines
