"""
What one look at the browser in which a person signs in shows: the sign-in, or what is still missing.

Classic page, section 15; chathub page, sections 1, 3 and 8. Tokens are opaque: none is ever decoded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from jumpseat.microsoft.page_caches import (
    CHAT_AI,
    CachedToken,
    Objects,
    auth0_tokens,
    is_encrypted,
    msal_tokens,
    objects_in,
)
from jumpseat.model.credentials import ChatSocket, Credential, Generation, Secret
from jumpseat.model.errors import InvalidRequest
from jumpseat.recordings.sites import (
    CHATHUB_CHAT,
    CHATHUB_HOSTS,
    CLASSIC_CHAT,
    CLASSIC_HOSTS,
    PERSONAL_PAGES,
    WORK_PAGES,
)
from jumpseat.recordings.tokens import (
    account_type_of,
    identity_type_of,
    may_be_kept,
    presumed_life,
    secret_of,
)

TARGETS: Mapping[Generation, str] = {
    "classic": CHAT_AI,
    "chathub": "https://substrate.office.com/sydney/v2/.default",
}
"""What the token of each chat is for, as the page's own cache puts it (HAR page, section 6)."""

ANY_CHAT = ("ChatAI", "sydney")
"""The words that tell the two chats' tokens."""

_SITES = frozenset(f"https://{host}" for host in CLASSIC_HOSTS | PERSONAL_PAGES)
_WORK_SITES = frozenset(f"https://{host}" for host in WORK_PAGES)
_CHATHUBS = frozenset(f"https://{host}" for host in CHATHUB_HOSTS)
_SHOWN_CHARS = 80

SignName = Literal["other-chat", "encrypted", "expired", "wrong-target", "signed-out"]


class Wanted(Struct, frozen=True, kw_only=True):
    """Which sign-in is looked for."""

    origin: str
    """Of the site, like `https://copilot.microsoft.com`."""
    words: tuple[str, ...]
    """The token's target holds one of them."""

    def is_for(self, target: str) -> bool:
        return any(word.casefold() in target.casefold() for word in self.words)


class Look(Struct, frozen=True, kw_only=True):
    """What the browser showed."""

    storage: Mapping[str, str]
    """The localStorage of the site's pages."""
    socket_urls: Sequence[Secret]
    """The addresses of the WebSockets that were opened, oldest first."""

    def __repr__(self) -> str:
        return f"Look({len(self.storage)} entries, {len(self.socket_urls)} sockets)"


class Sign(Struct, frozen=True):
    """Something that was seen, and is no sign-in yet; `says` tells the person what it means."""

    name: SignName
    says: str


class Found(Struct, frozen=True):
    """The sign-in, as yet without cookies."""

    credential: Credential


class Waiting(Struct, frozen=True):
    """No sign-in yet; what was seen, the most telling first."""

    signs: tuple[Sign, ...] = ()


class _Socket(Struct, frozen=True, kw_only=True):
    """What a chat socket's address says."""

    generation: Generation
    token: Secret | None
    identity_type: str | None
    details: ChatSocket


def wanted_at(url: str, target: str | None) -> Wanted:
    """
    What to look for at the site `url`: a token whose target holds the word `target`; None: any chat's.

    Raises `InvalidRequest` for a url that is none, and for an empty word.
    """
    origin = origin_of(url)
    if not origin.startswith(("https://", "http://")):
        raise InvalidRequest(f"{url!r} is no address to sign in at. Say https://HOST.", param="url")
    words = ANY_CHAT if target is None else (target.strip(),)
    if not all(words):
        raise InvalidRequest("the target must be a word of the token's scope, like ChatAI.", param="target")
    return Wanted(origin=origin, words=words)


def origins(wanted: Wanted) -> tuple[str, ...]:
    """Whose localStorage to look at: the site, and where Microsoft's own site sends people on to."""
    moved_to = _SITES | _WORK_SITES if wanted.origin in _SITES | _WORK_SITES else frozenset[str]()
    return (wanted.origin, *sorted(moved_to - {wanted.origin}))


def cookie_origins(wanted: Wanted, credential: Credential) -> tuple[str, ...]:
    """Whose cookies belong to a sign-in."""
    if credential.generation == "chathub":
        return origins(wanted)
    own = f"https://{credential.host}"
    return (own,) if own in _SITES else (wanted.origin,)


def read(look: Look, wanted: Wanted, *, now: float) -> Found | Waiting:
    """
    The sign-in that the browser shows, if it does.

    The address of the chat's own socket counts most, for the page uses that token; then plain entries of
    MSAL's cache; then those of Auth0. `now` is in seconds since 1970.
    """
    objects = objects_in(look.storage)
    msal, auth0 = list(msal_tokens(objects.values(), now)), list(auth0_tokens(objects, now))
    sockets = list(_sockets(look.socket_urls, wanted.origin))
    for socket in sockets:
        if socket.token and wanted.is_for(TARGETS[socket.generation]):
            return Found(_from_socket(socket, socket.token, [*msal, *auth0], now))
    for tokens in (msal, auth0):
        if (token := _newest(tokens, wanted, now)) is not None:
            return Found(_from_cache(token, wanted, now))
    return Waiting(tuple(_signs(objects, [*msal, *auth0], sockets, wanted)))


