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
from jumpseat.model.errors import ConversationBusy, ConversationLost, InvalidRequest, JumpseatError
from jumpseat.model.events import ChatEvent, Finished
from jumpseat.model.messages import Message, Turn
from jumpseat.model.reply import Reply, ReplyBuilder
from jumpseat.settings import Settings
from jumpseat.store.archive import Archive
from jumpseat.store.switchboard import Lease, Switchboard
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
    """Puts one question after the other, and knows the streams that are open."""

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
        self._store_works = False
        self._open: set[ReplyStream] = set()

    async def start(self, upstream: Upstream, asked: Asked) -> ReplyStream:
        """Put the question and wait for the first events. The caller closes what is returned."""
        _check_images(asked)
        await self._check_store()
        memory = Memory(
            self._archive,
            owner=asked.owner,
            card=asked.card,
            messages=asked.turn.messages,
            conversation_id=asked.conversation_id,
            recognises=self._settings.recognise,
            now=self._now,
        )
        await memory.identify()
        async with AsyncExitStack() as stack:
            lease = await self._lease(asked, memory)
            stack.callback(lease.give_back)
            account_key = f"{asked.card.service}/{asked.account.name}"
            slot = await self._pacer.lend(account_key, caller=asked.owner, wait=asked.timeouts.total)
            stack.callback(slot.give_back)
            # Its clock starts here: what we waited for ourselves is not the upstream's time.
            run = _Run(upstream, asked, memory)
            answering, first = await run.put()
            stack.push_async_callback(answering.aclose)
            await run.remember(first)
            stack.pop_all()  # From here on the stream gives them back.

        def give_back() -> None:
            slot.give_back()
            lease.give_back()

        return self._stream(run, memory, answering, first, give_back)

    async def aclose(self) -> None:
        """Close every stream that is open. Idempotent."""
        for stream in tuple(self._open):
            await stream.aclose()

    async def _check_store(self) -> None:
        """Raise `StoreUnavailable` while nothing is delivered yet, if the store never worked."""
        if self._archive is not None and not self._store_works:
            await self._archive.get("works")
            self._store_works = True

    async def _lease(self, asked: Asked, memory: Memory) -> Lease:
        """One message at a time in a conversation: the upstream keeps one thread of thought."""
        scope = f"{asked.owner}\n{asked.card.service}"
        if memory.is_guessed:
            try:
                return await self._switchboard.lease(f"{scope}\n{memory.conversation_id}", wait=0)
            except ConversationBusy:
                # Nobody named it, so nobody has to wait for it: the same history can go on twice.
                memory.begin_anew()
        key = f"{scope}\n{asked.thread or memory.conversation_id}"
        return await self._switchboard.lease(key, wait=self._settings.conversation_wait)

    def _stream(
        self,
        run: _Run,
        memory: Memory,
        answering: Answering,
        first: Sequence[ChatEvent],
        give_back: Callable[[], None],
    ) -> ReplyStream:
        async def on_end(reply: Reply, outcome: Outcome) -> None:
            self._open.discard(stream)
            try:
                await memory.record(reply, outcome)
            except JumpseatError as error:
                error.may_be_delivered = True
                raise
            finally:
                give_back()

        stream = ReplyStream(answering, first=first, on_end=on_end)
        self._open.add(stream)
        stream.conversation_id = memory.conversation_id
        stream.model = run.model
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
        self.model = asked.card.id
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
                return await self._ask(await self._question(memory.new, transcript.continuation))
            except ConversationLost:
                if memory.known is None:
                    raise
                messages = (*await memory.history(), *memory.new)
                self.remark = "replaced"
        # Before a conversation is opened for it: what is refused here leaves nothing behind.
        question = await self._question(messages, transcript.fold)
        self._upstream_id = await self._upstream.open_conversation(asked.account, self._deadlines)
        return await self._ask(question)

    async def _question(
        self, messages: Sequence[Message], fold: Callable[[Sequence[Message], int], str]
    ) -> Question:
        """What is put. Raises `InvalidRequest` for a question that is empty or too long."""
        asked = self._asked
        limit = await self._upstream.question_limit(asked.account, self._deadlines)
        question = Question(
            text=fold(messages, limit),
            images=tuple(image for message in messages for image in message.images),
            mode=asked.card.mode,
            wants_extras=asked.wants_extras,
        )
        if not question.text.strip() and not question.images:
            raise InvalidRequest("the question is empty: say something", param="messages")
        return question

    async def _ask(self, question: Question) -> tuple[Answering, Sequence[ChatEvent]]:
        answering = await self._upstream.ask(
            self._asked.account, self._upstream_id, question, self._deadlines
        )
        try:
            return answering, await answering.receive()
        except BaseException:
            await answering.aclose()
            raise

    async def remember(self, first: Sequence[ChatEvent]) -> None:
        """Make it durable, before the first word goes out. Raises `StoreUnavailable`."""
        whole = None
        if isinstance(first[-1], Finished):
            # The whole answer came at once: it is kept at once, in one step instead of two.
            builder = ReplyBuilder()
            builder.add(first)
            whole = builder.build()
        try:
            await self._memory.remember(self._upstream_id, whole)
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
