"""
Synthetic recordings: what a browser and a site said to each other, and how each exporter writes that down.

HAR page, sections 1 and 2. Nothing here was recorded; tokens and cookies are made up.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from msgspec import Struct

from jumpseat.recordings import BadRecording, Recording, read_recording
from jumpseat.recordings.sites import MICROSOFT

BEGAN = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
NOW = BEGAN.timestamp() + 20 * 60
"""Twenty minutes after a recording began."""

TOKEN = "EwBw+abc/def=="
CHATHUB_TOKEN = "eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d"
BEARER = "EwBw-from-a-call"
PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
WORK_TENANT = "11111111-2222-3333-4444-555555555555"
OBJECT = "00000000-0000-0000-abcd-000000000001"

CLASSIC_PAGE = "https://copilot.microsoft.com/"
CLASSIC_USER = "https://copilot.microsoft.com/c/api/user"
CLASSIC_SOCKET = (
    "wss://copilot.microsoft.com/c/api/chat?api-version=2&clientSessionId=c-1"
    "&accessToken=EwBw%2Babc%2Fdef%3D%3D"
)
CHATHUB_PAGE = "https://copilot.com/chat"
WORK_PAGE = "https://m365.cloud.microsoft/chat"
NOTIFICATIONS = "wss://x.webpubsub.azure.com/client/hubs/notifications?access_token=pubsub"
GRAPH = "https://graph.microsoft.com/v1.0/me"
TOKEN_ENDPOINT = "https://login.microsoftonline.com/common/oauth2/v2.0/token"
TELEMETRY = "https://browser.events.data.microsoft.com/OneCollector/1.0/"
GITHUB_PAGE = "https://github.com/copilot"

QUESTION = "a very private question"

SECRETS = (TOKEN, "EwBw%2B", CHATHUB_TOKEN, BEARER, QUESTION, "hush", "granted-token")
"""What must show nowhere."""


def chathub_socket(tenant: str = PERSONAL_TENANT, *, token: str = CHATHUB_TOKEN) -> str:
    return (
        f"wss://substrate.office.com/m365Copilot/Chathub/{OBJECT}@{tenant}?chatsessionid=s-1&X-SessionId=x-1"
        f"&variants=feature.a%2Cfeature.b&source=%22officeweb%22&licenseType=Starter&access_token={token}"
    )


def invocation(tone: str = "Magic") -> str:
    """The question as the page of the chathub sends it (chathub page, section 5)."""
    argument = {
        "optionsSets": ["enterprise_flux", "cwc_fileupload"],
        "allowedMessageTypes": ["Chat", "Suggestion"],
        "clientInfo": {"clientPlatform": "mcmcopilot-web", "clientAppName": "Office", "depth": 3},
        "tone": tone,
        "message": {"author": "user", "text": QUESTION},
    }
    return json.dumps({"type": 4, "target": "chat", "invocationId": "0", "arguments": [argument]}) + "\x1e"


def final(value: str) -> str:
    """The last record of a turn of the chathub (chathub page, section 4)."""
    item = {"messages": [{"text": '"event":"challenge"'}], "result": {"value": value, "message": "x"}}
    return json.dumps({"type": 2, "invocationId": "0", "item": item}) + "\x1e" + '{"type":3}\x1e'


class Exchange(Struct, frozen=True, kw_only=True):
    """A request and its answer, as they went over the wire; `at` in minutes since the recording began."""

    url: str
    at: float = 0
    method: str = "GET"
    status: int = 200
    shows: Mapping[str, str] = {}
    """Cookies of the request."""
    headers: Mapping[str, str] = {}
    sets: Sequence[str] = ()
    """`Set-Cookie` lines of the answer."""
    answers: Mapping[str, str] = {}
    """Headers of the answer."""
    mime_type: str = "text/html; charset=utf-8"
    body: str = "<html>"
    is_base64: bool = False
    sent: Sequence[str] = ()
    received: Sequence[str] = ()
    is_open: bool = False
    """Whether the socket was still open when the recording was exported."""

    @property
    def is_socket(self) -> bool:
        return self.url.startswith(("ws://", "wss://"))

    def moment(self, seconds: float = 0) -> str:
        return (BEGAN + timedelta(minutes=self.at, seconds=seconds)).isoformat().replace("+00:00", "Z")


def classic_chat(**more: Any) -> list[Exchange]:
    """A person who is signed in asks something; `more` is of the socket."""
    socket: dict[str, Any] = {"url": CLASSIC_SOCKET, "at": 3, "status": 101}
    socket |= {"shows": {"MUID": "1", "_C_Auth": "good"}}
    socket |= {"sent": ('{"event":"send"}',), "received": ('{"event":"done"}',)} | more
    return [
        Exchange(url=CLASSIC_PAGE, shows={"MUID": "1"}, sets=("_C_Auth=good; Path=/; HttpOnly",)),
        Exchange(url=TELEMETRY, method="POST", shows={"MC1": "tracked"}, mime_type="application/json"),
        Exchange(
            url=CLASSIC_USER, at=1, shows={"MUID": "1", "_C_Auth": "good"}, mime_type="application/json"
        ),
        Exchange(**socket),
    ]


def chathub_chat(tenant: str = PERSONAL_TENANT, **more: Any) -> list[Exchange]:
    """The same at Copilot's newer chat."""
    page = CHATHUB_PAGE if tenant == PERSONAL_TENANT else WORK_PAGE
    socket: dict[str, Any] = {"url": chathub_socket(tenant), "at": 3, "status": 101}
    socket |= {"sent": ('{"protocol":"json"}\x1e', invocation()), "received": (final("Success"),)} | more
    return [Exchange(url=page, shows={"PageAuth": "p"}), Exchange(**socket)]


