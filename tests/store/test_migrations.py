"""The migrations lead to the tables."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from jumpseat.store import database, tables
from jumpseat.store.sql import SqlArchive


async def _make(path: Path) -> None:
    archive = SqlArchive(path)
    await archive.get("key")
    await archive.aclose()


def test_the_newest_migration_is_the_one_we_ask_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))

    assert ScriptDirectory.from_config(config).get_heads() == [tables.HEAD]


async def test_the_migrations_lead_to_the_tables_as_they_are_written_down(tmp_path: Path) -> None:
    path = tmp_path / "100% mine" / "test.db"
    await _make(path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )

        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()
