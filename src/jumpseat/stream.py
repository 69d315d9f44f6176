"""A reply on its way: one source of events, folded as they pass, with one end."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from types import TracebackType
from typing import Literal, Protocol, Self

from jumpseat.model.errors import JumpseatError, UpstreamInterrupted
from jumpseat.model.events import ChatEvent, Finished, TextDelta, TextReplaced
from jumpseat.model.reply import Reply, ReplyBuilder

log = logging.getLogger(__name__)

Outcome = Literal["finished", "interrupted", "failed"]
"""How a reply ended: to its end, left early by the caller, or broken by the upstream."""


class Answering(Protocol):
    """An upstream that is answering one question."""

    async def receive(self) -> Sequence[ChatEvent]:
        """
        The events that came since, at least one; empty after `Finished` was given.

        Raises one of our errors when the answer breaks; `may_be_delivered` says whether it went out.
        """

    async def aclose(self) -> None:
        """Close the wire. Idempotent, within a second."""


OnEnd = Callable[[Reply, Outcome], Awaitable[None]]


class ReplyStream:
    """
    The reply of one turn, as typed events.

    Use it as an `async with`; leaving closes the wire within a second. Iterate over it for every event, over
    `text_stream` for text alone, over `batches()` for events as they came off the wire together, or await
    `reply()` for the whole.
    """

    def __init__(self, source: Answering, *, first: Sequence[ChatEvent] = (), on_end: OnEnd) -> None:
        self._source = source
        self._first = first
        self._on_end = on_end
        self._builder = ReplyBuilder()
        self._ended = False
        self._failure: Exception | None = None
        self.headers: dict[str, str] = {}
        """Remarks for the caller about how this turn was served, in the form of HTTP headers."""
        self.conversation_id: str = ""
        """Our own identifier of the conversation: give it again to go on with it."""
        self.model: str = ""
        """The model that answers, as `service/name`."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def batches(self) -> AsyncIterator[Sequence[ChatEvent]]:
        """The events in the groups in which they came; at least one in each."""
        while events := await self._next_batch():
            yield events

    async def __aiter__(self) -> AsyncIterator[ChatEvent]:
        while events := await self._next_batch():
            for event in events:
                yield event

    @property
    async def text_stream(self) -> AsyncIterator[str]:
        """
        Text as it comes.

        Words that the upstream takes back cannot be unsaid here: where the new text continues what was said,
        the rest is given, else nothing; `reply()` has the text as it stands in the end.
        """
        said = ""
        while events := await self._next_batch():
            for event in events:
                if isinstance(event, TextDelta):
                    said += event.text
                    yield event.text
                elif isinstance(event, TextReplaced) and event.text.startswith(said):
                    rest = event.text[len(said) :]
                    said = event.text
                    if rest:
                        yield rest

    async def reply(self) -> Reply:
        """
        Read to the end and return the whole reply.

        A stream that has failed raises its error again, and one that was left an error of its own: see
        `so_far` for what came.
        """
        while await self._next_batch():
            pass
        return self._builder.build()

    @property
    def so_far(self) -> Reply:
        """The reply as far as it has come."""
        return self._builder.build()

    async def _next_batch(self) -> Sequence[ChatEvent]:
        if self._ended:
            if self._failure is not None:
                raise self._failure
            return ()
        try:
            events = self._first or await self._source.receive()
            self._first = ()
            if not events:
                raise UpstreamInterrupted("the answer ended without saying so", may_be_delivered=True)
        except Exception as error:
            if self._failure is not None:
                # Not the wire's fault: somebody closed it under the reader's hands.
                raise self._failure from error
            self._failure = error
            await self._end("failed")
            raise
        self._builder.add(events)
        # What must outlive the turn is durable before the caller hears that it is done.
        return await self._finished(events) if type(events[-1]) is Finished else events

    async def _finished(self, events: Sequence[ChatEvent]) -> Sequence[ChatEvent]:
        """End the stream. If the end cannot be kept, the last words are given without it, then the error."""
        try:
            await self._end("finished")
        except JumpseatError as error:
            self._failure = error
            if len(events) == 1:
                raise
            return events[:-1]
        return events

    async def _end(self, outcome: Outcome) -> None:
        if self._ended:
            return
        self._ended = True
        try:
            await self._source.aclose()
        finally:
            await self._tell(outcome)

    async def _tell(self, outcome: Outcome) -> None:
        try:
            await self._on_end(self._builder.build(), outcome)
        except JumpseatError as error:
            if outcome == "finished":
                raise
            # Whoever leaves, or hears of another error already, has no use for this one.
            log.warning("an answer that was %s was not kept: %s", outcome, error.message)

    async def aclose(self) -> None:
        """
        Leave: close the wire, keep what was said as interrupted. Idempotent.

        Whoever reads on hears an error.
        """
        if not self._ended:
            self._failure = UpstreamInterrupted(
                "this answer was closed before its end: what came so far stands", may_be_delivered=True
            )
        await self._end("interrupted")