def anonymous_chat() -> list[Exchange]:
    """Nobody is signed in."""
    cookies = {"__Host-copilot-anon": "a", "MUID": "1"}
    socket = "wss://copilot.microsoft.com/c/api/chat?api-version=2"
    return [
        Exchange(url=CLASSIC_PAGE, shows=cookies),
        Exchange(url=socket, at=2, status=101, shows=cookies, received=('{"event":"done"}',)),
    ]


def grant(token: str, scope: str) -> Exchange:
    """An answer of the sign-in service, with a token that lives for 5000 seconds."""
    body = {"access_token": token, "scope": scope, "expires_in": 5000, "refresh_token": "hush"}
    return Exchange(url=TOKEN_ENDPOINT, at=1, mime_type="application/json", body=json.dumps(body))


def github_visit(**cookies: str) -> list[Exchange]:
    return [Exchange(url=GITHUB_PAGE, shows=cookies or {"user_session": "s", "logged_in": "yes"})]


# --- Exporters ------------------------------------------------------------------------------------------


def pair(name: str, value: Any) -> dict[str, Any]:
    return {"name": name, "value": value}


def pairs(values: Mapping[str, str]) -> list[dict[str, Any]]:
    return [pair(name, value) for name, value in values.items()]


def har(*entries: Any, creator: Any = "Firefox", version: str = "1.2") -> bytes:
    """A recording of these entries, as they are."""
    log = {
        "version": version,
        "creator": {"name": creator, "version": "1"},
        "pages": [],
        "entries": list(entries),
    }
    return json.dumps({"log": log}, ensure_ascii=False).encode()


def _entry(exchange: Exchange, *, url: str | None = None, lower: bool = False) -> dict[str, Any]:
    """What all exporters have in common."""
    url = url or exchange.url
    shown = {"Cookie": "; ".join(f"{name}={value}" for name, value in exchange.shows.items())}
    sent = {"Host": urlsplit(url).netloc, **exchange.headers, **(shown if exchange.shows else {})}
    answered = [*pairs(exchange.answers), *(pair("Set-Cookie", line) for line in exchange.sets)]
    headers = pairs(sent)
    for one in (*headers, *answered) if lower else ():
        one["name"] = one["name"].lower()
    body = base64.b64encode(exchange.body.encode()).decode() if exchange.is_base64 else exchange.body
    content = {"size": len(exchange.body), "mimeType": exchange.mime_type, "text": body}
    return {
        "startedDateTime": exchange.moment(),
        "time": 12.5,
        "request": {
            "method": exchange.method,
            "url": url,
            "httpVersion": "http/2.0",
            "headers": headers,
            "queryString": [pair(name, value) for name, value in parse_qsl(urlsplit(url).query)],
            "cookies": pairs(exchange.shows),
        },
        "response": {
            "status": exchange.status,
            "statusText": "",
            "headers": answered,
            "cookies": [pair(*line.partition(";")[0].split("=", 1)) for line in exchange.sets],
            "content": content | ({"encoding": "base64"} if exchange.is_base64 else {}),
            "redirectURL": exchange.answers.get("Location", ""),
        },
        "cache": {},
        "timings": {"send": 0, "wait": 12, "receive": 0.5},
    }


def entry_of(exchange: Exchange) -> bytes:
    """One entry, as the plainest of exporters writes it."""
    entry = _entry(exchange)
    return json.dumps(
        entry | ({"_webSocketMessages": _frames(exchange)} if exchange.is_socket else {})
    ).encode()


