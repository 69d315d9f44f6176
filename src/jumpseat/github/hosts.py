"""Which hosts a GitHub secret may go to, and where a sign-in there finds its pages and its API."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from msgspec import Struct

from jumpseat.model.errors import InvalidRequest
from jumpseat.settings import LOOPBACK, Settings

GITHUB = "github.com"

# Exactly one label (API page, section 5): no host below a tenant is the tenant's own.
_TENANT = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.ghe\.com")


class Site(Struct, frozen=True, kw_only=True):
    """One GitHub: github.com, a tenant of GHE.com, or what plays them on this machine."""

    host: str
    web: str
    """Where its pages are, like `https://github.com`."""
    api: str
    """Where its own API is, like `https://api.github.com`."""


def site_of(settings: Settings, host: str | None = None) -> Site:
    """
    The GitHub that `host` names; without it the one of the settings.

    Choice: a stand-in on this machine (`JUMPSEAT_GITHUB_URL`) plays every tenant too, so that no trial ever
    reaches a real one. Raises `InvalidRequest` for a host that is no GitHub: no secret goes there.
    """
    wanted = None if host is None else _checked(_bare(host), host, "--host")
    own = urlsplit(settings.github_url).hostname or ""
    is_stand_in = own in LOOPBACK
    if is_stand_in != (urlsplit(settings.github_api_url).hostname in LOOPBACK):
        raise InvalidRequest(
            "JUMPSEAT_GITHUB_URL and JUMPSEAT_GITHUB_API_URL have to be both on this machine or both not. "
            "JUMPSEAT_SIMULATOR sets them together.",
            param="JUMPSEAT_GITHUB_API_URL",
        )
    if is_stand_in:
        return Site(host=wanted or own, web=settings.github_url, api=settings.github_api_url)
    found = wanted or _checked(_bare(settings.github_url), settings.github_url, "JUMPSEAT_GITHUB_URL")
    return Site(host=found, web=f"https://{found}", api=f"https://api.{found}")


def _bare(text: str) -> str:
    return text.strip().lower().removeprefix("https://").rstrip("/")


def _checked(host: str, given: str, name: str) -> str:
    if host == GITHUB or _TENANT.fullmatch(host):
        return host
    raise InvalidRequest(
        f"{name} takes github.com or TENANT.ghe.com, not {given!r}. jumpseat signs in nowhere else.",
        param=name,
    )
