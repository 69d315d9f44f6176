"""Canaries in every place of a sign-in that holds a secret, and the search for all of them at once."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from jumpseat.recordings.tokens import PERSONAL_TENANT
from tests.cli.signing_in import write

NAMES = (
    # Handed over.
    *("token", "typed", "argument", "web_token", "oauth_token", "classic_pat", "gh_output"),
    # In a recording.
    *("socket_url", "cookie", "set_cookie", "bearer", "graph_bearer", "refresh_token", "access_token"),
    *("id_token", "password", "frame", "answer", "code", "address_password", "github_session"),
    # In an export, in the browser, at GitHub.
    *("exported", "local_storage", "page_token", "page_cookie", "device_code", "oauth_refresh"),
    # Keys, and settings.
    *("passphrase", "key_file", "key_variable", "api_key", "api_key_file", "proxy", "misplaced"),
    *("set_token", "set_web_token", "set_oauth_token", "set_session"),
)
LEAST = 12
"""So many characters of a canary in a row are as bad as all of it."""


class Planted:
    """A secret of its own for every place, by name: each has 32 characters that occur nowhere else."""

    def __init__(self) -> None:
        self._cores = {name: uuid4().hex for name in NAMES}
        self._traces = {trace: name for name, core in self._cores.items() for trace in _traces(core)}

    def __getitem__(self, name: str) -> str:
        """The simulator takes it for a token or a session of Alice's."""
        return f"sim-alice.{self._cores[name]}"

    def core(self, name: str) -> str:
        """A secret that is no token: letters and digits alone."""
        return self._cores[name]

    def all(self) -> str:
        """Every one of them, as one text."""
        return " ".join(self[name] for name in self._cores)

    def found_in(self, *texts: str) -> dict[str, str]:
        """
        The places whose secret stands in one of the texts, each with the words before it.

        As it is, in base64, and also a part of it.
        """
        whole = "\n".join(texts)
        folded, found = whole.lower(), {}
        for trace, name in self._traces.items():
            at = max(folded.find(trace), whole.find(trace))
            if at >= 0:
                found[name] = whole[max(0, at - 200) : at]
        return found


def _traces(core: str) -> Iterable[str]:
    for start in range(0, len(core) - LEAST + 1, 4):
        yield core[start : start + LEAST]
    # In base64 it looks in three ways, by what stands before it.
    for before in range(3):
        coded = base64.b64encode(b" " * before + core.encode()).decode()
        yield coded[4:20]


def everything_in(folder: Path, *, but: Iterable[str] = ()) -> str:
    """
    All files of a folder, their names too, as one text; without those named `but`, and what is in them.

    Names of folders are paths from `folder`, like `browser`.
    """
    left_out = [folder / name for name in but]
    texts = []
    for path in sorted(folder.rglob("*")):
        if not any(path == other or other in path.parents for other in left_out):
            texts.append(path.name)
            if path.is_file() and not path.is_symlink():
                texts.append(path.read_bytes().decode("latin-1"))
    return "\n".join(texts)


# --- Recordings ---


def microsoft_har(planted: Planted, *, chathub: bool = False) -> dict[str, Any]:
    """A complete recording of Copilot, with a secret in every field that can hold one."""
    page = "https://copilot.com" if chathub else "https://copilot.microsoft.com"
    socket = f"wss://copilot.microsoft.com/c/api/chat?api-version=2&accessToken={planted['socket_url']}"
    if chathub:
        socket = (
            f"wss://substrate.office.com/m365Copilot/Chathub/o@{PERSONAL_TENANT}?X-SessionId=s"
            f"&sec_token={planted['code']}&access_token={planted['socket_url']}"
        )
    service = "https://login.microsoftonline.com/common/oauth2/v2.0"
    user = {"Cookie": f"_C_Auth={planted['cookie']}; MUID=1", "Authorization": f"Bearer {planted['bearer']}"}
    return har(
        entry(f"{service}/authorize?code={planted['code']}", body=f"password={planted['password']}"),
        entry(f"{service}/token", answer=json.dumps(token_response(planted)), body=planted["refresh_token"]),
        entry(f"https://alice:{planted['address_password']}@copilot.microsoft.com/", headers=user),
        entry(f"{page}/c/api/user", headers=user, sets=f"_C_Auth={planted['set_cookie']}; Path=/"),
        entry("https://graph.microsoft.com/v1.0/me", headers=bearer(planted["graph_bearer"])),
        entry(socket, headers=user, frames=[planted["frame"]]),
    )


