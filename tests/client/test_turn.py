"""One turn beside its question: waiting, refusing early, closing, and what a store that fails means."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jumpseat.accounts.pacer import Pacer
from jumpseat.accounts.pacing import Limits
from jumpseat.client import Client, turn
from jumpseat.deadlines import Deadlines, Timeouts
from jumpseat.errors import InvalidRequest, RateLimited, StoreUnavailable, UpstreamInterrupted
from jumpseat.model.events import Started, TextDelta
from jumpseat.model.messages import Message, Text, user
from jumpseat.settings import Settings
from jumpseat.store.sql import SqlArchive
from tests.client.fakes import ScriptedUpstream, answer
from tests.waiting import until_async


def one_at_a_time() -> Pacer:
    return Pacer({"microsoft": Limits(at_once=1)})


def assistant(text: str) -> Message:
    return Message("assistant", (Text(text),))


@pytest.fixture
def paced(settings: Settings, microsoft: ScriptedUpstream, github: ScriptedUpstream) -> Client:
    upstreams: Any = {"microsoft": microsoft, "github": github}
    return Client(settings, upstreams=upstreams, pacer=one_at_a_time())


async def test_waiting_in_our_own_queue_is_not_the_upstreams_time(
    paced: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    class Clock(Deadlines):
        def __init__(self, timeouts: Timeouts, party: str) -> None:
            begun.append(party)
            super().__init__(timeouts, party)

    monkeypatch.setattr(turn, "Deadlines", Clock)
    async with paced:
        first = await paced.open("copilot", "Hi")
        second = asyncio.ensure_future(paced.ask("copilot", "Hi again"))
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(begun) == 1
        await first.aclose()
        await second
    assert len(begun) == 2


async def test_our_own_queue_is_waited_in_for_as_long_as_a_turn_may_take(paced: Client) -> None:
    async with paced:
        async with paced.stream("copilot", "Hi"):
            with pytest.raises(RateLimited, match="busy with other questions") as slow:
                await paced.ask("copilot", "Hi again", timeout=0.02)
        assert slow.value.code == "queue_too_slow"
        assert slow.value.retry_after
        assert str(await paced.ask("copilot", "And now?")) == "Hello there."


async def test_what_is_too_long_is_refused_before_anything_is_opened(
    client: Client, microsoft: ScriptedUpstream
) -> None:
    with pytest.raises(InvalidRequest) as long:
        await client.ask("copilot", "x" * 1001)
    assert long.value.code == "context_length_exceeded"
    assert (microsoft.opened, microsoft.asked) == (0, [])


@pytest.mark.parametrize("conversation", [None, "c"])
async def test_an_empty_question_is_refused_before_anything_is_opened(
    client: Client, microsoft: ScriptedUpstream, conversation: str | None
) -> None:
    if conversation:
        await client.ask("copilot", "Hi", conversation=conversation)
    before = (microsoft.opened, len(microsoft.asked))
    with pytest.raises(InvalidRequest, match="empty"):
        await client.ask("copilot", " \n", conversation=conversation)
    assert (microsoft.opened, len(microsoft.asked)) == before


async def test_a_store_that_never_worked_is_noticed_before_anything_is_sent(
    client: Client, microsoft: ScriptedUpstream, settings: Settings
) -> None:
    settings.home.write_text("no folder")
    with pytest.raises(StoreUnavailable) as broken:
        await client.ask("copilot", "Hi")
    assert (microsoft.opened, microsoft.asked) == (0, [])
    assert not broken.value.may_be_delivered


async def test_a_store_that_fails_at_the_end_is_no_reason_to_ask_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_args: object) -> None:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(SqlArchive, "record_reply", full)
    with pytest.raises(StoreUnavailable) as failed:
        await client.ask("copilot", "Hi", conversation="c")
    assert failed.value.may_be_delivered
    monkeypatch.undo()
    assert str(await client.ask("copilot", "Hi", conversation="c")) == "Hello there."


async def test_a_history_whose_conversation_is_busy_goes_on_in_one_of_its_own(
    client: Client, microsoft: ScriptedUpstream
) -> None:
    await client.ask("copilot", "Hi", conversation="c")
    held = asyncio.Event()
    microsoft.answers = [[held, *answer("first")]]
    said = [user("Hi"), assistant("Hello there."), user("Go on.")]
    slow = asyncio.ensure_future(client.ask("copilot", said))
    await until_async(lambda: len(microsoft.asked) == 2)
    quick = await client.open("copilot", said)
    assert str(await quick.reply()) == "Hello there."
    held.set()

    assert str(await slow) == "first"
    assert [upstream_id for upstream_id, _ in microsoft.asked] == ["u1", "u1", "u2"]
    assert quick.headers == {}


async def test_an_empty_name_is_no_name(client: Client, microsoft: ScriptedUpstream) -> None:
    async with client.stream("copilot", "Hi", conversation="") as one:
        await one.reply()
    async with client.stream("copilot", "Hi", conversation="") as other:
        await other.reply()

    assert one.conversation_id != other.conversation_id
    assert microsoft.opened == 2


async def test_closing_the_client_ends_its_streams(
    make_client: Callable[[], Client], microsoft: ScriptedUpstream
) -> None:
    microsoft.answers = [[[Started(conversation_id="u"), TextDelta("half")], asyncio.Event()]]
    client = make_client()
    stream = await client.open("copilot", "Hi", conversation="c")
    assert await anext(aiter(stream.text_stream)) == "half"
    await client.aclose()
    await client.aclose()

    with pytest.raises(UpstreamInterrupted):
        await stream.reply()
    assert microsoft.given[0].closed
    async with make_client() as later:
        kept = (await later.conversations.show("c")).messages
    assert [(message.text, message.state) for message in kept] == [
        ("Hi", "complete"),
        ("half", "interrupted"),
    ]


async def test_a_closed_client_says_so(client: Client, microsoft: ScriptedUpstream) -> None:
    await client.aclose()
    with pytest.raises(InvalidRequest, match="this client is closed"):
        await client.ask("copilot", "Hi")
    assert microsoft.asked == []


async def test_whatever_fails_in_closing_the_rest_is_closed(
    make_client: Callable[[], Client], microsoft: ScriptedUpstream, github: ScriptedUpstream
) -> None:
    async def fail() -> None:
        raise OSError("gone")

    github.aclose = fail  # type: ignore[method-assign]
    client = make_client()
    with pytest.raises(OSError, match="gone"):
        await client.aclose()
    assert microsoft.closed


@pytest.mark.parametrize("name", ["x" * 1025, "a\0b", "\ud800"], ids=["long", "with NUL", "no text"])
async def test_what_is_no_name_of_a_conversation_is_refused_in_short(
    client: Client, microsoft: ScriptedUpstream, name: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await client.ask("copilot", "Hi", conversation=name)
    assert len(str(refused.value)) < 200
    assert microsoft.asked == []


@pytest.mark.parametrize(
    "name", ["../../etc", "%2e%2e", " ", "ünï ☃", "'; drop table conversations;--", "a\nb"]
)
async def test_a_name_may_look_as_odd_as_it_likes(
    client: Client, microsoft: ScriptedUpstream, name: str
) -> None:
    for _ in range(2):
        await client.ask("copilot", "Hi", conversation=name)
    assert microsoft.opened == 1
    assert (await client.conversations.show(name)).conversation.conversation_id == name


async def test_messages_may_be_dicts_as_openais_clients_have_them(
    client: Client, microsoft: ScriptedUpstream
) -> None:
    await client.ask("copilot", [{"role": "developer", "content": "Be brief."}, user("Hi")])

    assert microsoft.asked[0][1].text == "System: Be brief.\nUser: Hi\nAssistant:"


@pytest.mark.parametrize("foreign", [{"role": "king", "content": "Hi"}, {"content": "Hi"}, 7, "Hi", None])
async def test_what_is_no_message_is_named_by_its_place(client: Client, foreign: Any) -> None:
    with pytest.raises(InvalidRequest, match=r"messages\[1\]") as refused:
        await client.ask("copilot", [user("Hi"), foreign])
    assert str(refused.value.param).startswith("messages[1]")


@pytest.mark.parametrize("picture", [b"\x89PNG", "a.png", Path("a.png"), io.BytesIO(b"x")], ids=type)
async def test_a_picture_without_a_list_is_told(client: Client, picture: Any) -> None:
    with pytest.raises(InvalidRequest, match="images is a list"):
        await client.ask("copilot", "Hi", images=picture)
