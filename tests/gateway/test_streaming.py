"""How an answer is passed on, and everything that may end it early."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from jumpseat.model.errors import NotSignedIn, RateLimited, UpstreamInterrupted
from jumpseat.model.events import Finished, Started, TextDelta, TextReplaced
from tests.gateway.fakes import (
    CHAT,
    Answer,
    Script,
    ask,
    call,
    events_of,
    gateway,
    question,
    scope_of,
)


async def test_a_whole_answer() -> None:
    answer, fake = await ask(conversation_id="c-1", provider="Copilot")

    assert answer.status == 200
    assert json.loads(answer.body)["choices"][0]["message"]["content"] == "Hello!"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["x-jumpseat-conversation-id"] == "c-1"
    assert answer.headers["x-jumpseat-conversation"] == "replaced"
    assert fake.asked == [
        {"owner": "local", "provider": "microsoft", "conversation": "c-1", "unknown_model": "default"}
    ]
    assert fake.outcomes == ["finished"]


async def test_a_streamed_answer() -> None:
    answer, fake = await ask(stream=True)

    events = events_of(answer.body)
    assert answer.headers["content-type"] == "text/event-stream"
    assert [event["choices"][0]["delta"].get("content") for event in events[:-1]] == [
        "",
        "Hel",
        "lo",
        "!",
        None,
    ]
    assert events[-1] == "[DONE]"
    assert len(answer.pieces) == 3, "one piece for each batch of the upstream, the end with the last"
    assert answer.is_complete
    assert fake.outcomes == ["finished"]


@pytest.mark.parametrize("stream", [False, True])
async def test_an_error_before_the_first_event_has_its_own_status(stream: bool) -> None:
    answer, _ = await ask([NotSignedIn("sign in again")], stream=stream)

    assert answer.status == 402
    assert answer.error["message"] == "sign in again"
    assert answer.headers["x-should-retry"] == "false"


async def test_a_limit_says_when_to_ask_again() -> None:
    answer, _ = await ask([RateLimited("slow down", retry_after=3)])

    assert (answer.status, answer.headers["retry-after"]) == (429, "3")


async def test_an_error_in_the_middle_is_an_event_and_never_a_finish() -> None:
    broken: Script = ([Started(conversation_id="u"), TextDelta("Hel")], UpstreamInterrupted("it broke off"))

    answer, fake = await ask(broken, stream=True)

    events = events_of(answer.body)
    assert answer.status == 200
    assert events[-1]["error"]["code"] == "upstream_interrupted"
    assert all(event["choices"][0]["finish_reason"] is None for event in events[:-1])
    assert answer.is_complete
    assert fake.outcomes == ["failed"]


async def test_an_end_without_a_finish_is_an_error_too() -> None:
    whole, _ = await ask([[Started(conversation_id="u"), TextDelta("Hel")]])
    streamed, _ = await ask([[Started(conversation_id="u"), TextDelta("Hel")]], stream=True)

    assert whole.status == 502
    assert "error" in events_of(streamed.body)[-1]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_mistake_of_ours_is_told_in_general_and_logged_whole(
    stream: bool, caplog: pytest.LogCaptureFixture
) -> None:
    answer, _ = await ask([[Started(conversation_id="u")], ZeroDivisionError("internals")], stream=stream)

    assert answer.status == (200 if stream else 500)
    error = events_of(answer.body)[-1]["error"] if stream else answer.error
    assert error["code"] == "internal_error"
    assert b"internals" not in answer.body
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("stream", [False, True])
async def test_a_cut_answer_closes_the_upstream_at_once(stream: bool) -> None:
    endless: Script = (
        [Started(conversation_id="u"), TextDelta("12")],
        [TextReplaced("12345678")],
        [TextDelta("9")],
        asyncio.Event(),
    )

    answer, fake = await ask(endless, stream=stream, max_tokens=2)

    assert fake.answerings[0].closed.is_set()
    if stream:
        assert events_of(answer.body)[-2]["choices"][0]["finish_reason"] == "length"
    else:
        choice = json.loads(answer.body)["choices"][0]
        assert (choice["message"]["content"], choice["finish_reason"]) == ("12345678", "length")


async def test_a_limit_that_is_not_reached_changes_nothing() -> None:
    answer, _ = await ask(max_tokens=500)

    assert json.loads(answer.body)["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("starts", [False, True])
async def test_a_client_that_leaves_closes_the_upstream(stream: bool, starts: bool) -> None:
    never = asyncio.Event()
    first: Script = ([Started(conversation_id="u"), TextDelta("Hel")],) if starts else ()
    app, fake = gateway((*first, never))
    answer, leaves = Answer(), asyncio.Event()
    messages = [{"type": "http.request", "body": json.dumps(question(stream=stream)).encode()}]

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await leaves.wait()
        return {"type": "http.disconnect"}

    task = asyncio.create_task(app(scope_of("POST", CHAT), receive, answer.send))
    await fake.started.wait()
    leaves.set()
    async with asyncio.timeout(1):
        await task

    assert fake.answerings[0].closed.is_set()
    assert fake.outcomes == (["interrupted"] if starts else [])
    assert not answer.is_complete
    assert len(app.requests) == 0


async def test_a_client_that_leaves_while_it_sends_is_no_error() -> None:
    app, _ = gateway()
    answer, messages = Answer(), [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> Any:
        return messages.pop() if messages else {"type": "http.disconnect"}

    await app(scope_of("POST", CHAT), receive, answer.send)

    assert answer.status == 0


async def test_a_reader_that_takes_nothing_is_given_up() -> None:
    app, fake = gateway(([Started(conversation_id="u")], [TextDelta("x")]), stall_seconds=0.02)
    messages = [{"type": "http.request", "body": json.dumps(question(stream=True)).encode()}]
    aborted = asyncio.Event()

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await aborted.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    scope = scope_of("POST", CHAT) | {"extensions": {"jumpseat.abort": {"abort": aborted.set}}}
    async with asyncio.timeout(2):
        await app(scope, receive, send)

    assert aborted.is_set()
    assert fake.outcomes == ["interrupted"]


@pytest.mark.parametrize("can_abort", [True, False])
async def test_last_words_that_nobody_takes_are_not_waited_for(
    can_abort: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jumpseat.gateway.app._LAST_WORDS_SECONDS", 0.02)
    app, _ = gateway(([Started(conversation_id="u")], UpstreamInterrupted("it broke off")))
    messages = [{"type": "http.request", "body": json.dumps(question(stream=True)).encode()}]
    aborted = asyncio.Event()

    async def receive() -> Any:
        return messages.pop() if messages else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        if b"error" in message.get("body", b""):
            await asyncio.Event().wait()

    extensions = {"jumpseat.abort": {"abort": aborted.set}} if can_abort else {}
    async with asyncio.timeout(2):
        await app(scope_of("POST", CHAT) | {"extensions": extensions}, receive, send)

    assert aborted.is_set() == can_abort


async def test_a_reader_that_is_only_slow_is_not_given_up() -> None:
    batches: Script = (
        [Started(conversation_id="u")],
        *[[TextDelta("x")]] * 6,
        [Finished("stop")],
    )
    app, fake = gateway(batches, stall_seconds=0.4)
    answer = Answer()
    messages = [{"type": "http.request", "body": json.dumps(question(stream=True)).encode()}]

    async def receive() -> Any:
        return messages.pop() if messages else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        await asyncio.sleep(0.08)
        await answer.send(message)

    await app(scope_of("POST", CHAT), receive, send)

    assert fake.outcomes == ["finished"]
    assert answer.body.endswith(b"[DONE]\n\n")


@pytest.mark.parametrize("starts", [False, True])
async def test_a_gateway_that_stops_says_so_to_everybody(starts: bool) -> None:
    never = asyncio.Event()
    first: Script = ([Started(conversation_id="u"), TextDelta("Hel")],) if starts else ()
    app, fake = gateway((*first, never))

    task = asyncio.create_task(call(app, "POST", CHAT, question(stream=True)))
    await fake.started.wait()
    await asyncio.sleep(0)
    app.stop()
    answer = await task

    error = events_of(answer.body)[-1]["error"] if starts else answer.error
    assert answer.status == (200 if starts else 503)
    assert error["code"] == "gateway_stopping"
    assert answer.is_complete
    assert fake.answerings[0].closed.is_set()
