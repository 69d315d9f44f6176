"""The accounts, by service: which one answers now."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import cast, get_args

from msgspec import Struct, structs

from jumpseat.accounts.addresses import check_addresses
from jumpseat.accounts.expiry import Reminder
from jumpseat.accounts.recorded import (
    NO_RECORDING,
    RECORDED,
    newest_recording,
    stamp_of,
    stamp_of_file,
)
from jumpseat.accounts.vault import Vault
from jumpseat.model.catalog import Service
from jumpseat.model.credentials import Account, Credential, Kind, Secret
from jumpseat.model.errors import InvalidRequest, NotSignedIn, NoValidHarFileError
from jumpseat.settings import SIMULATOR_WEB_TOKEN, Settings

log = logging.getLogger("jumpseat.accounts")

ENVIRONMENT = "environment"
"""The name of the account whose credentials come from the settings, and of nobody's."""

# The sites whose cookies are read, also where a stand-in serves in their place.
MICROSOFT_URL = "https://copilot.microsoft.com"
MICROSOFT_HOST = "copilot.microsoft.com"
GITHUB_HOST = "github.com"

GITHUB_SESSION = "user_session"
"""The cookie of github.com that makes a sign-in."""


class _Known(Struct, frozen=True):
    """An account, and the stamp of everything it was made of."""

    stamp: Hashable
    account: Account


