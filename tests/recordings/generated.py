"""Recordings that Hypothesis makes up, well-formed and spoilt, and what a naive reader makes of them."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from hypothesis import strategies as st

from jumpseat.recordings import BadRecording, Recording
from jumpseat.recordings.har import HarReading

MARK = b"\xef\xbb\xbf"
NOW = 1_795_000_000.0
HOSTS = st.sampled_from(["copilot.microsoft.com", "github.com", "copilot.com", "127.0.0.1"])

TEXTS = st.one_of(
    st.sampled_from(
        ["", "x", '"', "\\", '\\"{[', "]}", "\u2028Ж😀", "\0", "Bearer t", "a=b; c=d", "Firefox"]
    ),
    st.text(max_size=6).map(lambda text: text.encode("utf-8", "replace").decode()),
)
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, 3, -0.5, True, "", "odd", [], {}, [[{}]], {"name": 3}, [None, {"value": "v"}]]
)
URLS = st.sampled_from(
    [
        "wss://copilot.microsoft.com/c/api/chat?api-version=2&accessToken=a%2Bb%3D&X-UserIdentityType=google",
        "https://copilot.microsoft.com/c/api/chat?accessToken=old",
        "https://copilot.microsoft.com/c/api/user",
        "https://copilot.microsoft.com/",
        "https://copilot.microsoft.com.evil.example/c/api/chat?accessToken=evil",
        "wss://substrate.office.com/m365Copilot/Chathub/o@9188040d-6c67-4c5b-b112-36a304b66dad?access_token=t",
        "wss://substrate.office.com/m365Copilot/Chathub/o@work?access_token=t&variants=a,b&clientSessionId=1",
        "https://www.copilot.com/chats/x",
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "https://github.com/copilot",
        "https://x.webpubsub.azure.com/client/?access_token=t",
        "ws://127.0.0.1:8400/c/api/chat?accessToken=t",
        "http://[bad",
        "https://xn--\u2028/",
    ]
)
NAMES = st.sampled_from(
    ["authorization", "Cookie", "set-cookie", "location", "X-UserIdentityType", "user_session", "MUID"]
)
FRAMES = st.sampled_from(
    [
        '{"event":"challenge","method":null}',
        '{"event":"done"}',
        '{"event":"error","errorCode":"chat-service-unavailable"}',
        '{"type":4,"arguments":[{"optionsSets":["a"],"tone":"x","clientInfo":{"a":"b"}}],"target":"chat"}\x1e',
        "\x1e\x1e{",
        "{",
    ]
)
BODIES = st.sampled_from(
    ["", "x" * 70_000, '"\\' * 40_000, '{"access_token":"a","scope":"x/ChatAI.ReadWrite","expires_in":3600}']
)
MOMENTS = st.sampled_from(
    ["2026-11-20T10:00:00.000Z", "2026-11-20T12:00:00+02:00", "never", "0001-01-01T00:00:00"]
)


def _or_odd(good: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(good, good, good, good, ODD)


_PAIRS = _or_odd(
    st.lists(st.fixed_dictionaries({"name": NAMES | TEXTS, "value": _or_odd(TEXTS)}), max_size=2)
)
_MESSAGES = _or_odd(
    st.lists(
        st.fixed_dictionaries({"type": st.sampled_from(["send", "receive"]), "data": _or_odd(FRAMES)}),
        max_size=3,
    )
)
_REQUEST = st.fixed_dictionaries(
    {"url": _or_odd(URLS)}, optional={"headers": _PAIRS, "cookies": _PAIRS, "queryString": _PAIRS}
)
_RESPONSE = st.fixed_dictionaries(
    {"status": _or_odd(st.sampled_from([101, 200, 302, 451]))},
    optional={
        "headers": _PAIRS,
        "cookies": _PAIRS,
        "content": _or_odd(st.fixed_dictionaries({"text": BODIES})),
    },
)
_ENTRY = st.fixed_dictionaries(
    {"request": _or_odd(_REQUEST)},
    optional={
        "startedDateTime": _or_odd(MOMENTS),
        "response": _or_odd(_RESPONSE),
        "_webSocketMessages": _MESSAGES,
    },
)
ENTRIES = st.lists(_or_odd(_ENTRY), max_size=4)


@st.composite
def hars(draw: st.DrawFn) -> bytes:
    """A well-formed HAR, written as one exporter or another might."""
    entries, creator = (
        draw(ENTRIES),
        draw(_or_odd(st.sampled_from([{"name": "WebInspector"}, {"name": "Firefox"}]))),
    )
    log = {"version": "1.2", "creator": creator, "pages": [], "entries": entries}
    if draw(st.booleans()):
        log = dict(reversed(log.items()))
    style: dict[str, Any] = draw(
        st.sampled_from(
            [{}, {"indent": 2}, {"separators": (",", ":")}, {"ensure_ascii": False, "indent": "\t"}]
        )
    )
    text = json.dumps({"first": {"log": [1]}, "log": log} if draw(st.booleans()) else {"log": log}, **style)
    return (MARK if draw(st.booleans()) else b"") + text.encode()


_BYTES = [bytes([byte]) for byte in b'"\\{}[],:-9a \n\0\x1f\x7f\xc3\xff']
_WORDS = [
    b"\\u12",
    b"\\ud800",
    b"1e999",
    b"null",
    b"NaN",
    b'"log":',
    b'"entries":[',
    b"\x1f\x8b",
    b"PK\x03\x04",
]
_MUCH = [b"[" * 300 + b"]" * 300, b'{"":' * 2000, b"9" * 5000]


def spoilt(data: bytes, seed: int) -> bytes:
    """The same with a few pieces cut out and put in, and every fourth time with its end cut off."""
    chance = Random(seed)
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(data))
        piece = chance.choice(chance.choice([_BYTES, _BYTES, _WORDS, _MUCH]))
        data = data[:at] + piece + data[at + chance.choice([0, 1, len(piece), 12]) :]
    return data[: chance.randint(0, len(data))] if chance.randint(0, 3) == 0 else data


COOKIE_EXPORTS = st.one_of(
    _PAIRS,
    st.fixed_dictionaries({"cookies": _PAIRS}),
    st.dictionaries(NAMES | TEXTS, _or_odd(TEXTS), max_size=3),
    st.lists(
        st.fixed_dictionaries(
            {"name": TEXTS, "value": TEXTS, "domain": _or_odd(st.sampled_from([".github.com", "x"]))}
        ),
        max_size=2,
    ),
).map(lambda content: json.dumps(content).encode())


def naive_entries(data: bytes) -> tuple[list[Any], str]:
    """The entries and the exporter, by a reader that holds everything."""
    log = json.loads(data.decode("utf-8-sig"))["log"]
    creator = log["creator"]
    name = creator.get("name") if isinstance(creator, dict) else None
    return log["entries"], name if isinstance(name, str) else ""


def naive_reading(data: bytes, host: str) -> Recording | str:
    """What the entries mean, or the reason why they cannot be used."""
    entries, creator = naive_entries(data)
    if not entries:
        return "EmptyHar"
    reading = HarReading(host, now=NOW)
    for entry in entries:
        reading.feed(json.dumps(without_long_texts(entry)).encode())
    try:
        return reading.result(creator)
    except BadRecording as problem:
        return problem.reason


def without_long_texts(content: Any) -> Any:
    """The same JSON, with texts of 64 KiB and more empty (none here is near that)."""
    match content:
        case str():
            return "" if len(content) > 64 * 1024 - 2 else content
        case list():
            return [without_long_texts(item) for item in content]
        case dict():
            return {key: without_long_texts(value) for key, value in content.items()}
        case _:
            return content
