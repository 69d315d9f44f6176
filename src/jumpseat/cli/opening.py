"""What commands begin with: settings, the accounts that are kept, a client, a conversation to go on with."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from msgspec import Struct

from jumpseat.cli.output import note
from jumpseat.cli.passphrase import Passphrase, is_somebody_there
from jumpseat.cli.plain import one_line
from jumpseat.model.catalog import Service
from jumpseat.model.errors import InvalidRequest, JumpseatError, VaultLocked
from jumpseat.settings import Settings
from jumpseat.settings_file import load_settings

if TYPE_CHECKING:
    from jumpseat.accounts.expiry import Reminder
    from jumpseat.accounts.vault import Vault
    from jumpseat.client import Client
    from jumpseat.model.credentials import Account
    from jumpseat.store.archive import StoredConversation


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Whom:
    """The options that say whom to ask, and in which conversation."""

    model: Annotated[str, Parameter(alias="-m")] = ""
    """The model, as `jumpseat models` lists them; without it the default one."""

    provider: Annotated[str | None, Parameter(alias="-p")] = None
    """The service: Copilot (microsoft) or GithubCopilot (github); without it the model decides."""

    continue_: Annotated[bool, Parameter(name=["--continue", "-c"], negative="")] = False
    """Go on with the last conversation."""

    conversation: Annotated[str | None, Parameter(alias="-C")] = None
    """Go on with this conversation: its identifier, or the beginning of it. A new name begins a new one."""


class Place(Struct, frozen=True, kw_only=True):
    """Where a question goes."""

    model: str
    provider: str | None
    conversation: str | None
    """None begins a new conversation."""
    title: str | None = None
    """What the conversation that goes on is called."""


def read_settings() -> Settings:
    """The settings of this process. Raises `InvalidRequest`."""
    return load_settings(os.environ)


_person = Passphrase()
"""The person at this terminal: a command asks them once."""


def open_vault(settings: Settings) -> Vault:
    """The accounts that are kept; at a terminal, the passphrase of the encrypted file is asked for."""
    from jumpseat.accounts.vault import Vault

    return Vault(settings, ask=_person if is_somebody_there() else None)


def unlock(vault: Vault) -> None:
    """Ask for the passphrase now if an account needs it: a vault that is read in other threads cannot."""
    with suppress(JumpseatError):  # Whoever reads the account is told what is wrong with it.
        sealed = [record for record in vault.records() if record.keep == "encrypted"]
        if sealed:
            vault.credential(sealed[0])


def open_client(settings: Settings | None = None) -> Client:
    """A client to use as an `async with`."""
    from jumpseat.client import Client

    settings = settings or read_settings()
    return Client(settings, vault=open_vault(settings))


async def account_of(client: Client, service: Service) -> Account:
    """
    The account that will answer, unlocked by the person if that is needed.

    Before anything else is on the screen: a vault that is read on an event loop, in a thread, cannot ask.
    Raises as `Client.account` does.
    """
    try:
        return await client.account(service)
    except VaultLocked:
        # Blocks the loop, on which nothing else waits for anything.
        if not _person.is_wanted or not _person.ask():
            raise
        return await client.account(service)


async def meet(client: Client, place: Place, reminder: Reminder) -> None:
    """Have the account of a place ready, and tell once what ends soon. Raises as `account_of` does."""
    service = client.resolve(place.model, place.provider).service
    if told := reminder.of(await account_of(client, service), time.time()):
        note(f"note: {one_line(told)}.")


def stand_in_of(settings: Settings, service: Service) -> str | None:
    """The address of what plays the service on this machine; None where the real one is asked."""
    address = settings.microsoft_url if service == "microsoft" else settings.github_url
    # Plain http is allowed to this machine only, and the services are not on it.
    return address if address.startswith("http://") else None


async def find_place(client: Client, whom: Whom) -> Place:
    """
    The place that the options mean.

    Raises `InvalidRequest` where they contradict each other, or there is nothing to go on with.
    """
    if whom.continue_ and whom.conversation is not None:
        raise InvalidRequest("--continue and --conversation exclude each other. Give one of them.")
    found = await _last(client) if whom.continue_ else await _named(client, whom.conversation)
    if found is None:
        return Place(model=whom.model, provider=whom.provider, conversation=whom.conversation)
    return Place(
        # Another model may be asked to go on; without a word about it, the same.
        model=whom.model or ("" if whom.provider else found.model),
        provider=whom.provider,
        conversation=found.conversation_id,
        title=found.title,
    )


async def _last(client: Client) -> StoredConversation:
    conversations = await client.conversations.list(limit=1)
    if not conversations:
        raise InvalidRequest("there is no conversation to go on with yet. Ask without --continue first.")
    return conversations[0]


async def _named(client: Client, name: str | None) -> StoredConversation | None:
    if name is None:
        return None
    try:
        return (await client.conversations.show(name)).conversation
    except InvalidRequest as error:
        if error.code != "conversation_not_found":
            raise
        note(f"note: there is no conversation {name!r} yet; this begins it.")
        return None
