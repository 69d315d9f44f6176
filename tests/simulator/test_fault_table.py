"""The table of faults is whole, and each one acts and leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from jumpseat.simulator import Simulator, faults
from jumpseat.simulator.fault_table import find
from tests.simulator.peers import GithubPeer, MicrosoftPeer, receive, send
from tests.waiting import until_async

OUTCOMES = {
    "ok",
    "InvalidRequest",
    "NotSignedIn",
    "HumanCheckRequired",
    "RateLimited",
    "QuotaExceeded",
    "UpstreamRefused",
    "UpstreamBroke",
}
ROWS = faults()
AT_MICROSOFT = [row for row in ROWS if row["service"] == "microsoft" and row["strikes"] == "prompt"]
AT_GITHUB = [row for row in ROWS if row["service"] == "github" and row["strikes"] == "prompt"]
CALLS = [row for row in ROWS if row["status"] and row["strikes"] == "next"]
PATIENCE = 0.15


def name(row: dict[str, Any]) -> str:
    return str(row["name"])


def test_names_are_unique_and_outcomes_known() -> None:
    assert len({row["name"] for row in ROWS}) == len(ROWS) > 150
    for row in ROWS:
        assert {row["expect"], *row["tolerated"]} <= OUTCOMES
        assert row["description"]
        assert row["wire"]


def test_a_fault_is_found_by_name_and_service() -> None:
    assert find("silence", "github") == find("github-silence")
    assert find("silence", "microsoft") == find("silence")
    assert find("frames-cut", "github") is None
    assert find("nonsense") is None


async def frames_of(peer: MicrosoftPeer, conversation: str, text: str) -> list[Any]:
    """What comes over the socket for a moment, and how it ends."""
    seen: list[Any] = []

    async def hear() -> None:
        while (message := await ws.receive()).type is aiohttp.WSMsgType.TEXT:
            seen.append(message.data)
        seen.append(ws.close_code)

    async with peer.opened() as ws:
        await ws.send_json(send(conversation, text))
        try:
            await asyncio.wait_for(hear(), PATIENCE)
        except TimeoutError:
            seen.append("open")
    return seen


@pytest.mark.parametrize("row", AT_MICROSOFT, ids=name)
async def test_a_fault_of_microsofts_turn_acts_and_is_over(
    sim: Simulator, microsoft: MicrosoftPeer, row: dict[str, Any]
) -> None:
    conversation = await microsoft.new_conversation()
    if row["needs_thread"]:
        await microsoft.answer(conversation, "hello")

    seen = await frames_of(microsoft, conversation, f"hello %%FAULT {row['name']}%%")
    frames = await microsoft.turn(await microsoft.new_conversation(), "hello")
    ordinary = [len(json.dumps(frame, ensure_ascii=False, separators=(",", ":"))) for frame in frames]

    assert [len(str(frame)) for frame in seen] != [*ordinary, len("open")]
    await until_async(lambda: not any(sim.world.open.values()))
    assert sim.violations == []


@pytest.mark.parametrize("row", AT_GITHUB, ids=name)
async def test_a_fault_of_githubs_turn_acts_and_is_over(
    sim: Simulator, github: GithubPeer, row: dict[str, Any]
) -> None:
    thread = await github.new_thread()
    if row["needs_thread"]:
        await github.answer(thread, "hello")

    async def ask() -> tuple[int, Any]:
        return await github.ask(thread, f"hello %%FAULT {row['name']}%%")

    if row["hangs"]:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ask(), PATIENCE)
    elif "cut" in row["name"]:
        with pytest.raises(aiohttp.ClientPayloadError):
            await ask()
    else:
        status, data = await ask()
        assert status == (row["status"] or 200)
        if row["expect"] == "ok" and status == 200:
            assert b"complete" in data
    await until_async(lambda: not any(sim.world.open.values()))


@pytest.mark.parametrize("row", CALLS, ids=name)
async def test_a_fault_of_a_call_is_armed_beforehand(
    sim: Simulator, session: aiohttp.ClientSession, row: dict[str, Any]
) -> None:
    paths = {
        "chat": ("GET", "/c/api/chat"),
        "user": ("GET", "/c/api/user"),
        "start": ("POST", "/c/api/start"),
        "list": ("GET", "/c/api/conversations"),
        "attachments": ("POST", "/c/api/attachments"),
        "token": ("POST", "/github-copilot/chat/token"),
        "models": ("GET", "/models"),
        "create": ("POST", "/github/chat/threads"),
        "device-code": ("POST", "/login/device/code"),
        "exchange": ("GET", "/copilot_internal/v2/token"),
        "api-user": ("GET", "/user"),
        "device-token": ("POST", "/login/oauth/access_token"),
    }
    async with session.post(f"{sim.url}/_simulator/next", json={"fault": row["name"]}) as answer:
        assert (await answer.json())["name"] == row["name"]
    method, path = next(paths[call] for call in row["calls"] if call in paths)

    statuses = []
    for _ in range(2):
        async with session.request(method, sim.url + path, allow_redirects=False) as answer:
            statuses.append(answer.status)

    assert statuses[0] == row["status"]
    if row["lasts"] == "until-reset":
        assert statuses[1] == row["status"]


async def test_armed_faults_are_taken_back(sim: Simulator, microsoft: MicrosoftPeer) -> None:
    for take_back in ({"fault": None}, None):
        await microsoft.session.post(f"{sim.url}/_simulator/next", json={"fault": "rest-500"})
        if take_back:
            await microsoft.session.post(f"{sim.url}/_simulator/next", json=take_back)
        else:
            await microsoft.session.post(f"{sim.url}/_simulator/reset")
        assert await microsoft.new_conversation()


@pytest.mark.parametrize(
    ("fault", "events"),
    [
        ("greeting-twice", ["connected", "connected"]),
        ("greeting-challenge", ["connected", "challenge"]),
        ("greeting-unavailable", ["error"]),
    ],
)
async def test_a_greeting_can_go_wrong(
    sim: Simulator, microsoft: MicrosoftPeer, fault: str, events: list[str]
) -> None:
    await microsoft.session.post(f"{sim.url}/_simulator/next", json={"fault": fault, "times": 1})

    async with microsoft.socket() as ws:
        assert [(await receive(ws))["event"] for _ in events] == events


async def test_a_frame_before_the_greeting_is_refused(sim: Simulator, microsoft: MicrosoftPeer) -> None:
    await microsoft.session.post(f"{sim.url}/_simulator/next", json={"fault": "greeting-missing", "times": 1})

    async with microsoft.socket() as ws:
        await ws.send_json(send("any", "hello"))
        assert (await receive(ws))["errorCode"] == "invalid-event"


async def test_a_full_conversation_is_full_and_a_new_one_is_not(microsoft: MicrosoftPeer) -> None:
    conversation = await microsoft.new_conversation()
    text = "hello %%FAULT conversation-full%%"

    assert await microsoft.answer(conversation, text)
    async with microsoft.opened() as ws:
        await ws.send_json(send(conversation, text))
        assert (await receive(ws))["errorCode"] == "too-many-messages"


async def test_a_fault_nobody_knows_is_noted(sim: Simulator, microsoft: MicrosoftPeer) -> None:
    said = await microsoft.answer(await microsoft.new_conversation(), "hello %%FAULT earthquake%%")
    assert "No such fault here: earthquake" in said
    said = await microsoft.answer(await microsoft.new_conversation(), "hello %%FAULT rest-401%%")
    assert "arm it" in said
    assert "earthquake" in sim.violations[0]


@pytest.mark.parametrize(
    ("fault", "method", "path", "field", "value"),
    [
        ("start-without-conversation", "POST", "/start", "currentConversationId", None),
        ("start-blocked", "POST", "/start", "isBlocked", True),
        ("rest-token-not-accepted", "GET", "/user", "firstName", None),
    ],
)
async def test_answers_can_be_right_in_form_and_bad_news(
    sim: Simulator, microsoft: MicrosoftPeer, fault: str, method: str, path: str, field: str, value: object
) -> None:
    await microsoft.session.post(f"{sim.url}/_simulator/next", json={"fault": fault})

    assert (await microsoft.rest(method, path, json={"timeZone": "Etc/UTC"}))[field] is value


async def test_a_cookie_can_be_blanked(sim: Simulator, microsoft: MicrosoftPeer) -> None:
    await microsoft.session.post(f"{sim.url}/_simulator/next", json={"fault": "rest-blank-cookie"})

    async with microsoft.session.get(f"{sim.url}/c/api/user") as answer:
        assert answer.headers["Set-Cookie"].startswith("_C_Auth=;")
