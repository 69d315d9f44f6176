"""The accounts, by service: as yet the one of each that the settings name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct, structs

from jumpseat.model.credentials import Account, Credential, Kind
from jumpseat.model.errors import InvalidRequest, NotSignedIn
from jumpseat.settings import Settings

ENVIRONMENT = "environment"
"""The name of the account whose credentials come from the settings."""

# The sites whose cookies are read, also where a stand-in serves in their place.
MICROSOFT_HOST = "copilot.microsoft.com"
GITHUB_HOST = "github.com"

GITHUB_SESSION = "user_session"
"""The cookie of github.com that makes a sign-in."""


class _Reading(Struct, frozen=True):
    """What a file held when its time of change, size and number were these."""

    stamp: tuple[int, int, int]
    credential: Credential


class Roster:
    """Knows the account of each service. Files are read when first needed, and again when they change."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._readings: dict[Path, _Reading] = {}

    def account_for(self, service: str) -> Account:
        """
        The account that answers for `service` (`microsoft` or `github`).

        At Microsoft that may be an anonymous one. Raises `NotSignedIn` with what to set, or, for a file that
        cannot be used, `NoValidHarFileError`, which is one of those.
        """
        credentials: dict[str, Callable[[], Credential]] = {
            "microsoft": self._microsoft,
            "github": self._github,
        }
        if service not in credentials:
            raise InvalidRequest(
                f"there is no service {service!r}: say microsoft or github", param="provider"
            )
        kind: Kind = "microsoft" if service == "microsoft" else "github-web"
        return Account(kind=kind, name=ENVIRONMENT, credential=credentials[service]())

    def _microsoft(self) -> Credential:
        settings = self._settings
        credential = Credential()
        if settings.microsoft_cookies is not None:
            credential = self._read(settings.microsoft_cookies, MICROSOFT_HOST)
        if settings.microsoft_token is not None:
            # The newer word: a recording's token lives for an hour or so.
            credential = structs.replace(credential, token=settings.microsoft_token, expires_at=None)
        return credential

    def _github(self) -> Credential:
        settings = self._settings
        if settings.github_cookies is None and settings.github_web_token is None:
            raise NotSignedIn(
                "GitHub Copilot needs a sign-in: set JUMPSEAT_GITHUB_COOKIES to a file with the cookies of "
                "github.com (an export from your browser as JSON, or a HAR recording), or "
                "JUMPSEAT_GITHUB_WEB_TOKEN to a token of its web chat"
            )
        credential = Credential()
        if settings.github_cookies is not None:
            credential = self._read(settings.github_cookies, GITHUB_HOST)
            if GITHUB_SESSION not in credential.cookies and settings.github_web_token is None:
                raise NotSignedIn(
                    f"{settings.github_cookies.name} holds no cookie {GITHUB_SESSION!r} of github.com: sign "
                    "in there in your browser, export the cookies again, and set JUMPSEAT_GITHUB_COOKIES to "
                    "the file"
                )
        if settings.github_web_token is not None:
            credential = structs.replace(credential, token=settings.github_web_token)
        return credential

    def _read(self, path: Path, host: str) -> Credential:
        from jumpseat import recordings

        try:
            found = path.stat()
        except OSError:
            return recordings.read_file(path, host)  # It says what is wrong.
        stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
        known = self._readings.get(path)
        if known is None or known.stamp != stamp:
            known = self._readings[path] = _Reading(stamp, recordings.read_file(path, host))
        return known.credential
