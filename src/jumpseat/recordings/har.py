"""Credentials from a browser's recording (HAR): token and cookies of one site, or why there are none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from jumpseat.model.credentials import Credential, Secret
from jumpseat.recordings.entries import EARLIEST, Entry, read_entry
from jumpseat.recordings.problems import BadRecording, Remark

GITHUB = "github.com"
MICROSOFT = "copilot.microsoft.com"

_SOCKET = frozenset({"wss", "ws", "https", "http"})
_WEB = frozenset({"https", "http"})
_CHAT = "/c/api/chat"
_API = "/c/api"
_SIGN_IN_HOSTS = frozenset({"login.microsoftonline.com", "login.live.com", "account.live.com"})
_CHATHUB_HOSTS = frozenset(
    {
        "copilot.com",
        "www.copilot.com",
        "m365.cloud.microsoft",
        "copilot.cloud.microsoft",
        "substrate.office.com",
        "substrate.svc.cloud.microsoft",
    }
)
_WORK_HOSTS = frozenset({"copilotstudio.microsoft.com", "copilotstudio.preview.microsoft.com"})
_ANONYMOUS = "__Host-copilot-anon"
_TELLING = re.compile(r'"event"\s*:\s*"(challenge|done)"|"errorCode"\s*:\s*"(chat-service-unavailable)"')

_RECORD_ANEW = "Open the developer tools first, then reload the page, send one message, and export again"
_COMPLETE = (
    "In Chrome or Edge: DevTools, Settings, Preferences, Network, switch on 'Allow to generate HAR (with "
    "sensitive data)', then export '(with sensitive data)'"
)


class Recording(Struct, frozen=True, kw_only=True):
    """What a recording holds for one site."""

    credential: Credential
    recorded_at: float | None = None
    """When the token was seen, or else the cookies; seconds since 1970."""
    exporter: str = ""
    """The name of the program that wrote the file, fit for a terminal."""
    is_sanitized: bool = False
    """Whether the exporter took cookies and headers out. It leaves the chat token in."""
    account_type: Literal["personal", "work"] | None = None
    remarks: tuple[Remark, ...] = ()
    """What is worth saying, and stops nothing."""
    missing: tuple[str, ...] = ()
    """What could not be found, in plain phrases."""


class HarReading:
    """
    What the entries of one recording mean for `host`: feed them all, then ask for the result.

    `host` is `github.com` for the cookies of GitHub; one of Microsoft's (`copilot.microsoft.com`) for a Microsoft
    Copilot of either generation; any other for itself alone, spoken to as the classic Microsoft Copilot is.
    `account` says whose sign-in is wanted; `now` (seconds since 1970) is what ages are told by.
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
        self._host = host
        self._raws: list[bytes] = []
        del allow_anonymous, account, read_token_responses, now

    def feed(self, raw: bytes) -> None:
        """Take the next entry as JSON. One of odd types is passed over."""
        self._raws.append(raw)

    def result(self, creator: str) -> Recording:
        """What was found; `creator` is the exporter's name. Raises `BadRecording`."""
        entries = b",".join(self._raws)
        creator_json = msgspec.json.encode({"name": creator})
        return read_har(b'{"log":{"entries":[%b],"creator":%b}}' % (entries, creator_json), self._host)


class _Log(Struct):
    entries: list[msgspec.Raw]
    creator: msgspec.Raw = msgspec.Raw(b"null")


def read_har(data: bytes, host: str) -> Recording:
    """
    What the recording `data` (JSON, perhaps with a byte order mark) holds for `host`.

    `host` is `github.com` for the cookies of GitHub, else that of a Microsoft Copilot: its chat token and
    cookies. Raises `BadRecording`.
    """
    creator, entries = _read_log(data)
    entries.sort(key=lambda entry: entry.started_at)
    if host == GITHUB:
        return _github(entries)
    own = [entry for entry in entries if entry.host == host]
    hosts = {host, "copilot.com"} if host == MICROSOFT else {host}
    _check_traffic(entries, own, hosts)
    chats = [entry for entry in entries if entry.host in hosts and entry.is_under(_SOCKET, _CHAT)]
    calls = [entry for entry in entries if entry.host in hosts and entry.is_under(_WEB, _API)]
    _check_frames(chats)
    if any(entry.status == 451 for entry in calls):
        raise _not_served()
    cookies = _cookies_of(own)
    is_sanitized = creator == "WebInspector" and not any(
        entry.header("authorization") or next(entry.cookies(), None) for entry in entries
    )
    found = _token(chats, calls)
    if found is None:
        raise _no_token(own, chats, cookies, is_sanitized=is_sanitized)
    token, entry = found
    remark = "the recording is sanitized: token found in the socket's address, continuing without cookies"
    return Recording(
        credential=Credential(
            token=Secret(token), cookies=cookies, identity_type=_identity_type(entry, chats)
        ),
        recorded_at=None if entry.started_at == EARLIEST else entry.started_at.timestamp(),
        remarks=(Remark("SanitizedHar", remark),) if is_sanitized else (),
        is_sanitized=is_sanitized,
    )


def _read_log(data: bytes) -> tuple[str, list[Entry]]:
    """The exporter's name, and the entries that can be read."""
    try:
        top = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=dict[str, msgspec.Raw])
        log = msgspec.json.decode(top.get("log", msgspec.Raw(b"null")), type=_Log)
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise _not_a_har(data, str(exc)) from exc
    if not log.entries:
        raise BadRecording("EmptyHar", f"the recording is empty. {_RECORD_ANEW}.")
    entries = [entry for raw in log.entries if (entry := read_entry(raw)) is not None]
    return _creator_name(log.creator), entries


