"""Several processes on one archive, and processes that die."""

import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from jumpseat.store.sql import SqlArchive


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "jumpseat.db"


WRITER = """
    import asyncio, pathlib, sys
    from jumpseat.store.archive import StoredConversation, StoredMessage
    from jumpseat.store.sql import SqlArchive
    async def main(path, name, count):
        archive = SqlArchive(pathlib.Path(path))
        for number in range(int(count)):
            await archive.remember(
                StoredConversation(conversation_id=name, owner="local", service="microsoft", upstream_id="u",
                                   model="m", created_at=1.0, updated_at=1.0),
                [StoredMessage(role="user", text=str(number), digest="d", created_at=1.0)])
            await archive.record_reply("local", "microsoft", name,
                StoredMessage(role="assistant", text=str(number), digest="d", created_at=1.0))
            print(number, flush=True)
        await archive.aclose()
    asyncio.run(main(*sys.argv[1:]))
"""


def start_writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


async def texts(archive: SqlArchive, name: str) -> list[str | None]:
    return [message.text for message in await archive.messages("local", "microsoft", name)]


async def test_two_processes_may_make_and_fill_the_same_archive(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    writers = [start_writer(path, name, 100) for name in ("one", "two", "three")]
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0, 0]

    archive = SqlArchive(path)

    for name in ("one", "two", "three"):
        assert await texts(archive, name) == [str(n) for n in range(100) for _ in "qa"]
    await archive.aclose()


async def test_what_was_promised_survives_kill_minus_nine(path: Path) -> None:
    for attempt in range(4):
        name = f"c{attempt}"
        writer = start_writer(path, name, 1_000_000)
        assert writer.stdout is not None
        for _ in range(1 + 40 * attempt):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        promised = attempt * 40 + writer.communicate()[0].count("\n")

        archive = SqlArchive(path)
        kept = await texts(archive, name)
        await archive.aclose()

        assert kept[: 2 * promised + 2] == [str(n) for n in range(promised + 1) for _ in "qa"]
        assert len(kept) <= 2 * promised + 4
        assert _check(path) == "ok"


def _check(path: Path) -> str:
    connection = sqlite3.connect(path)
    answer: str = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    return answer
