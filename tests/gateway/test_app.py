"""What the gateway answers under which path, called as a server would call it."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest

from jumpseat.gateway.settings import ApiKey
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import UpstreamRefused
from tests.gateway.fakes import (
    CHAT,
    Answer,
    ask,
    call,
    gateway,
    question,
    scope_of,
)


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


async def test_a_gateway_that_stops_is_not_ready_but_alive() -> None:
    app, _ = gateway()

    assert (await call(app, "GET", "/health/ready")).status == 200
    app.requests.is_stopping = True
    assert (await call(app, "GET", "/health/ready")).status == 503
    assert (await call(app, "GET", "/health/live")).status == 200


@pytest.mark.parametrize("path", ["/v1/models", "/models", "/v1/models/"])
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
    ],
)
async def test_a_path_that_is_not_there_is_404_with_a_hint(path: str, hint: str) -> None:
    app, _ = gateway()

    answer = await call(app, "POST", path)

    assert (answer.status, answer.error["type"]) == (404, "not_found_error")
    assert hint in answer.error["message"]


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
    assert "x-jumpseat-conversation-id" in answer.headers["access-control-expose-headers"]


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


async def test_nobody_forges_a_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    refused = UpstreamRefused("no", code="x\n2026-11-20 INFO forged \x1b[31m")
    app, _ = gateway([refused])
    caplog.set_level(logging.INFO)

    await call(app, "POST", CHAT, question())

    assert len(caplog.messages) == 1
    assert caplog.messages[0].isprintable()


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
