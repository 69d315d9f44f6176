"""The official `openai` Python client, as its users have it, through the gateway."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import pytest
from openai import AsyncOpenAI, OpenAI

from jumpseat.simulator import SimulatorThread
from tests.upstream_log import open_wires
from tests.waiting import until

MODELS = pytest.mark.parametrize("model", ["microsoft/copilot", "github/gpt-4o"])
PNG = base64.b64encode(
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\0IEND\xaeB`\x82"
).decode()


@pytest.fixture
def client(gateway: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{gateway}/v1", api_key="none") as client:
        yield client


@pytest.fixture
async def async_client(gateway: str) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"{gateway}/v1", api_key="none") as client:
        yield client


def asked(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


@MODELS
def test_an_answer_comes_whole(client: OpenAI, model: str) -> None:
    answer = client.chat.completions.create(model=model, messages=asked("%%SAY Good morning.%%"))

    assert answer.choices[0].message.content == "Good morning."
    assert answer.choices[0].finish_reason == "stop"
    assert answer.choices[0].message.role == "assistant"
    assert answer.model == model
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


@MODELS
def test_an_answer_comes_streamed(client: OpenAI, model: str) -> None:
    stream = client.chat.completions.create(
        model=model, messages=asked("%%SAY One two three.%%"), stream=True
    )
    chunks = list(stream)

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "One two three."
    assert [chunk.choices[0].delta.role for chunk in chunks if chunk.choices[0].delta.role] == ["assistant"]
    assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == "stop"
    assert sum(chunk.choices[0].finish_reason is not None for chunk in chunks) == 1
    assert {(chunk.object, chunk.model) for chunk in chunks} == {("chat.completion.chunk", model)}
    assert len({chunk.id for chunk in chunks}) == 1
    assert all(chunk.usage is None for chunk in chunks)


@MODELS
async def test_an_answer_comes_whole_without_blocking(async_client: AsyncOpenAI, model: str) -> None:
    answers = await asyncio.gather(
        *(
            async_client.chat.completions.create(model=model, messages=asked(f"%%SAY Answer {number}%%"))
            for number in range(8)
        )
    )

    assert [answer.choices[0].message.content for answer in answers] == [f"Answer {n}" for n in range(8)]


@MODELS
async def test_an_answer_comes_streamed_without_blocking(async_client: AsyncOpenAI, model: str) -> None:
    async with await async_client.chat.completions.create(
        model=model, messages=asked("%%SAY привет, 🐎%%"), stream=True
    ) as stream:
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    assert text == "привет, 🐎"


def test_the_helper_of_the_client_folds_the_stream(client: OpenAI) -> None:
    with client.chat.completions.stream(model="copilot", messages=asked("%%SAY a b c%%")) as stream:
        completion = stream.get_final_completion()

    assert completion.choices[0].message.content == "a b c"


def test_usage_comes_last_if_it_was_asked_for(client: OpenAI) -> None:
    stream = client.chat.completions.create(
        model="", messages=asked("%%SAY a b%%"), stream=True, stream_options={"include_usage": True}
    )
    *chunks, last = stream

    assert last.choices == []
    assert last.usage is not None
    assert last.usage.total_tokens > 0
    assert all(chunk.choices for chunk in chunks)


@MODELS
@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
def test_a_stop_sequence_ends_the_answer(
    client: OpenAI, model: str, streamed: bool, fresh: SimulatorThread
) -> None:
    text, reason = ask(client, streamed, model, "%%SAY one two three four%%", stop=["three"])

    assert (text, reason) == ("one two ", "stop")
    until(lambda: not open_wires(fresh))


@MODELS
@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_limit_of_tokens_cuts_the_answer(client: OpenAI, model: str, streamed: bool, name: str) -> None:
    limit: dict[str, Any] = {name: 2}
    text, reason = ask(client, streamed, model, "%%TOKENS 100000%%", **limit)

    assert reason == "length"
    assert 0 < len(text) <= 8


def ask(client: OpenAI, streamed: bool, model: str, question: str, **more: Any) -> tuple[str, str | None]:
    """The text and the finish reason."""
    if not streamed:
        answer = client.chat.completions.create(model=model, messages=asked(question), **more)
        return answer.choices[0].message.content or "", answer.choices[0].finish_reason
    chunks = list(client.chat.completions.create(model=model, messages=asked(question), stream=True, **more))
    return "".join(c.choices[0].delta.content or "" for c in chunks), chunks[-1].choices[0].finish_reason


def test_pictures_go_along_as_data_uris(client: OpenAI, fresh: SimulatorThread) -> None:
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    content: Any = [{"type": "text", "text": "What is this?"}, picture, picture]
    answer = client.chat.completions.create(model="copilot", messages=[{"role": "user", "content": content}])

    assert "2 images: image/png" in (answer.choices[0].message.content or "")
    assert [entry.get("call") for entry in fresh.log()].count("attachments") == 2


def test_a_picture_comes_back_as_markdown(client: OpenAI, simulator: SimulatorThread) -> None:
    answer = client.chat.completions.create(model="copilot", messages=asked("%%IMAGE a red fox%%"))

    assert f"![a red fox]({simulator.url}" in (answer.choices[0].message.content or "")


def test_roles_and_parts_of_all_kinds_are_taken(client: OpenAI) -> None:
    messages: list[Any] = [
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]},
        {"role": "user", "content": "My name is Ada."},
        {"role": "assistant", "content": None, "refusal": None},
        {"role": "assistant", "content": "Hello, Ada."},
        {"role": "user", "content": [{"type": "text", "text": "What is my name?"}], "name": "ada"},
    ]
    answer = client.chat.completions.create(
        model="github/gpt-4o",
        messages=messages,
        temperature=0.2,
        seed=1,
        user="u",
        metadata={"a": "b"},
        extra_body={"a field nobody knows": 1},
    )

    assert "Ada" in (answer.choices[0].message.content or "")


@MODELS
def test_a_conversation_is_remembered_by_its_name(client: OpenAI, model: str) -> None:
    name = {"conversation_id": str(uuid4())}
    client.chat.completions.create(model=model, messages=asked("My name is Ada."), extra_body=name)
    answer = client.chat.completions.create(model=model, messages=asked("What is my name?"), extra_body=name)

    assert "Ada" in (answer.choices[0].message.content or "")


def test_the_models_are_listed_and_found(client: OpenAI) -> None:
    models = {model.id: model for model in client.models.list()}

    assert {"microsoft/copilot", "microsoft/think-deeper", "github/gpt-4o", "github/gpt-5.4"} <= set(models)
    assert client.models.retrieve("microsoft/copilot").owned_by == "microsoft"


@MODELS
def test_a_stream_that_is_closed_closes_the_wire_within_a_second(
    client: OpenAI, model: str, fresh: SimulatorThread
) -> None:
    with client.chat.completions.create(
        model=model, messages=asked("%%TOKENS 1000%% %%SLOW 20%%"), stream=True
    ) as stream:
        next(chunk for chunk in stream if chunk.choices[0].delta.content)
        assert open_wires(fresh)

    until(lambda: not open_wires(fresh), seconds=1)


@MODELS
async def test_a_cancelled_question_closes_the_wire_within_a_second(
    async_client: AsyncOpenAI, model: str, fresh: SimulatorThread
) -> None:
    asking = asyncio.create_task(
        async_client.chat.completions.create(model=model, messages=asked("%%TOKENS 1000%% %%SLOW 20%%"))
    )
    await asyncio.to_thread(until, lambda: open_wires(fresh))
    asking.cancel()
    await asyncio.wait([asking])

    await asyncio.to_thread(until, lambda: not open_wires(fresh), 1)
