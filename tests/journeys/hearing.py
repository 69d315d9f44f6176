"""What the official client hears of an answer, with the extra fields that it passes on."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from openai import APIError, APIStatusError, OpenAI

STATUSES = {
    "InvalidRequest": 400,
    "ConversationBusy": 409,
    "NotSignedIn": 402,
    "HumanCheckRequired": 402,
    "QuotaExceeded": 402,
    "UpstreamRefused": 402,
    "ConversationLost": 400,
    "RateLimited": 429,
    "UpstreamBroke": 502,
    "UpstreamInterrupted": 502,
    "UpstreamTimeout": 504,
}
"""The status in which each of our errors is told before an answer begins."""


class Heard(Struct, kw_only=True):
    """What the client made of an answer."""

    text: str = ""
    """Without the words that stand for a picture."""
    reasoning: str = ""
    pictures: int = 0
    citations: list[str] = []
    """Addresses."""
    finish: str | None = None
    is_replaced: bool = False
    """Words were taken back, and the client was told."""
    status: int = 200
    code: str | None = None
    message: str = ""


def hear(client: OpenAI, *, streamed: bool, **request: Any) -> Heard:
    """Put a question and listen to the end, whatever it is."""
    heard = Heard()
    try:
        if streamed:
            for chunk in client.chat.completions.create(stream=True, **request):
                _hear_chunk(heard, chunk.model_dump())
        else:
            _hear_whole(heard, client.chat.completions.create(**request).model_dump())
    except APIError as error:
        heard.status = error.status_code if isinstance(error, APIStatusError) else 200
        heard.code, heard.message = error.code, error.message
    return heard


def _hear_chunk(heard: Heard, chunk: dict[str, Any]) -> None:
    [choice] = chunk["choices"]
    delta, extra = choice["delta"], chunk.get("jumpseat") or {}
    images = delta.get("images")
    heard.pictures += images is not None
    heard.text += "" if images is not None else delta["content"] or ""
    heard.reasoning += delta.get("reasoning_content") or ""
    heard.finish = choice["finish_reason"]
    heard.is_replaced |= "text_replaced" in extra
    heard.citations += [extra["citation"]["url"]] if "citation" in extra else []


def _hear_whole(heard: Heard, answer: dict[str, Any]) -> None:
    [choice] = answer["choices"]
    message, extra = choice["message"], answer.get("jumpseat") or {}
    text = message["content"]
    pictures = [p for p in text.split("\n\n") if p.startswith(("![", "[unfinished picture"))]
    heard.pictures = len(pictures)
    heard.text = "\n\n".join(p for p in text.split("\n\n") if p not in pictures)
    heard.reasoning = message.get("reasoning_content") or ""
    heard.citations = [citation["url"] for citation in extra.get("citations", [])]
    heard.finish = choice["finish_reason"]
