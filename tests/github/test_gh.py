"""The token of GitHub's own command line, here a little program that stands in for it."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from pathlib import Path

import pytest

from jumpseat.github.gh import token_of_gh
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import JumpseatError, MissingRequirementsError, SignInFailed
from tests.waiting import until, until_async

CANARY = "gho_CANARY0123456789"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are found, but for those a shell needs."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def gh(folder: Path, script: str) -> None:
    """Let `gh` be this shell script."""
    path = folder / "gh"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_it_is_asked_for_one_host_without_a_shell(folder: Path) -> None:
    gh(folder, f'printf "%s\\n" "$@" > "{folder}/words"; echo {CANARY}; echo noise >&2')

    assert await token_of_gh("octo.ghe.com; rm -rf x") == Secret(CANARY)
    assert (folder / "words").read_text().splitlines() == [
        "auth",
        "token",
        "--hostname",
        "octo.ghe.com; rm -rf x",
    ]


async def test_it_gets_none_of_our_settings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gh(folder, f'env > "{folder}/environment"; echo {CANARY}')
    for name in ("JUMPSEAT_GITHUB_TOKEN", "MY_KEY", "GH_CONFIG_DIR"):
        monkeypatch.setenv(name, f"of {name}")

    await token_of_gh("github.com", withheld=("MY_KEY",))

    said = (folder / "environment").read_text()
    assert "GH_CONFIG_DIR=of GH_CONFIG_DIR" in said
    assert "of JUMPSEAT_GITHUB_TOKEN" not in said
    assert "of MY_KEY" not in said


async def test_nothing_that_gh_says_is_shown(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    gh(folder, f"echo {CANARY}; echo {CANARY} >&2; exit 1")

    with pytest.raises(SignInFailed, match=r"gh auth login --hostname github\.com") as caught:
        await token_of_gh("github.com")
    assert CANARY not in f"{caught.value!r} {capfd.readouterr()}"


async def test_where_there_is_no_gh_the_other_way_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(MissingRequirementsError, match="--client-id"):
        await token_of_gh("github.com")


@pytest.mark.parametrize(
    "script", ["true", f"echo {CANARY} {CANARY}", "printf '\\377'", "yes | head -c 9999"]
)
async def test_what_is_no_token_is_none(folder: Path, script: str) -> None:
    gh(folder, script)

    with pytest.raises(SignInFailed, match="no token") as caught:
        await token_of_gh("github.com")
    assert CANARY not in repr(caught.value)


async def test_a_gh_that_cannot_run_is_told(folder: Path) -> None:
    (folder / "gh").write_text("#!/nowhere/at/all\n")
    (folder / "gh").chmod(0o755)

    with pytest.raises(JumpseatError, match="cannot be started"):
        await token_of_gh("github.com")


@pytest.mark.parametrize("script", ["exec sleep 60", "exec yes"])
async def test_a_gh_without_end_is_ended(folder: Path, script: str) -> None:
    gh(folder, f'echo $$ > "{folder}/pid"; {script}')
    began = time.monotonic()

    with pytest.raises(SignInFailed):
        await token_of_gh("github.com", seconds=1.0)

    assert time.monotonic() - began < 5
    assert not is_alive(int((folder / "pid").read_text()))
    gc.collect()


async def test_who_leaves_ends_gh_too(folder: Path) -> None:
    gh(folder, f'echo $$ > "{folder}/pid"; exec sleep 60')
    asking = asyncio.create_task(token_of_gh("github.com"))
    pid = folder / "pid"
    await until_async(lambda: pid.exists() and pid.read_text().endswith("\n"))

    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    until(lambda: not is_alive(int(pid.read_text())))