def github_har(planted: Planted) -> dict[str, Any]:
    """A complete recording of github.com."""
    shown = {"cookie": f"user_session={planted['github_session']}; logged_in=yes"}
    return har(
        entry("https://github.com/session", body=f"login=alice&password={planted['password']}"),
        entry("https://github.com/copilot", headers=shown, answer=planted["answer"]),
        entry("https://api.individual.githubcopilot.com/x", headers=bearer(planted["graph_bearer"])),
    )


def token_response(planted: Planted) -> dict[str, Any]:
    """What the sign-in service answers."""
    return {
        "access_token": planted["access_token"],
        "refresh_token": planted["refresh_token"],
        "id_token": planted["id_token"],
        "scope": "140e65af-45d1-4427-bf08-3e7295db6836/ChatAI.ReadWrite",
        "expires_in": 3600,
    }


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def har(*entries: dict[str, Any]) -> dict[str, Any]:
    creator = {"name": "WebInspector", "version": "1"}
    return {"log": {"version": "1.2", "creator": creator, "entries": list(entries)}}


def entry(
    url: str,
    *,
    headers: dict[str, str] | None = None,
    sets: str | None = None,
    body: str = "",
    answer: str = "",
    frames: Iterable[str] = (),
    status: int = 200,
) -> dict[str, Any]:
    """An exchange of five minutes ago."""
    shown = [{"name": name, "value": value} for name, value in (headers or {}).items()]
    cookies = [{"name": "Set-Cookie", "value": sets}] if sets else []
    request = {"method": "GET", "url": url, "headers": shown, "cookies": [], "queryString": []}
    content = {"mimeType": "application/json", "text": answer}
    return {
        "startedDateTime": (datetime.now(UTC) - timedelta(minutes=5)).isoformat(),
        "request": request | ({"postData": {"text": body}} if body else {}),
        "response": {"status": status, "headers": cookies, "cookies": [], "content": content},
        "_webSocketMessages": [{"type": "send", "data": text, "time": 1.0, "opcode": 1} for text in frames],
    }


# --- Files, and the environment ---


def exported(
    planted: Planted, name: str = "user_session", domain: str = ".github.com"
) -> list[dict[str, Any]]:
    """A cookie export."""
    return [
        {"name": name, "value": planted["exported"], "domain": domain},
        {"name": "other", "value": planted["answer"], "domain": ".elsewhere.example"},
    ]


def sources(planted: Planted, folder: Path) -> dict[str, str]:
    """The files that people hand over, by name."""
    contents = {
        "copilot": microsoft_har(planted),
        "chathub": microsoft_har(planted, chathub=True),
        "github": github_har(planted),
        "cookies": exported(planted),
        "copilot-cookies": exported(planted, "_C_Auth", ".copilot.microsoft.com"),
    }
    return {name: str(write(folder / f"{name}.json", content)) for name, content in contents.items()}


def key_file(planted: Planted, folder: Path) -> Path:
    """A file that holds the vault's key."""
    path = folder / "vault.key"
    path.write_text(planted.core("key_file"))
    path.chmod(0o600)
    return path


def variables(planted: Planted, folder: Path) -> dict[str, str]:
    """
    What somebody has set who has set everything that is secret, but no credential of an account.

    The vault's key is in a variable; temporary files go to a folder of their own, `folder / "tmp"`.
    """
    (folder / "tmp").mkdir(exist_ok=True)
    keys = folder / "keys"
    keys.write_text(f"alice {planted.core('api_key_file')}\n")
    keys.chmod(0o600)
    return {
        "TMPDIR": str(folder / "tmp"),
        "JUMPSEAT_HOME": str(folder / "home"),
        "JUMPSEAT_PACE": "off",
        "JUMPSEAT_DEBUG": "1",
        "JUMPSEAT_VAULT_KEY": "env:MY_KEY",
        "MY_KEY": planted.core("key_variable"),
        "JUMPSEAT_API_KEY": planted.core("api_key"),
        "JUMPSEAT_API_KEY_FILE": str(keys),
        "HTTPS_PROXY": f"http://alice:{planted.core('proxy')}@proxy.example:3128",
    }


def credentials(planted: Planted, folder: Path) -> dict[str, str]:
    """The variables that hold credentials of accounts."""
    session = [{"name": "user_session", "value": planted["set_session"], "domain": ".github.com"}]
    return {
        "JUMPSEAT_MICROSOFT_TOKEN": planted["set_token"],
        "JUMPSEAT_GITHUB_TOKEN": f"gho_{planted['set_oauth_token']}",
        "JUMPSEAT_GITHUB_WEB_TOKEN": planted["set_web_token"],
        "JUMPSEAT_GITHUB_COOKIES": str(write(folder / "set.json", session)),
    }