def _frames(exchange: Exchange) -> list[dict[str, Any]]:
    """Sent ones first; the answers a second later."""
    began = (BEGAN + timedelta(minutes=exchange.at)).timestamp()
    frames = [("send", began, text) for text in exchange.sent]
    frames += [("receive", began + 1, text) for text in exchange.received]
    return [{"type": kind, "time": at, "opcode": 1, "data": text} for kind, at, text in frames]


def chrome(exchanges: Sequence[Exchange], *, sanitized: bool = False) -> bytes:
    """Chrome from 130; Brave writes the same. "Export HAR (sanitized)" is what its menu offers first."""
    entries = []
    for exchange in exchanges:
        entry = _entry(exchange, lower=True)
        request, response = entry["request"], entry["response"]
        request["headers"].insert(0, pair(":authority", urlsplit(exchange.url).netloc))
        for cookie in (*request["cookies"], *response["cookies"]):
            cookie |= {
                "path": "/",
                "domain": urlsplit(exchange.url).hostname,
                "expires": None,
                "secure": True,
            }
        if exchange.is_socket:
            entry |= {"_resourceType": "websocket", "_webSocketMessages": _frames(exchange)}
        if sanitized:
            request["cookies"] = response["cookies"] = []
            removed = {"authorization", "cookie", "set-cookie"}
            for message in (request, response):
                message["headers"] = [one for one in message["headers"] if one["name"] not in removed]
        entries.append(entry | {"_initiator": {"type": "other"}, "_priority": "High"})
    return har(*entries, creator="WebInspector")


def edge(exchanges: Sequence[Exchange]) -> bytes:
    """Edge calls itself as Chrome does; here "with sensitive data", and bodies as base64."""
    return chrome([_replace(exchange, is_base64=True) for exchange in exchanges])


def firefox(exchanges: Sequence[Exchange]) -> bytes:
    """Complete, but without frames; several `Set-Cookie` stand in one header."""
    entries = []
    for exchange in exchanges:
        entry = _entry(exchange)
        lines = "\n".join(exchange.sets)
        others = [one for one in entry["response"]["headers"] if one["name"] != "Set-Cookie"]
        entry["response"]["headers"] = [*others, *([pair("Set-Cookie", lines)] if lines else [])]
        entries.append(entry)
    return har(*entries, creator="Firefox", version="1.1")


def safari(exchanges: Sequence[Exchange]) -> bytes:
    """Only what has finished; no frames."""
    return har(*(_entry(one) for one in exchanges if not one.is_open), creator="WebKit Web Inspector")


def mitmproxy(exchanges: Sequence[Exchange]) -> bytes:
    """A proxy: sockets have the address of their handshake, and Chrome's extension for frames."""
    entries = []
    for exchange in exchanges:
        url = exchange.url.replace("ws", "http", 1) if exchange.is_socket else None
        entry = _entry(exchange, url=url)
        if exchange.is_socket:
            entry |= {"_resourceType": "websocket", "_webSocketMessages": _frames(exchange)}
        entries.append(entry)
    return har(*entries, creator="mitmproxy")


def _replace(exchange: Exchange, **changes: Any) -> Exchange:
    fields = {name: getattr(exchange, name) for name in exchange.__struct_fields__}
    return Exchange(**(fields | changes))


Exporter = Callable[[Sequence[Exchange]], bytes]
COMPLETE: Mapping[str, Exporter] = {
    "chrome": chrome,
    "edge": edge,
    "firefox": firefox,
    "safari": safari,
    "mitmproxy": mitmproxy,
}
"""The exporters that leave nothing out."""


# --- Reading ------------------------------------------------------------------------------------------


def read(data: bytes, host: str = MICROSOFT, *, now: float | None = NOW, **options: Any) -> Recording:
    return read_recording(BytesIO(data), host, now=now, **options)


def token_of(recording: Recording) -> str | None:
    token = recording.credential.token
    return token.reveal() if token else None


def cookies_of(recording: Recording) -> dict[str, str]:
    return {name: secret.reveal() for name, secret in recording.credential.cookies.items()}


def names(recording: Recording) -> list[str]:
    return [remark.name for remark in recording.remarks]


def refused(data: bytes, host: str = MICROSOFT, **options: Any) -> BadRecording:
    """The error that reading raises; nothing in it is secret, nor an address with a query."""
    with pytest.raises(BadRecording) as caught:
        read(data, host, **options)
    for text in (caught.value.message, *(remark.message for remark in caught.value.remarks)):
        assert "?" not in text
        assert not any(secret in text for secret in SECRETS)
    return caught.value