def _creator_name(raw: msgspec.Raw) -> str:
    try:
        creator = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    name = creator.get("name") if isinstance(creator, dict) else None
    return name if isinstance(name, str) else ""


def _not_a_har(data: bytes, said: str) -> BadRecording:
    if "truncated" in said:
        return BadRecording(
            "TruncatedHar", f"the recording ends in the middle, at byte {len(data)}. Export it again."
        )
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    looks = {b"[": "a list, like a cookie export", b"{": "JSON of another kind"}.get(start, "no JSON")
    return BadRecording(
        "NotAHar", f"this is no recording; it looks like {looks}. Export from the Network tab as HAR."
    )


def _check_traffic(entries: Sequence[Entry], own: Sequence[Entry], hosts: set[str]) -> None:
    """Raise unless the recording holds traffic of the right Copilot."""
    if own or any(entry.host in hosts and entry.is_under(_SOCKET, _API) for entry in entries):
        return
    seen = {entry.host for entry in entries if entry.host}
    if seen & _CHATHUB_HOSTS:
        raise BadRecording(
            "NoChatSocket",
            "the recording holds Copilot's newer chat (chathub), which this version does not speak. "
            "Record a chat at copilot.microsoft.com, if your account is still served there.",
        )
    github = {name for name in seen if _is_githubs(name)}
    if github:
        raise BadRecording(
            "WrongCopilot",
            "the recording holds GitHub Copilot, not Microsoft Copilot. Give it as JUMPSEAT_GITHUB_COOKIES.",
        )
    if seen & _WORK_HOSTS:
        raise BadRecording(
            "WrongCopilot",
            "the recording holds Copilot Studio. Record a chat at https://copilot.microsoft.com instead.",
        )
    raise _no_traffic(seen, next(iter(hosts & {MICROSOFT}), next(iter(hosts))))


def _is_githubs(name: str) -> bool:
    return name in {GITHUB, "api.github.com"} or name.endswith(".githubcopilot.com")


def _no_traffic(seen: set[str], wanted: str) -> BadRecording:
    shown = ", ".join(sorted(seen)[:10]) or "none"
    return BadRecording(
        "NoCopilotTraffic",
        f"the recording holds no traffic of {wanted}; the hosts in it are: {shown}. {_RECORD_ANEW}.",
    )


def _check_frames(chats: Iterable[Entry]) -> None:
    """Raise if the last thing the chat told is a human check or that it is not offered (by its frames)."""
    last = ""
    for chat in chats:
        for frame in chat.frames_received():
            for match in _TELLING.finditer(frame):
                last = match[1] or match[2]
    if last == "challenge":
        raise BadRecording(
            "ChallengeSeen",
            "the recording ends with a human check. Finish the check in the browser, send an ordinary "
            "message, and record again.",
        )
    if last == "chat-service-unavailable":
        raise _not_served()


def _not_served() -> BadRecording:
    return BadRecording("RegionNotServed", "Copilot is not offered where this was recorded.")


def _cookies_of(own: Iterable[Entry]) -> dict[str, Secret]:
    """The cookies of the site, the newest of each name; blank ones replace nothing."""
    return {name: Secret(value) for entry in own for name, value in entry.cookies()}


def _token(chats: Sequence[Entry], calls: Sequence[Entry]) -> tuple[str, Entry] | None:
    """The newest token of a chat socket's address, else of a call's `Authorization`, and where it was."""
    for chat in reversed(chats):
        if token := chat.parameter("accessToken"):
            return token, chat
    for call in reversed(calls):
        scheme, _, token = call.header("authorization").partition(" ")
        if scheme.lower() == "bearer" and token.strip():
            return token.strip(), call
    return None


def _identity_type(entry: Entry, chats: Sequence[Entry]) -> str | None:
    """How the person signed in, for federated sign-ins; from where the token was, else from any socket."""
    for one in (entry, *reversed(chats)):
        if kind := one.parameter("X-UserIdentityType") or one.header("x-useridentitytype"):
            return kind
    return None


def _no_token(
    own: Sequence[Entry], chats: Sequence[Entry], cookies: dict[str, Secret], *, is_sanitized: bool
) -> BadRecording:
    """Why a recording of the right site holds no token."""
    if _ANONYMOUS in cookies or any(_sends_to_sign_in(entry) for entry in own):
        return BadRecording(
            "SignedOut", "nobody is signed in in this recording. Sign in in the browser, then record again."
        )
    if is_sanitized:
        return BadRecording(
            "SanitizedHar",
            f"the recording is sanitized: cookies and tokens were taken out. {_COMPLETE}.",
        )
    where = "a chat socket without a token" if chats else "pages, but no chat socket"
    return BadRecording(
        "NoChatSocket",
        f"the recording holds {where}. {_RECORD_ANEW}; in Safari finish the chat or reload before exporting.",
    )


def _sends_to_sign_in(entry: Entry) -> bool:
    if not 300 <= entry.status < 400:
        return False
    return any(f"//{host}/" in entry.answer_header("location") + "/" for host in _SIGN_IN_HOSTS)


def _github(entries: Sequence[Entry]) -> Recording:
    own = [entry for entry in entries if entry.host == GITHUB and entry.scheme == "https"]
    if not own:
        raise _no_traffic({entry.host for entry in entries if entry.host}, GITHUB)
    cookies = _cookies_of(own)
    if not cookies:
        raise BadRecording("SanitizedHar", f"the recording holds no cookies of {GITHUB}. {_COMPLETE}.")
    if "user_session" not in cookies:
        raise BadRecording(
            "SignedOut",
            f"nobody is signed in at {GITHUB} in this recording (no cookie user_session). "
            "Sign in in the browser, then record again.",
        )
    return Recording(credential=Credential(cookies=cookies))
