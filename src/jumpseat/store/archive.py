"""What a store of conversations promises, and the values it keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from msgspec import Struct

MessageState = Literal["complete", "interrupted", "failed"]

MAX_SEARCH_CHARS = 1000
"""Longest text one can search for."""


class StoredMessage(Struct, frozen=True, kw_only=True):
    """One message of a kept conversation."""

    role: str
    text: str | None
    """None where messages are not stored."""
    digest: str
    """SHA-256 of role and content, see `jumpseat.threads.digest`."""
    state: MessageState = "complete"
    created_at: float
    """Seconds since 1970."""


class StoredConversation(Struct, frozen=True, kw_only=True):
    """
    A conversation, and where it lives upstream.

    `conversation_id` is the caller's own (or one we made); together with `owner` and `service` it is unique.
    """

    conversation_id: str
    owner: str
    service: str
    upstream_id: str
    model: str
    title: str | None = None
    lineage: str | None = None
    """What was said up to the last answer (see `jumpseat.threads.lineage`); None while a turn is open."""
    created_at: float
    updated_at: float


class Archive(Protocol):
    """
    Conversations and small notes that survive the process.

    What `remember`, `record_reply`, `delete` and `set` have done is durable when they return. Every method
    raises `StoreUnavailable`, with what to do, when the store cannot be used, and `InvalidRequest` for names
    that are not text.
    """

    async def recall(self, owner: str, service: str, conversation_id: str) -> StoredConversation | None:
        """The conversation of that name at that service, if it is kept."""

    async def remember(self, conversation: StoredConversation, messages: Sequence[StoredMessage]) -> None:
        """
        Keep `conversation` and append `messages`, in one step.

        For a conversation that is there already, `upstream_id`, `model`, `lineage` and `updated_at` are taken
        over, a title only if there is one; `created_at` stays.
        """

    async def recognise(self, owner: str, service: str, lineage: str) -> StoredConversation | None:
        """The newest conversation of that lineage at that service, if one is kept."""

    async def record_reply(
        self,
        owner: str,
        service: str,
        conversation_id: str,
        reply: StoredMessage,
        title: str | None = None,
        lineage: str | None = None,
    ) -> None:
        """
        Append `reply`, take over `lineage`, and keep `title` if there is one.

        Nothing happens if the conversation was deleted meanwhile.
        """

    async def messages(self, owner: str, service: str, conversation_id: str) -> list[StoredMessage]:
        """The messages of a conversation, oldest first; none for a conversation that is not kept."""

    async def conversations(
        self, owner: str, *, limit: int = 50, before: float | None = None
    ) -> list[StoredConversation]:
        """The owner's conversations updated before the moment `before`, newest first."""

    async def search(self, owner: str, text: str, *, limit: int = 50) -> list[StoredConversation]:
        """
        The owner's conversations with `text` in a message or the title, newest first.

        Letter case does not matter, in any script. Raises `InvalidRequest` for an empty or very long text.
        """

    async def find(self, owner: str, conversation_id: str) -> StoredConversation | None:
        """
        The owner's conversation with that identifier, or whose identifier begins so, at any service.

        Raises `InvalidRequest` (`ambiguous_conversation`) if several do.
        """

    async def delete(self, owner: str, conversation_id: str) -> bool:
        """Forget the conversation(s) with exactly this identifier; whether there was one."""

    async def get(self, key: str) -> str | None:
        """The note kept under `key`."""

    async def set(self, key: str, value: str) -> None:
        """Keep a small note."""

    async def aclose(self) -> None:
        """Finish what is under way and close. Idempotent."""
