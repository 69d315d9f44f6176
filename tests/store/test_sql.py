"""What is special about the archive in SQLite: its file, its durability, its errors."""

import asyncio
import errno
import os
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects import registry

from jumpseat.model.errors import InvalidRequest, StoreUnavailable
from jumpseat.settings import Settings
from jumpseat.store import database, ledger
from jumpseat.store.archive import StoredConversation, StoredMessage
from jumpseat.store.desk import Desk
from jumpseat.store.sql import SqlArchive, open_archive

HELLO = StoredMessage(role="user", text="canary hello", digest="d", created_at=1.0)
C1 = StoredConversation(
    conversation_id="c1",
    owner="local",
    service="microsoft",
    upstream_id="u",
    model="m",
    created_at=1.0,
    updated_at=1.0,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "jumpseat.db"


async def opened(path: Path) -> SqlArchive:
    archive = SqlArchive(path)
    await archive.set("opened", "yes")
    return archive


async def test_nothing_is_made_before_the_first_use(tmp_path: Path) -> None:
    archive = open_archive(Settings(home=tmp_path / "deep" / "home"))
    assert not (tmp_path / "deep").exists()

    await archive.get("key")

    assert (tmp_path / "deep" / "home" / "jumpseat.db").exists()
    await archive.aclose()


async def test_an_archive_never_used_is_closed_without_a_trace(tmp_path: Path) -> None:
    await open_archive(Settings(home=tmp_path / "home")).aclose()

    assert not (tmp_path / "home").exists()


def test_the_library_for_databases_is_not_imported_before_it_is_needed() -> None:
    script = (
        "import sys, jumpseat.store.sql; sys.exit('sqlalchemy' in sys.modules or 'alembic' in sys.modules)"
    )

    subprocess.run([sys.executable, "-c", script], check=True)


def test_an_archive_that_is_up_to_date_opens_without_the_migrations(path: Path) -> None:
    asyncio.run(_open_and_close(path))
    script = f"""
        import asyncio, pathlib, sys
        from jumpseat.store.sql import SqlArchive
        async def main():
            archive = SqlArchive(pathlib.Path({str(path)!r}))
            assert await archive.get("opened") == "yes"
            await archive.aclose()
        asyncio.run(main())
        sys.exit("alembic" in sys.modules or "sqlalchemy.dialects.postgresql" in sys.modules)
    """

    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True)


async def _open_and_close(path: Path) -> None:
    await (await opened(path)).aclose()


@pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX")
async def test_nobody_else_may_read_the_files(path: Path) -> None:
    before = os.umask(0)
    try:
        archive = await opened(path)
        files = list(path.parent.iterdir())
    finally:
        os.umask(before)

    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {file.name for file in files} == {"jumpseat.db", "jumpseat.db-wal", "jumpseat.db-shm"}
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    await archive.aclose()


@pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX")
async def test_a_file_that_others_may_read_is_made_private(path: Path) -> None:
    path.parent.mkdir(mode=0o755)
    path.touch(mode=0o644)

    archive = await opened(path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o755  # Not ours to change: it was there before.
    await archive.aclose()


@pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX")
async def test_a_folder_that_everybody_may_write_to_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.parent.chmod(0o1777)
    archive = SqlArchive(path)

    with pytest.raises(StoreUnavailable, match=r"chmod o-w .*JUMPSEAT_HOME"):
        await archive.get("key")
    path.parent.chmod(0o700)

    assert await archive.get("key") is None  # Mended, it works at once.
    await archive.aclose()


async def test_a_link_in_the_place_of_the_file_is_refused(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    archive = SqlArchive(path)

    with pytest.raises(StoreUnavailable, match="plain file"):
        await archive.get("key")

    assert not (tmp_path / "elsewhere").exists()
    await archive.aclose()


@pytest.mark.parametrize("place", ["file", "folder", "parent"])
async def test_what_is_in_the_way_is_named(path: Path, place: str) -> None:
    if place == "file":
        path.mkdir(parents=True)
    elif place == "folder":
        path.parent.touch()
    else:
        path = path.parent / "deeper" / "jumpseat.db"
        path.parent.parent.touch()
    archive = SqlArchive(path)

    with pytest.raises(StoreUnavailable, match=r"cannot be (made|opened).*JUMPSEAT_HOME"):
        await archive.get("key")
    await archive.aclose()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
async def test_a_pipe_in_the_place_of_the_file_is_refused(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    archive = SqlArchive(path)

    with pytest.raises(StoreUnavailable, match="not a plain file"):
        await archive.get("key")
    await archive.aclose()


async def test_a_file_that_cannot_be_made_private_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.parent.mkdir()
    path.touch(mode=0o644)
    monkeypatch.setattr(os, "fchmod", _refusing(PermissionError(errno.EPERM, "Operation not permitted")))
    archive = SqlArchive(path)

    with pytest.raises(StoreUnavailable, match="is it yours"):
        await archive.get("key")
    await archive.aclose()


def _refusing(error: Exception) -> Callable[..., None]:
    def refuse(*_arguments: Any) -> None:
        raise error

    return refuse


async def test_a_file_that_is_no_database_is_named(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"This is a shopping list, not a database." * 100)
    archive = SqlArchive(path)

    with pytest.raises(StoreUnavailable, match="no SQLite database; move it away"):
        await archive.get("key")
    await archive.aclose()


async def test_an_archive_of_a_newer_program_is_left_alone(path: Path) -> None:
    await (await opened(path)).aclose()
    _execute(path, "UPDATE alembic_version SET version_num = '9999'")
    archive = SqlArchive(path)

    with pytest.raises(StoreUnavailable, match=r"newer jumpseat .*upgrade"):
        await archive.get("key")
    await archive.aclose()


async def test_a_damaged_table_is_no_empty_archive(path: Path) -> None:
    await (await opened(path)).aclose()
    _execute(path, "ALTER TABLE alembic_version RENAME COLUMN version_num TO other")
    archive = SqlArchive(path)

    with pytest.raises(StoreUnavailable, match="cannot be used"):
        await archive.get("key")
    await archive.aclose()


def _execute(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


async def test_a_full_disk_says_so_and_what_fits_later_is_kept(path: Path) -> None:
    archive = await opened(path)
    await archive._writer.do(lambda db: db._connection.exec_driver_sql("PRAGMA max_page_count=1"))

    with pytest.raises(StoreUnavailable, match="the disk is full; make room") as full:
        await archive.remember(C1, [HELLO, *(HELLO,) * 5000])
    assert "canary" not in repr(full.value) + repr(full.value.__cause__)

    await archive.remember(C1, [HELLO])
    assert len(await archive.messages("local", "microsoft", "c1")) == 1
    await archive.aclose()


async def test_a_locked_archive_says_so_and_then_goes_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.01)
    archive = await opened(path)
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")

    results = await asyncio.gather(archive.set("a", "1"), archive.set("b", "2"), return_exceptions=True)
    assert await archive.get("opened") == "yes"  # Reading goes on.
    other.rollback()
    other.close()

    assert [type(result) for result in results] == [StoreUnavailable] * 2
    assert "another program keeps it locked" in str(results[0])
    assert results[0] is not results[1]
    await archive.set("a", "3")
    assert await archive.get("a") == "3"
    await archive.aclose()


async def test_a_job_that_fails_takes_no_other_with_it(path: Path) -> None:
    archive = await opened(path)

    def fail(_db: object) -> None:
        raise InvalidRequest("no")

    gate = threading.Event()
    # The first job holds the writer until the others wait, so that they share a transaction.
    first = asyncio.ensure_future(archive._writer.do(lambda _db: gate.wait()))
    others = [
        asyncio.ensure_future(job)
        for job in (archive.set("a", "1"), archive._writer.do(fail), archive.set("b", "2"))
    ]
    await asyncio.sleep(0)
    gate.set()
    await first

    results = await asyncio.gather(*others, return_exceptions=True)

    assert [type(result) for result in results] == [type(None), InvalidRequest, type(None)]
    assert (await archive.get("a"), await archive.get("b")) == ("1", "2")
    await archive.aclose()


async def test_an_error_nobody_expected_reaches_the_caller(path: Path) -> None:
    def open_nothing() -> Any:
        raise ImportError("No module named sqlalchemy")

    desk: Desk[Any] = Desk(open_nothing, "test", writes=True)

    with pytest.raises(ImportError):
        await desk.do(lambda _db: None)
    with pytest.raises(ImportError):
        await desk.do(lambda _db: None)
    await desk.aclose()


def test_an_archive_serves_one_event_loop_after_the_other(path: Path) -> None:
    archive = SqlArchive(path)
    asyncio.run(archive.set("key", "value"))
    gate = threading.Event()

    async def leave_early() -> None:
        task = asyncio.ensure_future(archive._writer.do(lambda _db: gate.wait()))
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(leave_early())
    gate.set()  # Now its answer comes to a loop that is closed.

    asyncio.run(archive.set("key", "other"))
    assert asyncio.run(archive.get("key")) == "other"
    asyncio.run(archive.aclose())


async def test_more_than_one_batch_can_wait(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jumpseat.store.desk.MAX_BATCH", 3)
    archive = await opened(path)
    gate = threading.Event()
    first = asyncio.ensure_future(archive._writer.do(lambda _db: gate.wait()))
    others = [asyncio.ensure_future(archive.set(f"k{n}", str(n))) for n in range(20)]
    await asyncio.sleep(0)
    gate.set()

    await asyncio.gather(first, *others)

    assert await archive.get("k19") == "19"
    await archive.aclose()


async def test_closing_does_first_what_was_asked_for(path: Path) -> None:
    archive = await opened(path)
    gate = threading.Event()
    asked = [
        asyncio.ensure_future(archive._writer.do(lambda _db: gate.wait())),
        asyncio.ensure_future(archive.set("key", "value")),
    ]
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(archive._writer.aclose())
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(closing, *asked)

    assert await archive.get("key") == "value"
    await archive.aclose()


async def test_commits_are_flushed_to_the_disk(path: Path) -> None:
    archive = await opened(path)

    def read(pragma: str) -> Any:
        return archive._writer.do(lambda db: db._connection.exec_driver_sql(f"PRAGMA {pragma}").scalar())

    assert await read("journal_mode") == "wal"
    assert await read("synchronous") == 2  # FULL
    assert await read("foreign_keys") == 1
    assert await read("busy_timeout") == 5000
    await archive.aclose()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_statements_that_differ_between_databases_can_be_built_for_each(dialect: str) -> None:
    conversation, note = ledger._upserts(dialect)

    assert "ON CONFLICT" in str(conversation.compile(dialect=registry.load(dialect)()))
    assert "ON CONFLICT" in str(note.compile(dialect=registry.load(dialect)()))
