"""
Whether what a recording holds is a sign-in: the named errors of the HAR page, section 5, in its order.

The first that stops is reported; what else was noticed goes with it as remarks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from jumpseat.recordings.problems import BadRecording, Remark
from jumpseat.recordings.sites import COPILOT, GITHUB, MICROSOFT, MICROSOFT_HOSTS, SOCKETS, Place
from jumpseat.recordings.tokens import AccountType, Token

SESSION = "user_session"
"""The cookie that makes a sign-in at GitHub."""

SAFARI = "WebKit Web Inspector"
MAX_HOSTS_SHOWN = 10

_PLAIN_HOST = re.compile(r"[a-z0-9._:-]{1,253}")
_MICROSOFT_LOGIN = "jumpseat login microsoft --har FILE"
_GITHUB_LOGIN = "jumpseat login github-web --har FILE"
_COMPLETE = (
    "In Chrome or Edge: DevTools, Settings, Preferences, Network, switch on 'Allow to generate HAR (with "
    "sensitive data)', then export '(with sensitive data)'"
)

SignedOut = Literal["anonymous-cookie", "sent-to-sign-in", "no-token-shown"]
"""By what a recording without a chat token shows that nobody is signed in."""


class Evidence(Struct, frozen=True, kw_only=True):
    """What was gathered from all entries."""

    host: str
    """Whose sign-in is wanted."""
    hosts: frozenset[str] = frozenset()
    """The hosts seen, not all of them where they are many."""
    places: frozenset[Place] = frozenset()
    exporter: str = ""
    is_sanitized: bool = False
    token_was_taken_out: bool = False
    is_refused_region: bool = False
    was_refused_region: bool = False
    is_challenged: bool = False
    was_challenged: bool = False
    signed_out: SignedOut | None = None
    token: Token | None = None
    """The one that is taken."""
    has_both_chats: bool = False
    other_account: AccountType | None = None
    """Whose sign-in it is, where it is the sort of account that was not asked for."""
    other_audience: str | None = None
    """Whom a token is for that is not for the chat."""
    has_notifications: bool = False
    """Whether there is a token of Web PubSub, which is not for the chat either."""
    cookie_names: frozenset[str] = frozenset()
    session_ended: bool = False
    """Whether GitHub's session cookie is there, but has ended."""
    age: float | None = None
    """Of the token, in seconds."""
    has_expired: bool = False
    allow_anonymous: bool = False

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody is signed in, which will do."""
        return self.allow_anonymous and self.signed_out is not None

    @property
    def login(self) -> str:
        """The command to type once there is a better recording, as it stands in a message."""
        return _quoted(_GITHUB_LOGIN if self.host == GITHUB else _MICROSOFT_LOGIN)

    @property
    def site(self) -> str:
        """Where to record."""
        return MICROSOFT if self.host in MICROSOFT_HOSTS else self.host


def _quoted(command: str) -> str:
    """So that a terminal does not break it."""
    return f"`{command}`"


Problem = BadRecording | Remark
Check = Callable[[Evidence], Problem | None]


def judge(evidence: Evidence) -> tuple[Remark, ...]:
    """What is worth saying. Raises the first `BadRecording`, with all else as its remarks."""
    checks = _GITHUB_CHECKS if evidence.host == GITHUB else _MICROSOFT_CHECKS
    found = [problem for check in checks if (problem := check(evidence)) is not None]
    first = next((problem for problem in found if isinstance(problem, BadRecording)), None)
    others = tuple(_remark(problem) for problem in found if problem is not first)
    if first is not None and first.reason in _OF_OTHER_SITES:
        raise first
    if first is not None:
        raise BadRecording(first.reason, first.message, others)
    return others


def _remark(problem: Problem) -> Remark:
    # What to do says the one that stops: here it would be a second advice.
    if isinstance(problem, BadRecording):
        return Remark(problem.reason, problem.message.partition(". ")[0])
    return problem


_OF_OTHER_SITES = frozenset({"NoCopilotTraffic", "WrongCopilot"})
"""What else such a recording holds, or lacks, does not matter."""


def _record_anew(evidence: Evidence) -> str:
    return (
        f"Open the developer tools first, then reload https://{evidence.site}, send one message, export as "
        f"HAR from the Network tab, and run: {evidence.login}"
    )


def _traffic(evidence: Evidence) -> Problem | None:
    places = evidence.places
    wanted = {"github"} if evidence.host == GITHUB else COPILOT
    if places & wanted:
        return None
    if evidence.host == GITHUB and places & COPILOT:
        return BadRecording(
            "WrongCopilot",
            "the recording holds Microsoft Copilot, and nothing of github.com. For Microsoft Copilot run: "
            f"{_quoted(_MICROSOFT_LOGIN)}",
        )
    if "github" in places:
        return BadRecording(
            "WrongCopilot",
            "the recording holds GitHub Copilot, not Microsoft Copilot. For GitHub's run: "
            f"{_quoted(_GITHUB_LOGIN)}",
        )
    if "studio" in places:
        return BadRecording(
            "WrongCopilot",
            f"the recording holds Copilot Studio, which is not spoken here. {_record_anew(evidence)}",
        )
    shown = ", ".join(_plain_hosts(evidence.hosts)) or "none"
    return BadRecording(
        "NoCopilotTraffic",
        f"the recording holds no traffic of {evidence.site}; the hosts in it are: {shown}. "
        f"{_record_anew(evidence)}",
    )


def _plain_hosts(hosts: frozenset[str]) -> Sequence[str]:
    """The first hosts by name, without those that a terminal might obey."""
    return sorted(host for host in hosts if _PLAIN_HOST.fullmatch(host))[:MAX_HOSTS_SHOWN]


def _other_account(evidence: Evidence) -> Problem | None:
    if evidence.other_account is None:
        return None
    whose, wanted = "a work or school account", "personal account"
    if evidence.other_account == "personal":
        whose, wanted = "a personal account", "work or school account"
    return BadRecording(
        "WrongCopilot",
        f"the recording holds the sign-in of {whose}. Sign in in the browser with your {wanted}, record "
        f"again, and run: {evidence.login}",
    )


def _region(evidence: Evidence) -> Problem | None:
    what = "Copilot is not offered where this was recorded"
    if evidence.is_refused_region:
        return BadRecording(
            "RegionNotServed",
            f"{what}, or not to whom nobody knows. Where it is offered, sign in, record again, and run: "
            f"{evidence.login}",
        )
    if evidence.was_refused_region:
        return Remark("RegionNotServed", f"{what}, or was not at first: a later turn succeeded")
    return None


def _challenge(evidence: Evidence) -> Problem | None:
    if evidence.is_challenged:
        return BadRecording(
            "ChallengeSeen",
            "the recording ends with a human check. Finish the check in the browser, send an ordinary "
            f"message, record again, and run: {evidence.login}",
        )
    if evidence.was_challenged:
        return Remark("ChallengeSeen", "the recording holds a human check; a later turn succeeded")
    return None


def _signed_out(evidence: Evidence) -> Problem | None:
    if evidence.signed_out is None:
        return None
    what = f"nobody is signed in in this recording: {_SIGNED_OUT[evidence.signed_out]}"
    if evidence.allow_anonymous:
        return Remark("SignedOut", f"{what}. It is taken without an account")
    return BadRecording(
        "SignedOut",
        f"{what}. Sign in in the browser, then record again, and run: {evidence.login} (to go on without an "
        f"account: {_quoted(_MICROSOFT_LOGIN + ' --anonymous')})",
    )


_SIGNED_OUT: Mapping[SignedOut, str] = {
    "anonymous-cookie": "it has only the cookie of an anonymous visitor",
    "sent-to-sign-in": "the page sent the browser to sign in",
    "no-token-shown": "the chat was opened without a token",
}


def _sanitized(evidence: Evidence) -> Problem | None:
    if evidence.token is None and not evidence.is_anonymous:
        what = "the recording is sanitized: cookies and headers were taken out, and no token is left"
        if evidence.token_was_taken_out:
            what = "a tool took the token out of the recording: something else stands in its place"
        elif not evidence.is_sanitized:
            return None
        return BadRecording(
            "SanitizedHar",
            f"{what}. {_COMPLETE}; or send one message while recording, for the chat socket's address keeps "
            f"its token. Then run: {evidence.login}",
        )
    if not evidence.is_sanitized:
        return None
    if evidence.token is None:
        return Remark("SanitizedHar", "the recording is sanitized: cookies were taken out")
    return Remark(
        "SanitizedHar",
        "the recording is sanitized: token found in the socket URL, continuing without cookies. A sanitized "
        "HAR still holds the chat token: do not share it",
    )


def _no_socket(evidence: Evidence) -> Problem | None:
    has_pages = bool(evidence.places & COPILOT) and not evidence.places & SOCKETS
    if not has_pages or evidence.token is not None or evidence.is_anonymous:
        return None
    if evidence.other_audience is not None:
        return None  # There is a Bearer, and a better word for it.
    safari = "" if evidence.exporter not in ("", SAFARI) else _SAFARI_TOO
    return BadRecording(
        "NoChatSocket",
        "the recording holds pages of Copilot, but no chat socket and no token. "
        f"{_record_anew(evidence)}{safari}",
    )


_SAFARI_TOO = ". In Safari finish the chat or reload before exporting: a socket that is open is left out"


def _audience(evidence: Evidence) -> Problem | None:
    if evidence.token is not None:
        return None
    if evidence.other_audience is not None and not evidence.is_anonymous:
        return BadRecording(
            "WrongAudience",
            f"the recording holds a token for {evidence.other_audience}, and none for the chat. Send one "
            f"message while recording, export again, and run: {evidence.login}",
        )
    if evidence.has_notifications:
        return Remark(
            "WrongAudience", "the token of Web PubSub in the recording is for notifications, not for the chat"
        )
    return None


def _age(evidence: Evidence) -> Problem | None:
    if evidence.token is None or not evidence.has_expired:
        return None
    old = f"it is {_duration(evidence.age)} old and" if evidence.age is not None else "it"
    return Remark(
        "TokenExpired",
        f"the token has probably expired: {old} lives about {_duration(evidence.token.life())}. Record again "
        f"if the next call fails, and run: {evidence.login}",
    )


def _duration(seconds: float) -> str:
    for size, unit in ((86400, "days"), (3600, "hours")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 60:.0f} minutes"


def _chats(evidence: Evidence) -> Problem | None:
    if evidence.token is None:
        return None
    if evidence.token.generation == "chathub":
        return Remark(
            "NewerChat",
            "the token is for Copilot's newer chat (chathub), which this version keeps but cannot speak yet",
        )
    if evidence.has_both_chats:
        return Remark(
            "BothChats",
            "the recording holds tokens of both chats of Copilot: that of the classic one was taken, which "
            "this version speaks",
        )
    return None


def _github_session(evidence: Evidence) -> Problem | None:
    if "github" not in evidence.places or SESSION in evidence.cookie_names or evidence.is_sanitized:
        return None
    what = f"no cookie {SESSION}" if not evidence.session_ended else f"its cookie {SESSION} has ended"
    return BadRecording(
        "SignedOut",
        f"nobody is signed in at {GITHUB} in this recording ({what}). Sign in in the browser, record again, "
        f"and run: {evidence.login}",
    )


def _github_sanitized(evidence: Evidence) -> Problem | None:
    if not evidence.is_sanitized:
        return None
    return BadRecording(
        "SanitizedHar",
        f"the recording is sanitized: it holds no cookies of {GITHUB}. {_COMPLETE}, and run: "
        f"{evidence.login}",
    )


# Traffic, state, credential, age (HAR page, section 5); the file itself was looked at before.
_MICROSOFT_CHECKS: tuple[Check, ...] = (
    _traffic,
    _other_account,
    _region,
    _challenge,
    _signed_out,
    _sanitized,
    _no_socket,
    _audience,
    _age,
    _chats,
)
_GITHUB_CHECKS: tuple[Check, ...] = (_traffic, _github_session, _github_sanitized)
