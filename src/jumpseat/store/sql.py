"""The archive in an SQL database: SQLite in one file under `JUMPSEAT_HOME`."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jumpseat.model.errors import InvalidRequest
from jumpseat.settings import Settings
from jumpseat.store.archive import MAX_SEARCH_CHARS, StoredConversation, StoredMessage
from jumpseat.store.desk import Desk

if TYPE_CHECKING:
    from jumpseat.store.database import SqliteDatabase
    from jumpseat.store.ledger import Ledger

FILE_NAME = "jumpseat.db"


def open_archive(settings: Settings) -> SqlArchive:
    """
    The archive that `settings` name.

    Nothing is read or made before its first use. Close it with `aclose`.
    """
    return SqlArchive(settings.home / FILE_NAME, store_messages=settings.store_messages)


class SqlArchive:
    """
    The `Archive` in SQLite.

    Three desks, so that a look-up waits neither for a commit nor for a search. May be used from several event
    loops at once, and beside other processes on the same file. With `store_messages` off no text and no title
    is ever written: digests, roles and states are.
    """

    def __init__(self, path: Path, *, store_messages: bool = True) -> None:
        self._path = path
        self._store_messages = store_messages
        self._database: SqliteDatabase | None = None
        self._lock = threading.Lock()
        self._writer: Desk[Ledger] = Desk(self._open, "jumpseat-archive-writer", writes=True)
        self._reader: Desk[Ledger] = Desk(self._open, "jumpseat-archive-reader", writes=False)
        self._searcher: Desk[Ledger] = Desk(self._open, "jumpseat-archive-searcher", writes=False)

    def _open(self) -> SqliteDatabase:
        with self._lock:
            if self._database is None:
                # Imported at the first use: SQLAlchemy costs 200 ms.
                from jumpseat.store.database import SqliteDatabase

                self._database = SqliteDatabase(self._path)
            return self._database

    async def recall(self, owner: str, service: str, conversation_id: str) -> StoredConversation | None:
        """See `Archive`, here and below."""
        _check_names(owner, service, conversation_id)
        return await self._reader.do(lambda db: db.recall(owner, service, conversation_id))

    async def remember(self, conversation: StoredConversation, messages: Sequence[StoredMessage]) -> None:
        _check_names(conversation.owner, conversation.service, conversation.conversation_id)
        kept = msgspec.structs.replace(conversation, title=self._kept_text(conversation.title))
        new = [self._kept(message) for message in messages]
        await self._writer.do(lambda db: db.remember(kept, new))

    async def recognise(self, owner: str, service: str, lineage: str) -> StoredConversation | None:
        _check_names(owner, service, lineage)
        return await self._reader.do(lambda db: db.recognise(owner, service, lineage))

    async def record_reply(
        self,
        owner: str,
        service: str,
        conversation_id: str,
        reply: StoredMessage,
        title: str | None = None,
        lineage: str | None = None,
    ) -> None:
        _check_names(owner, service, conversation_id)
        key = (owner, service, conversation_id)
        kept, kept_title = self._kept(reply), self._kept_text(title)
        await self._writer.do(lambda db: db.record_reply(key, kept, kept_title, lineage))

    async def messages(self, owner: str, service: str, conversation_id: str) -> list[StoredMessage]:
        _check_names(owner, service, conversation_id)
        return await self._reader.do(lambda db: db.messages(owner, service, conversation_id))

    async def conversations(
        self, owner: str, *, limit: int = 50, before: float | None = None
    ) -> list[StoredConversation]:
        _check_names(owner)
        return await self._searcher.do(lambda db: db.newest(owner, max(0, limit), before))

    async def search(self, owner: str, text: str, *, limit: int = 50) -> list[StoredConversation]:
        _check_names(owner, text)
        if not text or len(text) > MAX_SEARCH_CHARS:
            raise InvalidRequest(
                f"the text to search for must have 1 to {MAX_SEARCH_CHARS} characters, not {len(text)}",
                param="text",
            )
        return await self._searcher.do(lambda db: db.search(owner, text, max(0, limit)))

    async def find(self, owner: str, conversation_id: str) -> StoredConversation | None:
        _check_names(owner, conversation_id)
        if not conversation_id:
            return None
        return await self._searcher.do(lambda db: db.find(owner, conversation_id))

    async def delete(self, owner: str, conversation_id: str) -> bool:
        _check_names(owner, conversation_id)
        return await self._writer.do(lambda db: db.forget(owner, conversation_id))

    async def get(self, key: str) -> str | None:
        _check_names(key)
        return await self._reader.do(lambda db: db.get_note(key))

    async def set(self, key: str, value: str) -> None:
        _check_names(key, value)
        await self._writer.do(lambda db: db.set_note(key, value))

    async def aclose(self) -> None:
        # The writer last: closing the last connection is what folds the write-ahead log into the file.
        await self._searcher.aclose()
        await self._reader.aclose()
        await self._writer.aclose()

    def _kept(self, message: StoredMessage) -> StoredMessage:
        return msgspec.structs.replace(message, text=self._kept_text(message.text))

    def _kept_text(self, text: str | None) -> str | None:
        """What is written of `text`. A database takes no lone surrogates: they become U+FFFD."""
        if text is None or not self._store_messages:
            return None
        if _is_unicode(text):
            return text
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _check_names(*names: str) -> None:
    for name in names:
        if "\0" in name or not _is_unicode(name):
            raise InvalidRequest(
                f"{name[:80]!r} is no name for the archive: it must be Unicode text without NUL"
            )


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
