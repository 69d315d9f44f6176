"""One turn from question to answer: which conversation, what is new, and what must be kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import cast

from msgspec import Struct

from jumpseat import threads, transcript
from jumpseat.accounts.pacer import Pacer
from jumpseat.client.upstream import Upstream
from jumpseat.deadlines import Deadlines, Timeouts
from jumpseat.model.catalog import ModelCard, Question
from jumpseat.model.credentials import Account
from jumpseat.model.errors import ConversationLost, InvalidRequest
from jumpseat.model.events import ChatEvent
from jumpseat.model.messages import Image, Message, Role, Text, Turn
from jumpseat.model.reply import Reply
from jumpseat.store.archive import Archive, MessageState, StoredConversation, StoredMessage
from jumpseat.store.switchboard import Switchboard
from jumpseat.stream import Answering, Outcome, ReplyStream

TITLE_CHARS = 60
"""A conversation is called by the beginning of its first question until the upstream names it."""

_STATES: dict[Outcome, MessageState] = {
    "finished": "complete",
    "interrupted": "interrupted",
    "failed": "failed",
}


class Asked(Struct, frozen=True, kw_only=True):
    """Everything that is known of a turn before it is put."""

    turn: Turn
    card: ModelCard
    account: Account
    owner: str
    conversation_id: str
    thread: str | None
    """Go on in this upstream conversation, without looking at what we remember."""
    timeouts: Timeouts
    wants_extras: bool


class TurnRunner:
    """Puts one question after the other; holds nothing of a single turn."""

    def __init__(
        self,
        *,
        archive: Archive | None,
        switchboard: Switchboard,
        pacer: Pacer,
        conversation_wait: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._archive = archive
        self._switchboard = switchboard
        self._pacer = pacer
        self._conversation_wait = conversation_wait
        self._now = now

    async def start(self, upstream: Upstream, asked: Asked) -> ReplyStream:
        """Put the question and wait for the first events. The caller closes what is returned."""
        _check_images(asked)
        card = asked.card
        async with AsyncExitStack() as stack:
            # One message at a time in a conversation: the upstream keeps one thread of thought.
            key = f"{asked.owner}\n{card.service}\n{asked.thread or asked.conversation_id}"
            lease = await self._switchboard.lease(key, wait=self._conversation_wait)
            stack.callback(lease.give_back)
            slot = await self._pacer.lend(f"{card.service}/{asked.account.name}", caller=asked.owner)
            stack.callback(slot.give_back)
            run = _Run(self, upstream, asked)
            answering, first = await run.put()
            stack.push_async_callback(answering.aclose)
            await run.remember()
            held = stack.pop_all()

        async def on_end(reply: Reply, outcome: Outcome) -> None:
            async with held:
                await run.record(reply, outcome)

        stream = ReplyStream(answering, first=first, on_end=on_end)
        stream.conversation_id = asked.conversation_id
        stream.model = card.id
        if run.replaced:
            stream.headers["x-jumpseat-conversation"] = "replaced"
        return stream

    def stored(self, message: Message, state: MessageState = "complete") -> StoredMessage:
        """What is kept of `message`."""
        return StoredMessage(
            role=message.role,
            text=_readable(message),
            digest=threads.digest(message),
            state=state,
            created_at=self._now(),
        )

    @property
    def archive(self) -> Archive | None:
        return self._archive

    @property
    def now(self) -> float:
        return self._now()


class _Run:
    """One turn while it is being put and answered."""

    def __init__(self, runner: TurnRunner, upstream: Upstream, asked: Asked) -> None:
        self._runner = runner
        self._upstream = upstream
        self._asked = asked
        self._deadlines = Deadlines(asked.timeouts, asked.card.name)
        self._known: StoredConversation | None = None
        self._upstream_id = asked.thread or ""
        self.replaced = False

    async def put(self) -> tuple[Answering, Sequence[ChatEvent]]:
        """Ask in the conversation that is known, else in a new one that is told everything."""
        asked = self._asked
        messages = asked.turn.messages
        self._known = await self._recall()
        new = threads.new_part(messages)
        if self._known is not None or asked.thread:
            self._upstream_id = asked.thread or (self._known.upstream_id if self._known else "")
            try:
                return await self._ask(new, transcript.continuation)
            except ConversationLost:
                if self._known is None:
                    raise
                messages = (*await self._history(), *new)
                self.replaced = True
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

    async def _recall(self) -> StoredConversation | None:
        archive, asked = self._runner.archive, self._asked
        if archive is None or asked.thread:
            return None
        return await archive.recall(asked.owner, asked.card.service, asked.conversation_id)

    async def _history(self) -> tuple[Message, ...]:
        """
        What was said before, for an upstream that has lost it.

        The caller's own history, if it sent one, knows more than ours does when texts are not stored.
        """
        archive, asked = self._runner.archive, self._asked
        new = threads.new_part(asked.turn.messages)
        resent = asked.turn.messages[: len(asked.turn.messages) - len(new)]
        if archive is None or any(message.role == "assistant" for message in resent):
            return resent
        kept = await archive.messages(asked.owner, asked.card.service, asked.conversation_id)
        return tuple(
            Message(cast("Role", stored.role), (Text(stored.text),)) for stored in kept if stored.text
        )

    async def remember(self) -> None:
        """Make the conversation and the question durable: from now on a restart finds them."""
        archive, asked = self._runner.archive, self._asked
        if archive is None or asked.thread:
            return
        known, now = self._known, self._runner.now
        # A history that the client resends is ours already, except in a conversation we do not know yet.
        said = threads.new_part(asked.turn.messages) if known else asked.turn.messages
        conversation = StoredConversation(
            conversation_id=asked.conversation_id,
            owner=asked.owner,
            service=asked.card.service,
            upstream_id=self._upstream_id,
            model=asked.card.id,
            title=known.title if known else _title(said),
            created_at=known.created_at if known else now,
            updated_at=now,
        )
        await archive.remember(conversation, [self._runner.stored(message) for message in said])

    async def record(self, reply: Reply, outcome: Outcome) -> None:
        """Keep the answer, as far as it came."""
        archive, asked = self._runner.archive, self._asked
        if archive is None or asked.thread:
            return
        message = Message("assistant", (Text(_with_pictures(reply)),))
        stored = self._runner.stored(message, _STATES[outcome])
        await archive.record_reply(
            asked.owner, asked.card.service, asked.conversation_id, stored, reply.title
        )


def _check_images(asked: Asked) -> None:
    if asked.card.sees_images or not any(message.images for message in asked.turn.messages):
        return
    raise InvalidRequest(
        f"{asked.card.id} takes no pictures. Ask a model that does, like microsoft/copilot.",
        param="messages",
        code="images_not_supported",
    )


def _readable(message: Message) -> str:
    pictures = "".join(f"[picture: {_describe(image)}]\n" for image in message.images)
    return pictures + transcript.readable(message)


def _describe(image: Image) -> str:
    return f"{image.name or image.media_type}, {len(image.data)} bytes"


def _with_pictures(reply: Reply) -> str:
    pictures = [f"![{image.prompt}]({image.url})" for image in reply.images if image.url]
    return "\n\n".join(filter(None, (reply.text, *pictures)))


def _title(messages: Sequence[Message]) -> str | None:
    first = next((message.text for message in messages if message.role == "user"), "")
    line = " ".join(first.split())
    return (line if len(line) <= TITLE_CHARS else line[: TITLE_CHARS - 1] + "…") or None
