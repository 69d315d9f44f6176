"""Tests of what the shell does when the wire misbehaves, by script."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from jumpseat.microsoft.upstream import MicrosoftUpstream
from jumpseat.model.catalog import Question
from jumpseat.model.errors import (
    ConversationLost,
    JumpseatError,
    RateLimited,
    UpstreamBroke,
    UpstreamInterrupted,
)
from jumpseat.model.events import Finished, ImageMade, TextDelta
from jumpseat.settings import Settings
from jumpseat.transport.scripted import ScriptedTransport, Step
from jumpseat.transport.wire import Response, WireFailed
from tests.microsoft.conftest import Memo, account, ask, deadlines

GREETING = '{"event":"connected","requestId":"0","id":"0"}'
START = '{"event":"received","messageId":"q"}{"event":"startMessage","messageId":"m"}'
TEXT = '{"event":"appendText","messageId":"m","partId":"0","text":"Hello"}'
DONE = '{"event":"done","messageId":"m"}'
USER = Step(method="GET", url="/c/api/user", answer=Response(status=200, body=b'{"firstName":"Alice"}'))
OPENED = Step(method="POST", url="/c/api/conversations", answer=Response(status=200, body=b'{"id":"conv-1"}'))
SETTINGS = Settings(microsoft_url="https://copilot.microsoft.com", microsoft_dialect="client-first")


def chat(*frames: Sequence[str] | Exception, **more: int) -> Step:
    return Step(method="SOCKET", url="/c/api/chat", frames=frames, **more)  # type: ignore[arg-type]


def shell(*steps: Step, settings: Settings = SETTINGS) -> tuple[MicrosoftUpstream, ScriptedTransport]:
    transport = ScriptedTransport(steps)
    return MicrosoftUpstream(settings, transport, Memo()), transport


async def failure(upstream: MicrosoftUpstream, conversation: str | None = None) -> JumpseatError:
    with pytest.raises(JumpseatError) as caught:
        await ask(upstream, "hello", conversation=conversation)
    return caught.value


async def test_one_batch_of_frames_is_one_batch_of_events() -> None:
    upstream, transport = shell(USER, OPENED, chat([START, TEXT, TEXT, DONE]))
    limits = deadlines()
    conversation = await upstream.open_conversation(account(), limits)
    answer = await upstream.ask(account(), conversation, Question(text="hello", mode="chat"), limits)
    events = await answer.receive()
    await answer.aclose()

    assert [type(event).__name__ for event in events] == ["Started", "TextDelta", "TextDelta", "Finished"]
    assert await answer.receive() == ()
    assert transport.open_wires == 0


async def test_a_wire_that_breaks_in_the_answer_interrupts_it() -> None:
    upstream, transport = shell(USER, OPENED, chat([START, TEXT], WireFailed("cut", may_be_delivered=True)))
    error = await failure(upstream)

    assert type(error) is UpstreamInterrupted
    assert error.may_be_delivered
    assert transport.open_wires == 0


async def test_a_wire_that_breaks_after_a_preview_gives_the_picture() -> None:
    preview = (
        '{"event":"partialImageGenerated","messageId":"m","partId":"0",'
        '"content":"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg=="}'
    )
    upstream, _ = shell(USER, OPENED, chat([START, preview], WireFailed("cut")))
    reply, events = await ask(upstream, "draw")

    assert isinstance(events[-2], ImageMade)
    assert events[-1] == Finished("stop")
    assert len(reply.images) == 1


async def test_events_before_an_error_are_given_first() -> None:
    upstream, _ = shell(USER, OPENED, chat([START, TEXT, '{"event":"error","errorCode":"throttled"}']))
    limits = deadlines()
    conversation = await upstream.open_conversation(account(), limits)
    answer = await upstream.ask(account(), conversation, Question(text="hello", mode="chat"), limits)
    events = await answer.receive()

    assert events[-1] == TextDelta("Hello")
    for _ in range(2):
        with pytest.raises(RateLimited):
            await answer.receive()
    await answer.aclose()


async def test_a_full_conversation_is_lost_and_a_new_one_that_is_too_fast_is_not() -> None:
    full = '{"event":"error","errorCode":"too-many-messages"}'
    upstream, _ = shell(USER, chat([full]), OPENED, chat([full]))

    assert type(await failure(upstream, "known-conversation")) is ConversationLost
    assert type(await failure(upstream)) is RateLimited


@pytest.mark.parametrize(
    ("status", "kind"), [(404, ConversationLost), (200, UpstreamBroke), (403, UpstreamBroke)]
)
async def test_only_a_conversation_that_is_not_there_is_lost(status: int, kind: type[JumpseatError]) -> None:
    upstream, transport = shell(
        USER,
        chat(['{"event":"error","errorCode":"invalid-event"}']),
        Step(method="GET", url="/c/api/conversations/known", answer=Response(status=status)),
    )
    error = await failure(upstream, "known")

    assert type(error) is kind
    assert not error.may_be_delivered
    assert transport.left == ()


async def test_an_opening_that_stumbles_is_tried_once_more() -> None:
    refused = Step(method="SOCKET", url="/c/api/chat", answer=Response(status=503))
    failed = Step(method="SOCKET", url="/c/api/chat", answer=WireFailed("no connection"))
    for first in (refused, failed):
        upstream, _ = shell(USER, OPENED, first, chat([START, TEXT, DONE]))
        assert (await ask(upstream, "hello"))[0].text == "Hello"
    upstream, transport = shell(USER, OPENED, refused, refused)
    assert "trouble" in str(await failure(upstream))
    assert transport.left == ()


async def test_a_call_that_stumbles_is_tried_once_more_and_has_delivered_nothing() -> None:
    failed = Step(method="GET", url="/c/api/user", answer=WireFailed("cut", may_be_delivered=True))
    upstream, _ = shell(failed, USER, OPENED, chat([START, TEXT, DONE]))
    assert (await ask(upstream, "hello"))[0].text == "Hello"

    upstream, transport = shell(failed, failed)
    error = await failure(upstream)
    assert error.may_be_delivered is False
    assert transport.left == ()


async def test_cookies_are_renewed_for_the_account_they_were_set_for() -> None:
    renewing = Response(status=200, body=b'{"firstName":"A"}', cookies={"MUID": "new"})
    upstream, transport = shell(
        Step(method="GET", url="/c/api/user", answer=renewing),
        OPENED,
        chat([START, TEXT, DONE]),
        USER,
        OPENED,
    )
    await ask(upstream, "hello", who=account("t1", MUID="old", _C_Auth="kept"))
    await upstream.open_conversation(account("t2", MUID="other"), deadlines())
    cookies = [call.headers.get("Cookie") for call in transport.calls]

    assert cookies[0] == "MUID=old; _C_Auth=kept"
    assert cookies[1:3] == ["MUID=new; _C_Auth=kept"] * 2
    assert cookies[3:] == ["MUID=other"] * 2


async def test_a_remembered_dialect_is_read_from_the_notes() -> None:
    transport = ScriptedTransport([USER, OPENED, chat([START, TEXT, DONE])])
    memo = Memo({"microsoft dialect of copilot.microsoft.com": "client-first"})
    upstream = MicrosoftUpstream(Settings(), transport, memo)

    assert (await ask(upstream, "hello"))[0].text == "Hello"
    assert '"send"' in transport.sent[-1]


async def test_a_server_that_does_not_let_us_speak_first_is_asked_once_more() -> None:
    refusal = '{"event":"error","errorCode":"invalid-event"}'
    notes = Memo({"microsoft dialect of copilot.microsoft.com": "client-first"})
    transport = ScriptedTransport([USER, OPENED, chat([refusal]), chat([GREETING], [START, TEXT, DONE])])
    upstream = MicrosoftUpstream(Settings(), transport, notes)

    assert (await ask(upstream, "hello"))[0].text == "Hello"
    assert list(notes.values()) == ["server-first"]
    assert transport.open_wires == 0


async def test_a_token_that_makes_us_nobody_is_not_accepted() -> None:
    nobody = Step(method="GET", url="/c/api/user", answer=Response(status=200, body=b'{"firstName":null}'))
    upstream, _ = shell(nobody)

    assert "did not accept" in str(await failure(upstream))
