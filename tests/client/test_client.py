"""The client: one question, one reply, and what is remembered of both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from jumpseat.client import Client
from jumpseat.client.client import Direct
from jumpseat.deadlines import Timeouts
from jumpseat.model.credentials import Account, Credential, Secret
from jumpseat.model.errors import (
    ConversationBusy,
    ConversationLost,
    InvalidRequest,
    NotSignedIn,
    UpstreamBroke,
    UpstreamInterrupted,
)
from jumpseat.model.events import Finished, Started, TextDelta, TitleGiven
from jumpseat.model.messages import Message, Text, Turn, assistant, user
from jumpseat.settings import Settings
from tests.client.fakes import ScriptedUpstream, answer

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)


async def test_a_question_is_answered(client: Client, microsoft: ScriptedUpstream) -> None:
    reply = await client.ask("copilot", "Hi!")

    assert (reply.text, reply.finish_reason) == ("Hello there.", "stop")
    assert microsoft.asked[0][1].text == "Hi!"
    assert microsoft.given[0].closed


async def test_text_comes_as_it_is_said(client: Client) -> None:
    async with client.stream("copilot", "Hi!") as stream:
        assert [text async for text in stream.text_stream] == ["Hello", " there."]


async def test_events_begin_with_started_and_end_with_finished(client: Client) -> None:
    async with client.stream("copilot", "Hi!") as stream:
        events = [event async for event in stream]

    assert isinstance(events[0], Started)
    assert events[-1] == Finished("stop")


async def test_the_second_message_of_a_conversation_goes_to_the_same_thread_alone(
    client: Client, microsoft: ScriptedUpstream
) -> None:
    await client.ask("copilot", "I am Heiner.", conversation="c")
    await client.ask("copilot", "Who am I?", conversation="c")

    assert [(thread, question.text) for thread, question in microsoft.asked] == [
        ("u1", "I am Heiner."),
        ("u1", "Who am I?"),
    ]


async def test_a_conversation_outlives_the_process(
    make_client: Callable[[], Client], microsoft: ScriptedUpstream
) -> None:
    async with make_client() as before:
        await before.ask("copilot", "I am Heiner.", conversation="c")
    async with make_client() as after:
        await after.ask("copilot", "Who am I?", conversation="c")

    assert microsoft.opened == 1
    assert microsoft.asked[1][0] == "u1"


async def test_a_history_sent_again_is_not_asked_again(client: Client, microsoft: ScriptedUpstream) -> None:
    await client.ask("copilot", "I am Heiner.", conversation="c")
    history = [user("I am Heiner."), assistant("Hello there."), user("Who am I?")]
    await client.ask("copilot", history, conversation="c")

    assert microsoft.asked[1][1].text == "Who am I?"
    shown = await client.conversations.show("c")
    assert [message.text for message in shown.messages] == [
        "I am Heiner.",
        "Hello there.",
        "Who am I?",
        "Hello there.",
    ]


async def test_a_history_nobody_knows_is_folded_into_one_question(
    client: Client, microsoft: ScriptedUpstream
) -> None:
    await client.ask("copilot", [user("I am Heiner."), assistant("Hello."), user("Who am I?")])

    text = microsoft.asked[0][1].text
    assert text.startswith("User: I am Heiner.")
    assert text.endswith("Assistant:")


async def test_conversations_of_two_owners_and_two_services_are_apart(
    client: Client, microsoft: ScriptedUpstream, github: ScriptedUpstream
) -> None:
    await client.ask("copilot", "Hi", conversation="c", owner="ann")
    await client.ask("copilot", "Hi", conversation="c", owner="bob")
    await client.ask("gpt-4o", "Hi", conversation="c", owner="ann")

    assert (microsoft.opened, github.opened) == (2, 1)


async def test_a_lost_conversation_is_replaced_and_told_what_was_said(
    client: Client, microsoft: ScriptedUpstream
) -> None:
    await client.ask("copilot", "I am Heiner.", conversation="c")
    microsoft.answers = [[ConversationLost("gone")], answer("You are Heiner.")]
    async with client.stream("copilot", "Who am I?", conversation="c") as stream:
        await stream.reply()

    assert stream.headers == {"x-jumpseat-conversation": "replaced"}
    thread, question = microsoft.asked[2]
    assert thread == "u2"
    assert "User: I am Heiner." in question.text
    assert "Assistant: Hello there." in question.text
    assert "User: Who am I?" in question.text
    await client.ask("copilot", "And now?", conversation="c")
    assert microsoft.asked[3][0] == "u2"


async def test_a_lost_thread_of_the_callers_own_is_said_to_be_lost(
    client: Client, microsoft: ScriptedUpstream
) -> None:
    microsoft.answers = [[ConversationLost("gone")]]

    with pytest.raises(ConversationLost):
        await client.start(Turn(model="", messages=(user("Hi"),)), direct=Direct(thread="mine"))
    assert microsoft.opened == 0


async def test_two_messages_at_once_in_one_conversation_wait_for_each_other(
    client: Client, microsoft: ScriptedUpstream
) -> None:
    async with client.stream("copilot", "First", conversation="c") as stream:
        with pytest.raises(ConversationBusy) as busy:
            await client.ask("copilot", "Second", conversation="c")
        assert busy.value.retry_after > 0
        await stream.reply()

    await client.ask("copilot", "Third", conversation="c")
    assert [question.text for _, question in microsoft.asked] == ["First", "Third"]


async def test_leaving_early_closes_the_wire_and_keeps_what_was_said(
    client: Client, microsoft: ScriptedUpstream
) -> None:
    microsoft.answers = [[[Started(conversation_id="u1")], [TextDelta("Half")], asyncio.Event()]]
    async with client.stream("copilot", "Hi", conversation="c") as stream:
        async for event in stream:
            if isinstance(event, TextDelta):
                break

    assert microsoft.given[0].closed
    kept = (await client.conversations.show("c")).messages[-1]
    assert (kept.text, kept.state) == ("Half", "interrupted")


async def test_a_cancelled_caller_closes_the_wire(client: Client, microsoft: ScriptedUpstream) -> None:
    asked = asyncio.Event()
    microsoft.on_ask = asked.set
    microsoft.answers = [[asyncio.Event()]]
    task = asyncio.create_task(client.ask("copilot", "Hi", conversation="c"))
    await asked.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert microsoft.given[0].closed
    assert (await client.ask("copilot", "Again", conversation="c")).text == "Hello there."


async def test_an_answer_that_breaks_is_kept_as_far_as_it_came(
    client: Client, microsoft: ScriptedUpstream
) -> None:
    broke = UpstreamInterrupted("broke", may_be_delivered=True)
    microsoft.answers = [[[Started(conversation_id="u1")], [TextDelta("Half")], broke]]

    with pytest.raises(UpstreamInterrupted):
        await client.ask("copilot", "Hi", conversation="c")
    kept = (await client.conversations.show("c")).messages[-1]
    assert (kept.text, kept.state) == ("Half", "failed")


async def test_a_question_refused_at_once_leaves_no_trace(
    client: Client, microsoft: ScriptedUpstream
) -> None:
    microsoft.answers = [[UpstreamBroke("no")]]

    with pytest.raises(UpstreamBroke):
        await client.ask("copilot", "Hi", conversation="c")
    assert list(await client.conversations.list()) == []
    assert microsoft.given[0].closed


async def test_an_end_that_nobody_announced_is_an_error(client: Client, microsoft: ScriptedUpstream) -> None:
    microsoft.answers = [[[Started(conversation_id="u1")], [TextDelta("Half")]]]

    with pytest.raises(UpstreamInterrupted):
        await client.ask("copilot", "Hi")


async def test_the_upstreams_title_replaces_ours(client: Client, microsoft: ScriptedUpstream) -> None:
    await client.ask("copilot", "What is the weather like?", conversation="c")
    first = (await client.conversations.show("c")).conversation.title
    microsoft.answers = [[[Started(conversation_id="u1")], [TitleGiven("Weather")], [Finished("stop")]]]
    await client.ask("copilot", "And tomorrow?", conversation="c")

    assert first == "What is the weather like?"
    assert (await client.conversations.show("c")).conversation.title == "Weather"


async def test_pictures_go_along_where_the_model_sees_them(
    client: Client, microsoft: ScriptedUpstream
) -> None:
    await client.ask("copilot", "What is this?", images=[PNG, PNG])

    assert [image.media_type for image in microsoft.asked[0][1].images] == ["image/png", "image/png"]


async def test_pictures_are_refused_where_the_model_is_blind(
    client: Client, github: ScriptedUpstream
) -> None:
    with pytest.raises(InvalidRequest, match="takes no pictures"):
        await client.ask("gpt-4o", "What is this?", images=[PNG])
    assert github.asked == []


async def test_no_message_at_all_is_refused(client: Client) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await client.ask("copilot", [])
    assert refused.value.param == "messages"


async def test_a_direct_question_is_not_kept(client: Client, microsoft: ScriptedUpstream) -> None:
    account = Account(kind="microsoft", name="other", credential=Credential(token=Secret("x")))
    turn = Turn(model="", messages=(Message("user", (Text("Hi"),)),))
    async with await client.start(turn, direct=Direct(account=account)) as stream:
        await stream.reply()

    assert microsoft.accounts == [account]
    assert list(await client.conversations.list()) == []


async def test_an_unknown_model_is_refused_with_the_nearest(client: Client) -> None:
    with pytest.raises(InvalidRequest, match="microsoft/copilot") as refused:
        client.resolve("copilto")
    assert refused.value.code == "model_not_found"


async def test_an_unknown_model_may_mean_the_default_one(client: Client) -> None:
    assert client.resolve("claude-opus-5-5", unknown_model="default").id == "microsoft/copilot"
    assert client.resolve("claude-opus-5-5", "github", unknown_model="default").id == "github/gpt-4o"


async def test_an_unknown_provider_is_refused_all_the_same(client: Client) -> None:
    with pytest.raises(InvalidRequest) as refused:
        client.resolve("", "claude", unknown_model="default")
    assert refused.value.param == "provider"


async def test_without_a_sign_in_github_says_so(microsoft: ScriptedUpstream, settings: Settings) -> None:
    github = ScriptedUpstream("github")
    alone = Settings(home=settings.home)
    async with Client(alone, upstreams={"microsoft": microsoft, "github": github}) as client:
        with pytest.raises(NotSignedIn):
            await client.ask("gpt-4o", "Hi")


async def test_timeouts_that_make_no_sense_are_refused(client: Client) -> None:
    with pytest.raises(InvalidRequest):
        await client.ask("copilot", "Hi", timeout=0)
    assert Timeouts.of(5).total == 5


async def test_closing_the_client_closes_its_upstreams(
    make_client: Callable[[], Client], microsoft: ScriptedUpstream
) -> None:
    async with make_client():
        pass
    assert microsoft.closed == 1


async def test_an_answer_that_came_whole_is_kept_once_and_whole(
    client: Client, microsoft: ScriptedUpstream
) -> None:
    start = Started(conversation_id="u1")
    microsoft.answers = [[[start, TextDelta("Hi, Heiner."), TitleGiven("Names"), Finished("stop")]]]
    await client.ask("copilot", "I am Heiner.", conversation="c")

    shown = await client.conversations.show("c")
    assert shown.conversation.title == "Names"
    assert [(message.text, message.state) for message in shown.messages] == [
        ("I am Heiner.", "complete"),
        ("Hi, Heiner.", "complete"),
    ]
    await client.ask("copilot", [user("I am Heiner."), assistant("Hi, Heiner."), user("Who am I?")])
    assert [thread for thread, _ in microsoft.asked] == ["u1", "u1"]


async def test_an_answer_that_came_whole_is_durable_before_it_is_given(
    client: Client, microsoft: ScriptedUpstream
) -> None:
    microsoft.answers = [[[Started(conversation_id="u1"), TextDelta("Hi."), Finished("stop")]]]
    async with client.stream("copilot", "Hello", conversation="c"):
        kept = (await client.conversations.show("c")).messages

    assert [message.text for message in kept] == ["Hello", "Hi."]
