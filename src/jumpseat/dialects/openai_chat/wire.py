"""The body of a chat completion request, field by field, as OpenAI and the clients of its API write it."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

WireRole = Literal["system", "developer", "user", "assistant", "tool", "function"]


class ImageUrl(Struct):
    url: str
    detail: str | None = None


class Part(Struct):
    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: str | ImageUrl | None = None


class Function(Struct):
    name: str
    arguments: str = ""


class Custom(Struct):
    name: str
    input: str = ""


class WireToolCall(Struct):
    id: str = ""
    function: Function | None = None
    custom: Custom | None = None


class WireMessage(Struct):
    role: WireRole
    content: str | list[Part] | None = None
    tool_calls: list[WireToolCall] | None = None
    tool_call_id: str | None = None
    name: str | None = None


class StreamOptions(Struct):
    include_usage: bool | None = None


class Format(Struct):
    type: str


class WireRequest(Struct):
    """
    Known fields, typed; what is not here is unknown and ignored.

    The last group has no meaning for the upstreams of this version and is accepted for its type alone.
    """

    messages: list[WireMessage]
    model: str | None = None
    provider: str | None = None
    conversation_id: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None
    stop: str | list[str] | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
    functions: list[dict[str, Any]] | None = None
    function_call: str | dict[str, Any] | None = None
    response_format: Format | None = None

    temperature: float | None = None
    top_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    logit_bias: dict[str, float] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    seed: int | None = None
    user: str | None = None
    metadata: dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    prompt_cache_key: str | None = None
    reasoning_effort: str | None = None
    safety_identifier: str | None = None
    service_tier: str | None = None
    store: bool | None = None
    verbosity: str | None = None
