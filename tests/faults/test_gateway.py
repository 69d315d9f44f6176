"""Every fault of the simulator, as a client of the gateway meets it, streamed and whole."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from msgspec import Struct

from jumpseat import Client
from jumpseat.gateway.server import GatewayServer
from jumpseat.gateway.settings import GatewaySettings
from jumpseat.settings import Settings
from jumpseat.simulator import SimulatorThread
from tests.faults.staging import (
    TASKS_OF_A_CLIENT,
    WORDS,
    Fault,
    calm,
    disarm,
    staged_settings,
    struck,
    table,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

TABLE = table()
TYPES = {
    400: {"invalid_request_error"},
    402: {"billing_error", "permission_error"},
    429: {"rate_limit_error"},
    502: {"api_error"},
    504: {"timeout_error"},
}
"""The statuses of a failed turn, and the words that go with them."""
STATUSES = {
    "InvalidRequest": {400},
    "NotSignedIn": {402},
    "HumanCheckRequired": {402},
    "QuotaExceeded": {402},
    "UpstreamRefused": {402, 400},
    "RateLimited": {429},
    "UpstreamBroke": {502, 504},
}
"""How each class of error may be told before the answer; content policy is the caller's to mend (400)."""
DONE = b"[DONE]"


class Answer(Struct, kw_only=True):
    """One response: its status, what was said, and how it ended."""

    status: int
    text: str = ""
    finish: list[str] = []
    error: dict[str, Any] | None = None
    is_done: bool = False
    headers: dict[str, str] = {}
    after_end: list[bytes] = []
    """Events after the terminal one."""


class Backstage:
    """What one gateway has for a client: a new one for each fault, for clients remember what they hear."""

    def __init__(self) -> None:
        self.client: Client | None = None
        self.address = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway() -> AsyncIterator[Backstage]:
    """A gateway on the loop of the tests, so that its tasks can be counted."""
    loop = asyncio.get_running_loop()
    stage, address = Backstage(), loop.create_future()
    server = GatewayServer(GatewaySettings(port=0))
    serving = loop.create_task(server.run_with(cast("Client", stage), address.set_result))
    stage.address = await address
    yield stage
    server.stop()
    await serving


@pytest.mark.parametrize("fault", TABLE, ids=lambda fault: fault.name)
async def test_a_streamed_answer_has_one_end(
    simulator: SimulatorThread, gateway: Backstage, fault: Fault, home: Path
) -> None:
    settings = staged_settings(simulator, home, is_hasty=fault.hangs)
    answer = await stand(simulator, gateway, fault, settings, streamed=True)

    assert answer.is_done == (answer.error is None)
    assert answer.finish == (["stop"] if answer.is_done else [])
    assert answer.after_end == []


@pytest.mark.parametrize("fault", [fault for fault in TABLE if not fault.hangs], ids=lambda fault: fault.name)
async def test_a_whole_answer_is_whole_or_an_error(
    simulator: SimulatorThread, gateway: Backstage, fault: Fault, home: Path
) -> None:
    answer = await stand(simulator, gateway, fault, staged_settings(simulator, home), streamed=False)

    assert (answer.status == 200) == (answer.error is None)
    assert answer.finish == (["stop"] if answer.error is None else [])


async def stand(
    simulator: SimulatorThread, gateway: Backstage, fault: Fault, settings: Settings, *, streamed: bool
) -> Answer:
    """Meet one fault, look at what is left, and go on in the same conversation."""
    name = uuid4().hex
    simulator.reset()
    tasks = len(asyncio.all_tasks()) + TASKS_OF_A_CLIENT
    async with Client(settings) as gateway.client, aiohttp.ClientSession(gateway.address) as web:
        if fault.needs_thread:
            await ask(web, fault, name, "%%SAY before%%", streamed=False)
        simulator.arm(fault.name)
        answer = await ask(web, fault, name, f"%%SAY {WORDS}%%", streamed=streamed)
        was_struck = struck(simulator, fault)
        disarm(simulator)

        assert was_struck == fault.can_strike
        check_error(answer, fault)
        await calm(simulator, tasks)
        following = await ask(web, fault, name, "%%SAY fine%%", streamed=streamed)
        assert (following.status, following.text, following.error) == (200, "fine", None)
        await calm(simulator, tasks)
    assert simulator.violations() == []
    return answer


def check_error(answer: Answer, fault: Fault) -> None:
    """The status, the body and the hint whether to ask again."""
    if answer.error is None:
        assert "ok" in {fault.expect, *fault.tolerated} or not fault.can_strike
        return
    assert fault.can_strike
    assert not fault.is_harmless
    assert answer.error.keys() == {"type", "code", "message", "param"}
    assert answer.error["message"]
    assert answer.error["code"]
    if answer.status != 200:
        names = {fault.expect, *fault.tolerated} - {"ok"}
        assert answer.status in set[int]().union(*(STATUSES[name] for name in names))
        assert answer.error["type"] in TYPES[answer.status]
        assert answer.headers.get("x-should-retry", "false") == "false"
        if answer.status == 402:
            assert answer.headers["x-should-retry"] == "false"


async def ask(web: aiohttp.ClientSession, fault: Fault, name: str, text: str, *, streamed: bool) -> Answer:
    """Put a question, and read its answer as bytes."""
    pictures = [f"data:image/png;base64,{base64.b64encode(image).decode()}" for image in fault.images]
    content = [{"type": "text", "text": text}]
    content += [{"type": "image_url", "image_url": {"url": url}} for url in pictures]  # type: ignore[dict-item]
    body = {
        "model": fault.model,
        "messages": [{"role": "user", "content": content}],
        "conversation_id": name,
        "stream": streamed,
    }
    async with web.post("/v1/chat/completions", json=body) as response:
        data = await response.read()
        answer = Answer(status=response.status, headers={k.lower(): v for k, v in response.headers.items()})
        if response.content_type == "text/event-stream":
            read_stream(answer, data)
        else:
            read_body(answer, msgspec.json.decode(data))
    return answer


def read_body(answer: Answer, body: dict[str, Any]) -> None:
    if answer.status == 200:
        answer.text = body["choices"][0]["message"]["content"]
        answer.finish = [body["choices"][0]["finish_reason"]]
    else:
        assert body["type"] == "error"
        answer.error = body["error"]


def read_stream(answer: Answer, data: bytes) -> None:
    assert data.endswith(b"\n\n")
    assert data.startswith(b"data: ")
    for event in data.removeprefix(b"data: ").removesuffix(b"\n\n").split(b"\n\ndata: "):
        if answer.is_done or answer.error is not None:
            answer.after_end.append(event)
        elif event == DONE:
            answer.is_done = True
        else:
            read_chunk(answer, msgspec.json.decode(event))


def read_chunk(answer: Answer, chunk: dict[str, Any]) -> None:
    if "error" in chunk:
        answer.error = chunk["error"]
        return
    [choice] = chunk["choices"]
    answer.text += choice["delta"].get("content") or ""
    answer.finish += [choice["finish_reason"]] if choice["finish_reason"] else []
