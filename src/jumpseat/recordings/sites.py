"""Which part of which Copilot an address belongs to, by scheme, host and path, never by the whole string."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

MICROSOFT = "copilot.microsoft.com"
GITHUB = "github.com"

CLASSIC_HOSTS = frozenset({MICROSOFT, "copilot.com"})
PERSONAL_PAGES = frozenset({"copilot.com", "www.copilot.com"})
WORK_PAGES = frozenset({"m365.cloud.microsoft", "copilot.cloud.microsoft"})
CHATHUB_HOSTS = frozenset({"substrate.office.com", "substrate.svc.cloud.microsoft"})
SIGN_IN_HOSTS = frozenset({"login.microsoftonline.com", "login.live.com", "account.live.com"})
STUDIO_HOSTS = frozenset({"copilotstudio.microsoft.com", "copilotstudio.preview.microsoft.com"})
# Choice: where the pages of Copilot show tokens of other audiences.
OTHER_APIS = frozenset({"graph.microsoft.com"})

MICROSOFT_HOSTS = CLASSIC_HOSTS | PERSONAL_PAGES | WORK_PAGES
"""Who asks for one of these asks for a Microsoft Copilot of either generation."""

CLASSIC_API = "/c/api/"
CLASSIC_CHAT = "/c/api/chat"
CHATHUB_CHAT = "/m365Copilot/Chathub/"

Place = Literal[
    "classic-call",
    "classic-socket",
    "classic-page",
    "chathub-page",
    "chathub-socket",
    "sign-in",
    "github",
    "studio",
    "other-api",
    "notifications",
]
"""The classes of the HAR page, section 4; `other-api` and `notifications` have tokens of other uses."""

COPILOT: frozenset[Place] = frozenset(
    {"classic-call", "classic-socket", "classic-page", "chathub-page", "chathub-socket"}
)

SOCKETS: frozenset[Place] = frozenset({"classic-socket", "chathub-socket"})

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#\\]*)([^?#]*)(?:\?([^#]*))?")
_HOST = re.compile(r"\[([^\]]*)\]|([^:]*)")
_SECURE = frozenset({"https"})
_SOCKET = frozenset({"wss", "ws", "https"})
_PLAIN = frozenset({"https", "http"})
_PLAIN_SOCKET = frozenset({"wss", "ws", "https", "http"})


class Address(Struct, frozen=True):
    """The parts of an address; the host in lower case, without port and last dot, the query as written."""

    scheme: str
    host: str
    path: str
    query: str

    def __repr__(self) -> str:
        # A token may be in the query.
        return f"Address({self.scheme}://{self.host}{self.path})"


def parse_address(url: object) -> Address | None:
    """The parts of an absolute address; None for anything else."""
    found = _ADDRESS.match(url) if isinstance(url, str) else None
    if found is None:
        return None
    name = _HOST.match(found[2].rpartition("@")[2])
    host = (name[1] or name[2] or "") if name else ""
    return Address(found[1].lower(), host.lower().rstrip("."), found[3], found[4] or "")


class Microsoft:
    """The hosts of Microsoft Copilot, and those that a recording of another Copilot shows."""

    def place_of(self, address: Address) -> Place | None:
        """The class of an address; None for what is ignored."""
        if address.host in CLASSIC_HOSTS and (place := _classic(address, _SECURE, _SOCKET)):
            return place
        if address.host in CHATHUB_HOSTS and address.scheme in _SOCKET:
            return "chathub-socket" if address.path.startswith(CHATHUB_CHAT) else "other-api"
        return _by_host(address)


class GithubWeb(Microsoft):
    """GitHub's own host; what is of Microsoft is known, for the exact error."""

    def place_of(self, address: Address) -> Place | None:
        if address.host == GITHUB:
            return "github" if address.scheme == "https" else None
        place = super().place_of(address)
        return place if place in COPILOT else None


class OwnHost:
    """A host of the person's own choice, which speaks as the classic Microsoft Copilot does."""

    def __init__(self, host: str) -> None:
        self._host = host

    def place_of(self, address: Address) -> Place | None:
        """The class of an address; None for every other host."""
        if address.host != self._host:
            return None
        place = _classic(address, _PLAIN, _PLAIN_SOCKET)
        return place or ("classic-page" if address.scheme in _PLAIN else None)


def sites_for(host: str) -> Microsoft | OwnHost:
    """The classes by which a recording for `host` is read."""
    if host == GITHUB:
        return GithubWeb()
    return Microsoft() if host in MICROSOFT_HOSTS else OwnHost(host)


def is_shown(domain: str, host: str) -> bool:
    """Whether a browser shows a cookie of `domain` to `host` (RFC 6265, 5.1.3); no domain is fine."""
    wanted = domain.lstrip(".").lower()
    return not wanted or host == wanted or host.endswith("." + wanted)


def _classic(address: Address, calls: frozenset[str], sockets: frozenset[str]) -> Place | None:
    if address.path == CLASSIC_CHAT or address.path.startswith(CLASSIC_CHAT + "/"):
        return "classic-socket" if address.scheme in sockets else None
    return "classic-call" if address.path.startswith(CLASSIC_API) and address.scheme in calls else None


_PLACES: Mapping[str, Place] = {
    MICROSOFT: "classic-page",
    **dict.fromkeys(PERSONAL_PAGES | WORK_PAGES, "chathub-page"),
    **dict.fromkeys(SIGN_IN_HOSTS, "sign-in"),
    **dict.fromkeys(STUDIO_HOSTS, "studio"),
    **dict.fromkeys(OTHER_APIS, "other-api"),
    GITHUB: "github",
    "api.github.com": "github",
}


def _by_host(address: Address) -> Place | None:
    if address.host.endswith(".webpubsub.azure.com"):
        return "notifications"
    if address.scheme not in _SECURE:
        return None
    return "github" if address.host.endswith(".githubcopilot.com") else _PLACES.get(address.host)
