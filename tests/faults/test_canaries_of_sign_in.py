"""No secret of a sign-in gets out: canaries wherever one is, every way in, and all of it searched."""

from __future__ import annotations

import copy
import gzip
import json
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jumpseat.accounts.vault import Vault
from jumpseat.browser.driver import BrowserCookie, Launch
from jumpseat.browser.finding import prepare
from jumpseat.github.signin import DeviceCode, Granted
from jumpseat.microsoft.signin import Look
from jumpseat.model.credentials import Account, Credential, Secret
from jumpseat.recordings import read_recording
from jumpseat.recordings.entries import read_entry
from jumpseat.recordings.sites import MICROSOFT
from jumpseat.settings import Settings
from jumpseat.transport.wire import Response
from tests.faults import planting
from tests.faults.inside import Inside
from tests.faults.planting import Planted, everything_in

DEVICE = ("login", "github", "--client-id", "Ov23liTestTestTest", "--no-browser")
IN_THE_OPEN = "vault.plaintext"


def sign_in_everywhere(inside: Inside, planted: Planted, folder: Path, *options: str) -> None:
    """Every way in; each account has a name of its own."""
    file = planting.sources(planted, folder)
    packed = gzip.compress(Path(file["copilot"]).read_bytes())
    microsoft, web, github = ("login", "microsoft"), ("login", "github-web"), ("login", "github")
    for name, words, given in (
        ("har", (*microsoft, "--har", file["copilot"]), b""),
        ("pipe", (*microsoft, "--har", "-", "--token-responses"), packed),
        ("new", (*microsoft, "--har", file["chathub"], "--no-check"), b""),
        ("cookies", (*microsoft, "--cookies", file["copilot-cookies"]), b""),
        ("token", (*microsoft, "--token-stdin"), planted["token"].encode()),
        ("web", (*web, "--token-stdin"), planted["web_token"].encode()),
        ("web-cookies", (*web, "--cookies", file["cookies"]), b""),
        ("web-har", (*web, "--har", file["github"]), b""),
        ("oauth", (*github, "--token-stdin"), f"gho_{planted['oauth_token']}".encode()),
        ("gh", (*github, "--from-gh"), b""),
        ("device", DEVICE, b""),
    ):
        code = inside.run(*words, "--name", name, *options, given=given)
        assert code == 0, (name, inside.last)


def kept(inside: Inside) -> str:
    """Every credential that is kept, in the open."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MY_KEY", inside.environ["MY_KEY"])
        settings = Settings.from_environment(inside.environ)
        vault = Vault(settings)
        return repr(
            [msgspec.to_builtins(vault.credential(one), enc_hook=revealed) for one in vault.records()]
        )


def revealed(value: object) -> object:
    return value.reveal() if isinstance(value, Secret) else dict(value)  # type: ignore[call-overload]


@pytest.mark.parametrize("keep", ["variable", "key-file", "plaintext"])
def test_no_way_in_and_nothing_after_it_tells_a_secret(
    inside: Inside, planted: Planted, tmp_path: Path, keep: str
) -> None:
    home, bundle = tmp_path / "home", tmp_path / "bundle.md"
    if keep == "key-file":
        inside.environ["JUMPSEAT_VAULT_KEY"] = f"file:{planting.key_file(planted, tmp_path)}"
    sign_in_everywhere(inside, planted, tmp_path, *(["--plaintext"] if keep == "plaintext" else []))
    # Else the search would prove nothing.
    assert set(planted.found_in(kept(inside))) == {
        *("socket_url", "bearer", "cookie", "set_cookie", "token", "web_token", "exported"),
        *("github_session", "oauth_token", "oauth_refresh", "gh_output"),
    }
    for words in (
        *(("accounts",), ("accounts", "--json"), ("accounts", "use", "har"), ("ask", "Hi"), ("chat",)),
        *(("accounts", "use", name) for name in ("token", "web-cookies")),
        *(("ask", "-p", "github", "Hi"), ("ask", "-p", "GithubCopilot", "-m", "nonsense", "Hi"), ("models",)),
        *(("accounts", "rename", "pipe", "tube"), ("doctor",), ("doctor", "--json")),
        *(("doctor", "--bundle", str(bundle)), ("accounts", "remove", "tube")),
    ):
        inside.run(*words, given=b"Hello\n")
    inside.environ |= planting.credentials(planted, tmp_path)
    for words in (("accounts",), ("ask", "Hi"), ("ask", "-p", "github", "Hi"), ("doctor",)):
        inside.run(*words)
    inside.run("doctor", "--bundle", str(bundle))

    assert planted.found_in(everything_in(home, but=[IN_THE_OPEN])) == {}
    if keep != "plaintext":
        assert planted.found_in(everything_in(home)) == {}
    assert inside.run("logout", "--all") == 0
    assert planted.found_in(everything_in(home)) == {}
    assert planted.found_in(inside.said, bundle.read_text()) == {}
    assert everything_in(tmp_path / "tmp") == ""
    assert "Signed in to" in inside.said


def test_what_holds_secrets_shows_none_and_is_not_copied_into_the_open(
    planted: Planted, tmp_path: Path, inside: Inside
) -> None:
    file = planting.sources(planted, tmp_path)
    recordings = [
        read_recording(Path(file[name]), host, read_token_responses=True)
        for name, host in (("copilot", MICROSOFT), ("chathub", MICROSOFT), ("github", "github.com"))
    ]
    entries = [
        read_entry(json.dumps(one).encode()) for one in planting.microsoft_har(planted)["log"]["entries"]
    ]
    seen = [[*one.shown_cookies(), *one.set_cookies(), *one.frames(), one.address] for one in entries if one]
    secret = Secret(planted["token"])
    credential = Credential(token=secret, cookies={"a": secret}, refresh_token=secret)
    code = DeviceCode(device_code=secret, user_code="A", verification_uri="/", expires_in=1, interval=1)
    environ = {**inside.environ, **planting.credentials(planted, tmp_path)}
    things = [
        *(*recordings, entries, seen, secret, credential, Granted(credential=credential), code),
        *(Account(kind="github", name="a", credential=credential), Settings.from_environment(environ)),
        *(BrowserCookie(name="a", value=secret, domain="b"), Vault(Settings(home=tmp_path))),
        Look(storage={"a": planted["local_storage"]}, socket_urls=[secret]),
        launch(planted, tmp_path),
        Response(status=200, body=planted["oauth_token"].encode(), cookies={"a": planted["cookie"]}),
    ]

    for thing in things:
        assert (
            planted.found_in(repr(thing), str(thing), f"{thing}", repr(getattr(thing, "__dict__", ""))) == {}
        )
    for holder in (secret, credential, *recordings, Granted(credential=credential), code):
        for copied in (pickle.dumps, copy.copy, copy.deepcopy, msgspec.json.encode, msgspec.to_builtins):
            assert planted.found_in(attempt(copied, holder)) == {}


def launch(planted: Planted, folder: Path) -> Launch:
    """What opens a browser through a proxy that has a password."""
    settings = Settings(home=folder, browser=Path("/bin/sh"), vault_key="env:MY_KEY")
    proxy = f"http://alice:{planted.core('proxy')}@proxy.example:3128"
    return prepare(settings, {}, "microsoft", "https://x.example", proxy=proxy, is_headless=True).launch


def attempt(copied: Callable[[Any], object], holder: object) -> str:
    """What a way of copying makes of something: its copy, or its error, as text."""
    try:
        made = copied(holder)
    except (TypeError, pickle.PicklingError) as error:
        return "".join(traceback.format_exception(error))
    return made.decode("latin-1") if isinstance(made, bytes) else repr(made)
