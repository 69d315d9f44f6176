"""The tables of the archive, as they stand after the newest migration."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

HEAD = "0001"
"""The newest migration; a test compares it with the scripts. Revisions sort as text, oldest first."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

# SQLite numbers rows by itself only in a column that is called exactly INTEGER.
_RowNumber = BigInteger().with_variant(Integer, "sqlite")

conversations = Table(
    "conversations",
    metadata,
    Column("id", _RowNumber, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("conversation_id", Text, nullable=False),
    Column("upstream_id", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("title", Text),
    # The title without letter case, for search: SQLite's own LIKE knows the case of ASCII only.
    Column("folded_title", Text),
    Column("lineage", Text),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    UniqueConstraint("owner", "service", "conversation_id"),
    Index("ix_conversations_owner_updated_at", "owner", "updated_at"),
    Index("ix_conversations_lineage", "lineage"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", _RowNumber, primary_key=True),
    Column("conversation", _RowNumber, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("role", Text, nullable=False),
    Column("text", Text),
    Column("folded", Text),
    Column("digest", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Index("ix_messages_conversation", "conversation", "id"),
)

notes = Table(
    "notes",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
