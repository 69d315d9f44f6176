"""Who nobody has signed in yet: a browser window where there can be one, and recordings."""

from __future__ import annotations

import gzip
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from jumpseat.accounts.vault import Vault
from jumpseat.browser import finding
from jumpseat.errors import InvalidRequest, MissingRequirementsError, NoValidHarFileError, SignInFailed
from jumpseat.providers import Copilot, RequestLogin, get_access_token_and_cookies, readHAR
from jumpseat.settings import Settings
from jumpseat.simulator import SimulatorThread
from tests.microsoft.windows import Page, cookie, kept

URL = "https://copilot.microsoft.com"


def ask(**options: Any) -> list[Any]:
    return list(
        Copilot.create_completion("Copilot", [{"role": "user", "content": "%%SAY hello%%"}], **options)
    )


def shown(simulated: SimulatorThread) -> str:
    """What the last question's socket was opened with."""
    return json.dumps([entry for entry in simulated.log() if entry["kind"] == "request"])


@pytest.fixture
def window(simulated: SimulatorThread, monkeypatch: pytest.MonkeyPatch) -> Page:
    """A browser window in which Alice signs in at the simulator, whose journal is empty."""
    simulated.reset()
    page = Page([{}, kept("sim-alice", now=time.time())])
    page.cookies_of[f"{simulated.url}/"] = [cookie("MUID", "m1", "127.0.0.1")]
    page.is_the_browser(monkeypatch)
    return page


# A question that nobody who is signed in asks.


def test_the_person_is_asked_to_sign_in_before_the_question(window: Page, simulated: SimulatorThread) -> None:
    items = ask()

    assert items[0] == RequestLogin("Microsoft Copilot", simulated.url)
    assert "hello" in items
    assert "sim-alice" in shown(simulated)
    assert window.closings == 1


def test_the_window_opens_only_after_the_announcement(window: Page) -> None:
    result = Copilot.create_completion("Copilot", [{"role": "user", "content": "Hello"}], proxy="http://p:1")
    iterator = iter(result)

    assert isinstance(next(iterator), RequestLogin)
    assert window.opened is None
    result.close()
    assert window.opened is None


def test_what_cannot_be_kept_without_a_question_is_this_calls_alone(window: Page) -> None:
    ask()

    assert Copilot._access_token is None
    assert isinstance(ask()[0], RequestLogin)


def test_what_can_be_kept_is_kept(window: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = tmp_path / "key"
    key.write_text("k" * 40)
    key.chmod(0o600)
    monkeypatch.setenv("JUMPSEAT_VAULT_KEY", f"file:{key}")
    ask()
    again = ask()

    assert not any(isinstance(item, RequestLogin) for item in again)
    assert Copilot._access_token == "sim-alice"
    assert Copilot._cookies == {"MUID": "m1"}
    [record] = Vault(Settings.from_environment(os.environ)).records()
    assert (record.way, record.is_used) == ("browser", True)


def test_a_window_that_is_closed_ends_the_call(window: Page, simulated: SimulatorThread) -> None:
    window.script = [SignInFailed("the window was closed.")]
    with pytest.raises(SignInFailed, match="window was closed"):
        ask()
    assert "/conversations" not in shown(simulated)


def test_who_brings_a_key_is_not_asked(window: Page) -> None:
    assert not any(isinstance(item, RequestLogin) for item in ask(api_key="sim-bob"))
    assert window.opened is None


def test_who_is_signed_in_is_not_asked(window: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUMPSEAT_MICROSOFT_TOKEN", "sim-bob")

    assert not any(isinstance(item, RequestLogin) for item in ask())
    assert window.opened is None


def test_without_a_display_the_question_is_asked_by_nobody(simulated: SimulatorThread) -> None:
    simulated.reset()

    assert "hello" in ask()
    assert "sim-" not in shown(simulated)


def test_what_the_question_needs_is_told_before_anybody_signs_in(
    window: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("curl_engine", "curl_options", "curl_socket"):
        monkeypatch.delitem(sys.modules, f"jumpseat.transport.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "curl_cffi", None)
    with pytest.raises(MissingRequirementsError, match="pip install"):
        ask()
    assert window.opened is None


# `get_access_token_and_cookies`.


async def test_the_token_and_the_sites_cookies_are_handed_over(
    window: Page, simulated: SimulatorThread
) -> None:
    assert await get_access_token_and_cookies(URL, proxy="http://proxy:8080") == ("sim-alice", {"MUID": "m1"})
    assert window.opened is not None
    assert window.opened.url == simulated.url
    assert window.opened.proxy == "http://proxy:8080"
    assert Copilot._access_token is None


async def test_another_address_is_opened_as_it_is(window: Page) -> None:
    window.script = [kept(now=time.time())]
    await get_access_token_and_cookies("https://copilot.example/")

    assert window.opened is not None
    assert window.opened.url == "https://copilot.example/"


async def test_another_word_finds_another_token(window: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    window.script = [kept("other", target="Graph/Mail.Read", now=time.time())]
    assert (await get_access_token_and_cookies(URL, target="Mail.Read"))[0] == "other"

    monkeypatch.setenv("JUMPSEAT_SIGN_IN_TIMEOUT", "0.02")
    with pytest.raises(SignInFailed, match=r"Graph/Mail\.Read, and none for ChatAI"):
        await get_access_token_and_cookies(URL)
    with pytest.raises(InvalidRequest, match="ChatAI"):
        await get_access_token_and_cookies(URL, target="")


async def test_without_a_driver_the_line_that_installs_one_is_told(
    simulated: SimulatorThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "find_spec", lambda _: None)
    with pytest.raises(MissingRequirementsError, match=r"jumpseat\[browser\]"):
        await get_access_token_and_cookies(URL)


async def test_without_a_display_the_other_ways_are_told(simulated: SimulatorThread) -> None:
    with pytest.raises(SignInFailed, match=r"no display.*--har FILE"):
        await get_access_token_and_cookies(URL)


# `readHAR`.


def recording(token: str) -> bytes:
    entry = {
        "startedDateTime": "2026-11-01T10:00:00Z",
        "request": {"method": "GET", "url": f"wss://copilot.microsoft.com/c/api/chat?accessToken={token}"},
        "response": {"status": 101},
    }
    return json.dumps({"log": {"version": "1.2", "entries": [entry]}}).encode()


def test_a_packed_recording_is_read(simulated: SimulatorThread, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "recordings"
    folder.mkdir(parents=True)
    (folder / "copilot.har.gz").write_bytes(gzip.compress(recording("packed")))

    assert readHAR(URL) == ("packed", {})


def test_each_recording_that_cannot_be_used_says_why(simulated: SimulatorThread, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "recordings"
    folder.mkdir(parents=True)
    (folder / "cut.har").write_bytes(recording("x")[:-20])
    (folder / "empty.har").write_text('{"log": {"entries": []}}')
    with pytest.raises(NoValidHarFileError) as wrong:
        readHAR(URL)

    assert "cut.har: " in wrong.value.message
    assert "empty.har: " in wrong.value.message
