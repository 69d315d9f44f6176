"""
GitHub's device flow (RFC 8628): the calls to make, their answers read, and when to ask again.

The facts are those of the API page, section 2. Nothing here waits or knows the time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from msgspec import Struct

from jumpseat._version import __version__
from jumpseat.github.hosts import GITHUB, Site
from jumpseat.github.reading import object_in, tidy
from jumpseat.github.signin_ends import expired, raise_known_end, refusal
from jumpseat.github.statuses import is_html
from jumpseat.model.credentials import Credential, Secret
from jumpseat.model.errors import InvalidRequest, JumpseatError, RateLimited, UpstreamBroke
from jumpseat.settings import LOOPBACK
from jumpseat.transport.wire import Response

SCOPE = "read:user"
"""The smallest one: a wider one locked people out through their organisation's restrictions."""

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"

USUAL_LIFE = 900.0
"""Seconds that a code lives where the answer does not say."""

USUAL_INTERVAL = 5.0
"""Seconds between two polls where the answer does not say (RFC 8628, section 3.2)."""

SLOWER_BY = 5.0
"""Seconds that `slow_down` adds where it names no new interval (RFC 8628, section 3.5)."""

# Choice: bounds for what a server says, in seconds. No real one is near them.
MAX_LIFE = 3600.0
MIN_INTERVAL = 0.02
MAX_INTERVAL = 120.0
MAX_PAUSE = 60.0
"""The longest pause that trouble on the way leads to."""

_HEADERS = {
    # Without it GitHub answers as a form.
    "Accept": "application/json",
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": f"jumpseat/{__version__}",
}
_CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{4,80}")
_CLIENT_SECRET = re.compile(r"[0-9a-f]{40}")
_USER_CODE = re.compile(r"[A-Za-z0-9-]{4,32}")

OWNERS: Mapping[str, str] = {
    "Iv1.b507a08c87ecfe98": "GitHub's Copilot plug-in for editors",
    "01ab8ac9400c4e429b23": "Visual Studio Code",
    "178c6fc778ccc68e1d6a": "GitHub's command line gh",
    "Ov23ctDVkRmgkPke0Mmm": "GitHub's Copilot CLI",
    "Ov23li8tweQw6odWQebz": "opencode",
}
"""Client ids seen in public, to recognise them: none is ours, and none is ever a default."""


class FormCall(Struct, frozen=True, kw_only=True):
    """A POST of a form, but for its secret: who sends a poll adds `device_code` in that line."""

    url: str
    headers: Mapping[str, str]
    form: Mapping[str, str]


class Prompt(Struct, frozen=True, kw_only=True):
    """What the person is shown: where to go, what to enter there, and how many seconds there are for it."""

    user_code: str
    verification_uri: str
    expires_in: float


class DeviceCode(Struct, frozen=True, kw_only=True):
    """A sign-in that has begun; lives and intervals in seconds."""

    device_code: Secret
    user_code: str
    verification_uri: str
    expires_in: float
    interval: float

    @property
    def prompt(self) -> Prompt:
        return Prompt(
            user_code=self.user_code, verification_uri=self.verification_uri, expires_in=self.expires_in
        )


class Granted(Struct, frozen=True, kw_only=True):
    """The end of a sign-in that went well."""

    credential: Credential
    unasked: tuple[str, ...] = ()
    """Scopes that were granted and never asked for."""


def checked_client_id(text: str) -> str:
    """`text` if it can be a client id, else `InvalidRequest`. What looks like a secret is not repeated."""
    client_id = text.strip()
    if _CLIENT_SECRET.fullmatch(client_id):
        raise InvalidRequest(
            "this looks like the client secret of an OAuth app. The device flow needs none: give the client "
            "id, which stands above it and looks like Ov23li…",
            param="client_id",
        )
    if not _CLIENT_ID.fullmatch(client_id):
        raise InvalidRequest(
            "this is no client id of an OAuth app: one has about 20 letters and digits, like Ov23li…",
            param="client_id",
        )
    return client_id


def warning_about(client_id: str) -> str | None:
    """What to tell somebody who signs in as another program; None for an id nobody else is known to own."""
    owner = OWNERS.get(client_id.strip())
    if owner is None:
        return None
    return (
        f"this client id belongs to {owner}, not to you: GitHub will say that you let that program in, and "
        "may take such borrowing for abuse. Register an OAuth app of your own at "
        "https://github.com/settings/developers."
    )


def start_call(site: Site, client_id: str) -> FormCall:
    """Ask for a code. Raises `InvalidRequest` for a client id that is none."""
    form = {"client_id": checked_client_id(client_id), "scope": SCOPE}
    return FormCall(url=f"{site.web}/login/device/code", headers=_HEADERS, form=form)


def poll_call(site: Site, client_id: str) -> FormCall:
    """Ask whether the person has approved; the sender adds the `device_code`."""
    form = {"client_id": checked_client_id(client_id), "grant_type": GRANT_TYPE}
    return FormCall(url=f"{site.web}/login/oauth/access_token", headers=_HEADERS, form=form)


