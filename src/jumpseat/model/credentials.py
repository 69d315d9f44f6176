"""Secrets, and the credentials of one account."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

from msgspec import Struct


class Secret:
    """A string that must be asked to show itself: reveal it in the line that sends it, nowhere else."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled: it would rest in the open")


Kind = Literal["microsoft", "github", "github-web"]
"""
What an account signs in to: Microsoft Copilot, GitHub Copilot's API (an OAuth token), GitHub's web chat
(cookies of github.com, or a token of the web chat).
"""

KINDS: tuple[Kind, ...] = get_args(Kind)

SERVICE_NAMES: Mapping[Kind, str] = {
    "microsoft": "Microsoft Copilot",
    "github": "GitHub's API",
    "github-web": "GitHub's web chat",
}
"""What a person calls that."""

LOGIN_COMMANDS: Mapping[Kind, str] = {
    "microsoft": "jumpseat login microsoft",
    "github": "jumpseat login github",
    "github-web": "jumpseat login github-web --cookies FILE",
}
"""What a person types to sign in."""

Generation = Literal["classic", "chathub"]
"""Which of the two chats of Microsoft Copilot a sign-in is for; one's token opens nothing at the other."""

NO_COOKIES: Mapping[str, Secret] = MappingProxyType({})
NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


class ChatSocket(Struct, frozen=True, kw_only=True):
    """
    How the page opened its chat socket, as a recording has it (HAR page, section 4); no secret is in it.

    For the chathub, `parameters` are those of the address without its token, and the last four what the page
    sent with its questions.
    """

    host: str = ""
    client_session_id: str | None = None
    api_version: str | None = None
    object_id: str | None = None
    tenant_id: str | None = None
    parameters: Mapping[str, str] = NO_PARAMETERS
    options_sets: tuple[str, ...] = ()
    allowed_message_types: tuple[str, ...] = ()
    client_info: Mapping[str, str] = NO_PARAMETERS
    tone: str | None = None


class Credential(Struct, frozen=True, kw_only=True):
    """
    What one account shows to its service.

    `token` is the chat token at Microsoft, the OAuth token at GitHub, the short-lived web token at GitHub's
    web chat; `cookies` are the site's. Moments are in seconds since 1970, None when nobody said.
    """

    token: Secret | None = None
    cookies: Mapping[str, Secret] = NO_COOKIES
    identity_type: str | None = None
    """`google` and the like, for federated Microsoft sign-ins (`X-UserIdentityType`)."""
    generation: Generation = "classic"
    host: str | None = None
    """Whose it is: the host that the recording showed it to, or the GitHub host that granted it."""
    obtained_at: float | None = None
    """When the service gave it, as far as is known: the time of a recording's entry, or of the sign-in."""
    expires_at: float | None = None
    """When the token ends: what the service said, else what is presumed. Only a live call can tell."""
    refresh_token: Secret | None = None
    """What GitHub Apps with expiring tokens give beside the token."""
    client_id: str | None = None
    """The OAuth app that the token was granted to."""
    socket: ChatSocket | None = None

    @property
    def is_anonymous(self) -> bool:
        return self.token is None and not self.cookies

    def is_fresh(self, now: float) -> bool:
        """Whether the token is not known to have expired at `now` (seconds since 1970)."""
        return self.expires_at is None or now < self.expires_at


class Account(Struct, frozen=True, kw_only=True):
    """One sign-in at one service, by the name the person knows it by."""

    kind: Kind
    name: str
    credential: Credential
    is_kept: bool = False
    """Whether `jumpseat accounts` lists it; else it was handed over by a setting or a call."""
