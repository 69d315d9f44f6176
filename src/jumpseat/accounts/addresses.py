"""Where the accounts that are kept may be shown: at their services' own addresses, and on this machine."""

from __future__ import annotations

from urllib.parse import urlsplit

from jumpseat.model.credentials import Kind
from jumpseat.model.errors import InvalidRequest
from jumpseat.recordings.sites import GITHUB, MICROSOFT_HOSTS
from jumpseat.settings import LOOPBACK, Settings

_CHAT = ".githubcopilot.com"


def check_addresses(settings: Settings, kind: Kind, whose: str | None = None) -> None:
    """
    See that a setting leads what was not named by one to nobody else's address; `whose` is its own host.

    Choice: settings may come with a folder that somebody opens, and cookies of github.com open more than a
    chat. Who has an address of their own names the credential by a setting, too, or keeps one made there.
    GitHub's API has its own list, `hosts.site_of`. Raises `InvalidRequest`.
    """
    for variable, address in _addresses(settings, kind).items():
        host = (urlsplit(address).hostname or "").rstrip(".")
        if not (host in LOOPBACK or host == whose or _is_own(host, kind)):
            raise InvalidRequest(
                f"{variable} names {host}, which is not known to be {_OWNERS[kind]}'s, so no account that is "
                "kept is shown there. Unset it, or say by a setting as whom to ask there: "
                f"{_BY_SETTING[kind]}",
                param=variable,
                code="address_not_allowed",
            )


def _addresses(settings: Settings, kind: Kind) -> dict[str, str]:
    if kind == "microsoft":
        return {"JUMPSEAT_MICROSOFT_URL": settings.microsoft_url}
    if kind == "github-web":
        return {
            "JUMPSEAT_GITHUB_URL": settings.github_url,
            "JUMPSEAT_GITHUB_CHAT_URL": settings.github_chat_url,
        }
    return {}


def _is_own(host: str, kind: Kind) -> bool:
    if kind == "microsoft":
        return host in MICROSOFT_HOSTS
    return host == GITHUB or host.endswith(_CHAT)


_OWNERS: dict[Kind, str] = {"microsoft": "Microsoft", "github-web": "GitHub", "github": "GitHub"}
_BY_SETTING: dict[Kind, str] = {
    "microsoft": "JUMPSEAT_MICROSOFT_TOKEN or JUMPSEAT_MICROSOFT_COOKIES",
    "github-web": "JUMPSEAT_GITHUB_COOKIES or JUMPSEAT_GITHUB_WEB_TOKEN",
    "github": "JUMPSEAT_GITHUB_TOKEN",
}
