"""Sign-in as the documents have it: a recording, a visible browser, and an envelope that holds nothing."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jumpseat.accounts.recorded import newest_recording
from jumpseat.accounts.roster import MICROSOFT_HOST
from jumpseat.accounts.vault import Vault
from jumpseat.model.credentials import Account, Credential
from jumpseat.model.errors import JumpseatError, MissingRequirementsError, SignInFailed
from jumpseat.settings import Settings
from jumpseat.settings_file import load_settings

if TYPE_CHECKING:
    from jumpseat.browser.finding import Ready

log = logging.getLogger(__name__)

BROWSER_ACCOUNT = "default"
"""What an account is called that was signed in amid a call, as `jumpseat login` would."""

_ENVELOPE = "eyJlIjpbXSwiYSI6W119"


async def get_access_token_and_cookies(
    url: str, proxy: str | None = None, target: str = "ChatAI"
) -> tuple[str, dict[str, str]]:
    """
    Open a visible browser in which the person signs in, and return the chat token and the site's cookies.

    Nothing is clicked and no check answered. The token is one whose scope holds the word `target`. It waits
    `JUMPSEAT_SIGN_IN_TIMEOUT` seconds at most; the browser is closed whatever happens, and nothing is kept.
    Choice: Microsoft's own site is looked for where the settings say it is, so that a simulator can stand in.

    Raises `MissingRequirementsError` (no driver; it names what to install) and `SignInFailed` (no browser, no
    display, window closed, time up); their messages name the other ways. `InvalidRequest` for a wrong `url`.
    """
    settings = load_settings(os.environ)
    is_microsofts = urlsplit(url).hostname == MICROSOFT_HOST
    ready = _prepare(settings, settings.microsoft_url if is_microsofts else url, proxy)
    credential = await _sign_in(settings, ready, target)
    return _shown(credential)


def readHAR(url: str) -> tuple[str, dict[str, str]]:
    """
    The chat token and the cookies of the newest HAR file that holds a sign-in at `url`.

    Looks at `JUMPSEAT_MICROSOFT_COOKIES`, if that is a HAR file, and at the HAR files in the folder
    `recordings` under `JUMPSEAT_HOME`, newest first. Hosts are compared as hosts.
    Raises `NoValidHarFileError`, which says what was wrong with each file.
    """
    return _shown(newest_recording(load_settings(os.environ), url))


def _shown(credential: Credential) -> tuple[str, dict[str, str]]:
    """Token and cookies in the open, as the documents want them."""
    cookies = {name: secret.reveal() for name, secret in credential.cookies.items()}
    return (credential.token.reveal() if credential.token else ""), cookies


def window_for(settings: Settings, proxy: str | None) -> Ready | None:
    """The browser in which the person could sign in now; None where no window can be opened."""
    if find_spec("curl_cffi") is None:
        return None  # First things first: the question itself says what has to be installed for it.
    try:
        return _prepare(settings, settings.microsoft_url, proxy)
    except (MissingRequirementsError, SignInFailed) as error:
        log.info("no sign-in in a browser: %s", error.message)
        return None


async def sign_in_and_keep(settings: Settings, ready: Ready) -> Account:
    """
    The account of whoever signs in now. It is kept if that needs no question, else it is this call's alone.

    Raises `SignInFailed`.
    """
    credential = await _sign_in(settings, ready, "ChatAI")
    try:
        record = await asyncio.to_thread(
            Vault(settings).save, "microsoft", BROWSER_ACCOUNT, credential, way="browser"
        )
    except JumpseatError as error:
        log.info("the sign-in is not kept: %s", error.message)
        return Account(kind="microsoft", name=BROWSER_ACCOUNT, credential=credential)
    return Account(kind="microsoft", name=record.name, credential=credential, is_kept=True)


def _prepare(settings: Settings, url: str, proxy: str | None) -> Ready:
    from jumpseat.browser.finding import prepare

    return prepare(settings, os.environ, "microsoft", url, proxy=proxy)


async def _sign_in(settings: Settings, ready: Ready, target: str) -> Credential:
    from jumpseat.microsoft.browser_signin import sign_in

    return await sign_in(ready.driver, ready.launch, target=target, timeout=settings.sign_in_timeout)


def get_clarity() -> bytes:
    """
    A fixed block of bytes, decoded from base64.

    It is an empty envelope of our own making: it records no person's movements, and nothing in this package
    ever sends it. The name exists because the documents promise it.
    """
    return base64.b64decode(_ENVELOPE)
