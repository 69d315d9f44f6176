"""What the simulator was told, kept for tests; secrets of strangers never get into it."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from typing import Any

MAX_ENTRIES = 5_000
MAX_BODY_CHARS = 65_536
MASK = "***"

WELL_KNOWN = frozenset(
    {"simulator-token", "simulator-web-token", "expired-web-token", "expired", "wrong-audience"}
)
SELECTED_HEADERS = (
    "Authorization",
    "Cookie",
    "User-Agent",
    "Origin",
    "Referer",
    "Accept",
    "Content-Type",
    "GitHub-Verified-Fetch",
    "X-Requested-With",
    "copilot-integration-id",
    "x-github-api-version",
    "X-Search-UILang",
    "X-UserIdentityType",
)
_PAIR = re.compile(r"([^=;\s]+)=([^;]*)")


def shown(secret: str) -> str:
    """The secret itself if it is one of the simulator's own, else a mask."""
    is_ours = not secret or secret in WELL_KNOWN or secret.startswith("sim-")
    return secret if is_ours else MASK


def masked_header(name: str, value: str) -> str:
    """A header value fit for the log."""
    if name == "Authorization":
        scheme, _, secret = value.partition(" ")
        return f"{scheme} {shown(secret)}" if secret else MASK
    if name == "Cookie":
        return _PAIR.sub(lambda pair: f"{pair[1]}={shown(pair[2])}", value)
    return value


def masked_query(query: Mapping[str, str]) -> dict[str, str]:
    """The query with token and session key masked."""
    return {k: shown(v) if k in ("accessToken", "temporarySessionKey") else v for k, v in query.items()}


class Journal:
    """Entries in order, violations of the protocol's rules, and counts."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.entries: deque[dict[str, Any]] = deque(maxlen=MAX_ENTRIES)
        self.violations: list[str] = []
        self.counts: Counter[str] = Counter()

    def request(self, service: str, call: str, request: Mapping[str, Any], body: object) -> None:
        """
        Keep one HTTP request (a socket's handshake included).

        `request` holds `method`, `path`, `query` and `headers` as they came.
        """
        headers = request["headers"]
        self.counts[f"{service} {call}"] += 1
        self.entries.append(
            {
                "service": service,
                "kind": "handshake" if call == "chat" else "request",
                "call": call,
                "method": request["method"],
                "path": request["path"],
                "query": masked_query(request["query"]),
                "headers": {n: masked_header(n, headers[n]) for n in SELECTED_HEADERS if n in headers},
                "body": body,
            }
        )

    def frame(self, socket: int, conversation_id: object, frame: object) -> None:
        """Keep one frame a client sent over socket number `socket`."""
        self.counts["microsoft frames"] += 1
        self.entries.append(
            {
                "service": "microsoft",
                "kind": "frame",
                "socket": socket,
                "conversation": conversation_id,
                "frame": frame,
            }
        )

    def violation(self, what: str) -> None:
        self.violations.append(what)

    def report(self, only: Iterable[str] = ()) -> dict[str, Any]:
        kinds = frozenset(only)
        entries = [e for e in self.entries if not kinds or e["kind"] in kinds]
        return {"entries": entries, "violations": list(self.violations)}
