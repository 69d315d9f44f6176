"""Runs the migrations over the connection, and within the transaction, that the archive hands over."""

from __future__ import annotations

from alembic import context

from jumpseat.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