class Roster:
    """
    Knows the account of each service.

    What a setting names goes before the account that is kept and used; at Microsoft, a recording comes after
    that, and then nobody. Files and the vault are read when first needed, and again when they change. May be
    used from several threads and event loops at once.
    """

    def __init__(
        self, settings: Settings, vault: Vault | None = None, *, now: Callable[[], float] = time.time
    ) -> None:
        self._settings = settings
        self._vault = vault or Vault(settings)
        self._now = now
        self._known: dict[Service, _Known] = {}
        self._loading: dict[tuple[Service, Hashable], Future[Account]] = {}
        self._lock = threading.Lock()
        self._reminder = Reminder()

    def account_for(self, service: str) -> Account:
        """
        The account that answers for `service` (`microsoft` or `github`). It may read files, so it blocks.

        At Microsoft that may be an anonymous one. Raises `NotSignedIn` with what to type; of its kinds,
        `NoValidHarFileError` for a file that cannot be used and `VaultLocked` for an account whose key nobody
        gave. Raises `StoreUnavailable` where the accounts cannot be read.
        """
        checked = _checked(service)
        stamp = self._stamp(checked)
        return self._recall(checked, stamp) or self._load(checked, stamp)

    async def lend(self, service: str) -> Account:
        """
        The same for an event loop, which goes on meanwhile.

        While nothing has changed it is answered from memory; else all who ask share one look-up in a thread.
        """
        checked = _checked(service)
        stamp = self._stamp(checked)
        account = self._recall(checked, stamp)
        if account is None:
            look_up = self._look_up(checked, stamp)
            await _finished(look_up)
            account = look_up.result()
        if told := self._reminder.of(account, self._now()):
            log.warning("%s", told)
        return account

    # -- Memory ------------------------------------------------------------

    def _stamp(self, service: Service) -> Hashable:
        """Something that changes whenever the answer may: times of files, and the vault's own."""
        if not self._is_set(service):
            return self._vault.stamp(), stamp_of(self._settings) if service == "microsoft" else None
        path = self._cookies_of(service)
        return stamp_of_file(path) if path else None

    def _recall(self, service: Service, stamp: Hashable) -> Account | None:
        known = self._known.get(service)
        return known.account if known is not None and known.stamp == stamp else None

    def _look_up(self, service: Service, stamp: Hashable) -> Future[Account]:
        """The look-up that is on its way in a thread, begun if need be."""
        key = (service, stamp)
        with self._lock:
            look_up = self._loading.get(key)
            if look_up is None:
                look_up = self._loading[key] = Future()
                # A daemon, and none of the loop's own threads: a keyring that hangs holds up nothing else.
                threading.Thread(
                    target=self._perform, args=(key, look_up), name="jumpseat-roster", daemon=True
                ).start()
        return look_up

    def _perform(self, key: tuple[Service, Hashable], look_up: Future[Account]) -> None:
        try:
            account = self._load(*key)
        except BaseException as exc:  # noqa: BLE001 - it goes to those who wait.
            error: BaseException | None = exc
        else:
            error = None
        with self._lock:
            del self._loading[key]
        if error is not None:
            look_up.set_exception(error)
        else:
            look_up.set_result(account)

    def _load(self, service: Service, stamp: Hashable) -> Account:
        account = self._microsoft() if service == "microsoft" else self._github()
        self._known[service] = _Known(stamp, account)
        return account

    # -- Who answers ------------------------------------------------------------

    def _microsoft(self) -> Account:
        settings = self._settings
        if self._is_set("microsoft"):
            credential = Credential()
            if settings.microsoft_cookies is not None:
                credential = _read(settings, settings.microsoft_cookies, MICROSOFT_HOST)
            if settings.microsoft_token is not None:
                # The newer word: a recording's token lives for an hour or so.
                credential = structs.replace(credential, token=settings.microsoft_token, expires_at=None)
            return Account(kind="microsoft", name=ENVIRONMENT, credential=credential)
        if (kept := self._kept("microsoft")) is not None:
            return kept
        try:
            recorded = newest_recording(settings, MICROSOFT_URL)
        except NoValidHarFileError as error:
            # No recording is no error: then the question is asked anonymously.
            if error.code != NO_RECORDING:
                log.info("Microsoft Copilot is asked anonymously: %s", error.message)
            return Account(kind="microsoft", name=ENVIRONMENT, credential=Credential())
        check_addresses(settings, "microsoft", recorded.host)
        return Account(kind="microsoft", name=RECORDED, credential=recorded)

    def _github(self) -> Account:
        settings = self._settings
        if self._is_set("github"):
            return Account(kind="github-web", name=ENVIRONMENT, credential=self._github_setting())
        if (kept := self._kept("github-web")) is not None:
            return kept
        if settings.github_web_token is not None:
            # The simulator's own, which counts least.
            credential = Credential(token=settings.github_web_token)
            return Account(kind="github-web", name=ENVIRONMENT, credential=credential)
        raise self._no_github()

    def _github_setting(self) -> Credential:
        settings = self._settings
        credential = Credential()
        if settings.github_cookies is not None:
            credential = _read(settings, settings.github_cookies, GITHUB_HOST)
            if GITHUB_SESSION not in credential.cookies and settings.github_web_token is None:
                raise NotSignedIn(
                    f"{settings.github_cookies.name} holds no cookie {GITHUB_SESSION!r} of github.com: sign "
                    "in there in your browser, export the cookies again, and give the file to "
                    "`jumpseat login github-web --cookies FILE`, or to JUMPSEAT_GITHUB_COOKIES as before"
                )
        if settings.github_web_token is not None:
            credential = structs.replace(credential, token=settings.github_web_token)
        return credential

    def _kept(self, kind: Kind) -> Account | None:
        """The account of this kind that is kept and used; None where none is kept."""
        records = [record for record in self._vault.records() if record.kind == kind]
        for record in records:
            if record.is_used:
                check_addresses(self._settings, kind, record.host)
                credential = self._vault.credential(record)
                return Account(kind=kind, name=record.name, credential=credential, is_kept=True)
        if not records:
            return None
        # Choice: none is guessed, and nobody is asked as somebody else, or as nobody, without being told.
        names = ", ".join(record.name for record in records)
        raise NotSignedIn(
            f"no account of {kind} is in use, though there is {names}: say which one answers with "
            f"`jumpseat accounts use {records[0].name}`"
        )

    def _no_github(self) -> NotSignedIn:
        has_oauth = self._settings.github_token is not None or any(
            record.kind == "github" for record in self._vault.records()
        )
        if has_oauth:
            return NotSignedIn(
                "you are signed in to GitHub's API, but this version asks GitHub Copilot through its web "
                "chat, which has a sign-in of its own: `jumpseat login github-web --cookies FILE`, with the "
                "cookies of github.com exported from your browser as JSON"
            )
        return NotSignedIn(
            "GitHub Copilot needs a sign-in: `jumpseat login github-web --cookies FILE`, with the cookies of "
            "github.com exported from your browser as JSON (or --har FILE, a recording made there)"
        )

    # -- Settings ------------------------------------------------------------

    def _is_set(self, service: Service) -> bool:
        """Whether a setting names a credential, which goes before everything that is kept."""
        settings = self._settings
        if service == "microsoft":
            return settings.microsoft_cookies is not None or settings.microsoft_token is not None
        given = settings.github_web_token
        is_simulators = given == Secret(SIMULATOR_WEB_TOKEN)
        return settings.github_cookies is not None or (given is not None and not is_simulators)

    def _cookies_of(self, service: Service) -> Path | None:
        settings = self._settings
        return settings.microsoft_cookies if service == "microsoft" else settings.github_cookies


def _checked(service: str) -> Service:
    if service not in get_args(Service):
        raise InvalidRequest(f"there is no service {service!r}: say microsoft or github", param="provider")
    return cast("Service", service)


def _read(settings: Settings, path: Path, host: str) -> Credential:
    from jumpseat import recordings

    return recordings.read_file(path, host, limit=settings.har_limit * 1024 * 1024)


async def _finished(look_up: Future[Account]) -> None:
    """Wait for a thread's work; a waiter that is cancelled leaves it to the others."""
    loop = asyncio.get_running_loop()
    waiter: asyncio.Future[None] = loop.create_future()

    def settle() -> None:
        if not waiter.done():
            waiter.set_result(None)

    def wake(_: Future[Account]) -> None:
        with suppress(RuntimeError):  # The loop was closed meanwhile: nobody waits there any more.
            loop.call_soon_threadsafe(settle)

    look_up.add_done_callback(wake)
    await waiter
