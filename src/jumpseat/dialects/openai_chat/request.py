"""What a chat completion request asks for: `parse`, from the bytes of a body to a `Turn`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct

from jumpseat.dialects import strict_json
from jumpseat.dialects.openai_chat.wire import Part, WireMessage, WireRequest, WireRole, WireToolCall
from jumpseat.media import parse_data_uri
from jumpseat.model.catalog import Service, service_of
from jumpseat.model.errors import InvalidRequest
from jumpseat.model.messages import Image, Message, Role, Sampling, Text, ToolCall, ToolResult, Turn
from jumpseat.model.messages import Part as OurPart

MAX_STOPS = 4
MAX_STOP_CHARS = 1000
"""Choice: each piece of an answer is compared with every beginning of it."""
MAX_MESSAGES = 10_000
"""Choice: a long day of a coding agent has some thousands; each is a row in the store."""
MAX_MODEL_CHARS = 256
MAX_CONVERSATION_ID_CHARS = 256

_ROLES: dict[WireRole, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}
_KNOWN = frozenset(WireRequest.__struct_fields__)


class ChatRequest(Struct, frozen=True, kw_only=True):
    """
    One parsed request.

    Of all the marks by which clients tell sessions apart, only `conversation_id` (here, or as the header
    `x-conversation-id`) selects a conversation that is remembered: `user` and the like name a person or a
    cache, and clients that send them also send the whole history each time, so that two chats would be mixed.
    """

    turn: Turn
    wants_stream: bool
    include_usage: bool
    """The caller asked for a last chunk with the usage."""
    provider: Service | None
    conversation_id: str | None
    ignored: tuple[str, ...] = ()
    """What was asked for and cannot be given (`tools`): named in the header `x-jumpseat-ignored`."""
    unknown: tuple[str, ...] = ()
    """Fields nobody here knows: named in the log, at debug."""


def parse(body: bytes) -> ChatRequest:
    """Read a request body. Raises `InvalidRequest` with the path of the field to blame."""
    wire, names = strict_json.decode(body, WireRequest)
    _refuse_what_no_upstream_does(wire)
    if not wire.messages:
        raise InvalidRequest("messages: at least one message is needed.", param="messages")
    if len(wire.messages) > MAX_MESSAGES:
        raise InvalidRequest(f"messages: at most {MAX_MESSAGES:,} are allowed.", param="messages")
    turn = Turn(
        model=_model(wire.model),
        messages=tuple(_message(message, f"messages[{i}]") for i, message in enumerate(wire.messages)),
        sampling=Sampling(max_tokens=_max_tokens(wire), stop=_stops(wire.stop)),
    )
    if not any(message.text.strip() or message.images for message in turn.messages):
        raise InvalidRequest("messages: there is neither text nor a picture in them.", param="messages")
    return ChatRequest(
        turn=turn,
        wants_stream=bool(wire.stream),
        include_usage=bool(wire.stream_options and wire.stream_options.include_usage),
        provider=read_provider(wire.provider),
        conversation_id=read_conversation_id(wire.conversation_id, "conversation_id"),
        ignored=("tools",) if _offers_tools(wire) else (),
        unknown=tuple(sorted(names - _KNOWN)),
    )


def read_messages(messages: Sequence[Mapping[str, object]], *, first: int = 0) -> tuple[Message, ...]:
    """
    Messages in the form of this dialect that are Python values already, counted from `first` in errors.

    Raises `InvalidRequest` with the path of the field to blame.
    """
    return tuple(_converted(message, f"messages[{i}]") for i, message in enumerate(messages, first))


def _converted(message: Mapping[str, object], path: str) -> Message:
    try:
        wire = msgspec.convert(message, WireMessage)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"{path}: {error}", param=path) from error
    return _message(wire, path)


def _model(name: str | None) -> str:
    model = (name or "").strip()
    if len(model) > MAX_MODEL_CHARS or not model.isprintable():
        raise InvalidRequest(
            f"model: at most {MAX_MODEL_CHARS} printable characters are allowed.", param="model"
        )
    return model


def read_provider(name: str | None) -> Service | None:
    """The service that `name` means, in any case; None where nothing is said."""
    return service_of(name) if name and name.strip() else None


def read_conversation_id(text: str | None, param: str) -> str | None:
    """The caller's own name of a conversation; None where nothing is said."""
    if text is None or not text.strip():
        return None
    if len(text) > MAX_CONVERSATION_ID_CHARS or not text.isprintable():
        raise InvalidRequest(
            f"{param}: at most {MAX_CONVERSATION_ID_CHARS} printable characters are allowed.", param=param
        )
    return text.strip()


