"""What was said before: listing, showing, searching and deleting remembered conversations."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from jumpseat.model.errors import InvalidRequest
from jumpseat.store.archive import Archive, StoredConversation, StoredMessage


class RememberedConversation(Struct, frozen=True):
    """A conversation and everything said in it, oldest first."""

    conversation: StoredConversation
    messages: tuple[StoredMessage, ...]


class Conversations:
    """The remembered conversations of each owner (`local` on a gateway without keys, and in the library)."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    async def list(
        self, owner: str = "local", *, limit: int = 50, before: float | None = None
    ) -> Sequence[StoredConversation]:
        """The newest first; `before` (seconds since 1970) goes on where a page ended."""
        return await self._archive.conversations(owner, limit=limit, before=before)

    async def show(self, conversation_id: str, owner: str = "local") -> RememberedConversation:
        """
        One conversation, by its identifier or the beginning of it.

        Raises `InvalidRequest` (code `conversation_not_found`) when there is none, or more than one.
        """
        found = await self._find(conversation_id, owner)
        messages = await self._archive.messages(owner, found.service, found.conversation_id)
        return RememberedConversation(found, tuple(messages))

    async def search(
        self, text: str, owner: str = "local", *, limit: int = 50
    ) -> Sequence[StoredConversation]:
        """Conversations in which `text` was said, in any case, the newest first."""
        return await self._archive.search(owner, text, limit=limit)

    async def delete(self, conversation_id: str, owner: str = "local") -> None:
        """Forget one conversation here. The upstream keeps what it has."""
        found = await self._find(conversation_id, owner)
        await self._archive.delete(owner, found.conversation_id)

    async def _find(self, conversation_id: str, owner: str) -> StoredConversation:
        found = await self._archive.find(owner, conversation_id)
        if found is None:
            raise InvalidRequest(
                f"no conversation is called {conversation_id!r}: `jumpseat conversations list` shows them",
                param="conversation_id",
                code="conversation_not_found",
            )
        return found
