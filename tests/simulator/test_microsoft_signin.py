"""The sign-in page of the simulated Microsoft Copilot: what it serves, and what it leaves in a browser."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any

import aiohttp
import pytest

from jumpseat.simulator import Simulator
from tests.waiting import until_async


async def enter(
    sim: Simulator, session: aiohttp.ClientSession, do: str, name: str = "Alice"
) -> dict[str, Any]:
    async with session.post(f"{sim.url}/sign-in", json={"do": do, "name": name}) as answer:
        assert answer.status == 200
        body: dict[str, Any] = await answer.json()
        return body


def tokens(body: dict[str, Any]) -> list[dict[str, Any]]:
    values = [json.loads(text) for text in body["storage"].values()]
    return [
        value for value in values if isinstance(value, dict) and value.get("credentialType") == "AccessToken"
    ]


@pytest.mark.parametrize("path", ["/", "/client-first", "/client-first/", "/server-first/"])
async def test_the_page_runs_its_own_script_and_nothing_else(
    sim: Simulator, session: aiohttp.ClientSession, path: str
) -> None:
    async with session.get(sim.url + path) as answer:
        html, policy = await answer.text(), answer.headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert not re.search(r"\son\w+=|\sstyle=|https?://", html)
    assert 'lang="en"' in html
    assert html.count("<label") == 3


async def test_a_microsoft_account_leaves_a_plain_token(
    sim: Simulator, session: aiohttp.ClientSession
) -> None:
    body = await enter(sim, session, "msal-plain")
    [token] = tokens(body)

    assert token["secret"] == body["token"] == "sim-alice"
    assert "ChatAI.ReadWrite" in token["target"]
    assert 3500 < int(token["expiresOn"]) - time.time() <= 3600
    assert all(key.startswith("msal.2") for key in body["storage"])
    [listed] = json.loads(next(text for key, text in body["storage"].items() if "token.keys" in key))[
        "accessToken"
    ]
    assert listed in body["storage"]


async def test_the_newer_form_of_the_cache_has_keys_of_its_own(
    sim: Simulator, session: aiohttp.ClientSession
) -> None:
    body = await enter(sim, session, "msal-plain-v3")

    assert all(key.startswith("msal.3") for key in body["storage"])
    assert tokens(body)


async def test_an_encrypted_cache_shows_no_token(sim: Simulator, session: aiohttp.ClientSession) -> None:
    body = await enter(sim, session, "msal-encrypted")
    [sealed] = [json.loads(text) for key, text in body["storage"].items() if "|" in key]

    assert set(sealed) == {"id", "nonce", "data", "lastUpdatedAt"}
    assert "sim-alice" not in json.dumps(body["storage"])


@pytest.mark.parametrize(
    ("do", "user_id", "identity"),
    [("auth0-google", "google-oauth2|", "google"), ("auth0-apple", "apple|", "apple")],
)
async def test_other_accounts_leave_what_auth0_writes(
    sim: Simulator, session: aiohttp.ClientSession, do: str, user_id: str, identity: str
) -> None:
    body = await enter(sim, session, do)
    [(key, text)] = body["storage"].items()

    assert key.startswith("@@auth0spajs@@::simulator::https://copilot.microsoft.com::")
    assert json.loads(text)["body"]["access_token"] == "sim-alice"
    assert user_id in text
    assert body["identityType"] == identity


async def test_bad_tokens_can_be_had(sim: Simulator, session: aiohttp.ClientSession) -> None:
    [expired] = tokens(await enter(sim, session, "expired"))
    [elsewhere] = tokens(await enter(sim, session, "wrong-target"))

    assert int(expired["expiresOn"]) < time.time()
    assert "ChatAI" not in elsewhere["target"]
    assert (await enter(sim, session, "socket-only"))["storage"] == {}


async def test_what_is_late_waits_for_a_word(sim: Simulator, session: aiohttp.ClientSession) -> None:
    late = asyncio.ensure_future(enter(sim, session, "late"))
    finished = 0

    async def finish() -> None:
        nonlocal finished
        async with session.post(f"{sim.url}/_simulator/sign-in") as answer:
            finished += (await answer.json())["finished"]

    while not finished:
        assert not late.done()
        await finish()
    assert tokens(await late)


async def test_a_browser_that_left_is_not_let_in_late(sim: Simulator, session: aiohttp.ClientSession) -> None:
    late = asyncio.ensure_future(enter(sim, session, "late"))
    await asyncio.sleep(0)
    late.cancel()
    await until_async(late.done)
    async with session.post(f"{sim.url}/_simulator/sign-in") as answer:
        assert (await answer.json())["finished"] == 0


async def test_never_is_never(sim: Simulator, session: aiohttp.ClientSession) -> None:
    async with session.post(f"{sim.url}/sign-in", json={"do": "never"}) as answer:
        assert answer.status == 204
        assert not answer.cookies


async def test_an_unknown_way_is_refused(sim: Simulator, session: aiohttp.ClientSession) -> None:
    async with session.post(f"{sim.url}/sign-in", json={"do": "magic"}) as answer:
        assert answer.status == 400
        assert "msal-plain" in await answer.text()


async def test_the_page_knows_who_is_signed_in_until_they_leave(sim: Simulator) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        await enter(sim, browser, "msal-encrypted", "Ada Lovelace")
        async with browser.get(f"{sim.url}/sign-in") as answer:
            assert (await answer.json())["token"] == "sim-ada-lovelace"
        cookies = {cookie.key: cookie for cookie in jar}
        assert cookies["_C_Auth"]["httponly"]
        assert not cookies["MUID"]["httponly"]
        await browser.delete(f"{sim.url}/sign-in")
        async with browser.get(f"{sim.url}/sign-in") as answer:
            assert answer.status == 204


@pytest.mark.parametrize(("name", "token"), [("", "sim-robin"), ("<b>", "sim-b"), ("Ы", "sim-robin")])
async def test_any_name_makes_a_token(
    sim: Simulator, session: aiohttp.ClientSession, name: str, token: str
) -> None:
    assert (await enter(sim, session, "socket-only", name))["token"] == token


async def test_the_page_is_told_who_speaks_first(sim: Simulator, session: aiohttp.ClientSession) -> None:
    for prefix, server_first in (("", True), ("/server-first", True), ("/client-first", False)):
        async with session.post(f"{sim.url}{prefix}/sign-in", json={"do": "socket-only"}) as answer:
            assert (await answer.json())["serverFirst"] is server_first
