"""The database below the archive: how it is opened, brought up to date, and what its errors mean."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from sqlalchemy import create_engine, event, inspect, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from jumpseat.model.errors import StoreUnavailable
from jumpseat.store.home import make_private_file, make_private_folder
from jumpseat.store.ledger import Ledger
from jumpseat.store.tables import HEAD

BUSY_SECONDS = 5.0
"""How long a statement waits while another process writes."""

# In WAL mode only `synchronous=FULL` makes a commit survive a power cut
# (sqlite.org/pragma.html#pragma_synchronous).
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


class SqliteDatabase:
    """One SQLite file. Any thread may `connect`; the connection then stays in that thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opening = threading.Lock()
        self._engine: Engine | None = None

    def connect(self) -> Ledger:
        """
        Open the file, which is made, and brought up to date, where that is needed.

        Statements outside a transaction commit by themselves. Raises `StoreUnavailable`.
        """
        with self._opening:
            make_private_folder(self._path.parent)
            make_private_file(self._path)
            if self._engine is None:
                self._engine = _make_engine(self._path)
            try:
                connection = self._engine.connect()
                try:
                    self._bring_up_to_date(connection)
                except BaseException:
                    connection.close()
                    raise
            except (SQLAlchemyError, OSError) as exc:
                raise self._explained(exc) from exc
            return Ledger(connection)

    def explain(self, error: Exception) -> StoreUnavailable | None:
        """Put an error of the database into our words, without a word of what was being stored."""
        return self._explained(error) if isinstance(error, (SQLAlchemyError, OSError)) else None

    def _explained(self, error: SQLAlchemyError | OSError) -> StoreUnavailable:
        origin = error.orig if isinstance(error, DBAPIError) else error
        # The low byte is the kind of the error, the rest its details (sqlite.org/rescode.html).
        kind = getattr(origin, "sqlite_errorcode", 0) & 0xFF
        advice = _ADVICE.get(kind, "see that its folder is readable and the disk has room, then try again")
        explained = StoreUnavailable(f"the archive {self._path} cannot be used ({origin}): {advice}")
        explained.__cause__ = error
        return explained

    def _bring_up_to_date(self, connection: Connection) -> None:
        if self._is_current(connection):
            return
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        # Another process may have done it while we waited for the lock.
        if not self._is_current(connection):
            _upgrade(connection)
        connection.commit()

    def _is_current(self, connection: Connection) -> bool:
        version = _version(connection)
        if version is not None and version > HEAD:
            raise StoreUnavailable(
                f"the archive {self._path} was written by a newer jumpseat (its form is {version}, "
                f"this program knows {HEAD}): upgrade jumpseat, or set JUMPSEAT_HOME to another folder"
            )
        return version == HEAD


_ADVICE = {
    sqlite3.SQLITE_BUSY: "another program keeps it locked; close that program, or try again",
    sqlite3.SQLITE_LOCKED: "another program keeps it locked; close that program, or try again",
    sqlite3.SQLITE_FULL: "the disk is full; make room, then try again",
    sqlite3.SQLITE_READONLY: "it cannot be written to; check who owns the file and its folder",
    sqlite3.SQLITE_PERM: "it cannot be read; check who owns the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check who owns the file and its folder",
    sqlite3.SQLITE_IOERR: "the disk does not read or write it; check the disk and its free space",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; move it away (a new one is made), or restore a copy",
    sqlite3.SQLITE_NOTADB: "the file is no SQLite database; move it away, and a new one is made",
}


def _make_engine(path: Path) -> Engine:
    # Parameters are hidden, so that no error ever quotes what people wrote. Each desk keeps its one
    # connection, so there is nothing to pool.
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None),
        hide_parameters=True,
        poolclass=NullPool,
    )
    event.listen(engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _version(connection: Connection) -> str | None:
    """The migration the database stands at; None for an empty one."""
    try:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    except DBAPIError:
        if inspect(connection).has_table("alembic_version"):
            raise
        return None


def _upgrade(connection: Connection) -> None:
    # Imported here: it costs 200 ms, and an archive that is up to date does not need it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
