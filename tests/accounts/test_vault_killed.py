"""Killed at any moment, a process leaves the accounts as they were or as they were to be."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from jumpseat.accounts.register import KeepName

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 is of POSIX")


def kills(keep: str, way: str, folder: Path) -> int:
    seed = random.randrange(2**32)
    command = [sys.executable, "-m", "tests.accounts.killing", keep, way, str(folder / "state"), str(seed)]
    ran = subprocess.run(command, check=False, timeout=50, capture_output=True, text=True)

    assert ran.returncode == 0, f"seed {seed}: {ran.stderr}"
    assert ran.stderr == ""
    found = re.fullmatch(r"killed (\d+) times\n", ran.stdout)
    assert found is not None
    return int(found[1])


@pytest.mark.parametrize("keep", get_args(KeepName))
def test_at_each_call_that_changes_files(keep: str, tmp_path: Path) -> None:
    assert kills(keep, "steps", tmp_path) > 100


@pytest.mark.parametrize("keep", get_args(KeepName))
def test_at_moments_that_nobody_chose(keep: str, tmp_path: Path) -> None:
    assert kills(keep, "random", tmp_path) == 40


@pytest.mark.parametrize("keep", get_args(KeepName))
def test_processes_that_write_at_once_lose_nothing_of_each_other(keep: str, tmp_path: Path) -> None:
    assert kills(keep, "together", tmp_path) == 0
