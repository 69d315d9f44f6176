"""What is remembered of one turn: which conversation it belongs to, and what is kept of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import cast

from jumpseat import threads, transcript
from jumpseat.model.catalog import ModelCard
from jumpseat.model.messages import Image, Message, Role, Text
from jumpseat.model.reply import Reply
from jumpseat.store.archive import Archive, MessageState, StoredConversation, StoredMessage
from jumpseat.stream import Outcome

TITLE_CHARS = 60
"""A conversation is called by the beginning of its first question until the upstream names it."""

_STATES: dict[Outcome, MessageState] = {
    "finished": "complete",
    "interrupted": "interrupted",
    "failed": "failed",
}


class Memory:
    """
    The conversation of one turn.

    A conversation is known by the caller's own identifier, or, if it gives none, by the history it sends
    again: the newest conversation in which just that was said. `archive` None remembers nothing.
    """

    def __init__(
        self,
        archive: Archive | None,
        *,
        owner: str,
        card: ModelCard,
        messages: Sequence[Message],
        conversation_id: str | None,
        recognises: bool,
        now: Callable[[], float],
    ) -> None:
        self._archive = archive
        self._owner = owner
        self._card = card
        self._messages = messages
        self._heard = threads.heard_part(messages)
        self._is_named = bool(conversation_id)
        self._recognises = recognises and not self._is_named and bool(self._heard)
        self._now = now
        self.conversation_id = conversation_id or str(uuid.uuid4())
        self._is_made_up = not self._is_named
        self.known: StoredConversation | None = None
        self._is_recorded = False

    @property
    def was_recognised(self) -> bool:
        return self.known is not None and not self._is_named

    @property
    def is_guessed(self) -> bool:
        """Whether `identify` found a conversation that the caller did not name."""
        return not self._is_named and not self._is_made_up

    def begin_anew(self) -> None:
        """Leave the conversation that was found to others: this turn gets one of its own."""
        self.known, self.conversation_id, self._is_made_up = None, str(uuid.uuid4()), True

    @property
    def new(self) -> tuple[Message, ...]:
        """What the upstream of a known conversation has not heard yet."""
        return threads.new_part(self._messages)

    async def identify(self) -> None:
        """Find out which conversation it is, so that its lease can be taken."""
        if self._archive is None or not self._recognises:
            return
        lineage = threads.lineage(self._heard)
        found = await self._archive.recognise(self._owner, self._card.service, lineage)
        if found is not None:
            self.conversation_id, self._is_made_up = found.conversation_id, False

    async def recall(self) -> None:
        """Read what is known of the conversation, once nobody else can go on with it."""
        if self._archive is None or self._is_made_up:
            return  # Nobody has heard of a name that was made up just now.
        self.known = await self._archive.recall(self._owner, self._card.service, self.conversation_id)
        if self.known is None or self._is_named or self.known.lineage == threads.lineage(self._heard):
            return
        # Somebody went on with it while we waited: this history is not its own any more.
        self.begin_anew()

    async def history(self) -> Sequence[Message]:
        """
        What was said before, for an upstream that has lost it.

        The caller's own history, if it sent one, knows more than ours does when texts are not stored.
        """
        if self._archive is None or self._heard:
            return self._heard
        kept = await self._archive.messages(self._owner, self._card.service, self.conversation_id)
        return [Message(cast("Role", stored.role), (Text(stored.text),)) for stored in kept if stored.text]

    async def remember(self, upstream_id: str, whole: Reply | None = None) -> None:
        """
        Make the conversation and the question durable: from now on a restart finds them.

        An answer that came `whole` already is kept in the same step, and `record` has nothing left to do.
        """
        if self._archive is None:
            return
        known, now = self.known, self._now()
        # A history that the client resends is ours already, except in a conversation we do not know yet.
        said = self.new if known else self._messages
        kept = [self._stored(message) for message in said]
        title, lineage = known.title if known else _title(said), None
        if whole is not None:
            answer = _answer(whole)
            kept.append(self._stored(answer))
            title, lineage = whole.title or title, self._lineage(answer)
            self._is_recorded = True
        conversation = StoredConversation(
            conversation_id=self.conversation_id,
            owner=self._owner,
            service=self._card.service,
            upstream_id=upstream_id,
            model=self._card.id,
            title=title,
            lineage=lineage,
            created_at=known.created_at if known else now,
            updated_at=now,
        )
        await self._archive.remember(conversation, kept)

    async def record(self, reply: Reply, outcome: Outcome) -> None:
        """Keep the answer, as far as it came."""
        if self._archive is None or self._is_recorded:
            return
        answer = _answer(reply)
        await self._archive.record_reply(
            self._owner,
            self._card.service,
            self.conversation_id,
            self._stored(answer, _STATES[outcome]),
            reply.title,
            self._lineage(answer) if outcome == "finished" else None,
        )

    def _lineage(self, answer: Message) -> str | None:
        if self._heard or self.known is None:
            return threads.lineage((*self._messages, answer))
        if self.known.lineage is None:
            # What was said before was broken off: no client holds the same history.
            return None
        return threads.lineage((*self.new, answer), self.known.lineage)

    def _stored(self, message: Message, state: MessageState = "complete") -> StoredMessage:
        return StoredMessage(
            role=message.role,
            text=_readable(message),
            digest=threads.digest(message),
            state=state,
            created_at=self._now(),
        )


def _readable(message: Message) -> str:
    pictures = "".join(f"[picture: {_describe(image)}]\n" for image in message.images)
    return pictures + transcript.readable(message)


def _describe(image: Image) -> str:
    return f"{image.name or image.media_type}, {len(image.data)} bytes"


def _answer(reply: Reply) -> Message:
    """The answer as a message, its pictures told as Markdown."""
    pictures = [f"![{image.prompt}]({image.url})" for image in reply.images if image.url]
    return Message("assistant", (Text("\n\n".join(filter(None, (reply.text, *pictures)))),))


def _title(messages: Sequence[Message]) -> str | None:
    first = next((message.text for message in messages if message.role == "user"), "")
    line = " ".join(first.split())
    return (line if len(line) <= TITLE_CHARS else line[: TITLE_CHARS - 1] + "…") or None
