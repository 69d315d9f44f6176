"""The chat tokens of a recording: where each was seen, whose it is, and how long it is presumed to live."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import unquote

import msgspec
from msgspec import Struct, structs

from jumpseat.model.credentials import ChatSocket, Generation, Secret
from jumpseat.recordings.entries import NEVER, UNREADABLE, Entry
from jumpseat.recordings.frames import PageOptions, page_options
from jumpseat.recordings.sites import CHATHUB_CHAT

AccountType = Literal["personal", "work"]

PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant of all personal accounts (HAR page, section 6)."""

MINUTE, HOUR = 60.0, 3600.0

_SCOPES: Mapping[Generation, str] = {"classic": "ChatAI.ReadWrite", "chathub": "substrate.office.com/sydney"}
_TOKEN_PATH = re.compile(r"/oauth2/(?:v2\.0/)?token$|^/oauth20_token\.srf$")
# Choice: what could not be sent as a header is no token; a whole page is none either.
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
_NO_TOKENS = frozenset({"undefined", "null"})
_TAKEN_OUT = re.compile("redacted", re.IGNORECASE)
_SECRETIVE = re.compile("token|secret|signature|authorization|password", re.IGNORECASE)

_IDENTITY_TYPE = re.compile(r"[A-Za-z0-9_-]{1,40}")
_SECONDS = re.compile(r"[0-9]{1,9}")

SOCKET, CALL, ANSWER = 2, 1, 0
"""Where a token was seen, the most trusted place first (HAR page, section 4)."""


class Token(Struct, frozen=True, kw_only=True):
    """A chat token as it was seen; `at` in seconds since 1970."""

    secret: Secret
    generation: Generation
    place: int
    at: float
    host: str
    """To which it was shown; "" where it was only given."""
    account_type: AccountType | None = None
    socket: ChatSocket | None = None

    @property
    def rank(self) -> tuple[int, float]:
        return self.place, self.at

    def life(self) -> float:
        """Seconds that such a token is presumed to live (HAR page, section 4)."""
        return presumed_life(self.generation, self.account_type)


class Granted(Struct, frozen=True):
    """A token as the sign-in service gave it."""

    secret: Secret
    scope: str
    expires_at: float | None

    @property
    def generation(self) -> Generation | None:
        """The chat that the token is for, if it is for one."""
        return next((name for name, sign in _SCOPES.items() if sign.lower() in self.scope.lower()), None)


class _Answer(Struct):
    access_token: str
    scope: str = ""
    expires_in: Any = None


def classic_socket_token(entry: Entry) -> Token | None:
    """The token in the address of a classic chat socket."""
    secret = secret_of(entry.parameter("accessToken"))
    if secret is None:
        return None
    socket = ChatSocket(
        host=entry.address.host,
        client_session_id=entry.parameter("clientSessionId") or None,
        api_version=entry.parameter("api-version") or None,
    )
    return Token(
        secret=secret,
        generation="classic",
        place=SOCKET,
        at=entry.at,
        host=entry.address.host,
        socket=socket,
    )


def bearer_token(entry: Entry) -> Token | None:
    """The token in the `Authorization` header of a classic call."""
    secret = secret_of(bearer_of(entry))
    if secret is None:
        return None
    return Token(secret=secret, generation="classic", place=CALL, at=entry.at, host=entry.address.host)


def bearer_of(entry: Entry) -> str:
    scheme, _, token = entry.header("authorization").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def chathub_token(entry: Entry) -> Token | None:
    """The token in the address of a chathub socket, with all that the page said of itself there."""
    secret = secret_of(entry.parameter("access_token"))
    if secret is None:
        return None
    account = unquote(entry.address.path.removeprefix(CHATHUB_CHAT).partition("/")[0])
    object_id, _, tenant_id = account.partition("@")
    options = page_options(entry.frames()) or PageOptions()
    socket = ChatSocket(
        host=entry.address.host,
        client_session_id=entry.parameter("clientSessionId") or None,
        api_version=entry.parameter("api-version") or None,
        object_id=object_id or None,
        tenant_id=tenant_id or None,
        parameters={name: value for name, value in entry.parameters() if may_be_kept(name)},
        options_sets=options.options_sets,
        allowed_message_types=options.allowed_message_types,
        client_info={name: value for name, value in options.client_info if may_be_kept(name)},
        tone=options.tone,
    )
    return Token(
        secret=secret,
        generation="chathub",
        place=SOCKET,
        at=entry.at,
        host=entry.address.host,
        account_type=account_type_of(tenant_id),
        socket=socket,
    )


def granted_tokens(entry: Entry) -> Iterator[Granted]:
    """The access token in an answer of the sign-in service, if there is one. No other token is read."""
    if not _TOKEN_PATH.search(entry.address.path):
        return
    try:
        answer = msgspec.json.decode(entry.body("json"), type=_Answer)
    except UNREADABLE:
        return
    secret = secret_of(answer.access_token)
    if secret is not None:
        yield Granted(secret, answer.scope, _end(answer.expires_in, entry.at))


def token_of(granted: Granted, generation: Generation, entry: Entry) -> Token:
    """A token that was seen only where the sign-in service gave it."""
    return Token(secret=granted.secret, generation=generation, place=ANSWER, at=entry.at, host="")


def better(one: Token, other: Token) -> Token:
    """
    The one of the better place, or else the newer one.

    What the page said of itself on an older socket of the same account goes over to it.
    """
    best, second = (one, other) if one.rank >= other.rank else (other, one)
    has, had = best.socket, second.socket
    if has is None or had is None or has.options_sets or has.object_id != had.object_id:
        return best
    socket = structs.replace(
        has,
        options_sets=had.options_sets,
        allowed_message_types=had.allowed_message_types,
        client_info=had.client_info,
        tone=had.tone,
    )
    return structs.replace(best, socket=socket)


def presumed_life(generation: Generation, account_type: AccountType | None) -> float:
    """Seconds that a token lives, where nobody said (HAR page, section 4)."""
    if generation == "classic":
        return HOUR
    return 8 * HOUR if account_type == "personal" else 75 * MINUTE


def is_taken_out(value: str) -> bool:
    """Whether a tool has put a word in the place of a token."""
    return _TAKEN_OUT.search(value) is not None


def secret_of(value: str) -> Secret | None:
    """A token, as it stood in an address or a header; None for what is none."""
    is_token = _TOKEN.fullmatch(value) and value not in _NO_TOKENS and not is_taken_out(value)
    return Secret(value) if is_token else None


def identity_type_of(value: str) -> str | None:
    """How somebody signed in, as an address or a header told; None for what is no such word."""
    return value if _IDENTITY_TYPE.fullmatch(value) else None


def may_be_kept(name: str) -> bool:
    """Whether a parameter of that name is surely no secret."""
    return bool(name) and _SECRETIVE.search(name) is None


def account_type_of(tenant_id: str) -> AccountType | None:
    """Whose tenant that is; None for none."""
    if not tenant_id:
        return None
    return "personal" if tenant_id.lower() == PERSONAL_TENANT else "work"


def _end(expires_in: object, at: float) -> float | None:
    """A moment from a duration in seconds, which some services write as a text."""
    match expires_in:
        case str() if _SECONDS.fullmatch(expires_in):
            seconds = float(expires_in)
        case int() if 1 < expires_in < 10**9:  # And so not `True`, which is 1.
            seconds = float(expires_in)
        case _:
            return None
    return at + seconds if at > NEVER else None
