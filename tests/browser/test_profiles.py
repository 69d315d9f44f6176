"""The profile's folder, and who has it open."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jumpseat.browser.profiles import give_back, holder, make_profile, reserve
from jumpseat.model.errors import SignInFailed
from tests.waiting import until


@contextmanager
def somebody(*words: str) -> Iterator[int]:
    """A process with these words in its command line."""
    process = subprocess.Popen(
        [sys.executable, "-c", "input()", *words], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        yield process.pid
    finally:
        process.communicate()


def locked_by(profile: Path, pid: int, host: str = os.uname().nodename) -> None:
    """Lock the profile as Chromium does."""
    (profile / "SingletonLock").symlink_to(f"{host}-{pid}")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_are_made_for_their_owner_alone(tmp_path: Path) -> None:
    profile = tmp_path / "home" / "browser" / "microsoft"

    make_profile(profile)

    assert [mode(folder) for folder in (profile, profile.parent, profile.parent.parent)] == [0o700] * 3


def test_a_profile_that_others_may_enter_is_closed_to_them(tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    profile.mkdir(mode=0o755)

    make_profile(profile)

    assert mode(profile) == 0o700


def test_a_link_or_a_file_is_no_profile(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "file").touch()

    for name in ("link", "file"):
        with pytest.raises(SignInFailed, match="is not a plain folder: move it away"):
            make_profile(tmp_path / name)
    with pytest.raises(SignInFailed, match=r"cannot be made .* set JUMPSEAT_HOME"):
        make_profile(tmp_path / "file" / "profile")


def test_a_profile_that_is_kept_for_one_window_is_not_there_for_another(tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    lock = reserve(profile)

    with pytest.raises(SignInFailed, match="another `jumpseat` waits for a sign-in"):
        reserve(profile)

    give_back(lock, profile)
    give_back(lock, profile)
    give_back(reserve(profile), profile)


def test_a_browser_that_was_left_behind_has_its_profile_still(tmp_path: Path) -> None:
    make_profile(tmp_path / "profile")
    with somebody(f"--user-data-dir={tmp_path / 'profile'}") as pid:
        locked_by(tmp_path / "profile", pid)
        until(lambda: holder(tmp_path / "profile") == pid)

        with pytest.raises(SignInFailed, match=rf"open \(process {pid}\)\. Close it"):
            reserve(tmp_path / "profile")

    assert holder(tmp_path / "profile") is None
    give_back(reserve(tmp_path / "profile"), tmp_path / "profile")


def test_a_lock_is_no_browser_s_when_its_process_is_another_s(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    with somebody() as pid:
        locked_by(tmp_path, pid)
        assert holder(tmp_path) is None


@pytest.mark.parametrize(("pid", "host"), [(1, "elsewhere"), (99_999_999, os.uname().nodename)])
def test_a_lock_of_another_machine_or_of_nobody_holds_nothing(tmp_path: Path, pid: int, host: str) -> None:
    locked_by(tmp_path, pid, host)

    assert holder(tmp_path) is None


def test_what_a_killed_browser_leaves_is_removed(tmp_path: Path) -> None:
    profile, elsewhere = tmp_path / "profile", tmp_path / "org.chromium.Chromium.a1B2c3"
    elsewhere.mkdir()
    (elsewhere / "SingletonSocket").touch()
    lock = reserve(profile)
    locked_by(profile, 99_999_999)
    (profile / "SingletonSocket").symlink_to(elsewhere / "SingletonSocket")

    give_back(lock, profile)

    assert not elsewhere.exists()
    assert not list(profile.iterdir())


def test_a_folder_that_is_no_browser_s_is_left_alone(tmp_path: Path) -> None:
    profile, elsewhere = tmp_path / "profile", tmp_path / "mine"
    elsewhere.mkdir()
    lock = reserve(profile)
    (profile / "SingletonSocket").symlink_to(elsewhere / "SingletonSocket")

    give_back(lock, profile)

    assert elsewhere.exists()


def test_a_profile_behind_a_link_or_beside_others_is_refused(tmp_path: Path) -> None:
    elsewhere, home = tmp_path / "elsewhere", tmp_path / "home"
    elsewhere.mkdir()
    home.mkdir(mode=0o700)
    (home / "browser").symlink_to(elsewhere)
    with pytest.raises(SignInFailed, match="browser is not a plain folder"):
        make_profile(home / "browser" / "microsoft")
    (home / "browser").unlink()

    for shared in (home, home / "browser"):
        shared.mkdir(mode=0o700, exist_ok=True)
        shared.chmod(0o770)
        with pytest.raises(SignInFailed, match=f"run `chmod go-w {shared}`"):
            make_profile(home / "browser" / "microsoft")
        shared.chmod(0o700)
    make_profile(home / "browser" / "microsoft")
