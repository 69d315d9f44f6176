"""What the gateway answers, called as a server would call it."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest

from jumpseat.gateway.app import Gateway, create_app
from jumpseat.gateway.settings import ApiKey, GatewaySettings
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import NotSignedIn, RateLimited, UpstreamInterrupted
from jumpseat.model.events import Finished, Started, TextDelta, TextReplaced
from tests.gateway.fakes import (
    HELLO,
    Answer,
    FakeClient,
    Script,
    as_client,
    call,
    events_of,
    question,
    scope_of,
)

CHAT = "/v1/chat/completions"


def gateway(script: Script = HELLO, **settings: Any) -> tuple[Gateway, FakeClient]:
    fake = FakeClient(script)
    return create_app(as_client(fake), GatewaySettings(**settings)), fake


async def ask(script: Script = HELLO, **fields: Any) -> tuple[Answer, FakeClient]:
    app, fake = gateway(script)
    return await call(app, "POST", CHAT, question(**fields)), fake


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


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/v1/models", CHAT, "/nowhere", "/docs", "/health/live"])
async def test_every_answer_has_an_id_and_is_kept_by_nobody(method: str, path: str) -> None:
    app, _ = gateway()
    first, second = [await call(app, method, path) for _ in range(2)]

    assert first.headers["cache-control"] == "no-store"
    assert first.headers["x-content-type-options"] == "nosniff"
    assert first.headers["server"] == "jumpseat"
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


@pytest.mark.parametrize("path", [CHAT, "/chat/completions", "/api/GithubCopilot/chat/completions"])
async def test_questions_are_taken_under_several_paths(path: str) -> None:
    app, fake = gateway()

    answer = await call(app, "POST", path, question())

    assert answer.status == 200
    assert fake.asked[0]["provider"] == ("github" if "Github" in path else None)


async def test_an_unknown_provider_in_the_path_is_refused_with_the_choices() -> None:
    app, _ = gateway()

    answer = await call(app, "POST", "/api/Nobody/chat/completions", question())

    assert answer.status == 400
    assert "GithubCopilot" in answer.error["message"]


async def test_a_header_can_name_the_conversation() -> None:
    app, fake = gateway()
    await call(app, "POST", CHAT, question(), {"x-conversation-id": "from-header"})
    await call(app, "POST", CHAT, question(conversation_id="from-body"), {"x-conversation-id": "h"})

    assert [asked["conversation"] for asked in fake.asked] == ["from-header", "from-body"]


async def test_a_conversation_of_any_name_fits_into_a_header() -> None:
    answer, _ = await ask(conversation_id="Гайнер 100%")

    assert answer.headers["x-jumpseat-conversation-id"] == ("%D0%93%D0%B0%D0%B9%D0%BD%D0%B5%D1%80 100%25")


async def test_tools_are_said_to_be_ignored() -> None:
    answer, _ = await ask(tools=[{"type": "function", "function": {"name": "f"}}])

    assert answer.headers["x-jumpseat-ignored"] == "tools"


@pytest.mark.parametrize("body", [b"", b"{", b'{"messages":NaN}', b"[" * 100_000, b'{"a":1,"a":1}', b"\xff"])
async def test_odd_bodies_are_refused_and_nothing_is_asked(body: bytes) -> None:
    app, fake = gateway()

    answer = await call(app, "POST", CHAT, body)

    assert answer.status == 400
    assert answer.error["type"] == "invalid_request_error"
    assert fake.turns == []


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
    app, fake = gateway(batches, stall_seconds=0.2)
    answer = Answer()
    messages = [{"type": "http.request", "body": json.dumps(question(stream=True)).encode()}]

    async def receive() -> Any:
        return messages.pop() if messages else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        await asyncio.sleep(0.05)
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


async def test_a_gateway_that_stops_is_not_ready_but_alive() -> None:
    app, _ = gateway()

    assert (await call(app, "GET", "/health/ready")).status == 200
    app.requests.is_stopping = True
    assert (await call(app, "GET", "/health/ready")).status == 503
    assert (await call(app, "GET", "/health/live")).status == 200


@pytest.mark.parametrize("path", ["/v1/models", "/models"])
async def test_models_are_listed(path: str) -> None:
    app, _ = gateway()

    ids = [model["id"] for model in json.loads((await call(app, "GET", path)).body)["data"]]

    assert ids == ["microsoft/copilot", "github/gpt-4o"]


@pytest.mark.parametrize(
    "path", ["/v1/models/microsoft/copilot", "/models/microsoft/copilot", "/v1/models/gpt-4"]
)
async def test_a_model_is_found_by_any_of_its_names(path: str) -> None:
    app, _ = gateway()

    assert json.loads((await call(app, "GET", path)).body)["id"] == "microsoft/copilot"


async def test_a_model_that_is_not_there_is_404() -> None:
    app, _ = gateway()
    answer = await call(app, "GET", "/v1/models/gpt-17")

    assert (answer.status, answer.error["code"]) == (404, "model_not_found")


@pytest.mark.parametrize("path", ["/v1/providers", "/providers"])
async def test_providers_are_listed(path: str) -> None:
    app, _ = gateway()

    names = [entry["id"] for entry in json.loads((await call(app, "GET", path)).body)["data"]]

    assert names == ["Copilot", "GithubCopilot"]


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/nowhere", "/docs"),
        ("/v1/v1/chat/completions", "twice"),
        ("/v1/responses", "chat completions only"),
        ("/v1/messages", "chat completions only"),
        ("//v1/models", "/docs"),
        ("/v1/models/", "/docs"),
    ],
)
async def test_a_path_that_is_not_there_is_404_with_a_hint(path: str, hint: str) -> None:
    app, _ = gateway()

    answer = await call(app, "POST", path)

    if path != "/v1/models/":
        assert (answer.status, answer.error["type"]) == (404, "not_found_error")
        assert hint in answer.error["message"]
    else:
        assert answer.status in {404, 405}


async def test_a_method_that_is_not_there_is_405_in_the_same_shape() -> None:
    app, _ = gateway()

    answer = await call(app, "DELETE", "/v1/models")

    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.error["code"] == "method_not_allowed"
    assert (await call(app, "GET", CHAT)).headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["/", "/v1/models", "/docs"])
async def test_a_head_is_a_get_without_the_body(path: str) -> None:
    app, _ = gateway()

    head, get = await call(app, "HEAD", path), await call(app, "GET", path)

    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(get.body))


async def test_a_key_is_needed_where_one_is_set() -> None:
    app, _ = gateway(api_keys=(ApiKey(secret=Secret("k"), owner="anna"),))

    refused = await call(app, "POST", CHAT, question())
    let_in = await call(app, "POST", CHAT, question(), {"authorization": "Bearer k"})

    assert (refused.status, refused.error["type"]) == (401, "authentication_error")
    assert refused.headers["www-authenticate"] == "Bearer"
    assert let_in.status == 200
    assert (await call(app, "GET", "/health/live")).status == 200


async def test_an_allowed_page_may_ask_before_it_calls() -> None:
    app, _ = gateway(allowed_origins=("https://app.example",))
    page = {"origin": "https://app.example", "access-control-request-method": "POST"}

    answer = await call(app, "OPTIONS", CHAT, b"", page)

    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "https://app.example"


async def test_a_page_that_is_not_allowed_is_answered_without_a_word_for_its_browser() -> None:
    app, _ = gateway()

    answer = await call(app, "GET", "/v1/models", b"", {"origin": "https://evil.example"})

    assert answer.status == 403
    assert not any(name.startswith("access-control") for name in answer.headers)


async def test_the_log_has_one_line_for_each_request_and_no_secrets(caplog: pytest.LogCaptureFixture) -> None:
    app, _ = gateway(api_keys=(ApiKey(secret=Secret("canary-key")),))
    caplog.set_level(logging.DEBUG)
    scope = scope_of("POST", CHAT, {"authorization": "Bearer canary-key"}) | {"query_string": b"canary=query"}
    body = question(messages=[{"role": "user", "content": "canary-text"}], zeta="canary-field")
    messages = [{"type": "http.request", "body": json.dumps(body).encode()}]
    answer = Answer()

    async def receive() -> Any:
        return messages.pop() if messages else await asyncio.Event().wait()

    await app(scope, receive, answer.send)
    await call(app, "GET", "/v1/models")

    lines = [record.getMessage() for record in caplog.records if record.name == "jumpseat.gateway"]
    assert len(lines) == 3
    assert "zeta" in lines[0]
    assert lines[1].startswith("POST /v1/chat/completions 200 ")
    assert "model=microsoft/copilot" in lines[1]
    assert answer.headers["x-request-id"] in lines[1]
    assert "error=invalid_api_key" in lines[2]
    assert "canary" not in caplog.text


async def test_websockets_are_not_spoken_here() -> None:
    app, _ = gateway()
    said: list[Any] = []

    async def send(message: Any) -> None:
        said.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    await app({"type": "websocket"}, receive, send)

    assert said == [{"type": "websocket.close", "code": 1008}]


async def test_any_server_may_run_it() -> None:
    app, _ = gateway()
    messages = [{"type": "lifespan.shutdown"}, {"type": "lifespan.startup"}]
    said: list[str] = []

    async def send(message: Any) -> None:
        said.append(message["type"])

    async def receive() -> Any:
        return messages.pop()

    await app({"type": "lifespan"}, receive, send)

    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
