"""Microsoft's REST calls."""

from __future__ import annotations

import aiohttp
import pytest

from jumpseat.simulator import Simulator
from jumpseat.simulator.pictures import png
from tests.simulator.peers import MicrosoftPeer


async def test_the_user_is_greeted_by_the_token(sim: Simulator, session: aiohttp.ClientSession) -> None:
    async def first_name(token: str) -> object:
        return (await MicrosoftPeer(session, sim.url, token).rest("GET", "/user?api-version=2"))["firstName"]

    assert await first_name("simulator-token") == "Robin"
    assert await first_name("whatever") == "Robin"
    assert await first_name("sim-alice") == "Alice"
    assert await first_name("") is None
    with pytest.raises(aiohttp.ClientResponseError, match="401"):
        await first_name("expired")


async def test_start_opens_a_conversation(microsoft: MicrosoftPeer) -> None:
    started = await microsoft.rest("POST", "/start", json={"timeZone": "Etc/UTC"})

    assert len(started["currentConversationId"]) == 21
    assert started["remainingTurns"] == 1000
    with pytest.raises(aiohttp.ClientResponseError, match="400"):
        await microsoft.rest("POST", "/start", json={})


async def test_the_limit_of_the_text_can_be_read(microsoft: MicrosoftPeer) -> None:
    assert (await microsoft.rest("GET", "/config?api-version=2"))["maxTextMessageLength"] == 10_240
    assert (await microsoft.rest("GET", "/user?api-version=4"))["remainingUsage"]["researchCalls"] == 5


async def test_a_conversation_can_be_shown_renamed_and_deleted(microsoft: MicrosoftPeer) -> None:
    conversation = await microsoft.new_conversation()
    await microsoft.answer(conversation, "How is bread baked in the old town?")
    path = f"/conversations/{conversation}"

    assert (await microsoft.rest("GET", path))["title"] == "How is bread baked in the…"
    await microsoft.rest("PATCH", path, json={"title": "Bread", "isPinned": True, "projectId": None})
    listed = (await microsoft.rest("GET", "/conversations"))["results"]
    assert [(row["title"], row["isPinned"]) for row in listed] == [("Bread", True)]
    await microsoft.rest("DELETE", path)
    for method, where in (
        ("GET", path),
        ("PATCH", path),
        ("DELETE", path),
        ("GET", f"{path}/history"),
    ):
        with pytest.raises(aiohttp.ClientResponseError, match="404"):
            await microsoft.rest(method, where)


async def test_history_is_newest_first_in_either_form(microsoft: MicrosoftPeer) -> None:
    conversation = await microsoft.new_conversation()
    await microsoft.answer(conversation, "%%SAY one%% %%IMAGE a cat%%")
    path = f"/conversations/{conversation}/history"

    new = (await microsoft.rest("GET", f"{path}?api-version=2"))["results"]
    old = (await microsoft.rest("GET", path))["results"]

    assert [message["author"] for message in new] == [{"type": "ai"}, {"type": "human"}]
    assert [message["author"] for message in old] == ["ai", "human"]
    assert [part["type"] for part in new[0]["content"]] == ["image", "text"]


async def test_pages_are_followed_by_path_and_by_cursor(microsoft: MicrosoftPeer) -> None:
    conversations = [await microsoft.new_conversation() for _ in range(3)]
    await microsoft.answer(conversations[0], "hello")

    first = await microsoft.rest("GET", "/conversations?limit=2")
    assert first["next"].startswith("/c/api/conversations?cursor=")
    second = await microsoft.rest("GET", first["next"].removeprefix("/c/api"))
    rows = first["results"] + second["results"]
    assert [row["id"] for row in rows] == [conversations[0], conversations[2], conversations[1]]

    path = f"/conversations/{conversations[0]}/history?limit=1"
    page = await microsoft.rest("GET", path)
    assert "/" not in page["next"]
    last = await microsoft.rest("GET", f"{path}&cursor={page['next']}")
    assert last["next"] is None
    assert last["results"][0]["author"] == "human"
    with pytest.raises(aiohttp.ClientResponseError, match="400"):
        await microsoft.rest("GET", f"{path}&cursor=nonsense!")


async def test_everything_can_be_deleted_at_once(microsoft: MicrosoftPeer) -> None:
    await microsoft.new_conversation()
    await microsoft.rest("DELETE", "/conversations/history")

    assert (await microsoft.rest("GET", "/conversations"))["results"] == []


async def test_pictures_are_taken_served_and_seen(microsoft: MicrosoftPeer) -> None:
    data = png("a boat")
    urls = []
    for _ in range(2):
        uploaded = await microsoft.rest(
            "POST", "/attachments", data=data, headers={"Content-Type": "image/png"}
        )
        urls.append(uploaded["url"])

    assert urls[0].startswith("/images/")
    async with microsoft.session.get(microsoft.url + urls[0]) as answer:
        assert await answer.read() == data
    conversation = await microsoft.new_conversation()
    answer_text = await microsoft.answer(conversation, "What is this?", images=tuple(urls))
    assert f"2 images: image/png ({len(data)} bytes)" in answer_text


@pytest.mark.parametrize("mime", ["text/plain", "image/jpeg", "application/pdf"])
async def test_a_type_that_is_none_or_a_lie_is_refused(microsoft: MicrosoftPeer, mime: str) -> None:
    with pytest.raises(aiohttp.ClientResponseError, match="415"):
        await microsoft.rest("POST", "/attachments", data=png("x"), headers={"Content-Type": mime})


async def test_a_picture_nobody_made_is_not_found(microsoft: MicrosoftPeer) -> None:
    for path in ("/images/x.png", "/th/id/BCO.x.png/?w=1"):
        async with microsoft.session.get(microsoft.url + path) as answer:
            assert answer.status == 404
