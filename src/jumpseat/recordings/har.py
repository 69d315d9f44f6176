"""A browser's recording (HAR): the sign-in in it, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Raw, Struct

from jumpseat.model.credentials import ChatSocket, Credential
from jumpseat.recordings.cookie_jar import CookieJar
from jumpseat.recordings.entries import NEVER, read_entry
from jumpseat.recordings.gathering import Gathering
from jumpseat.recordings.problems import Remark
from jumpseat.recordings.sites import CLASSIC_HOSTS, GITHUB, PERSONAL_PAGES, WORK_PAGES
from jumpseat.recordings.tokens import AccountType, Token
from jumpseat.recordings.verdict import SESSION, Evidence, SignedOut, judge

CHROMIUM = "WebInspector"
"""What Chrome, Edge and Brave call themselves; only they sanitize (HAR page, section 2)."""

MAX_EXPORTER_CHARS = 60

_ANONYMOUS = "__Host-copilot-anon"


class Recording(Struct, frozen=True, kw_only=True):
    """What a recording holds for one site."""

    credential: Credential
    recorded_at: float | None = None
    """When the token was seen, or else the cookies; seconds since 1970."""
    exporter: str = ""
    """The name of the program that wrote the file, fit for a terminal."""
    is_sanitized: bool = False
    """Whether the exporter took cookies and headers out. It leaves the chat token in."""
    account_type: AccountType | None = None
    cookies_expire_at: float | None = None
    """When GitHub's session cookie ends, if the recording says so."""
    remarks: tuple[Remark, ...] = ()
    """What is worth saying, and stops nothing."""
    missing: tuple[str, ...] = ()
    """What could not be found, in plain phrases."""


