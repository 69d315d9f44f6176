"""What is read from a request, and what is refused."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from jumpseat.dialects.openai_chat import ChatRequest, parse, read_conversation_id, read_provider
from jumpseat.dialects.openai_chat.request import read_messages
from jumpseat.model.errors import InvalidRequest
from jumpseat.model.messages import Image, Message, Text, ToolCall, ToolResult

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
DATA_URI = "data:image/png;base64," + base64.b64encode(PNG).decode()
HI = {"role": "user", "content": "Hi"}


def read(*messages: dict[str, Any], **fields: Any) -> ChatRequest:
    return parse(json.dumps({"messages": messages or (HI,), **fields}).encode())


def refusal(*messages: dict[str, Any], **fields: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        read(*messages, **fields)
    return caught.value


def test_the_request_of_document_004_is_read() -> None:
    request = read(
        {"role": "user", "content": "Hello, i am Heiner. How are you?"},
        model="",
        provider="Copilot",
        stream=True,
        conversation_id="6f1c",
    )

    assert request.turn.model == ""
    assert request.turn.messages == (Message("user", (Text("Hello, i am Heiner. How are you?"),)),)
    assert request.wants_stream
    assert not request.include_usage
    assert request.provider == "microsoft"
    assert request.conversation_id == "6f1c"
    assert request.ignored == request.unknown == ()


def test_nothing_but_messages_is_needed() -> None:
    request = read()

    assert not request.wants_stream
    assert request.provider is request.conversation_id is None


def test_every_well_known_field_is_accepted_and_no_reason_to_refuse() -> None:
    request = read(
        model="gpt-4o",
        reasoning_effort="high",
        store=True,
        n=1,
        seed=7,
        user="u",
        metadata={"a": "b"},
        parallel_tool_calls=True,
        service_tier="auto",
        temperature=1,
        top_p=0.5,
        frequency_penalty=0,
        presence_penalty=-1.5,
        logit_bias={"1": 2},
        logprobs=False,
        top_logprobs=0,
        response_format={"type": "text"},
        stream_options={"include_usage": True, "include_obfuscation": False},
        prompt_cache_key="k",
        safety_identifier="s",
        verbosity="low",
        tool_choice=None,
        stop=None,
        provider=None,
        conversation_id=None,
    )

    assert request.include_usage
    assert request.unknown == ()
    assert request.conversation_id is None, "a user or a cache key is no conversation"


def test_unknown_fields_are_named_and_ignored() -> None:
    assert read(zeta=1, alpha={"deep": []}).unknown == ("alpha", "zeta")


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"messages": "Hi"}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ({"messages": [HI, {"role": "robot", "content": "x"}]}, "messages[1].role"),
        ({"messages": [{"content": "x"}]}, "messages[0]"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"text": "x"}]}]}, "messages[0].content[0]"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text"),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": 1}]}]},
            "messages[0].content[0].text",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]},
            "messages[0].content[0].type",
        ),
        ({"messages": [{"role": "user", "content": "  "}]}, "messages"),
        ({"messages": [HI] * 10_001}, "messages"),
        ({"model": "x" * 257}, "model"),
        ({"model": "github/x\n2026-11-20 INFO forged"}, "model"),
        ({"model": "github/\x1b[31m"}, "model"),
        ({"stop": "x" * 1001}, "stop"),
        ({"stop": ["x", "y" * 1001]}, "stop"),
        ({"stream": "yes"}, "stream"),
        ({"temperature": "hot"}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_completion_tokens": -1, "max_tokens": 5}, "max_completion_tokens"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"n": 2}, "n"),
        ({"n": 0}, "n"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
        ({"stop": [1]}, "stop[0]"),
        ({"provider": "OpenAI"}, "provider"),
        ({"conversation_id": "x" * 257}, "conversation_id"),
        ({"conversation_id": "line\nbreak"}, "conversation_id"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, "response_format"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}}, "tool_choice"),
        (
            {"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "required"}}},
            "tool_choice",
        ),
        ({"function_call": {"name": "f"}}, "function_call"),
        ({"stream_options": {"include_usage": 1}}, "stream_options.include_usage"),
    ],
    ids=str,
)
def test_what_cannot_be_served_is_refused_with_its_path(fields: dict[str, Any], param: str) -> None:
    error = refusal(**({"messages": [HI]} | fields))

    assert error.param == param
    assert error.message.startswith(param)


def test_an_unknown_provider_is_refused_with_the_choices() -> None:
    message = refusal(provider="OpenAI").message

    assert "Copilot" in message
    assert "GithubCopilot" in message


@pytest.mark.parametrize(
    ("name", "service"), [("Copilot", "microsoft"), ("", None), (" ", None), (None, None)]
)
def test_a_provider_may_be_left_out(name: str | None, service: str | None) -> None:
    assert read_provider(name) == service


def test_a_conversation_id_is_any_short_line() -> None:
    assert read_conversation_id(" разговор 1 ", "p") == "разговор 1"
    assert read_conversation_id("  ", "p") is None


def test_system_and_developer_are_one_role() -> None:
    request = read({"role": "developer", "content": "Be brief"}, {"role": "system", "content": "Really"}, HI)

    assert [message.role for message in request.turn.messages] == ["system", "system", "user"]


def test_content_may_be_parts_in_any_role() -> None:
    request = read(
        {"role": "system", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        {
            "role": "user",
            "name": "heiner",
            "content": [
                {"type": "image_url", "image_url": {"url": DATA_URI, "detail": "low"}},
                {"type": "image_url", "image_url": DATA_URI},
                {"type": "text", "text": "What is it?"},
            ],
        },
    )

    picture = Image(data=PNG, media_type="image/png")
    assert request.turn.messages == (
        Message("system", (Text("a"), Text("b"))),
        Message("assistant", (Text("No."),)),
        Message("user", (picture, picture, Text("What is it?"))),
    )


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("https://example.com/cat.png", "not fetched"),
        ("/etc/passwd", "not fetched"),
        ("file:///etc/passwd", "not fetched"),
        ("data:image/png;base64,AAAA", "image_url"),
    ],
)
def test_a_picture_must_be_a_data_uri_of_a_picture(url: str, word: str) -> None:
    content = [{"type": "text", "text": "?"}, {"type": "image_url", "image_url": url}]

    error = refusal({"role": "user", "content": content})

    assert error.param == "messages[0].content[1].image_url"
    assert word in error.message


def test_tool_calls_and_their_results_are_read() -> None:
    request = read(
        HI,
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
                {"id": "2", "type": "custom", "custom": {"name": "c", "input": "text"}},
                {"id": "3", "type": "newer"},
            ],
        },
        {"role": "assistant"},
        {"role": "tool", "tool_call_id": "1", "content": [{"type": "text", "text": "42"}]},
        {"role": "function", "name": "old", "content": "43"},
    )

    assert [message.parts for message in request.turn.messages[1:]] == [
        (
            ToolCall(id="1", name="f", arguments="{}"),
            ToolCall(id="2", name="c", arguments="text"),
            ToolCall(id="3", name="", arguments=""),
        ),
        (),
        (ToolResult(call_id="1", text="42"),),
        (ToolResult(call_id="old", text="43"),),
    ]


@pytest.mark.parametrize(
    ("fields", "ignored"),
    [
        ({"tools": [{"type": "custom", "custom": {"name": "x"}}], "tool_choice": "auto"}, ("tools",)),
        ({"tools": [{"type": "function"}]}, ("tools",)),
        (
            {"tools": [{}], "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto"}}},
            ("tools",),
        ),
        ({"tools": [{"type": "function"}], "tool_choice": "none"}, ()),
        ({"tools": []}, ()),
        ({"functions": [{"name": "f"}]}, ("tools",)),
        ({"functions": [{"name": "f"}], "function_call": "none"}, ()),
    ],
    ids=str,
)
def test_tools_are_accepted_and_said_to_be_ignored(fields: dict[str, Any], ignored: tuple[str, ...]) -> None:
    assert read(**fields).ignored == ignored


@pytest.mark.parametrize(
    ("fields", "max_tokens", "stop"),
    [
        ({}, None, ()),
        ({"max_tokens": 5}, 5, ()),
        ({"max_tokens": 5, "max_completion_tokens": 7}, 7, ()),
        ({"stop": "END"}, None, ("END",)),
        ({"stop": ["a", "", "b"]}, None, ("a", "b")),
        ({"stop": ""}, None, ()),
    ],
    ids=str,
)
def test_limits_of_the_answer_are_kept(
    fields: dict[str, Any], max_tokens: int | None, stop: tuple[str, ...]
) -> None:
    sampling = read(**fields).turn.sampling

    assert (sampling.max_tokens, sampling.stop) == (max_tokens, stop)


def test_messages_can_be_python_values_already() -> None:
    assert read_messages([HI]) == (Message("user", (Text("Hi"),)),)

    with pytest.raises(InvalidRequest) as caught:
        read_messages([{"role": "robot"}])
    assert caught.value.param == "messages[0]"
