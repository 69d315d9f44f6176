"""A client that answers from a script, for the commands that ask."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from jumpseat.model.catalog import ModelCard
from jumpseat.model.credentials import Account, Credential
from jumpseat.model.errors import InvalidRequest
from jumpseat.model.events import ChatEvent, Finished, Started, TextDelta
from jumpseat.model.messages import Message
from jumpseat.store.archive import StoredConversation, StoredMessage
from jumpseat.stream import ReplyStream

CARDS = (
    ModelCard(id="microsoft/copilot", service="microsoft", mode="chat", name="Copilot", sees_images=True),
    ModelCard(
        id="microsoft/think-deeper", service="microsoft", mode="reasoning", name="Think Deeper", reasons=True
    ),
    ModelCard(id="github/gpt-4o", service="github", mode="gpt-4o", name="GPT-4o", aliases=("4o",)),
)

Step = Sequence[ChatEvent] | Exception | None
"""Events that come together, an error, or None for a silence that only a person ends."""


def says(*texts: str) -> list[Step]:
    """A reply of these words, one at a time."""
    start: list[Step] = [(Started(conversation_id="upstream-1"),)]
    return [*start, *((TextDelta(text),) for text in texts), (Finished("stop"),)]


class ScriptedAnswer:
    """Gives the steps of one reply."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = deque(steps)
        self.is_closed = False

    async def receive(self) -> Sequence[ChatEvent]:
        step = self._steps.popleft()
        if step is None:
            await asyncio.Event().wait()
        if isinstance(step, Exception):
            raise step
        await asyncio.sleep(0)
        return step or ()

    async def aclose(self) -> None:
        self.is_closed = True


class FakeConversations:
    """What was said before, as a test says."""

    def __init__(self, stored: Sequence[tuple[StoredConversation, Sequence[StoredMessage]]] = ()) -> None:
        self.stored = list(stored)

    async def list(self, owner: str = "local", *, limit: int = 50) -> Sequence[StoredConversation]:
        return [conversation for conversation, _ in self.stored][:limit]

    async def show(self, conversation_id: str, owner: str = "local") -> Any:
        from jumpseat.client.conversations import RememberedConversation

        for conversation, messages in self.stored:
            if conversation.conversation_id.startswith(conversation_id):
                return RememberedConversation(conversation, tuple(messages))
        raise InvalidRequest("no conversation is called so", code="conversation_not_found")


class FakeClient:
    """Answers each question with the next script, and keeps what it was asked."""

    def __init__(self, *replies: Sequence[Step]) -> None:
        self._replies = deque(replies)
        self.asked: list[dict[str, Any]] = []
        self.answers: list[ScriptedAnswer] = []
        self.conversations = FakeConversations()
        self.is_closed = False
        self.credential = Credential()

    async def __aenter__(self) -> FakeClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.is_closed = True

    @asynccontextmanager
    async def stream(
        self, model: str, said: str | Sequence[Message], **options: Any
    ) -> AsyncIterator[ReplyStream]:
        if not isinstance(said, str):
            options["images"] = said[-1].images
            said = said[-1].text
        self.asked.append({"model": model, "said": said, **options})
        answer = ScriptedAnswer(self._replies.popleft())
        self.answers.append(answer)

        async def on_end(*_: object) -> None:
            pass

        async with ReplyStream(answer, on_end=on_end) as stream:
            stream.model = model or "microsoft/copilot"
            stream.conversation_id = options.get("conversation") or "conversation-1"
            yield stream

    async def models(self) -> Sequence[ModelCard]:
        return CARDS

    async def account(self, provider: str) -> Account:
        return Account(kind="microsoft", name="default", credential=self.credential, is_kept=True)

    def resolve(self, model: str, provider: str | None = None) -> ModelCard:
        for card in CARDS:
            if model in ("", card.id, card.name):
                return card
        raise InvalidRequest(f"there is no model {model!r}")


def conversation(name: str, **fields: Any) -> StoredConversation:
    """A remembered conversation."""
    values: dict[str, Any] = {
        "owner": "local",
        "service": "microsoft",
        "upstream_id": "u",
        "model": "microsoft/copilot",
        "title": "A title",
        "created_at": 1_795_000_000.0,
        "updated_at": 1_795_000_100.0,
    }
    return StoredConversation(conversation_id=name, **(values | fields))


def message(role: str, text: str | None, **fields: Any) -> StoredMessage:
    """A remembered message."""
    return StoredMessage(role=role, text=text, digest="d", created_at=1_795_000_050.0, **fields)