def read_start(answer: Response, site: Site, *, at: float) -> DeviceCode:
    """
    The code of an answer to `start_call`, which came at `at` (seconds since 1970).

    Raises `SignInFailed`, `RateLimited` or `UpstreamBroke`, by what the answer is instead.
    """
    fields = object_in(answer.body)
    raise_known_end(fields, site)
    if answer.status not in {200, 201} or is_html(answer) or fields.get("error"):
        raise refusal(answer, site, at=at)
    device_code, user_code = fields.get("device_code"), fields.get("user_code")
    if not _is_token(device_code) or not isinstance(user_code, str) or not _USER_CODE.fullmatch(user_code):
        raise UpstreamBroke(
            f"{site.host} began the sign-in without a code that could be entered. Try again; if it stays so, "
            "GitHub has changed its device flow and jumpseat needs an update."
        )
    return DeviceCode(
        device_code=Secret(device_code),
        user_code=user_code,
        verification_uri=_own_page(fields.get("verification_uri"), site),
        expires_in=min(_seconds(fields.get("expires_in")) or USUAL_LIFE, MAX_LIFE),
        interval=_interval(_seconds(fields.get("interval")) or USUAL_INTERVAL),
    )


class DeviceFlow:
    """
    One sign-in from the code to the token: says how long to wait, and takes each answer.

    `clock` values are seconds of any clock that never goes back; `at` is in seconds since 1970.
    """

    def __init__(self, code: DeviceCode, site: Site, client_id: str, *, clock: float) -> None:
        self._site = site
        self._client_id = client_id
        self._ends_at = clock + code.expires_in
        self._interval = code.interval
        self._least_pause = 0.0
        self._troubles = 0
        self.trouble = ""
        """What went wrong with the last poll; "" when it was answered."""

    def pause(self, clock: float) -> float:
        """
        Seconds to wait before the next poll.

        Raises `SignInFailed` when the code ends before another poll is allowed.
        """
        left = self._ends_at - clock
        if left < self._interval:
            raise expired(self._site, f" The last try failed: {self.trouble}" if self.trouble else "")
        # RFC 8628, section 3.5: trouble on the way doubles the pause.
        pause = max(min(self._interval * 2.0**self._troubles, MAX_PAUSE), self._interval, self._least_pause)
        return min(pause, left)

    def receive(self, answer: Response, *, at: float) -> Granted | None:
        """
        Take the answer to a poll: the grant, or None to go on.

        Raises `SignInFailed` for an answer after which no other comes.
        """
        fields = object_in(answer.body)
        match fields.get("error"):
            case "authorization_pending":
                self._answered()
                return None
            case "slow_down":
                self._answered()
                told = _seconds(fields.get("interval")) or 0.0
                slower = told if told > self._interval else self._interval + SLOWER_BY
                self._interval = _interval(slower)
                return None
        raise_known_end(fields, self._site)
        token = fields.get("access_token")
        if answer.status in {200, 201} and _is_token(token):
            return self._granted(Secret(token), fields, at)
        error = refusal(answer, self._site, at=at)
        if answer.status == 429 or answer.status >= 500 or (answer.status < 400 and not fields.get("error")):
            self.stumble(error)
            return None
        raise error

    def stumble(self, error: JumpseatError) -> None:
        """Take it that a poll was not answered: that is borne until the code ends."""
        # Bounded, for the pause is: an afternoon without a network is no reason to count further.
        self._troubles = min(self._troubles + 1, 16)
        self._least_pause = (error.retry_after or 0.0) if isinstance(error, RateLimited) else 0.0
        self.trouble = tidy(error.message)

    def _answered(self) -> None:
        self._troubles, self._least_pause, self.trouble = 0, 0.0, ""

    def _granted(self, token: Secret, fields: Mapping[str, Any], at: float) -> Granted:
        life, refresh = _seconds(fields.get("expires_in")), fields.get("refresh_token")
        credential = Credential(
            token=token,
            host=self._site.host,
            client_id=self._client_id,
            obtained_at=at,
            expires_at=at + life if life else None,
            refresh_token=Secret(refresh) if _is_token(refresh) else None,
        )
        return Granted(credential=credential, unasked=_unasked(fields.get("scope")))


def _unasked(granted: object) -> tuple[str, ...]:
    """The scopes beyond the one asked for; GitHub parts them by commas, the standard by blanks."""
    words = re.split(r"[\s,]+", granted) if isinstance(granted, str) else ()
    return tuple(tidy(word) for word in words if word not in {"", SCOPE})


def _own_page(told: object, site: Site) -> str:
    """
    The page to send the person to: the told one if it is GitHub's own, else the one GitHub documents.

    Nobody is sent to another host with a code in hand, whatever an answer says.
    """
    usual = f"{site.web}/login/device"
    if not isinstance(told, str) or len(told) > 200 or not told.isascii() or not told.isprintable():
        return usual
    try:
        parts = urlsplit(told)
        port, own = parts.port, urlsplit(site.web)
    except ValueError:
        return usual
    if " " in told or "@" in parts.netloc:
        return usual
    if own.hostname in LOOPBACK:
        is_own = parts.hostname in LOOPBACK and port == own.port and parts.scheme == own.scheme
    else:
        is_own = parts.hostname in {GITHUB, site.host} and port is None and parts.scheme == "https"
    return told if is_own else usual


def _is_token(value: object) -> TypeGuard[str]:
    if not isinstance(value, str) or not 0 < len(value) <= 4096:
        return False
    return value.isascii() and value.isprintable() and " " not in value


def _seconds(told: object) -> float | None:
    """A number of seconds above 0, also one written as text; None for anything else."""
    if isinstance(told, str) and told.isascii() and told.isdigit() and len(told) < 10:
        told = int(told)
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    return float(told) if 0 < told < math.inf else None


def _interval(seconds: float) -> float:
    return min(max(seconds, MIN_INTERVAL), MAX_INTERVAL)
