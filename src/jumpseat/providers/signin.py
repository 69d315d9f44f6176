"""Sign-in as the documents have it: a recording, a visible browser, and an envelope that holds nothing."""

from __future__ import annotations

import base64
import os
from urllib.parse import urlsplit

from jumpseat.accounts.recorded import newest_recording
from jumpseat.model.errors import MissingRequirementsError
from jumpseat.settings import Settings

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

    Looks at `JUMPSEAT_MICROSOFT_COOKIES`, if that is a HAR file, and at the HAR files in the folder
    `recordings` under `JUMPSEAT_HOME`, newest first. Hosts are compared as hosts.
    Raises `NoValidHarFileError`, which says what was wrong with each file.
    """
    credential = newest_recording(Settings.from_environment(os.environ), url)
    cookies = {name: secret.reveal() for name, secret in credential.cookies.items()}
    return (credential.token.reveal() if credential.token else ""), cookies


def get_clarity() -> bytes:
    """
    A fixed block of bytes, decoded from base64.

    It is an empty envelope of our own making: it records no person's movements, and nothing in this package
    ever sends it. The name exists because the documents promise it.
    """
    return base64.b64decode(_ENVELOPE)
