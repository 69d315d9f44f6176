"""No refusal of a sign-in repeats a secret: wrong files, wrong keys, wrong places, services that echo."""

from __future__ import annotations

import gzip
import http.server
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from jumpseat.simulator import SimulatorThread
from tests.faults import planting
from tests.faults.inside import Inside
from tests.faults.planting import Planted, everything_in
from tests.faults.test_canaries_of_sign_in import DEVICE

MICROSOFT, WEB, GITHUB = ("login", "microsoft"), ("login", "github-web"), ("login", "github")


@pytest.fixture(autouse=True)
def nothing_got_out(inside: Inside, planted: Planted, tmp_path: Path) -> Iterator[None]:
    """Whatever a test does here, it may not be found afterwards."""
    yield
    home = everything_in(tmp_path / "home", but=["vault.plaintext", "recordings", "settings.toml"])
    assert planted.found_in(inside.said, home) == {}
    assert everything_in(tmp_path / "tmp") == ""


def spoiled(planted: Planted) -> Mapping[str, bytes]:
    """Files that are refused, and each has secrets in it."""
    whole = json.dumps(planting.microsoft_har(planted)).encode()
    token, challenge = planted["socket_url"], json.dumps({"event": "challenge", "id": planted["frame"]})
    page, socket = "https://copilot.microsoft.com/", "wss://copilot.microsoft.com/c/api/chat"
    cookie = {"Cookie": f"__Host-copilot-anon={planted['cookie']}"}
    asked = planting.entry(f"{socket}?accessToken={token}", frames=[challenge])
    for message in asked["_webSocketMessages"]:
        message["type"] = "receive"
    hars = {
        "signed-out": [planting.entry(socket, headers=cookie)],
        "no-socket": [planting.entry(page, headers=cookie)],
        "challenge": [asked],
        "region": [planting.entry(f"{socket}?accessToken={token}", status=451)],
        "redacted": [planting.entry(f"{socket}?accessToken=REDACTED", headers=cookie)],
        "elsewhere": [planting.entry(f"https://a.example/?code={planted['code']}", headers=cookie)],
        "github": [planting.entry("https://github.com/", headers=cookie, answer=planted["answer"])],
        "audience": [planting.entry(page), *planting.microsoft_har(planted)["log"]["entries"][4:5]],
        "none": [],
    }
    return {
        **{name: json.dumps(planting.har(*entries)).encode() for name, entries in hars.items()},
        "truncated": whole[:-300],
        "broken": whole.replace(b'"entries"', b'"entries" %s' % token.encode(), 1),
        "torn": gzip.compress(whole)[:-20],
        "not-a-zip": b"PK\x03\x04" + whole,
        "words": f"my password is {token}".encode(),
        "page": f"<html>{token}</html>".encode(),
        "utf-16": whole.decode().encode("utf-16"),
        "old-cookies": f"# Netscape HTTP Cookie File\n.github.com\t{token}".encode(),
        "cookies": json.dumps(planting.exported(planted, "a", ".example.org")).encode(),
        "torn-cookies": json.dumps(planting.exported(planted)).encode()[:-30],
        "odd": json.dumps({"access_token": token, "cookies": [{"name": token}]}).encode(),
    }


def test_a_file_that_will_not_do_is_not_quoted(inside: Inside, planted: Planted, tmp_path: Path) -> None:
    for name, data in spoiled(planted).items():
        path = tmp_path / name
        path.write_bytes(data)
        for words in ((*MICROSOFT, "--har"), (*MICROSOFT, "--cookies"), (*WEB, "--har"), (*WEB, "--cookies")):
            inside.run(*words, str(path), "--no-check")
        inside.run(*MICROSOFT, "--har", "-", "--token-responses", "--anonymous", "--no-check", given=data)
        # The same through the settings, and in the folder where recordings may lie.
        folder = tmp_path / "home" / "recordings"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.har").write_bytes(data)
        inside.run("logout", "--all")
        inside.run("ask", "Hi", more={"JUMPSEAT_MICROSOFT_COOKIES": str(path)})
        inside.run("ask", "Hi")
    for reason in ("ends in the middle", "no traffic of", "human check", "sanitized", "nobody is signed in"):
        assert reason in inside.said


