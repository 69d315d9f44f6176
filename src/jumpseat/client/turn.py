"""One turn from question to answer: lease, pace, conversation, question, and what is kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

from msgspec import Struct

from jumpseat import transcript
from jumpseat.accounts.pacer import Pacer
from jumpseat.client.memory import Memory
from jumpseat.client.upstream import Upstream
from jumpseat.deadlines import Deadlines, Timeouts
from jumpseat.model.catalog import ModelCard, Question
from jumpseat.model.credentials import Account
from jumpseat.model.errors import ConversationLost, InvalidRequest, JumpseatError
from jumpseat.model.events import ChatEvent
from jumpseat.model.messages import Message, Turn
from jumpseat.model.reply import Reply
from jumpseat.settings import Settings
from jumpseat.store.archive import Archive
from jumpseat.store.switchboard import Switchboard
from jumpseat.stream import Answering, Outcome, ReplyStream


class Asked(Struct, frozen=True, kw_only=True):
    """Everything that is known of a turn before it is put."""

    turn: Turn
    card: ModelCard
    account: Account
    owner: str
    conversation_id: str | None
    thread: str | None
    """Go on in this upstream conversation, without looking at what we remember."""
    timeouts: Timeouts
    wants_extras: bool


class TurnRunner:
    """Puts one question after the other; holds nothing of a single turn."""

    def __init__(
        self,
        settings: Settings,
        *,
        archive: Archive | None,
        switchboard: Switchboard,
        pacer: Pacer,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._archive = archive
        self._switchboard = switchboard
        self._pacer = pacer
        self._now = now

    async def start(self, upstream: Upstream, asked: Asked) -> ReplyStream:
        """Put the question and wait for the first events. The caller closes what is returned."""
        _check_images(asked)
        card = asked.card
        memory = Memory(
            self._archive,
            owner=asked.owner,
            card=card,
            messages=asked.turn.messages,
            conversation_id=asked.conversation_id,
            recognises=self._settings.recognise,
            now=self._now,
        )
        await memory.identify()
        run = _Run(upstream, asked, memory)
        async with AsyncExitStack() as stack:
            # One message at a time in a conversation: the upstream keeps one thread of thought.
            key = f"{asked.owner}\n{card.service}\n{asked.thread or memory.conversation_id}"
            lease = await self._switchboard.lease(key, wait=self._settings.conversation_wait)
            stack.callback(lease.give_back)
            slot = await self._pacer.lend(f"{card.service}/{asked.account.name}", caller=asked.owner)
            stack.callback(slot.give_back)
            answering, first = await run.put()
            stack.push_async_callback(answering.aclose)
            await run.remember()
            held = stack.pop_all()

        async def on_end(reply: Reply, outcome: Outcome) -> None:
            async with held:
                await memory.record(reply, outcome)

        stream = ReplyStream(answering, first=first, on_end=on_end)
        stream.conversation_id = memory.conversation_id
        stream.model = card.id
        if run.remark:
            stream.headers["x-jumpseat-conversation"] = run.remark
        return stream


class _Run:
    """One turn while it is being put."""

    def __init__(self, upstream: Upstream, asked: Asked, memory: Memory) -> None:
        self._upstream = upstream
        self._asked = asked
        self._memory = memory
        self._deadlines = Deadlines(asked.timeouts, asked.card.name)
        self._upstream_id = asked.thread or ""
        self.remark = ""
        """What happened to the conversation, if it is worth telling: `recognised` or `replaced`."""

    async def put(self) -> tuple[Answering, Sequence[ChatEvent]]:
        """Ask in the conversation that is known, else in a new one that is told everything."""
        asked, memory = self._asked, self._memory
        messages = asked.turn.messages
        await memory.recall()
        if memory.known is not None:
            self._upstream_id = memory.known.upstream_id
            self.remark = "recognised" if memory.was_recognised else ""
        if self._upstream_id:
            try:
                return await self._ask(memory.new, transcript.continuation)
            except ConversationLost:
                if memory.known is None:
                    raise
                messages = (*await memory.history(), *memory.new)
                self.remark = "replaced"
        self._upstream_id = await self._upstream.open_conversation(asked.account, self._deadlines)
        return await self._ask(messages, transcript.fold)

    async def _ask(
        self, messages: Sequence[Message], fold: Callable[[Sequence[Message], int], str]
    ) -> tuple[Answering, Sequence[ChatEvent]]:
        asked = self._asked
        limit = await self._upstream.question_limit(asked.account, self._deadlines)
        question = Question(
            text=fold(messages, limit),
            images=tuple(image for message in messages for image in message.images),
            mode=asked.card.mode,
            wants_extras=asked.wants_extras,
        )
        answering = await self._upstream.ask(asked.account, self._upstream_id, question, self._deadlines)
        try:
            return answering, await answering.receive()
        except BaseException:
            await answering.aclose()
            raise

    async def remember(self) -> None:
        """Make it durable, before the first word goes out. Raises `StoreUnavailable`."""
        try:
            await self._memory.remember(self._upstream_id)
        except JumpseatError as error:
            error.may_be_delivered = True
            raise


def _check_images(asked: Asked) -> None:
    if asked.card.sees_images or not any(message.images for message in asked.turn.messages):
        return
    raise InvalidRequest(
        f"{asked.card.id} takes no pictures. Ask a model that does, like microsoft/copilot.",
        param="messages",
        code="images_not_supported",
    )
