"""`jumpseat accounts` and `jumpseat logout`: who is signed in, who answers, and forgetting them again."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from jumpseat.accounts.overriding import overriding
from jumpseat.accounts.register import AccountRecord
from jumpseat.cli import exits, phrases, running, tables
from jumpseat.cli.keeping import DEFAULT_NAME
from jumpseat.cli.opening import open_vault, read_settings
from jumpseat.cli.output import note, say
from jumpseat.cli.plain import one_line
from jumpseat.cli.printing import to_json
from jumpseat.model.credentials import SERVICE_NAMES, Kind
from jumpseat.model.errors import InvalidRequest, StoreUnavailable

if TYPE_CHECKING:
    from jumpseat.accounts.refusals import Refusal
    from jumpseat.accounts.vault import Vault
    from jumpseat.settings import Settings

app = App(
    name="accounts",
    help="List the accounts that are kept, say which one answers, rename and remove them.",
    help_epilogue="",
)

Service = Annotated[Kind | None, Parameter(alias="-s")]


@app.default
def list_(*, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """
    List the accounts that are kept: service, name, where, how old, until when. Never a value.

    Parameters
    ----------
    json
        Print a JSON array.
    """
    settings = read_settings()
    records = open_vault(settings).records()
    refusals = running.run(_refusals(settings, records))
    if json:
        say(to_json([_values(record, refusals.get(record.secret_id)) for record in records]))
        return exits.OK
    if records:
        headings = ("", "Service", "Name", "Whose", "Kept in", "Age", "Ends", "Last refusal")
        rows = [_row(record, refusals.get(record.secret_id), time.time()) for record in records]
        tables.show(headings, rows, fixed=3, spare=("Kept in", "Age", "Whose", "Ends"))
    else:
        note("Nobody is signed in. `jumpseat login microsoft` begins.")
    for kind, names in unused(records).items():
        service = SERVICE_NAMES[kind]
        note(f"note: no account of {service} is used. `jumpseat accounts use {names[0]}` sets one.")
    for variable in overriding(settings):
        note(f"note: {variable} is set, and answers before any account here.")
    return exits.OK


def unused(records: Sequence[AccountRecord]) -> Mapping[Kind, Sequence[str]]:
    """The services that have accounts, and none that answers; with the names of those accounts."""
    names: dict[Kind, list[str]] = {}
    for record in records:
        names.setdefault(record.kind, []).append(record.name)
    for record in records:
        if record.is_used:
            names.pop(record.kind, None)
    return names


@app.command
def use(name: str, /, *, service: Service = None) -> int:
    """
    Let another account answer from now on. A gateway that runs follows with its next question.

    Parameters
    ----------
    name
        The account, as `jumpseat accounts` lists it.
    service
        Its service, if several have an account of that name.
    """
    record = open_vault(read_settings()).use(name, service)
    note(f"{SERVICE_NAMES[record.kind]} is asked as {record.name} from now on.")
    return exits.OK


@app.command
def rename(name: str, new: str, /, *, service: Service = None) -> int:
    """
    Give an account another name.

    Parameters
    ----------
    name
        The account, as `jumpseat accounts` lists it.
    new
        What to call it: up to 64 letters, digits, and - _ . @
    service
        Its service, if several have an account of that name.
    """
    record = open_vault(read_settings()).rename(name, new, service)
    note(f"The account of {SERVICE_NAMES[record.kind]} is called {record.name} now.")
    return exits.OK


@app.command
def remove(name: str, /, *, service: Service = None) -> int:
    """
    Forget an account on this machine; the same as `jumpseat logout NAME`.

    Parameters
    ----------
    name
        The account, as `jumpseat accounts` lists it.
    service
        Its service, if several have an account of that name.
    """
    return logout(name, service=service)


def logout(
    name: str | None = None,
    /,
    *,
    service: Service = None,
    all_: Annotated[bool, Parameter(name="--all", negative="")] = False,
) -> int:
    """
    Forget an account, its credential and its browser profile on this machine.

    The service itself is not told: there, the session lasts until you end it.

    Parameters
    ----------
    name
        The account; needed where several are kept.
    service
        Its service, if several have an account of that name.
    all_
        Forget all accounts.
    """
    settings = read_settings()
    vault = open_vault(settings)
    records = _meant(vault, name, service, everyone=all_)
    for record in records:
        _remove(vault, record)
        note(f"Forgotten: {record.name} ({SERVICE_NAMES[record.kind]}).")
        left = [one.name for one in vault.records() if one.kind == record.kind]
        if record.is_used and left and not all_:
            note(f"note: no account of it is used now. `jumpseat accounts use {left[0]}` changes that.")
    _forget_profiles(settings, [record.name for record in records if record.kind == "microsoft"], vault)
    for kind in dict.fromkeys(record.kind for record in records):
        note(_UNTIL[kind])
    return exits.OK


def _remove(vault: Vault, record: AccountRecord) -> None:
    try:
        vault.remove(record.name, record.kind)
    except StoreUnavailable as error:
        if record in vault.records():
            raise
        # It is forgotten, and its secret goes with the next change; the others are still to be forgotten.
        note(f"note: {one_line(error.message)}")


def _forget_profiles(settings: Settings, names: Sequence[str], vault: Vault) -> None:
    """Forget where a browser is signed in still: the profiles of these accounts; with the last one, all."""
    from jumpseat.browser.finding import PROFILES_FOLDER
    from jumpseat.cli.login_browser import profile_of

    if not names:
        return
    folder = settings.home / PROFILES_FOLDER
    profiles = {folder / profile_of(name) for name in names}
    if not any(record.kind == "microsoft" for record in vault.records()):
        profiles.update(folder.glob(f"{profile_of(None)}*"))
    elif DEFAULT_NAME in names:
        profiles.add(folder / profile_of(None))
    for profile in profiles:
        try:
            shutil.rmtree(profile)
        except FileNotFoundError:
            continue  # Nobody signed in there.
        except OSError as error:
            note(f"note: the browser profile {profile} could not be removed ({error.strerror}): remove it.")


_UNTIL: Mapping[Kind, str] = {
    "microsoft": "To end the sessions everywhere: account.microsoft.com, Security.",
    "github": "To take the permission back: github.com/settings/applications.",
    "github-web": "To end the sessions everywhere: github.com/settings/sessions.",
}


def _meant(vault: Vault, name: str | None, kind: Kind | None, *, everyone: bool) -> Sequence[AccountRecord]:
    if name is not None and everyone:
        raise InvalidRequest("a name and --all exclude each other. Give one of them.")
    records = [record for record in vault.records() if kind in {None, record.kind}]
    if everyone or (name is None and len(records) == 1):
        return records
    if not records:
        raise InvalidRequest("nobody is signed in: there is nothing to forget.")
    if name is None:
        names = ", ".join(sorted({record.name for record in records}))
        raise InvalidRequest(f"several accounts are kept: say which ({names}), or --all.")
    found = [record for record in records if record.name.casefold() == name.casefold()]
    if len(found) == 1:
        return found
    if found:
        kinds = " or ".join(f"--service {record.kind}" for record in found)
        raise InvalidRequest(f"several services have an account {found[0].name}: say {kinds}.")
    raise InvalidRequest(f"there is no account {name!r}. `jumpseat accounts` lists them.")


async def _refusals(settings: Settings, records: Sequence[AccountRecord]) -> Mapping[str, Refusal]:
    """The last refusal of each account that had one, by its `secret_id`."""
    from jumpseat.accounts.refusals import last_refusal
    from jumpseat.store.sql import open_archive

    if not records:
        return {}
    archive = open_archive(settings)
    try:
        found = [(record.secret_id, await last_refusal(archive, record)) for record in records]
    finally:
        await archive.aclose()
    return {secret_id: refusal for secret_id, refusal in found if refusal is not None}


def _row(record: AccountRecord, refusal: Refusal | None, now: float) -> Sequence[str]:
    return (
        "*" if record.is_used else "",
        record.kind,
        record.name,
        record.person or "",
        phrases.SHORT_KEEPS[record.keep],
        phrases.age(now - record.added_at),
        "" if record.expires_at is None else phrases.short_end(record.expires_at, now),
        f"{phrases.age(now - refusal.at)} ago: {refusal.code}" if refusal else "",
    )


def _values(record: AccountRecord, refusal: Refusal | None) -> dict[str, object]:
    return {
        "service": record.kind,
        "name": record.name,
        "used": record.is_used,
        "whose": one_line(record.person) if record.person else None,
        "kept_in": record.keep,
        "way": record.way,
        "generation": record.generation if record.kind == "microsoft" else None,
        "added_at": record.added_at,
        "obtained_at": record.obtained_at,
        "expires_at": record.expires_at,
        "last_refusal": {"code": refusal.code, "at": refusal.at} if refusal else None,
    }
