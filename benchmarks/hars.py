"""Recordings as Chrome writes them, made up, of any size."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

Body = Literal["none", "script", "picture"]

SOCKET = "wss://copilot.microsoft.com/c/api/chat?api-version=2&accessToken=made%2Bup"
_SCRIPT = (
    'function a(b,c){return "x\\u0041"+b["key"]+\'y\'+c}\n  var t = {"name":"value", \'other\': "some '
    '\\"quoted\\" text"};\n// a comment that is long enough to look like source code, as most of it is\n'
)
_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)
_BODY_MU, _BODY_SIGMA = 11, 1.3
"""Bodies have a log-normal size: half are above 60 KB, a few have megabytes."""


def write_har(path: Path, size: int, bodies: Sequence[Body], *, indent: int | None) -> None:
    """Write a recording of about `size` bytes. Its last entry is a chat socket with a token."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8") as file:
        file.write('{"log": {"version": "1.2", "creator": {"name": "WebInspector"}, "entries": [\n')
        while file.tell() < size:
            url = f"https://copilot.microsoft.com/static/{chance.randrange(10**6)}.js?v=1"
            file.write(_text(_entry(chance, url, _content(chance, chance.choice(bodies))), indent) + ",\n")
        file.write(_text(_entry(chance, SOCKET, {"size": 0}), indent) + "\n]}}")


def _text(entry: dict[str, Any], indent: int | None) -> str:
    text = json.dumps(entry, indent=indent)
    return text if indent is None else " " * 6 + text.replace("\n", "\n" + " " * 6)


def _content(chance: random.Random, body: Body) -> dict[str, Any]:
    size = int(chance.lognormvariate(_BODY_MU, _BODY_SIGMA))
    if body == "script":
        return {"mimeType": "application/javascript", "text": _SCRIPT * (size // len(_SCRIPT) + 1)}
    if body == "picture":
        text = base64.b64encode(chance.randbytes(size)).decode()
        return {"mimeType": "image/png", "text": text, "encoding": "base64"}
    return {"size": 0, "mimeType": "x-unknown"}


def _entry(chance: random.Random, url: str, content: dict[str, Any]) -> dict[str, Any]:
    jar = [(f"c{number}", "x" * 40) for number in range(12)]
    headers = [
        (":path", url.partition(".com")[2]),
        ("accept-language", "en-US,en;q=0.9,de;q=0.8"),
        ("sec-ch-ua", '"Chromium";v="130", "Not?A_Brand";v="99"'),
        ("user-agent", _AGENT),
        ("cookie", "; ".join(f"{name}={value}" for name, value in jar)),
        *((f"x-header-{number}", "v" * chance.randint(3, 60)) for number in range(14)),
    ]
    pairs = [{"name": name, "value": value} for name, value in headers]
    cookies = [
        {
            "name": name,
            "value": value,
            "path": "/",
            "domain": ".microsoft.com",
            "httpOnly": True,
            "secure": True,
        }
        for name, value in jar
    ]
    frames = [{"functionName": "send", "scriptId": "12", "url": url, "lineNumber": line} for line in range(6)]
    return {
        "_initiator": {"type": "script", "stack": {"callFrames": frames}},
        "_resourceType": "script",
        "cache": {},
        "request": {"method": "GET", "url": url, "headers": pairs, "queryString": [], "cookies": cookies},
        "response": {
            "status": 200,
            "headers": pairs,
            "cookies": cookies,
            "content": content,
            "redirectURL": "",
        },
        "serverIPAddress": "203.0.113.5",
        "startedDateTime": "2026-11-20T10:00:00.123Z",
        "time": 123.456,
        "timings": {"blocked": 1.2, "dns": -1, "connect": -1, "send": 0.1, "wait": 22.1, "receive": 3.3},
    }
