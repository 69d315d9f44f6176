"""
Answers to chat completions, as plain ASGI sends.

The status waits for the first event of the upstream, so that an early failure has a status of its own; from
then on a failure is an event, and the stream ends without a finish reason and without `[DONE]`.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from jumpseat.dialects import openai_chat
from jumpseat.dialects.openai_chat import ChatRequest, ChunkEncoder, Cutter, Identity
from jumpseat.gateway.exchange import JSON, Exchange, RawHeaders, header_value, raw_headers
from jumpseat.gateway.presence import OpenRequests, Presence
from jumpseat.model.catalog import Service
from jumpseat.model.events import TextDelta, TextReplaced
from jumpseat.model.messages import Sampling
from jumpseat.model.reply import Reply
from jumpseat.stream import ReplyStream

if TYPE_CHECKING:
    from jumpseat.client import Client

EVENT_STREAM = b"text/event-stream"


async def answer(
    exchange: Exchange,
    client: Client,
    requests: OpenRequests,
    request: ChatRequest,
    *,
    provider: Service | None,
    conversation: str | None,
) -> None:
    """
    Put the question and pass on the answer, streamed or whole.

    Raises our errors, before or (see `Exchange.last_words`) in the middle of the answer, and `Interrupted`.
    """
    with Presence(exchange, requests) as presence:
        stream = await client.start(
            request.turn,
            owner=exchange.owner,
            provider=provider,
            conversation=conversation,
            unknown_model="default",
        )
        async with stream:
            exchange.model = stream.model
            await _Answer(exchange, presence, request, stream).give()


class _Answer:
    """One answer on its way to one caller."""

    def __init__(
        self, exchange: Exchange, presence: Presence, request: ChatRequest, stream: ReplyStream
    ) -> None:
        self._exchange = exchange
        self._presence = presence
        self._request = request
        self._stream = stream
        self._identity = Identity(
            id=f"chatcmpl-{secrets.token_hex(12)}",
            created=int(time.time()),
            model=stream.model,
            conversation_id=stream.conversation_id,
        )

    async def give(self) -> None:
        if self._request.wants_stream:
            await self._stream_it()
        else:
            reply = await _whole(self._stream, self._request.turn.sampling)
            body = openai_chat.encode_reply(self._identity, self._request.turn, reply)
            await self._exchange.respond(200, body, kind=JSON, headers=self._headers())

    async def _stream_it(self) -> None:
        request, stream, presence = self._request, self._stream, self._presence
        encoder = ChunkEncoder(self._identity, request.turn, include_usage=request.include_usage)
        send = self._exchange.send
        self._exchange.last_words = openai_chat.error_event
        headers = (*self._headers(), (b"x-accel-buffering", b"no"))
        await self._exchange.begin(200, EVENT_STREAM, headers)
        async for events in stream.batches():
            chunks = encoder.encode(events)
            if encoder.is_finished:
                # One piece for the last words and the end. What we cut ourselves is closed upstream first.
                await stream.aclose()
                presence.sends += 1
                await send({"type": "http.response.body", "body": chunks + encoder.end()})
                return
            if chunks:
                presence.sends += 1
                await send({"type": "http.response.body", "body": chunks, "more_body": True})
                presence.sends += 1

    def _headers(self) -> RawHeaders:
        headers = [
            (b"x-jumpseat-conversation-id", header_value(self._stream.conversation_id)),
            *raw_headers(self._stream.headers),
        ]
        if self._request.ignored:
            headers.append((b"x-jumpseat-ignored", header_value(", ".join(self._request.ignored))))
        return headers


async def _whole(stream: ReplyStream, sampling: Sampling) -> Reply:
    """Read to the end, or until the answer is longer than the caller wants it."""
    if not (sampling.stop or sampling.max_tokens):
        return await stream.reply()
    cutter = Cutter(sampling)
    async for events in stream.batches():
        for event in events:
            if isinstance(event, TextReplaced):
                cutter = Cutter(sampling)
            if isinstance(event, TextDelta | TextReplaced):
                cutter.feed(event.text)
        if cutter.reason:
            # Before the answer goes out: once it has, its caller may leave, and this would be cut short.
            await stream.aclose()
            break
    return stream.so_far
