"""The folder that holds all state, and private files in it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from jumpseat.model.errors import StoreUnavailable

_FOLLOW_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_CLOSE_ON_EXEC = getattr(os, "O_CLOEXEC", 0)


def make_private_folder(folder: Path) -> None:
    """
    Make `folder` with mode 0700 if it is not there.

    One that is there keeps its mode: it may be a mounted volume, or hold other things. Raises
    `StoreUnavailable` if everybody may write into it: anybody could put their files in the place of ours.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        mode = folder.stat().st_mode
    except OSError as exc:
        raise StoreUnavailable(
            f"the folder {folder} cannot be made ({exc.strerror}): "
            "set JUMPSEAT_HOME to a folder you may write to"
        ) from exc
    if os.name == "posix" and mode & stat.S_IWOTH:
        raise StoreUnavailable(
            f"everybody may write to the folder {folder}: run `chmod o-w {folder}`, "
            "or set JUMPSEAT_HOME to a folder of your own"
        )


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
