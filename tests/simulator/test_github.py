"""GitHub's web chat."""

from __future__ import annotations

import aiohttp
import pytest

from jumpseat.simulator import Simulator
from tests.simulator.peers import MESSAGE, PAGE_HEADERS, GithubPeer
from tests.waiting import until_async

TOKEN_CALL = "/github-copilot/chat/token"


async def test_a_session_gets_a_token_that_works(
    sim: Simulator, session: aiohttp.ClientSession, github: GithubPeer
) -> None:
    status, body = await github.call("POST", TOKEN_CALL, headers={**PAGE_HEADERS, "Cookie": "user_session=x"})

    assert status == 200
    assert "T" in body["expiration"]
    thread = await GithubPeer(session, sim.url, body["token"]).new_thread()
    assert thread


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (PAGE_HEADERS, 401),
        ({**PAGE_HEADERS, "Cookie": "user_session=expired"}, 401),
        ({"Cookie": "user_session=x"}, 422),
        ({"Cookie": "user_session=x", "GitHub-Verified-Fetch": "true"}, 422),
    ],
)
async def test_a_token_call_has_its_conditions(
    github: GithubPeer, headers: dict[str, str], status: int
) -> None:
    assert (await github.call("POST", TOKEN_CALL, headers=headers))[0] == status


@pytest.mark.parametrize(
    "authorization",
    ["Bearer simulator-web-token", "GitHub-Bearer expired-web-token", "GitHub-Bearer x", "GitHub-Bearer", ""],
)
async def test_other_tokens_and_schemes_are_refused(github: GithubPeer, authorization: str) -> None:
    status, _ = await github.call("GET", "/github/chat/threads", headers={"Authorization": authorization})

    assert status == 401


async def test_a_thread_remembers(github: GithubPeer) -> None:
    thread = await github.new_thread()
    await github.answer(thread, "Hello, i am Heiner.")

    assert "Heiner" in await github.answer(thread, "Tell me somethings about my name")


async def test_threads_are_listed_read_and_deleted(github: GithubPeer) -> None:
    thread = await github.new_thread()
    await github.answer(thread, "%%SAY hello%%")
    path = f"/github/chat/threads/{thread}"

    assert (await github.call("GET", "/github/chat/threads"))[1]["threads"][0]["id"] == thread
    messages = (await github.call("GET", f"{path}/messages"))[1]["messages"]
    assert [(message["role"], message["content"]) for message in messages][1] == ("assistant", "hello")
    assert (await github.call("DELETE", path))[0] == 204
    assert (await github.call("DELETE", path))[0] == 404
    assert (await github.call("GET", f"{path}/messages"))[0] == 404
    assert (await github.ask(thread, "hello"))[0] == 404


@pytest.mark.parametrize("field", [*MESSAGE, "content"])
async def test_every_field_of_a_message_is_needed(github: GithubPeer, field: str) -> None:
    status, body = await github.ask(await github.new_thread(), "hello", **{field: None})

    assert status == 400
    assert field in body["message"]


async def test_the_ids_of_the_client_come_back(github: GithubPeer) -> None:
    status, data = await github.ask(
        await github.new_thread(), "hi", responseMessageID="answer-1", parentMessageID="root", model="o1-mini"
    )

    assert status == 200
    assert b'"id":"answer-1","parentMessageID":"root","model":"o1-mini"' in data


async def test_models_are_listed(github: GithubPeer) -> None:
    status, body = await github.call("GET", "/models")

    assert status == 200
    assert {"gpt-4o", "o1-mini", "o1-preview", "claude-3.5-sonnet"} <= {row["id"] for row in body["data"]}


async def test_it_says_that_it_cannot_draw_and_shows_that_it_plans(github: GithubPeer) -> None:
    thread = await github.new_thread()

    assert "cannot draw" in await github.answer(thread, "%%IMAGE a cat%%")
    _, data = await github.ask(thread, "%%THINK hm%% hello")
    assert b'"name":"planskill"' in data


async def test_what_a_prompt_cites_is_in_the_references(github: GithubPeer) -> None:
    _, data = await github.ask(await github.new_thread(), "%%CITE https://example.org%% %%SAY x%%")

    assert b'"references":[{"type":"web-search","url":"https://example.org"}]' in data


async def test_every_token_is_an_event_of_its_own(github: GithubPeer) -> None:
    _, data = await github.ask(await github.new_thread(), "%%TOKENS 5000%%")

    assert data.count(b'data: {"type":"content"') == 5000


async def test_recorded_pieces_are_replayed_verbatim(sim: Simulator, github: GithubPeer) -> None:
    frames = ["data: {}\n\n", 1, {"type": "complete"}]
    await github.call("POST", "/_simulator/script", json={"service": "github", "frames": frames})

    _, data = await github.ask(await github.new_thread(), "hello")

    assert data == b'data: {}\n\ndata: {"type":"complete"}\n\n'


async def test_who_leaves_amid_a_stream_leaves_nothing_behind(sim: Simulator, github: GithubPeer) -> None:
    thread = await github.new_thread()
    body = {**MESSAGE, "content": "hello %%FAULT github-silence-amid-text%%"}
    path = f"{sim.url}/github/chat/threads/{thread}/messages"
    async with github.session.post(path, headers=github.headers, json=body) as answer:
        await answer.content.readany()

    await until_async(lambda: not any(sim.world.open.values()))


async def test_a_thread_deleted_elsewhere_is_gone(github: GithubPeer) -> None:
    thread = await github.new_thread()
    assert await github.answer(thread, "hello %%FAULT thread-gone%%")  # A new thread is none to strike.

    assert (await github.ask(thread, "hello %%FAULT thread-gone%%"))[0] == 404
    assert (await github.ask(thread, "hello"))[0] == 404
