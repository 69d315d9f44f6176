"""What the entries of a recording show, gathered one at a time; little of it is kept."""

from __future__ import annotations

import re
from collections.abc import Callable

from jumpseat.model.credentials import Generation, Secret
from jumpseat.recordings.cookie_jar import CookieJar
from jumpseat.recordings.entries import NEVER, Entry
from jumpseat.recordings.frames import Signs, signs_in
from jumpseat.recordings.sites import GITHUB, SIGN_IN_HOSTS, Place, sites_for
from jumpseat.recordings.tokens import (
    AccountType,
    Granted,
    Token,
    bearer_of,
    bearer_token,
    better,
    chathub_token,
    classic_socket_token,
    granted_tokens,
    identity_type_of,
    is_taken_out,
    token_of,
)

MAX_HOSTS = 100
"""As many are kept for the error that lists them."""
MAX_GRANTED = 1000
"""Choice: as many tokens of the sign-in service are remembered; a page asks for some ten."""

_AUDIENCE = re.compile(r"[A-Za-z0-9.:/_-]{1,100}")
_HUMAN_CHECK = re.compile("verify you(?: are|'re) human|verification required", re.IGNORECASE)
# Choice: a page may hold these words among those it never shows; one that asks is small, or refused.
_MAX_CHECK_CHARS = 64 * 1024


class Gathering:
    """Everything about one recording that matters for `host`, as `HarReading` has it."""

    def __init__(self, host: str, *, read_token_responses: bool = False) -> None:
        self.hosts: set[str] = set()
        """The hosts seen, `MAX_HOSTS` of them at most."""
        self.places: set[Place] = set()
        self.is_bare = True
        """Whether nothing that sanitizing takes out was in any entry."""
        self.jars: dict[str, CookieJar] = {}
        """Cookies, by the host they were shown to or set by."""
        self.signs = Signs()
        self.tokens: dict[tuple[Generation, AccountType | None], Token] = {}
        """The best token of each generation and sort of account."""
        self.granted: dict[Secret, Granted] = {}
        self.other_audience: str | None = None
        self.has_notifications = False
        self.has_socket_without_token = False
        self.token_was_taken_out = False
        self._identity: tuple[float, str] = (NEVER, "")
        self._sites = sites_for(host)
        self._readers: dict[Place, Callable[[Entry], None]] = {
            "classic-call": self._classic_call,
            "classic-socket": self._classic_socket,
            "classic-page": self._page,
            "chathub-page": self._page,
            "chathub-socket": self._chathub_socket,
            "other-api": self._other_api,
            "notifications": self._notifications,
        }
        if host == GITHUB:
            self._readers = {"github": self._github}
        elif read_token_responses:
            self._readers["sign-in"] = self._sign_in

    @property
    def identity_type(self) -> str | None:
        """The newest that the classic chat was told."""
        return self._identity[1] or None

    def add(self, entry: Entry) -> None:
        """Take an entry; most are dropped after a look at the host."""
        if self.is_bare:
            self.is_bare = entry.is_bare
        address = entry.address
        if len(self.hosts) < MAX_HOSTS:
            self.hosts.add(address.host)
        place = self._sites.place_of(address)
        if place is None:
            return
        self.places.add(place)
        if place in self._readers:
            self._readers[place](entry)

    def _classic_call(self, entry: Entry) -> None:
        self._page(entry)
        self._identify(entry)
        if (token := bearer_token(entry)) is not None:
            self._keep(token)

    def _classic_socket(self, entry: Entry) -> None:
        self._classic_call(entry)
        self._socket(entry, classic_socket_token(entry), "accessToken")

    def _chathub_socket(self, entry: Entry) -> None:
        self._socket(entry, chathub_token(entry), "access_token")

    def _socket(self, entry: Entry, token: Token | None, parameter: str) -> None:
        self._region(entry)
        if token is not None:
            self._keep(token)
        elif is_taken_out(entry.parameter(parameter)):
            self.token_was_taken_out = True
        else:
            self.has_socket_without_token = True
        for frame in entry.frames():
            for sign in signs_in(frame, is_chathub=parameter == "access_token"):
                self.signs.note(sign, frame.at)
        if entry.status == 101 and not entry.has_frames:
            self.signs.note("opened", entry.at)

    def _page(self, entry: Entry) -> None:
        self._jar(entry.address.host).add(entry)
        self._region(entry)
        target = entry.redirected_to()
        if target is not None and target.host in SIGN_IN_HOSTS:
            self.signs.note("sent-to-sign-in", entry.at)
        if _asks_for_human(entry):
            self.signs.note("human-check", entry.at)
        elif 200 <= entry.status < 300:
            self.signs.note("page", entry.at)

    def _region(self, entry: Entry) -> None:
        if entry.status == 451:
            self.signs.note("not-served", entry.at)

    def _identify(self, entry: Entry) -> None:
        named = entry.parameter("X-UserIdentityType") or entry.header("x-useridentitytype")
        if identity_type_of(named):
            self._identity = max((entry.at, named), self._identity)

    def _sign_in(self, entry: Entry) -> None:
        for granted in granted_tokens(entry) if len(self.granted) < MAX_GRANTED else ():
            self.granted[granted.secret] = granted
            if granted.generation is not None:
                self._keep(token_of(granted, granted.generation, entry))
            else:
                scope = granted.scope.split()[:1]
                self.other_audience = (
                    scope[0] if scope and _AUDIENCE.fullmatch(scope[0]) else "another service"
                )

    def _other_api(self, entry: Entry) -> None:
        if bearer_of(entry):
            self.other_audience = self.other_audience or entry.address.host

    def _notifications(self, entry: Entry) -> None:
        self.has_notifications = self.has_notifications or bool(entry.parameter("access_token"))

    def _github(self, entry: Entry) -> None:
        self._jar(GITHUB).add(entry)

    def _jar(self, host: str) -> CookieJar:
        return self.jars.setdefault(host, CookieJar(host))

    def _keep(self, token: Token) -> None:
        key = (token.generation, token.account_type)
        known = self.tokens.get(key)
        self.tokens[key] = better(token, known) if known is not None else token


def _asks_for_human(entry: Entry) -> bool:
    """Whether the answer is a page that asks to prove that a person is there (classic page, section 14)."""
    if entry.answer_header("cf-mitigated").lower() == "challenge":
        return True
    text = entry.body("html")
    return (entry.status >= 400 or len(text) <= _MAX_CHECK_CHARS) and _HUMAN_CHECK.search(text) is not None
