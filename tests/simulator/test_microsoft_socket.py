"""The chat socket: both dialects, the rules for clients, and what a turn is made of."""

from __future__ import annotations

import base64
from itertools import pairwise

import aiohttp
import pytest

from jumpseat.simulator import Simulator
from tests.simulator.peers import MicrosoftPeer, events_of, frames_until, receive, send, text_of
from tests.waiting import until_async


async def test_a_server_first_turn_follows_the_protocol(microsoft: MicrosoftPeer) -> None:
    frames = await microsoft.turn(await microsoft.new_conversation(), "%%SAY Hello brave world%%")

    assert events_of(frames)[:2] == ["received", "startMessage"]
    assert events_of(frames)[2:8] == ["appendText"] * 3 + ["partCompleted", "done", "titleUpdate"]
    assert [frame["id"] for frame in frames] == [str(number) for number in range(1, len(frames) + 1)]
    assert text_of(frames) == "Hello brave world"
    assert len(frames[2]["partId"]) == 21


async def test_a_client_first_turn_follows_the_protocol(
    sim: Simulator, session: aiohttp.ClientSession
) -> None:
    peer = MicrosoftPeer(session, f"{sim.url}/client-first")
    conversation = await peer.new_conversation()

    async with peer.socket() as ws:
        await ws.send_json(send(conversation, "%%SAY Hello%%"))
        frames = await frames_until(ws, "suggestedFollowups")

    assert events_of(frames) == [
        "received",
        "startMessage",
        "appendText",
        "partCompleted",
        "done",
        "titleUpdate",
        "suggestedFollowups",
    ]
    assert frames[0]["id"] == "0"
    assert frames[2]["partId"] == "0"


async def test_the_dialect_of_the_whole_simulator_can_be_chosen(session: aiohttp.ClientSession) -> None:
    async with Simulator(dialect="client-first") as sim:
        peer = MicrosoftPeer(session, sim.url)
        async with peer.socket() as ws:
            await ws.send_json(send(await peer.new_conversation(), "hello"))
            assert (await receive(ws))["event"] == "received"
        async with MicrosoftPeer(session, f"{sim.url}/server-first").socket() as ws:
            assert (await receive(ws))["event"] == "connected"

    with pytest.raises(ValueError, match="dialect"):
        Simulator(dialect="sideways")


async def test_a_conversation_is_remembered_over_several_sockets(microsoft: MicrosoftPeer) -> None:
    conversation = await microsoft.new_conversation()
    await microsoft.answer(conversation, "Hello, i am Heiner. How are you?")

    assert "Heiner" in await microsoft.answer(conversation, "Tell me somethings about my name")
    other = await microsoft.new_conversation()
    assert "Heiner" not in await microsoft.answer(other, "What is my name?")


async def test_two_turns_fit_on_one_socket(microsoft: MicrosoftPeer) -> None:
    conversation = await microsoft.new_conversation()
    async with microsoft.opened() as ws:
        for text in ("My name is Bob", "What is my name?"):
            await ws.send_json(send(conversation, text))
            frames = await frames_until(ws, "suggestionCompleted", times=2)

    assert "Bob" in text_of(frames)
    assert "titleUpdate" not in events_of(frames)


async def test_a_folded_transcript_is_history_as_well(microsoft: MicrosoftPeer) -> None:
    folded = "User: Hello, i am Heiner.\nAssistant: Hello!\nUser: What is my name?\nAssistant:"

    assert "Heiner" in await microsoft.answer(await microsoft.new_conversation(), folded)


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([], "invalid-event"),
        (["setOptions"], "invalid-event"),
        (["reportLocalConsents"], "invalid-event"),
    ],
)
async def test_a_send_before_the_opening_is_refused(
    microsoft: MicrosoftPeer, frames: list[str], code: str
) -> None:
    conversation = await microsoft.new_conversation()
    async with microsoft.socket() as ws:
        await receive(ws)
        for event in frames:
            await ws.send_json({"event": event, "grantedConsents": []})
        await ws.send_json(send(conversation, "hello"))
        error = await receive(ws)

    assert (error["event"], error["errorCode"], error["id"]) == ("error", code, "0.0002")


async def test_a_missing_session_id_is_refused(microsoft: MicrosoftPeer) -> None:
    conversation = await microsoft.new_conversation()
    async with microsoft.socket(session_id="") as ws:
        await receive(ws)
        await ws.send_json({"event": "setOptions"})
        await ws.send_json({"event": "reportLocalConsents", "grantedConsents": []})
        await ws.send_json(send(conversation, "hello"))

        assert (await receive(ws))["errorCode"] == "invalid-event"


