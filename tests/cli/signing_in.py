"""What tests of signing in share: files as browsers write them, and a home with a key for its vault."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jumpseat.simulator import SimulatorThread
from tests.cli.programs import environment


def at_simulator(simulator: SimulatorThread, home: Path, **more: str) -> dict[str, str]:
    """The environment of a program that has a key for its encrypted file, and the simulator to ask."""
    ours = {
        "JUMPSEAT_SIMULATOR": simulator.url,
        "JUMPSEAT_VAULT_KEY": "env:VAULT_KEY",
        "VAULT_KEY": "key of tests",
    }
    return environment(home, **(ours | more))


def microsoft_har(
    token: str = "sim-alice", *, minutes_ago: float = 5, cookies: bool = False
) -> dict[str, Any]:
    """A recording as Chrome writes it: a chat socket, sanitized unless there are `cookies`."""
    at = (datetime.now(UTC) - timedelta(minutes=minutes_ago)).isoformat()
    headers = [{"name": "Cookie", "value": "MUID=canary-muid; _C_Auth=canary-auth"}] if cookies else []
    return har(
        at,
        "https://copilot.microsoft.com/c/api/user?api-version=2",
        f"wss://copilot.microsoft.com/c/api/chat?api-version=2&accessToken={token}&clientSessionId=c1",
        headers=headers,
    )


def github_har(session: str = "canary-session") -> dict[str, Any]:
    """A complete recording made at github.com."""
    at = datetime.now(UTC).isoformat()
    headers = [{"name": "cookie", "value": f"user_session={session}; logged_in=yes"}]
    return har(at, "https://github.com/copilot", headers=headers)


def har(at: str, *urls: str, headers: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """A recording of these calls."""
    entries = [
        {
            "startedDateTime": at,
            "time": 1.0,
            "request": {
                "method": "GET",
                "url": url,
                "headers": headers or [],
                "cookies": [],
                "queryString": [],
            },
            "response": {
                "status": 101 if url.startswith("wss") else 200,
                "headers": [],
                "cookies": [],
                "content": {},
            },
        }
        for url in urls
    ]
    return {
        "log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "1"}, "entries": entries}
    }


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path