def test_a_token_that_is_none_is_not_repeated(inside: Inside, planted: Planted) -> None:
    token = planted["token"].encode()
    for words in ((*MICROSOFT, "--token-stdin"), (*WEB, "--token-stdin"), (*GITHUB, "--token-stdin")):
        for given in (
            token + b" " + token,
            token + b"\xff",
            token * 500,
            "é".encode() + token,
            b"ghp_" + token,
        ):
            inside.run(*words, "--no-check", given=given)
    assert inside.run(*GITHUB, "--token-stdin", given=b"ghp_" + token) == 3
    assert inside.run(*MICROSOFT, "--token-stdin", given=token + b"\xff") == 2


def test_a_token_on_the_command_line_is_not_repeated(inside: Inside, planted: Planted) -> None:
    for token in (planted["argument"], planted.core("argument"), f"gho_{planted['argument']}"):
        for words in (
            *((*MICROSOFT, token), (*WEB, token), (*GITHUB, token), ("login", token), (token,)),
            *((*MICROSOFT, f"--token-stdin={token}"), (*MICROSOFT, "--token", token), ("doctor", token)),
            *(("serve", "--port", token), ("serve", "--log", token), ("logout", "--all", "--x", token)),
            *((*GITHUB, "--client-id", f"{token} {token}"), (*GITHUB, "--token-stdin", "--from-gh", token)),
        ):
            assert inside.run(*words) == 2, words


def test_what_the_service_refuses_is_not_repeated(
    inside: Inside, planted: Planted, secretive: SimulatorThread, tmp_path: Path
) -> None:
    file = planting.sources(planted, tmp_path)
    oauth = f"gho_{planted['oauth_token']}".encode()
    ways: Mapping[str, tuple[Sequence[str], bytes]] = {
        "user": ((*MICROSOFT, "--har", file["copilot"]), b""),
        "token": ((*WEB, "--cookies", file["cookies"]), b""),
        "api-user": ((*GITHUB, "--token-stdin"), oauth),
        "device-code": (DEVICE, b""),
        "device-token": (DEVICE, b""),
    }
    for fault in secretive.faults():
        if fault["expect"] == "ok" or fault["name"].endswith("-silence"):
            continue
        for call in set(fault["calls"]) & set(ways):
            secretive.reset()
            secretive.device_times(interval=0.02, slower_by=0.02)
            secretive.arm(fault["name"], times=1)
            words, given = ways[call]
            inside.run(*words, given=given)
    assert inside.said.count("error: ") > 20


KEYS: Mapping[str, Mapping[str, str]] = {
    "another": {"MY_KEY": "{passphrase}"},
    "none": {"MY_KEY": ""},
    "itself": {"JUMPSEAT_VAULT_KEY": "{passphrase}"},
    "no such variable": {"JUMPSEAT_VAULT_KEY": "env:NOBODY_SET_THIS"},
    "no such file": {"JUMPSEAT_VAULT_KEY": "file:/nonexistent"},
    "open to all": {"JUMPSEAT_VAULT_KEY": "file:{file}"},
    "no key": {"JUMPSEAT_VAULT_KEY": ""},
    "no keyring": {"JUMPSEAT_VAULT": "keyring"},
    "odd settings": {"JUMPSEAT_MICROSOFT_URL": "https://alice:{passphrase}@copilot.example/?{passphrase}"},
    "odd key": {"JUMPSEAT_API_KEY": "{passphrase} {passphrase}"},
    "odd client": {"JUMPSEAT_GITHUB_CLIENT_ID": "{passphrase} {passphrase}"},
    "odd token": {"JUMPSEAT_MICROSOFT_TOKEN": "{passphrase}\n{passphrase}"},
}