class HarReading:
    """
    What the entries of one recording mean for `host`: feed them all, then ask for the result.

    `host` is `github.com` for the cookies of GitHub; one of Microsoft's (`copilot.microsoft.com`) for a
    Microsoft Copilot of either generation; any other for itself alone, which speaks as the classic one does.
    `account` says whose sign-in is wanted, `read_token_responses` whether the person lets us look into the
    answers of the sign-in service; `now` (seconds since 1970) is what ages are told by.
    """

    def __init__(
        self,
        host: str,
        *,
        allow_anonymous: bool = False,
        account: Literal["any", "personal", "work"] = "any",
        read_token_responses: bool = False,
        now: float | None = None,
    ) -> None:
        self._host = host.lower()
        self._allow_anonymous = allow_anonymous
        self._account = account
        self._now = now
        self._seen = Gathering(self._host, read_token_responses=read_token_responses)

    def feed(self, raw: bytes | Raw) -> None:
        """Take the next entry as JSON. One of odd types is passed over."""
        entry = read_entry(raw)
        if entry is not None:
            self._seen.add(entry)

    def result(self, creator: str) -> Recording:
        """What was found; `creator` is the exporter's name. Raises `BadRecording`."""
        tokens = [token for token in self._seen.tokens.values() if self._is_wanted(token)]
        token = max(tokens, key=self._worth, default=None)
        evidence = self._evidence(creator, tokens, token)
        remarks = judge(evidence)
        jar = self._jar_for(token)
        credential = self._credential(token, jar)
        is_github = self._host == GITHUB
        return Recording(
            credential=credential,
            recorded_at=credential.obtained_at,
            exporter=_printable(creator),
            is_sanitized=evidence.is_sanitized,
            account_type=token.account_type if token is not None else None,
            cookies_expire_at=jar.expires_at(SESSION) if is_github else None,
            remarks=remarks,
            missing=() if is_github else tuple(_missing(credential, jar.host)),
        )

    def _credential(self, token: Token | None, jar: CookieJar) -> Credential:
        cookies = jar.cookies(self._now)
        if token is None:
            return Credential(cookies=cookies, host=jar.host, obtained_at=self._not_in_future(jar.shown_at))
        return Credential(
            token=token.secret,
            cookies=cookies,
            identity_type=self._seen.identity_type if token.generation == "classic" else None,
            generation=token.generation,
            host=token.host or None,
            obtained_at=self._not_in_future(token.at),
            expires_at=self._expires_at(token),
            socket=token.socket,
        )

    def _evidence(self, creator: str, tokens: Sequence[Token], token: Token | None) -> Evidence:
        seen, jar = self._seen, self._jar_for(None)
        signs = seen.signs
        return Evidence(
            host=self._host,
            hosts=frozenset(seen.hosts),
            places=frozenset(seen.places),
            exporter=creator,
            is_sanitized=creator == CHROMIUM and seen.is_bare,
            token_was_taken_out=seen.token_was_taken_out,
            is_refused_region=signs.has("not-served", unless_later=("good-turn",)),
            was_refused_region=signs.has("not-served"),
            is_challenged=signs.has("challenge", unless_later=("good-turn",))
            or signs.has("human-check", unless_later=("good-turn", "opened")),
            was_challenged=signs.has("challenge") or signs.has("human-check"),
            signed_out=self._signed_out() if token is None else None,
            token=token,
            has_both_chats=len({one.generation for one in tokens}) > 1,
            other_account=self._other_account() if token is None else None,
            other_audience=seen.other_audience,
            has_notifications=seen.has_notifications,
            cookie_names=frozenset(jar.cookies(self._now)),
            session_ended=SESSION in jar.cookies(),
            age=self._age(token) if token is not None else None,
            has_expired=token is not None and not self._is_fresh(token),
            allow_anonymous=self._allow_anonymous,
        )

    def _signed_out(self) -> SignedOut | None:
        if any(_ANONYMOUS in jar.cookies() for jar in self._seen.jars.values()):
            return "anonymous-cookie"
        if self._seen.signs.has("sent-to-sign-in", unless_later=("page",)):
            return "sent-to-sign-in"
        return "no-token-shown" if self._seen.has_socket_without_token else None

    def _is_wanted(self, token: Token) -> bool:
        return self._account == "any" or token.account_type in (None, self._account)

    def _other_account(self) -> AccountType | None:
        """Whose sign-in it is, where no token is of the account that is wanted."""
        if self._account == "any":
            return None
        if self._seen.tokens:
            return next(token.account_type for token in self._seen.tokens.values())
        others: Mapping[frozenset[str], AccountType] = {WORK_PAGES: "work", PERSONAL_PAGES: "personal"}
        for pages, whose in others.items():
            if whose != self._account and self._seen.jars.keys() and self._seen.jars.keys() <= pages:
                return whose
        return None

    def _jar_for(self, token: Token | None) -> CookieJar:
        """
        The cookies that go with a token: those of the host it was shown to, or of the pages of its chat.

        Without a token, those of the classic chat, which alone can be used so.
        """
        jars = self._seen.jars
        if token is not None and token.host in jars:
            return jars[token.host]
        pages = CLASSIC_HOSTS | {self._host}
        if token is not None and token.generation == "chathub":
            pages = WORK_PAGES if token.account_type == "work" else PERSONAL_PAGES
        own = [jar for host, jar in jars.items() if host in pages]
        return max(own, key=lambda jar: jar.shown_at, default=CookieJar(self._host))

    def _worth(self, token: Token) -> tuple[bool, bool, tuple[int, float]]:
        """
        The order in which tokens are preferred.

        Choice: a fresh one; of two, that of the classic chat, which is the one this version speaks.
        """
        return self._is_fresh(token), token.generation == "classic", token.rank

    def _not_in_future(self, at: float) -> float | None:
        """Choice: a moment that lies ahead was told by a wrong clock, and is now."""
        if at == NEVER:
            return None
        return at if self._now is None else min(at, self._now)

    def _age(self, token: Token) -> float | None:
        at = self._not_in_future(token.at)
        return self._now - at if self._now is not None and at is not None else None

    def _expires_at(self, token: Token) -> float | None:
        granted = self._seen.granted.get(token.secret)
        if granted is not None and granted.expires_at is not None:
            return granted.expires_at
        at = self._not_in_future(token.at)
        return at + token.life() if at is not None else None

    def _is_fresh(self, token: Token) -> bool:
        expires_at = self._expires_at(token)
        return self._now is None or expires_at is None or self._now < expires_at


def _printable(name: str) -> str:
    return "".join(letter for letter in name if letter.isprintable())[:MAX_EXPORTER_CHARS]


def _missing(credential: Credential, site: str) -> Sequence[str]:
    is_chathub = credential.generation == "chathub"
    socket = credential.socket or ChatSocket()
    phrases = {
        "a chat token": credential.token is None,
        f"cookies of {site}": not credential.cookies,
        "the time of recording": credential.obtained_at is None,
        "the ids of account and tenant": is_chathub and not (socket.object_id and socket.tenant_id),
        "the options that the page sends (this exporter writes no WebSocket frames)": is_chathub
        and not socket.options_sets,
    }
    return [phrase for phrase, is_missing in phrases.items() if is_missing]
