"""The folder in which a browser keeps its profile, and who has it open."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from jumpseat.browser import troubles
from jumpseat.model.errors import SignInFailed


def make_profile(profile: Path) -> None:
    """
    Make the profile's folder, and those above it that are missing, for its owner alone (0700).

    The person's session rests in it, so one that others may enter is closed to them. Raises `SignInFailed`
    where that cannot be, and for a link, which may lead anywhere.
    """
    try:
        for folder in (*reversed(profile.parents), profile):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
        _check(profile)
        if sys.platform != "win32" and stat.S_IMODE(profile.stat().st_mode) != 0o700:
            profile.chmod(0o700)
    except OSError as exc:
        raise SignInFailed(
            f"the browser's profile {profile} cannot be made ({exc.strerror}): set JUMPSEAT_HOME to a folder "
            "you may write to"
        ) from exc


def _check(profile: Path) -> None:
    """See that nobody else can put a folder of theirs in the place of the profile."""
    for folder in (profile.parent, profile):
        if folder.is_symlink() or not folder.is_dir():
            raise SignInFailed(f"{folder} is not a plain folder: move it away, then sign in again")
    for folder in profile.parents[:2]:
        if sys.platform != "win32" and stat.S_IMODE(folder.stat().st_mode) & 0o022:
            raise SignInFailed(
                f"others may write to {folder}, and a session is to rest there: run `chmod go-w {folder}`"
            )


def reserve(profile: Path) -> FileLock:
    """
    Make the profile and keep it for one window, until the lock is released or this process ends.

    Raises `SignInFailed` when another program has it: one of ours, or a browser that one of ours left behind.
    """
    make_profile(profile)
    lock = FileLock(f"{profile}.lock", timeout=0, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except Timeout as exc:
        raise troubles.profile_in_use(profile, "another `jumpseat` waits for a sign-in") from exc
    except OSError as exc:
        raise SignInFailed(
            f"{profile}.lock cannot be written ({exc.strerror}): is that folder yours?"
        ) from exc
    if (pid := holder(profile)) is not None:
        lock.release()
        raise troubles.profile_in_use(profile, f"process {pid}")
    return lock


def give_back(lock: FileLock, profile: Path) -> None:
    """Let others have the profile. What a browser that was killed could not remove goes first. Idempotent."""
    if lock.is_locked and holder(profile) is None:
        _tidy(profile)
    lock.release()


def _tidy(profile: Path) -> None:
    """Remove its lock, and the folder of its socket, which is elsewhere."""
    with suppress(OSError):
        folder = (profile / "SingletonSocket").readlink().parent
        # Chromium and its kin make it under TMPDIR, as `org.chromium.Chromium.a1B2c3`.
        if folder.name.startswith(("org.", "com.", ".org.", ".com.")):
            shutil.rmtree(folder, ignore_errors=True)
    for name in ("SingletonLock", "SingletonSocket", "SingletonCookie"):
        with suppress(OSError):
            (profile / name).unlink()


def holder(profile: Path) -> int | None:
    """
    The process that has the profile open, by the lock that Chromium leaves in it (`HOST-PID`, a link).

    None when there is no lock, when its process is gone, or on Windows, where there is no such link.
    """
    if sys.platform == "win32":
        return None
    try:
        host, _, pid = str((profile / "SingletonLock").readlink()).rpartition("-")
    except OSError:
        return None
    if not pid.isdecimal() or host != os.uname().nodename or not _is_browser(int(pid), profile):
        return None
    return int(pid)


def _is_browser(pid: int, profile: Path) -> bool:
    """Whether the process runs, and where /proc can tell, whether it is the one that opened the profile."""
    try:
        os.kill(pid, 0)
        said = Path(f"/proc/{pid}/cmdline").read_bytes() if Path("/proc/self/cmdline").exists() else None
    except PermissionError:
        return True
    except OSError:
        return False
    return said is None or os.fsencode(profile) in said
