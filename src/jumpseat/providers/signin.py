"""Sign-in as the documents have it: a recording, a visible browser, and an envelope that holds nothing."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from urllib.parse import urlsplit

from jumpseat import recordings
from jumpseat.model.credentials import Credential
from jumpseat.model.errors import MissingRequirementsError, NoValidHarFileError
from jumpseat.settings import Settings

RECORDINGS_FOLDER = "recordings"
"""Folder under `JUMPSEAT_HOME` where `readHAR` looks."""

_ENVELOPE = "eyJlIjpbXSwiYSI6W119"


async def get_access_token_and_cookies(
    url: str, proxy: str | None = None, target: str = "ChatAI"
) -> tuple[str, dict[str, str]]:
    """
    Open a visible browser in which the person signs in, and return the chat token and the site's cookies.

    Raises `MissingRequirementsError`: this version has no browser driver; the message names the other ways.
    """
    del proxy
    raise MissingRequirementsError(
        f"signing in to {urlsplit(url).hostname} through a browser window (token for {target!r}) needs a "
        "browser driver, which this version does not have. Record the site's traffic in your own browser "
        "and set JUMPSEAT_MICROSOFT_COOKIES to the HAR file, or JUMPSEAT_MICROSOFT_TOKEN to the chat token."
    )


def readHAR(url: str) -> tuple[str, dict[str, str]]:
    """
    The chat token and the cookies of the newest HAR file that holds a sign-in at `url`.

    Looks at `JUMPSEAT_MICROSOFT_COOKIES`, if that is a HAR file, and at the `*.har` files in the folder
    `recordings` under `JUMPSEAT_HOME`, newest first. Hosts are compared as hosts.
    Raises `NoValidHarFileError`, which says what was wrong with each file.
    """
    credential = recorded_sign_in(url, Settings.from_environment(os.environ))
    cookies = {name: secret.reveal() for name, secret in credential.cookies.items()}
    return (credential.token.reveal() if credential.token else ""), cookies


def recorded_sign_in(url: str, settings: Settings) -> Credential:
    """The credential of the newest recording that has a token for `url`; raises `NoValidHarFileError`."""
    host = urlsplit(url).hostname or ""
    files = _recordings(settings)
    if not files:
        raise NoValidHarFileError(
            f"no HAR file was found in {settings.home / RECORDINGS_FOLDER}. Open {url} in your browser with "
            "the developer tools on the Network tab, send one message, export as HAR, and put the file there."
        )
    wrong = []
    for path in files:
        try:
            credential = recordings.read_file(path, host)
        except NoValidHarFileError as error:
            wrong.append(f"{path.name}: {error.message}")
            continue
        if credential.token is not None:
            return credential
        wrong.append(f"{path.name}: it holds cookies, but no chat token")
    raise NoValidHarFileError("; ".join(wrong))


def _recordings(settings: Settings) -> list[Path]:
    """Candidates, newest first."""
    named = settings.microsoft_cookies
    files = [named] if named is not None and named.suffix == ".har" and named.is_file() else []
    folder = settings.home / RECORDINGS_FOLDER
    found = [path for path in folder.glob("*.har") if path.is_file()] if folder.is_dir() else []
    return sorted({*files, *found}, key=lambda path: path.stat().st_mtime, reverse=True)


def get_clarity() -> bytes:
    """
    A fixed block of bytes, decoded from base64.

    It is an empty envelope of our own making: it records no person's movements, and nothing in this package
    ever sends it. The name exists because the documents promise it.
    """
    return base64.b64decode(_ENVELOPE)
