"""Every command of the pages on signing in works as it stands there."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from jumpseat.simulator import SimulatorThread
from tests.cli.signing_in import at_simulator, github_har, microsoft_har, write

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "docs" / "sign-in.md", *sorted((ROOT / "docs" / "sign-in").glob("*.md"))]
PATIENCE_SECONDS = 50.0


def commands_of(page: Path) -> str:
    """What stands in the page's blocks of shell, as one script that stops at the first thing that fails."""
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return "\n".join(["set -eu", *blocks])


def lay_out(desk: Path) -> None:
    """The files that the pages speak of, and the programs: ours, and GitHub's gh."""
    recording = json.dumps(microsoft_har()).encode()
    write(desk / "home.har", microsoft_har("sim-robin"))
    write(desk / "work.har", microsoft_har("sim-alice"))
    (desk / "copilot.har").write_bytes(recording)
    (desk / "copilot.har.gz").write_bytes(gzip.compress(recording))
    with zipfile.ZipFile(desk / "copilot.zip", "w") as archive:
        archive.writestr("copilot.har", recording)
    write(desk / "github-cookies.json", [{"name": "user_session", "value": "s", "domain": "github.com"}])
    write(desk / "github.har", github_har())
    (desk / "token.txt").write_text("sim-alice\n")
    (desk / "web-token.txt").write_text("simulator-web-token\n")
    (desk / "github-token.txt").write_text("gho_sim-octocat\n")
    program(desk / "bin" / "jumpseat", f'exec {sys.executable} -m tests.browser.headless "$@"')
    program(desk / "bin" / "gh", "echo gho_sim-octocat")


def program(path: Path, line: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


class Person:
    """Approves at GitHub whatever asks, as long as the `with` lasts."""

    def __init__(self, simulator: SimulatorThread) -> None:
        self._simulator = simulator
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._approve)

    def _approve(self) -> None:
        while not self._is_over.wait(0.1):
            with contextlib.suppress(KeyError):  # Nobody has asked yet.
                self._simulator.device("approve", "octocat")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_the_page_works(page: Path, simulator: SimulatorThread, tmp_path: Path) -> None:
    script, desk = commands_of(page), tmp_path / "desk"
    desk.mkdir()
    lay_out(desk)
    env = at_simulator(
        simulator,
        tmp_path,
        PATH=f"{desk / 'bin'}:{os.environ['PATH']}",
        PYTHONPATH=str(ROOT),
        WISH="do=msal-plain&name=alice",
    )

    with Person(simulator):
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=desk,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    assert script.count("jumpseat") > 1, "the page has commands"
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
