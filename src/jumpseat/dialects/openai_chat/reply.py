"""A whole reply as one chat completion, and what it shares with the streamed form."""

from __future__ import annotations

import base64

import msgspec
from msgspec import Struct

from jumpseat.dialects.openai_chat.cutting import Cutter, estimate_tokens
from jumpseat.media import sniff
from jumpseat.model.events import FinishReason, ImageMade, Usage
from jumpseat.model.messages import Text, ToolCall, ToolResult, Turn
from jumpseat.model.reply import Reply

MAX_PREVIEW_BYTES = 1024 * 1024
"""A preview is handed over only where it is all there is, and only up to this size."""

PROVIDER_NAMES = {"microsoft": "Copilot", "github": "GithubCopilot"}
"""Services by the names of the reference documents: the extra field `provider`."""


class Identity(Struct, frozen=True, kw_only=True):
    """What every chunk and body of one reply says about itself."""

    id: str
    """`chatcmpl-` and something unique."""
    created: int
    """Seconds since 1970."""
    model: str
    """The model that answers, as `service/name`."""
    conversation_id: str

    def fields(self) -> bytes:
        """The fields as JSON, without braces."""
        service = self.model.partition("/")[0]
        return msgspec.json.encode(
            {
                "id": self.id,
                "created": self.created,
                "model": self.model,
                "provider": PROVIDER_NAMES.get(service, service),
                "conversation_id": self.conversation_id,
            }
        )[1:-1]


def encode_reply(identity: Identity, turn: Turn, reply: Reply) -> bytes:
    """
    `reply` as a chat completion, cut as the turn's sampling says.

    Pictures come after the text as Markdown, and as `images` beside it.
    """
    cutter = Cutter(turn.sampling)
    text = cutter.feed(reply.text) + cutter.finish()
    images = () if cutter.reason else reply.images
    message: dict[str, object] = {
        "role": "assistant",
        "content": "\n\n".join(filter(None, (text, *map(picture_text, images)))),
        "refusal": None,
    }
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    if images:
        message["images"] = [entry for image in images for entry in picture(image)]
    reason: FinishReason | None = cutter.reason or reply.finish_reason
    choice = {"index": 0, "message": message, "finish_reason": reason, "logprobs": None}
    rest = msgspec.json.encode({"choices": [choice], "usage": usage_of(turn, text, reply.usage)})
    extras = {"citations": reply.citations, "title": reply.title, "followups": reply.followups}
    said = {name: value for name, value in extras.items() if value}
    jumpseat = b',"jumpseat":' + msgspec.json.encode(said) if said else b""
    head = b'{"object":"chat.completion",' + identity.fields()
    return head + jumpseat + b"," + rest[1:]


def picture_text(image: ImageMade) -> str:
    """A picture as Markdown; in words where the upstream never said where the finished one is."""
    alt = image.prompt.replace("[", "(").replace("]", ")").replace("\n", " ")
    return f"![{alt}]({image.url})" if image.url else f"[unfinished picture: {alt}]"


def picture(image: ImageMade) -> list[dict[str, object]]:
    """
    A picture for the field `images`.

    Choice: a preview goes out as a data URI only where there is no address, and never into the text, which
    clients send back with each question.
    """
    url = image.url
    if url is None and image.preview is not None and len(image.preview) <= MAX_PREVIEW_BYTES:
        kind = sniff(image.preview) or "application/octet-stream"
        url = f"data:{kind};base64,{base64.b64encode(image.preview).decode()}"
    return [{"type": "image_url", "image_url": {"url": url}}] if url else []


def usage_of(turn: Turn, answer: str, usage: Usage | None) -> dict[str, object]:
    """The usage the upstream counted; else an estimate (see `cutting`), marked so."""
    if usage is None:
        asked = sum(estimate_tokens(_readable(part)) for m in turn.messages for part in m.parts)
        usage = Usage(input_tokens=asked, output_tokens=estimate_tokens(answer), estimated=True)
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "estimated": usage.estimated,
    }


def _readable(part: object) -> str:
    match part:
        case Text(text) | ToolResult(text=text):
            return text
        case ToolCall(arguments=arguments):
            return arguments
        case _:
            return ""