async def test_a_second_send_on_a_live_turn_is_refused_and_the_turn_goes_on(microsoft: MicrosoftPeer) -> None:
    conversation = await microsoft.new_conversation()
    async with microsoft.opened() as ws:
        await ws.send_json(send(conversation, "%%SAY one two three%% %%SLOW 30%%"))
        await ws.send_json(send(conversation, "again"))
        frames = await frames_until(ws, "done")

    assert [frame["errorCode"] for frame in frames if frame["event"] == "error"] == ["invalid-event"]
    assert text_of(frames) == "one two three"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"mode": "creative"}, "invalid-event"),
        ({"mode": None}, "invalid-event"),
        ({"conversationId": "unknown"}, "invalid-event"),
        ({"content": "text"}, "invalid-event"),
        ({"content": []}, "invalid-event"),
        ({"content": [{"type": "text", "text": " "}]}, "invalid-event"),
        ({"content": [{"type": "text"}]}, "invalid-event"),
        ({"content": [{"type": "hologram", "text": "x"}]}, "invalid-event"),
        ({"content": [{"type": "image", "url": "/images/never.png"}]}, "invalid-event"),
        (
            {"content": [{"type": "text", "text": "x"}, {"type": "image", "url": "/images/late.png"}]},
            "invalid-event",
        ),
        ({"content": [{"type": "text", "text": "x" * 10_241}]}, "text-too-long"),
        ({"event": "teleport"}, "event-not-recognized"),
        ({"event": None}, "invalid-event"),
    ],
)
async def test_a_frame_out_of_shape_is_refused(
    microsoft: MicrosoftPeer, change: dict[str, object], code: str
) -> None:
    conversation = await microsoft.new_conversation()
    async with microsoft.opened() as ws:
        await ws.send_json({**send(conversation, "hello"), **change})
        error = await receive(ws)
        await ws.send_json(send(conversation, "hello"))

        assert error["errorCode"] == code
        assert (await receive(ws))["event"] == "received"


async def test_text_that_is_no_json_is_refused(microsoft: MicrosoftPeer) -> None:
    async with microsoft.opened() as ws:
        await ws.send_str("{oops")
        assert (await receive(ws))["errorCode"] == "invalid-event"


async def test_an_answer_to_a_challenge_is_a_violation(sim: Simulator, microsoft: MicrosoftPeer) -> None:
    conversation = await microsoft.new_conversation()
    async with microsoft.opened() as ws:
        await ws.send_json(send(conversation, "%%FAULT challenge-null%%"))
        assert (await receive(ws))["event"] == "challenge"
        await ws.send_json({"event": "challengeResponse", "token": "x"})
        assert (await receive(ws))["errorCode"] == "invalid-event"

    assert sim.violations


async def test_stop_ends_the_turn_and_keeps_what_was_said(sim: Simulator, microsoft: MicrosoftPeer) -> None:
    conversation = await microsoft.new_conversation()
    async with microsoft.opened() as ws:
        await ws.send_json(send(conversation, "%%TOKENS 1000%% %%SLOW 50%%"))
        await frames_until(ws, "appendText")
        await ws.send_json({"event": "stop", "conversationId": conversation})
        await ws.send_json(send(conversation, "What did you say?"))
        frames = await frames_until(ws, "done")

    assert text_of(frames).startswith("I said: “1")


async def test_who_leaves_amid_a_turn_leaves_nothing_behind(sim: Simulator, microsoft: MicrosoftPeer) -> None:
    conversation = await microsoft.new_conversation()
    async with microsoft.opened() as ws:
        await ws.send_json(send(conversation, "%%FAULT silence-amid-text%%"))
        await frames_until(ws, "appendText")

    await until_async(lambda: not any(sim.world.open.values()))


