"""What the archive asks of its database: each statement is built once, so that it is compiled once."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection

from jumpseat.model.errors import InvalidRequest
from jumpseat.store.archive import StoredConversation, StoredMessage
from jumpseat.store.tables import conversations, messages, notes

_ESCAPE = "!"

_c = conversations.c
_m = messages.c

_conversation_columns = (
    _c.conversation_id,
    _c.owner,
    _c.service,
    _c.upstream_id,
    _c.model,
    _c.title,
    _c.created_at,
    _c.updated_at,
    _c.lineage,
)

_this_one: ColumnElement[bool] = and_(
    _c.owner == bindparam("o"), _c.service == bindparam("s"), _c.conversation_id == bindparam("i")
)


@cache
def _upserts(name: str) -> tuple[Any, Any]:
    """The statements whose words differ between databases, for the dialect `name`, which alone is loaded."""
    dialect: Any = import_module(f"sqlalchemy.dialects.{name}")
    new = dialect.insert(conversations)
    keep_conversation = new.on_conflict_do_update(
        index_elements=[_c.owner, _c.service, _c.conversation_id],
        set_={
            "upstream_id": new.excluded.upstream_id,
            "model": new.excluded.model,
            "title": func.coalesce(new.excluded.title, _c.title),
            "folded_title": func.coalesce(new.excluded.folded_title, _c.folded_title),
            "lineage": new.excluded.lineage,
            "updated_at": new.excluded.updated_at,
        },
    ).returning(_c.id)
    note = dialect.insert(notes)
    keep_note = note.on_conflict_do_update(index_elements=[notes.c.key], set_={"value": note.excluded.value})
    return keep_conversation, keep_note


_recall = select(*_conversation_columns).where(_this_one)
_touch = (
    update(conversations)
    .where(_this_one)
    .values(
        updated_at=bindparam("at"),
        title=func.coalesce(bindparam("t"), _c.title),
        folded_title=func.coalesce(bindparam("f"), _c.folded_title),
        lineage=bindparam("l"),
    )
    .returning(_c.id)
)
_append = insert(messages)
_read_messages = (
    select(_m.role, _m.text, _m.digest, _m.state, _m.created_at)
    .join(conversations, _m.conversation == _c.id)
    .where(_this_one)
    .order_by(_m.id)
)
_newest = (
    select(*_conversation_columns)
    .where(_c.owner == bindparam("o"))
    .order_by(_c.updated_at.desc(), _c.id.desc())
    .limit(bindparam("n"))
)
_newest_before = _newest.where(_c.updated_at < bindparam("before"))
_search = _newest.where(
    or_(
        _c.folded_title.like(bindparam("p"), escape=_ESCAPE),
        exists().where(_m.conversation == _c.id, _m.folded.like(bindparam("p"), escape=_ESCAPE)),
    )
)
_of_lineage = _newest.where(_c.lineage == bindparam("l"), _c.service == bindparam("s"))
_exactly = _newest.where(_c.conversation_id == bindparam("i"))
_beginning = _newest.where(func.substr(_c.conversation_id, 1, bindparam("k")) == bindparam("i"))
_delete = delete(conversations).where(_c.owner == bindparam("o"), _c.conversation_id == bindparam("i"))
_get = select(notes.c.value).where(notes.c.key == bindparam("k"))


def fold(text: str | None) -> str | None:
    """`text` as search compares it: without letter case, in any script, and in one composed form."""
    if text is None or text.isascii():
        return text and text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


class Ledger:
    """The archive's statements over one connection, whose owner closes it. What they mean: see `Archive`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._keep_conversation, self._keep_note = _upserts(connection.dialect.name)

    def begin(self) -> None:
        """Open a transaction that writes. At once, for a reader that turns writer too late cannot wait."""
        self._connection.exec_driver_sql("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self._connection.commit()

    def close(self) -> None:
        self._connection.close()

    def recall(self, owner: str, service: str, conversation_id: str) -> StoredConversation | None:
        row = self._connection.execute(
            _recall, {"o": owner, "s": service, "i": conversation_id}
        ).one_or_none()
        return None if row is None else _conversation(row)

    def remember(self, conversation: StoredConversation, new: Sequence[StoredMessage]) -> None:
        values = {name: getattr(conversation, name) for name in conversation.__struct_fields__}
        values["folded_title"] = fold(conversation.title)
        self._append_messages(self._connection.execute(self._keep_conversation, values).scalar_one(), new)

    def recognise(self, owner: str, service: str, lineage: str) -> StoredConversation | None:
        values = {"o": owner, "s": service, "l": lineage, "n": 1}
        return next(iter(self._conversations(_of_lineage, values)), None)

    def record_reply(
        self, key: tuple[str, str, str], reply: StoredMessage, title: str | None, lineage: str | None
    ) -> None:
        owner, service, conversation_id = key
        values = {"o": owner, "s": service, "i": conversation_id, "at": reply.created_at, "l": lineage}
        row = self._connection.execute(_touch, values | {"t": title, "f": fold(title)}).scalar_one_or_none()
        if row is not None:
            self._append_messages(row, (reply,))

    def _append_messages(self, conversation: int, new: Sequence[StoredMessage]) -> None:
        if new:
            self._connection.execute(_append, [_message_values(conversation, message) for message in new])

    def messages(self, owner: str, service: str, conversation_id: str) -> list[StoredMessage]:
        rows = self._connection.execute(_read_messages, {"o": owner, "s": service, "i": conversation_id})
        return [
            StoredMessage(role=role, text=text, digest=digest, state=state, created_at=created_at)
            for role, text, digest, state, created_at in rows
        ]

    def newest(self, owner: str, limit: int, before: float | None) -> list[StoredConversation]:
        if before is None:
            return self._conversations(_newest, {"o": owner, "n": limit})
        return self._conversations(_newest_before, {"o": owner, "n": limit, "before": before})

    def search(self, owner: str, text: str, limit: int) -> list[StoredConversation]:
        pattern = fold(text) or ""
        for special in (_ESCAPE, "%", "_"):
            pattern = pattern.replace(special, _ESCAPE + special)
        return self._conversations(_search, {"o": owner, "n": limit, "p": f"%{pattern}%"})

    def find(self, owner: str, conversation_id: str) -> StoredConversation | None:
        values = {"o": owner, "i": conversation_id, "n": 2}
        found = self._conversations(_exactly, values) or self._conversations(
            _beginning, values | {"k": len(conversation_id)}
        )
        if len(found) > 1:
            names = " and ".join(f"{one.service} {one.conversation_id}" for one in found)
            raise InvalidRequest(
                f"several conversations go by {conversation_id!r}: {names}. Give more of the identifier.",
                param="conversation_id",
                code="ambiguous_conversation",
            )
        return found[0] if found else None

    def forget(self, owner: str, conversation_id: str) -> bool:
        return self._connection.execute(_delete, {"o": owner, "i": conversation_id}).rowcount > 0

    def get_note(self, key: str) -> str | None:
        return self._connection.execute(_get, {"k": key}).scalar_one_or_none()

    def set_note(self, key: str, value: str) -> None:
        self._connection.execute(self._keep_note, {"key": key, "value": value})

    def _conversations(self, statement: Any, values: dict[str, Any]) -> list[StoredConversation]:  # noqa: ANN401
        return [_conversation(row) for row in self._connection.execute(statement, values)]


def _message_values(conversation: int, message: StoredMessage) -> dict[str, object]:
    return {
        "conversation": conversation,
        "role": message.role,
        "text": message.text,
        "folded": fold(message.text),
        "digest": message.digest,
        "state": message.state,
        "created_at": message.created_at,
    }


def _conversation(row: Row[*tuple[Any, ...]]) -> StoredConversation:
    return StoredConversation(
        conversation_id=row[0],
        owner=row[1],
        service=row[2],
        upstream_id=row[3],
        model=row[4],
        title=row[5],
        created_at=row[6],
        updated_at=row[7],
        lineage=row[8],
    )
