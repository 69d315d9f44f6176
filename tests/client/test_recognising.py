"""A history that a client sends again, without naming its conversation."""

from __future__ import annotations

import msgspec
import pytest

from jumpseat.client import Client
from jumpseat.model.errors import UpstreamInterrupted
from jumpseat.model.events import Started, TextDelta
from jumpseat.model.messages import Message, Text, assistant, user
from jumpseat.settings import Settings
from tests.client.fakes import ScriptedUpstream


async def test_a_history_sent_again_without_a_name_is_recognised(
    client: Client, microsoft: ScriptedUpstream
) -> None:
    said = [Message("system", (Text("Be brief."),)), user("I am Heiner.")]
    await client.ask("copilot", said)
    async with client.stream("copilot", [*said, assistant(" Hello there. "), user("Who am I?")]) as stream:
        await stream.reply()
    more = [*said, assistant("Hello there."), user("Who am I?"), assistant("Hello there."), user("Sure?")]
    await client.ask("copilot", more)

    assert stream.headers == {"x-jumpseat-conversation": "recognised"}
    assert [(thread, question.text) for thread, question in microsoft.asked[1:]] == [
        ("u1", "Who am I?"),
        ("u1", "Sure?"),
    ]
    assert len(await client.conversations.list()) == 1


async def test_another_turn_of_the_same_history_is_a_conversation_of_its_own(
    client: Client, microsoft: ScriptedUpstream
) -> None:
    history = [user("I am Heiner."), assistant("Hello there.")]
    await client.ask("copilot", history[:1])
    await client.ask("copilot", [*history, user("Who am I?")])
    await client.ask("copilot", [*history, user("Who am I, again?")])

    assert [thread for thread, _ in microsoft.asked] == ["u1", "u1", "u2"]
    assert "User: I am Heiner." in microsoft.asked[2][1].text


@pytest.mark.parametrize(
    "history",
    [
        [user("I am Heiner!"), assistant("Hello there.")],
        [user("I am Heiner."), assistant("Hello.")],
        [Message("system", (Text("Shout."),)), user("I am Heiner."), assistant("Hello there.")],
    ],
)
async def test_a_history_that_differs_is_not_recognised(
    client: Client, microsoft: ScriptedUpstream, history: list[Message]
) -> None:
    await client.ask("copilot", "I am Heiner.")
    await client.ask("copilot", [*history, user("Who am I?")])

    assert [thread for thread, _ in microsoft.asked] == ["u1", "u2"]


async def test_a_history_of_another_owner_is_not_recognised(
    client: Client, microsoft: ScriptedUpstream
) -> None:
    await client.ask("copilot", "I am Heiner.", owner="ann")
    history = [user("I am Heiner."), assistant("Hello there."), user("Who am I?")]
    await client.ask("copilot", history, owner="bob")

    assert [thread for thread, _ in microsoft.asked] == ["u1", "u2"]


async def test_a_named_conversation_may_be_gone_on_with_by_its_history(
    client: Client, microsoft: ScriptedUpstream
) -> None:
    await client.ask("copilot", "I am Heiner.", conversation="c")
    await client.ask("copilot", "Who am I?", conversation="c")
    history = [user("I am Heiner."), assistant("Hello there."), user("Who am I?"), assistant("Hello there.")]
    await client.ask("copilot", [*history, user("Sure?")])

    assert [thread for thread, _ in microsoft.asked] == ["u1", "u1", "u1"]


async def test_an_answer_broken_off_is_not_gone_on_with(client: Client, microsoft: ScriptedUpstream) -> None:
    broke = UpstreamInterrupted("broke", may_be_delivered=True)
    microsoft.answers = [[[Started(conversation_id="u1")], [TextDelta("Half")], broke]]
    with pytest.raises(UpstreamInterrupted):
        await client.ask("copilot", "Hi", conversation="c")
    await client.ask("copilot", "Still there?", conversation="c")
    await client.ask("copilot", [user("Hi"), assistant("Half"), user("Go on")])

    assert [thread for thread, _ in microsoft.asked] == ["u1", "u1", "u2"]


async def test_recognising_can_be_turned_off(
    settings: Settings, microsoft: ScriptedUpstream, github: ScriptedUpstream
) -> None:
    off = msgspec.structs.replace(settings, recognise=False)
    async with Client(off, upstreams={"microsoft": microsoft, "github": github}) as client:
        await client.ask("copilot", "I am Heiner.")
        await client.ask("copilot", [user("I am Heiner."), assistant("Hello there."), user("Who am I?")])

    assert microsoft.opened == 2
