"""Conversations, their messages, and notes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    row_number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "conversations",
        sa.Column("id", row_number, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("upstream_id", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("folded_title", sa.Text),
        sa.Column("lineage", sa.Text),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("updated_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.UniqueConstraint(
            "owner", "service", "conversation_id", name="uq_conversations_owner_service_conversation_id"
        ),
    )
    op.create_index("ix_conversations_owner_updated_at", "conversations", ["owner", "updated_at"])
    op.create_index("ix_conversations_lineage", "conversations", ["lineage"])
    op.create_table(
        "messages",
        sa.Column("id", row_number, nullable=False),
        sa.Column("conversation", row_number, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("text", sa.Text),
        sa.Column("folded", sa.Text),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.ForeignKeyConstraint(
            ["conversation"], ["conversations.id"], name="fk_messages_conversation", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_messages_conversation", "messages", ["conversation", "id"])
    op.create_table(
        "notes",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_notes"),
    )
