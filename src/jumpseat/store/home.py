"""The folder that holds all state, and private files in it."""

from __future__ import annotations

import errno
import os
import shlex
import stat
from contextlib import suppress
from pathlib import Path

from jumpseat.model.errors import StoreUnavailable

_FOLLOW_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_CLOSE_ON_EXEC = getattr(os, "O_CLOEXEC", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_WAIT_FOR_NOBODY = getattr(os, "O_NONBLOCK", 0)
MAX_PRIVATE_BYTES = 16 * 1024 * 1024
NEW = ".new"
"""What the name of a file ends with while it is written, before it takes the place of the old one."""


def make_private_folder(folder: Path) -> None:
    """
    Make `folder` with mode 0700 if it is not there.

    One that is there keeps its mode: it may be a mounted volume, or hold other things. Raises
    `StoreUnavailable` if everybody may write into it: anybody could put their files in the place of ours.
    """
    mode = _make_folder(folder).st_mode
    if os.name == "posix" and mode & stat.S_IWOTH:
        raise StoreUnavailable(
            f"everybody may write to the folder {folder}: run `chmod o-w {shlex.quote(str(folder))}`, "
            "or set JUMPSEAT_HOME to a folder of your own"
        )


def make_own_folder(folder: Path) -> None:
    """Make `folder` with mode 0700 if it is not there. Raises as `check_own_folder` does."""
    _make_folder(folder)
    check_own_folder(folder)


def _make_folder(folder: Path) -> os.stat_result:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder.stat()
    except OSError as exc:
        raise StoreUnavailable(
            f"the folder {folder} cannot be made ({exc.strerror}): "
            "set JUMPSEAT_HOME to a folder you may write to"
        ) from exc


def make_private_file(path: Path) -> None:
    """
    See that `path` is a plain file that its owner alone may read, making an empty one with mode 0600.

    Raises `StoreUnavailable` for links and other things, which we do not follow.
    """
    try:
        opened = os.open(path, os.O_RDWR | os.O_CREAT | _FOLLOW_NO_LINK | _CLOSE_ON_EXEC, 0o600)
    except OSError as exc:
        raise StoreUnavailable(
            f"the file {path} cannot be opened for writing ({exc.strerror}): "
            "see that it is a plain file of yours, or set JUMPSEAT_HOME to another folder"
        ) from exc
    try:
        mode = os.fstat(opened).st_mode
        if not stat.S_ISREG(mode):
            raise StoreUnavailable(
                f"{path} is not a plain file: move it away, or set JUMPSEAT_HOME elsewhere"
            )
        if os.name == "posix" and mode & 0o077:
            os.fchmod(opened, 0o600)
    except OSError as exc:
        raise StoreUnavailable(
            f"the file {path} cannot be made private ({exc.strerror}): is it yours?"
        ) from exc
    finally:
        os.close(opened)


def check_own_folder(folder: Path) -> None:
    """
    See that nobody else can put files of theirs in the place of those in `folder`.

    Raises `StoreUnavailable` for a link, for somebody else's folder, and where others may write.
    """
    try:
        found = folder.lstat()
    except OSError as exc:
        raise StoreUnavailable(
            f"the folder {folder} cannot be looked at ({exc.strerror}): set JUMPSEAT_HOME to one of your own"
        ) from exc
    if stat.S_ISLNK(found.st_mode):
        raise StoreUnavailable(
            f"the folder {folder} is a link, and secrets are not kept behind links: set JUMPSEAT_HOME to "
            f"{folder.resolve()}"
        )
    if os.name != "posix":
        return
    if _is_strange(found):
        raise StoreUnavailable(
            f"the folder {folder} belongs to somebody else: set JUMPSEAT_HOME to one of your own"
        )
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise StoreUnavailable(
            f"others may write to the folder {folder}, which holds secrets: "
            f"run `chmod go-w {shlex.quote(str(folder))}`"
        )


def read_private_file(path: Path) -> bytes | None:
    """
    What a private file holds; None if there is none.

    Raises `StoreUnavailable` for links and other things, for somebody else's file, and where others may read.
    """
    try:
        opened = os.open(path, os.O_RDONLY | _FOLLOW_NO_LINK | _CLOSE_ON_EXEC | _BINARY | _WAIT_FOR_NOBODY)
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise StoreUnavailable(
            f"the file {path} cannot be read ({exc.strerror}): see that it is a plain file of yours"
        ) from exc
    # Looked at before it becomes a file of Python's, which refuses a folder in words of its own.
    try:
        _check_private(path, os.fstat(opened))
        with os.fdopen(opened, "rb", closefd=False) as file:
            data = file.read(MAX_PRIVATE_BYTES + 1)
    finally:
        os.close(opened)
    if len(data) > MAX_PRIVATE_BYTES:
        raise StoreUnavailable(f"the file {path} is far too large to be ours: move it away")
    return data


def _check_private(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise StoreUnavailable(f"{path} is not a plain file: move it away")
    if os.name != "posix":
        return
    if _is_strange(found):
        raise StoreUnavailable(f"the file {path} belongs to somebody else: move it away")
    if found.st_mode & 0o077:
        raise StoreUnavailable(
            f"others may read or change the file {path}: run `chmod 600 {shlex.quote(str(path))}`"
        )


def _is_strange(found: os.stat_result) -> bool:
    # Choice: the superuser may use what is somebody else's, as in a container with a mounted volume.
    me = os.geteuid()
    return me != 0 and found.st_uid not in {me, 0}


def write_private_file(path: Path, data: bytes) -> None:
    """
    Put `data` in the place of what `path` holds, with mode 0600: all of it or nothing, and durably.

    Only one process at a time may do so (the caller holds a lock), for the name of the file in between is
    always the same; so whatever a killed process left of it is gone with the next writing. The time of change
    always grows, so that a look at it is enough to see that something changed. Raises `StoreUnavailable`.
    """
    new = path.with_name(path.name + NEW)
    try:
        with suppress(FileNotFoundError):
            new.unlink()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FOLLOW_NO_LINK | _CLOSE_ON_EXEC | _BINARY
        opened = os.open(new, flags, 0o600)
        try:
            _write_all(opened, data)
            os.fsync(opened)
        finally:
            os.close(opened)
        _let_time_grow(path, new)
        new.replace(path)
        sync_folder(path.parent)
    except OSError as exc:
        with suppress(OSError):
            new.unlink()
        raise StoreUnavailable(f"the file {path} cannot be written ({exc.strerror})") from exc


def remove_private_file(path: Path) -> None:
    """Delete a file durably; one that is not there is as good. Raises `StoreUnavailable`."""
    try:
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as exc:
        raise StoreUnavailable(f"the file {path} cannot be deleted ({exc.strerror})") from exc


def _write_all(opened: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(opened, rest) :]


def _let_time_grow(path: Path, new: Path) -> None:
    """See that `new` is younger than `path`: clocks go back, and theirs ticks in milliseconds only."""
    with suppress(FileNotFoundError):
        before = path.stat().st_mtime_ns
        if new.stat().st_mtime_ns <= before:
            os.utime(new, ns=(before + 1000, before + 1000))


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY | _CLOSE_ON_EXEC)
    try:
        os.fsync(opened)
    except OSError as exc:
        # Some network file systems cannot.
        if exc.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(opened)