def origin_of(url: str) -> str:
    """The origin of an address, a WebSocket's as that of its server's pages; empty for no address."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ""
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    if not host:
        return ""
    shown = f"[{host}]" if ":" in host else host
    is_usual = port in {None, 443 if scheme == "https" else 80}
    return f"{scheme}://{shown}" if is_usual else f"{scheme}://{shown}:{port}"


# The chat's socket.


def _sockets(urls: Iterable[Secret], site: str) -> Iterator[_Socket]:
    """The chat sockets among them, newest first."""
    for url in reversed(list(urls)):
        if (socket := _socket(url, site)) is not None:
            yield socket


def _socket(url: Secret, site: str) -> _Socket | None:
    is_microsofts = site in _SITES | _WORK_SITES
    origin = origin_of(url.reveal())
    if not origin:
        return None
    parts = urlsplit(url.reveal())
    fields = _parameters(parts.query)
    if origin in (_SITES if is_microsofts else {site}) and parts.path.endswith(CLASSIC_CHAT):
        return _classic(fields, parts.hostname or "")
    if origin in (_CHATHUBS if is_microsofts else {site}) and CHATHUB_CHAT in parts.path:
        return _chathub(fields, parts.hostname or "", parts.path.rpartition(CHATHUB_CHAT)[2])
    return None


def _parameters(query: str) -> dict[str, str]:
    """Percent-decoded once, and a `+` stays one: tokens have some (HAR page, section 4)."""
    pairs = (pair.partition("=") for pair in query.split("&"))
    return {unquote(name): unquote(value) for name, _, value in pairs if value}


def _classic(fields: Mapping[str, str], host: str) -> _Socket:
    return _Socket(
        generation="classic",
        token=secret_of(fields.get("accessToken", "")),
        identity_type=identity_type_of(fields.get("X-UserIdentityType", "")),
        details=ChatSocket(
            host=host,
            client_session_id=fields.get("clientSessionId"),
            api_version=fields.get("api-version"),
        ),
    )


def _chathub(fields: Mapping[str, str], host: str, whose: str) -> _Socket:
    object_id, _, tenant_id = unquote(whose.partition("/")[0]).partition("@")
    return _Socket(
        generation="chathub",
        token=secret_of(fields.get("access_token", "")),
        identity_type=identity_type_of(fields.get("X-UserIdentityType", "")),
        details=ChatSocket(
            host=host,
            object_id=object_id or None,
            tenant_id=tenant_id or None,
            parameters={name: value for name, value in fields.items() if may_be_kept(name)},
        ),
    )


# What was found.


def _newest(tokens: Iterable[CachedToken], wanted: Wanted, now: float) -> CachedToken | None:
    """Of the tokens that are wanted and have not ended, the one that lives longest."""
    good = [token for token in tokens if wanted.is_for(token.target) and not token.has_ended(now)]
    return max(good, key=lambda token: token.expires_at or now, default=None)


def _from_socket(socket: _Socket, token: Secret, tokens: Iterable[CachedToken], now: float) -> Credential:
    """The sign-in of a socket; the page's cache may know when its token was given and ends."""
    unknown = CachedToken(token=token, target="")
    known = next((cached for cached in tokens if cached.token == token), unknown)
    obtained_at = known.obtained_at or now
    life = presumed_life(socket.generation, account_type_of(socket.details.tenant_id or ""))
    return Credential(
        token=token,
        identity_type=socket.identity_type or known.identity_type,
        generation=socket.generation,
        host=socket.details.host,
        obtained_at=obtained_at,
        expires_at=known.expires_at or obtained_at + life,
        socket=socket.details,
    )


def _from_cache(token: CachedToken, wanted: Wanted, now: float) -> Credential:
    """The sign-in of a page that has not opened its chat yet."""
    generation: Generation = "chathub" if "sydney" in token.target.casefold() else "classic"
    object_id, _, tenant_id = token.home.partition(".")
    obtained_at = token.obtained_at or now
    life = presumed_life(generation, account_type_of(tenant_id))
    socket = ChatSocket(object_id=object_id or None, tenant_id=tenant_id or None)
    return Credential(
        token=token.token,
        identity_type=token.identity_type,
        generation=generation,
        host=urlsplit(wanted.origin).hostname,
        obtained_at=obtained_at,
        expires_at=token.expires_at or obtained_at + life,
        socket=socket if generation == "chathub" else None,
    )


# What was seen instead.


def _signs(
    objects: Objects, tokens: Sequence[CachedToken], sockets: Sequence[_Socket], wanted: Wanted
) -> Iterator[Sign]:
    named = " or ".join(wanted.words)
    spoken = next((socket.generation for socket in sockets if socket.token), None)
    if spoken is not None:
        chat = "newer chat (chathub)" if spoken == "chathub" else "older chat (classic)"
        yield Sign("other-chat", f"the page speaks with the {chat}, whose tokens are not for {named}")
    if any(is_encrypted(value) for value in objects.values()):
        yield Sign(
            "encrypted",
            "the page keeps its tokens encrypted; send one message in the window, then the chat's socket "
            "shows the token",
        )
    if any(wanted.is_for(token.target) for token in tokens):
        yield Sign(
            "expired",
            "the token that the page has kept has expired; send one message in the window, so that the page "
            "gets a new one",
        )
    elif tokens:
        yield Sign(
            "wrong-target",
            f"the page has a token for {_shown(tokens[0].target)}, and none for {named}; send one message in "
            "the window",
        )
    if any(socket.token is None for socket in sockets):
        yield Sign("signed-out", "the chat was opened without an account; sign in in the window")


def _shown(target: str) -> str:
    """A target, which is no secret, cut to what fits and freed of what no scope holds."""
    clean = "".join(char for char in target if char.isascii() and char.isprintable())
    return clean if len(clean) <= _SHOWN_CHARS else f"{clean[:_SHOWN_CHARS]}…"