@pytest.mark.parametrize("what", KEYS)
def test_a_key_that_will_not_do_is_not_shown(
    inside: Inside, planted: Planted, tmp_path: Path, what: str
) -> None:
    inside.run(*MICROSOFT, "--token-stdin", "--no-check", given=planted["token"].encode())
    path = planting.key_file(planted, tmp_path)
    path.chmod(0o644)
    changed = {
        name: text.format(passphrase=planted.core("passphrase"), file=path)
        for name, text in KEYS[what].items()
    }
    for words in (
        *(("accounts",), ("ask", "Hi"), ("doctor",), ("doctor", "--json"), ("login", "github")),
        ("doctor", "--bundle", str(tmp_path / "bundle.md")),
    ):
        inside.run(*words, more=changed)
    inside.run(*MICROSOFT, "--token-stdin", given=planted["token"].encode(), more=changed)
    if (tmp_path / "bundle.md").exists():
        assert planted.found_in((tmp_path / "bundle.md").read_text()) == {}
    assert "error: " in inside.said or "wrong" in inside.said


def test_files_that_were_damaged_are_not_quoted(inside: Inside, planted: Planted, tmp_path: Path) -> None:
    home = tmp_path / "home"
    secret = planted["token"]
    for name, options in (("vault.plaintext", ["--plaintext"]), ("vault.sealed", [])):
        inside.run(*MICROSOFT, "--token-stdin", "--no-check", *options, given=secret.encode())
        whole = (home / name).read_bytes()
        for damaged in (
            whole[:-40],
            whole.replace(b":", b" ", 1),
            whole.replace(b'"secrets":{', b'"secrets":['),
        ):
            (home / name).write_bytes(damaged)
            inside.run("ask", "Hi")
            inside.run("doctor")
            inside.run(*MICROSOFT, "--token-stdin", *options, given=secret.encode())
        (home / name).write_bytes(whole)
        inside.run("logout", "--all")


@pytest.mark.parametrize(
    "line",
    [
        'microsoft_token = "{0}"',
        'api_key = "{0}"',
        'github_token = ["{0}"]',
        "github_token = {0}",
        'microsoft_token = "{0}',
        'microsoft_url = "https://alice:{0}@copilot.example"',
        'vault_key = "{0}"',
        'github_client_id = "{1}{1}"',
        'github_web_token = "{0}" "{0}"',
    ],
)
def test_a_secret_in_the_settings_file_is_not_quoted(
    inside: Inside, planted: Planted, tmp_path: Path, line: str
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    text = line.format(planted["misplaced"], planted.core("misplaced")[:20])
    (home / "settings.toml").write_text(f"{text}\n")
    for words in (("ask", "Hi"), ("doctor",), (*GITHUB, "--no-browser"), ("accounts",)):
        inside.run(*words)
    assert "error: " in inside.said


# --- A service that says back all that it was told ---


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers each call with its address, headers and body, in every field that an error may be in."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        said = f"{self.path} {self.headers} {body}"
        fields = dict.fromkeys(("message", "error", "error_description", "title", "notification_id"), said)
        data = json.dumps(fields | {"error_details": fields}).encode()
        self.server.heard.append(said)  # type: ignore[attr-defined]  # it is ours
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Location", f"/?{said.splitlines()[0]}")
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_HEAD = _answer  # noqa: N815 - the library's names

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def echo() -> Iterator[http.server.ThreadingHTTPServer]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        server.heard = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_service_that_repeats_everything_is_not_repeated(
    inside: Inside, planted: Planted, tmp_path: Path, echo: http.server.ThreadingHTTPServer
) -> None:
    inside.environ["JUMPSEAT_SIMULATOR"] = f"http://127.0.0.1:{echo.server_port}"
    file = planting.sources(planted, tmp_path)
    oauth = f"gho_{planted['oauth_token']}".encode()
    for status in (200, 302, 401, 403, 404, 422, 429, 500):
        echo.status = status  # type: ignore[attr-defined]
        inside.run(*MICROSOFT, "--har", file["copilot"], "--name", "har")
        inside.run(*WEB, "--cookies", file["cookies"], "--no-check")
        inside.run(*GITHUB, "--token-stdin", given=oauth)
        inside.run(*DEVICE)
        for words in (("ask", "Hi"), ("ask", "-p", "github", "Hi"), ("doctor",)):
            inside.run(*words, more=planting.credentials(planted, tmp_path))
        inside.run("ask", "Hi")
        inside.run("logout", "--all")

    heard = set(planted.found_in("\n".join(echo.heard)))  # type: ignore[attr-defined]
    assert heard >= {"socket_url", "cookie", "exported", "oauth_token", "set_token", "set_session"}