async def test_tokens_are_refused_as_they_deserve(sim: Simulator, session: aiohttp.ClientSession) -> None:
    for token in ("expired", "wrong-audience"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with MicrosoftPeer(session, sim.url, token).socket():
                pass
        assert refused.value.status == 401


async def test_a_conversation_belongs_to_who_opened_it(
    sim: Simulator, session: aiohttp.ClientSession
) -> None:
    alice, bob = MicrosoftPeer(session, sim.url, "sim-alice"), MicrosoftPeer(session, sim.url, "sim-bob")
    later = MicrosoftPeer(session, sim.url, "sim-alice.2")
    conversation = await alice.new_conversation()

    async with bob.opened() as ws:
        await ws.send_json(send(conversation, "hello"))
        assert (await receive(ws))["errorCode"] == "invalid-event"
    assert await later.answer(conversation, "hello")


async def test_everything_a_prompt_asks_for_is_in_the_turn(microsoft: MicrosoftPeer) -> None:
    text = "%%THINK let me see%% %%IMAGE a boat%% %%SAY there%% %%CITE https://example.org%%"
    frames = await microsoft.turn(await microsoft.new_conversation(), text)

    by_event = {frame["event"]: frame for frame in frames}
    assert by_event["chainOfThought"]["text"] == "let me see"
    assert by_event["generatingImage"]["prompt"] == "a boat"
    assert base64.b64decode(by_event["partialImageGenerated"]["content"]).startswith(b"\x89PNG")
    assert by_event["citation"]["url"] == "https://example.org"
    async with microsoft.session.get(by_event["imageGenerated"]["thumbnailUrl"]) as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")


async def test_tokens_are_events_of_their_own_and_none_is_lost(microsoft: MicrosoftPeer) -> None:
    frames = await microsoft.turn(await microsoft.new_conversation(), "%%TOKENS 5000%%")

    assert text_of(frames) == "".join(f"{number} " for number in range(1, 5001))
    assert events_of(frames).count("appendText") == 5000


async def test_a_pause_separates_the_tokens(microsoft: MicrosoftPeer) -> None:
    conversation = await microsoft.new_conversation()
    async with microsoft.opened() as ws:
        await ws.send_json(send(conversation, "%%CLOCK 4%% %%SLOW 20%%"))
        moments = [int(moment) for moment in text_of(await frames_until(ws, "done")).split()]

    assert all(after - before > 10e6 for before, after in pairwise(moments))


async def test_think_deeper_draws_nothing(microsoft: MicrosoftPeer) -> None:
    conversation = await microsoft.new_conversation()
    async with microsoft.opened() as ws:
        await ws.send_json(send(conversation, "draw a cat", mode="reasoning"))
        frames = await frames_until(ws, "done")

    assert "imageGenerated" not in events_of(frames)
    assert "cannot draw" in text_of(frames)


async def test_the_wished_mode_brings_a_new_message_and_the_abandoned_one_ends_empty(
    microsoft: MicrosoftPeer,
) -> None:
    conversation = await microsoft.new_conversation()
    async with microsoft.opened() as ws:
        await ws.send_json(send(conversation, "hello %%FAULT mode-selected%%"))
        first = await frames_until(ws, "modeSelected")
        await ws.send_json(send(conversation, "hello", mode=first[-1]["mode"]))
        frames = await frames_until(ws, "partCompleted")

    abandoned = first[1]["messageId"]
    assert frames[1]["messageId"] != abandoned
    assert {"event": "done", "messageId": abandoned} in [
        {key: value for key, value in frame.items() if key != "id"} for frame in frames
    ]


async def test_a_pong_that_is_awaited_has_to_carry_the_pings_id(microsoft: MicrosoftPeer) -> None:
    conversation = await microsoft.new_conversation()
    async with microsoft.opened() as ws:
        await ws.send_json(send(conversation, "%%FAULT ping-answered%%"))
        ping = (await frames_until(ws, "ping"))[-1]
        await ws.send_json({"event": "pong", "id": ping["id"]})
        assert "error" not in events_of(await frames_until(ws, "done"))


async def test_recorded_frames_are_replayed_verbatim(sim: Simulator, microsoft: MicrosoftPeer) -> None:
    frames = [
        '{"event":"received"}{"event":"startMessage"}',
        {"event": "done", "id": "9"},
        5,
        {"_close": True},
    ]
    body = {"service": "microsoft", "frames": frames}
    async with microsoft.session.post(f"{sim.url}/_simulator/script", json=body) as answer:
        assert answer.status == 200

    async with microsoft.opened() as ws:
        await ws.send_json(send(await microsoft.new_conversation(), "hello"))
        assert await ws.receive_str() == frames[0]
        assert await ws.receive_str() == '{"event":"done","id":"9"}'
        assert (await ws.receive()).type is aiohttp.WSMsgType.CLOSED
        assert ws.close_code == 1006
