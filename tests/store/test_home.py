"""Private files: whole or not at all, the owner's alone, and never through links."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from jumpseat.model.errors import StoreUnavailable
from jumpseat.store import home
from jumpseat.store.home import (
    check_own_folder,
    make_own_folder,
    make_private_folder,
    read_private_file,
    remove_private_file,
    sync_folder,
    write_private_file,
)


def test_a_file_is_written_with_its_owners_mode_whatever_the_mask(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        write_private_file(tmp_path / "f", b"one")
    finally:
        os.umask(previous)

    assert read_private_file(tmp_path / "f") == b"one"
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert read_private_file(tmp_path / "f") is None
    remove_private_file(tmp_path / "f")


def test_what_a_killed_process_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "f.new").write_bytes(b"half")
    write_private_file(tmp_path / "f", b"one")

    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_data_are_on_the_disk_before_the_name_and_then_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    real_fsync, real_replace = os.fsync, os.replace

    def fsync(opened: int) -> None:
        order.append("folder" if stat.S_ISDIR(os.fstat(opened).st_mode) else "file")
        real_fsync(opened)

    def replace(new: Path, old: Path) -> None:
        order.append("rename")
        real_replace(new, old)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    write_private_file(tmp_path / "f", b"one")
    remove_private_file(tmp_path / "f")

    assert order == ["file", "rename", "folder", "folder"]


def test_a_system_that_writes_little_at_a_time_writes_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda opened, data: real(opened, data[:3]))
    write_private_file(tmp_path / "f", b"0123456789")

    assert read_private_file(tmp_path / "f") == b"0123456789"


@pytest.mark.parametrize("call", ["open", "write", "fsync", "replace"])
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    write_private_file(tmp_path / "f", b"old")

    def full(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, call, full)
        with pytest.raises(StoreUnavailable, match="cannot be written \\(No space left"):
            write_private_file(tmp_path / "f", b"new")

    assert read_private_file(tmp_path / "f") == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_the_time_of_change_always_grows(tmp_path: Path) -> None:
    seen = []
    for _ in range(50):
        write_private_file(tmp_path / "f", b"x")
        seen.append((tmp_path / "f").stat().st_mtime_ns)

    assert seen == sorted(set(seen))


def test_a_file_far_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "MAX_PRIVATE_BYTES", 3)
    write_private_file(tmp_path / "f", b"1234")

    with pytest.raises(StoreUnavailable, match="far too large"):
        read_private_file(tmp_path / "f")


def test_a_folder_in_the_place_of_a_file_is_refused_in_words_of_ours(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir(mode=0o700)
    opened = len(list(Path("/proc/self/fd").glob("*")))

    with pytest.raises(StoreUnavailable, match="not a plain file"):
        read_private_file(tmp_path / "f")
    assert len(list(Path("/proc/self/fd").glob("*"))) == opened


def test_a_file_that_cannot_be_deleted_is_said(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()

    with pytest.raises(StoreUnavailable, match="cannot be deleted"):
        remove_private_file(tmp_path / "f")


def test_file_systems_that_cannot_sync_folders_are_put_up_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(code: int) -> None:
        def fsync(_: int) -> None:
            raise OSError(code, "no")

        monkeypatch.setattr(os, "fsync", fsync)

    fails(errno.EINVAL)
    sync_folder(tmp_path)
    fails(errno.EIO)
    with pytest.raises(OSError, match="no"):
        sync_folder(tmp_path)


def test_a_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "home"
    make_own_folder(folder)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    check_own_folder(folder)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        make_own_folder(tmp_path / "f" / "g")
    with pytest.raises(StoreUnavailable, match="cannot be looked at"):
        check_own_folder(tmp_path / "none")


def test_somebody_elses_folder_is_refused_but_not_to_the_superuser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    mine = folder.stat()
    values = list(mine)
    values[stat.ST_UID] = 4711
    monkeypatch.setattr(Path, "lstat", lambda _: os.stat_result(values))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(StoreUnavailable, match="belongs to somebody else"):
        check_own_folder(folder)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    check_own_folder(folder)


def test_a_shared_folder_will_do_for_what_is_no_secret_unless_everybody_may_write(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    folder.chmod(0o770)
    make_private_folder(folder)
    with pytest.raises(StoreUnavailable, match="`chmod go-w "):
        make_own_folder(folder)
    folder.chmod(0o777)
    with pytest.raises(StoreUnavailable, match="`chmod o-w "):
        make_private_folder(folder)