def _refuse_what_no_upstream_does(wire: WireRequest) -> None:
    if wire.n is not None and wire.n != 1:
        raise InvalidRequest("n: only one answer at a time can be given; leave n out.", param="n")
    if wire.response_format and wire.response_format.type != "text":
        raise InvalidRequest(
            "response_format: neither upstream can promise JSON. Leave it out and ask for JSON in words.",
            param="response_format",
        )
    for name in ("tool_choice", "function_call"):
        if _forces_a_call(getattr(wire, name)):
            raise InvalidRequest(
                f"{name}: neither upstream can be made to call a tool. Use auto, or leave it out.", param=name
            )


def _forces_a_call(choice: str | dict[str, object] | None) -> bool:
    if isinstance(choice, dict):
        # `allowed_tools` narrows the choice, and forces a call only if its mode says so.
        allowed = choice.get("allowed_tools")
        return not (isinstance(allowed, dict) and allowed.get("mode") == "auto")
    return choice not in {None, "auto", "none"}


def _offers_tools(wire: WireRequest) -> bool:
    offered = wire.tools and wire.tool_choice != "none"
    offered_the_old_way = wire.functions and wire.function_call != "none"
    return bool(offered or offered_the_old_way)


def _max_tokens(wire: WireRequest) -> int | None:
    for name in ("max_completion_tokens", "max_tokens"):
        limit: int | None = getattr(wire, name)
        if limit is None:
            continue
        if limit < 1:
            raise InvalidRequest(f"{name}: must be at least 1.", param=name)
        return limit
    return None


def _stops(stop: str | list[str] | None) -> tuple[str, ...]:
    stops = [stop] if isinstance(stop, str) else stop or []
    if len(stops) > MAX_STOPS:
        raise InvalidRequest(f"stop: at most {MAX_STOPS} are allowed.", param="stop")
    if any(len(text) > MAX_STOP_CHARS for text in stops):
        raise InvalidRequest(f"stop: at most {MAX_STOP_CHARS} characters are allowed.", param="stop")
    return tuple(text for text in stops if text)


def _message(wire: WireMessage, path: str) -> Message:
    role = _ROLES[wire.role]
    parts = tuple(_parts(wire.content, f"{path}.content"))
    if role == "assistant":
        parts += tuple(_tool_call(call) for call in wire.tool_calls or ())
    elif wire.content is None and role != "tool":  # A tool may have nothing to say.
        raise InvalidRequest(f"{path}.content: expected str or array, got null.", param=f"{path}.content")
    if role == "tool":
        text = "".join(part.text for part in parts if isinstance(part, Text))
        return Message(role, (ToolResult(call_id=wire.tool_call_id or wire.name or "", text=text),))
    return Message(role, parts)


def _tool_call(wire: WireToolCall) -> ToolCall:
    if wire.function:
        return ToolCall(id=wire.id, name=wire.function.name, arguments=wire.function.arguments)
    if wire.custom:
        return ToolCall(id=wire.id, name=wire.custom.name, arguments=wire.custom.input)
    return ToolCall(id=wire.id, name="", arguments="")


def _parts(content: str | list[Part] | None, path: str) -> Iterable[OurPart]:
    if content is None:
        return
    if isinstance(content, str):
        yield Text(content)
        return
    for i, part in enumerate(content):
        yield _part(part, f"{path}[{i}]")


def _part(part: Part, path: str) -> Text | Image:
    match part.type:
        case "text" if part.text is not None:
            return Text(part.text)
        case "refusal" if part.refusal is not None:
            return Text(part.refusal)
        case "image_url" if part.image_url is not None:
            url = part.image_url if isinstance(part.image_url, str) else part.image_url.url
            return _image(url, f"{path}.image_url")
        case "text" | "refusal" | "image_url" as missing:
            raise InvalidRequest(f"{path}.{missing}: is missing.", param=f"{path}.{missing}")
        case other:
            raise InvalidRequest(
                f"{path}.type: {other[:40]!r} cannot be passed on; text and image_url can.",
                param=f"{path}.type",
            )


def _image(url: str, path: str) -> Image:
    if url[:5].lower() != "data:":
        raise InvalidRequest(
            f"{path}: pictures are not fetched from addresses in this version. "
            "Send the picture itself as a data URI (data:image/png;base64,...).",
            param=path,
        )
    try:
        return parse_data_uri(url)
    except InvalidRequest as exc:
        raise InvalidRequest(f"{path}: {exc.message}", param=path, code=exc.code) from exc
