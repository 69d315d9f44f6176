"""`jumpseat serve` as a process of its own, as a person runs it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.waiting import until

START_SECONDS = 20.0
STOP_SECONDS = 10.0
USUAL_PORT = 1337
JUMPSEAT = Path(sys.executable).parent / "jumpseat"
_LISTENS = re.compile(r"listens on (http://\S+)")


def clean_environment(**more: str) -> dict[str, str]:
    """
    This process's environment without any setting of ours, and with `more`.

    Without PYTHONUNBUFFERED too: what has to be seen at once the programs themselves flush.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUMPSEAT_")}
    kept.pop("PYTHONUNBUFFERED", None)
    return kept | more


def usual_or_free_port() -> int:
    """1337, or another if somebody has that; of several test processes the first alone asks for it."""
    is_first = os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0"
    for port in (USUAL_PORT, 0) if is_first else (0,):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            free: int = probe.getsockname()[1]
            return free
    raise AssertionError("there is no free port")


class ServeProgram:
    """
    One gateway, started on entering and killed on leaving if it still runs.

    What it says goes to files in `folder`, which stay.
    """

    def __init__(
        self, folder: Path, environ: Mapping[str, str], *arguments: str, port: int = 0, name: str = "serve"
    ) -> None:
        self._command = [str(JUMPSEAT), "serve", "--port", str(port), *arguments]
        self._environ = dict(environ)
        self.stdout = folder / f"{name}.stdout"
        self.stderr = folder / f"{name}.stderr"
        self.address = ""

    def __enter__(self) -> Self:
        with self.stdout.open("wb") as out, self.stderr.open("wb") as err:
            self.process = subprocess.Popen(
                self._command, env=self._environ, stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )
        try:
            until(self._is_up, START_SECONDS)
        except BaseException:
            self.kill()
            raise
        return self

    def _is_up(self) -> bool:
        assert self.process.poll() is None, self.said()
        match = _LISTENS.search(self.stdout.read_text(encoding="utf-8"))
        if match is None:
            return False
        self.address = match[1]
        with urllib.request.urlopen(f"{self.address}/health/ready", timeout=5) as answer:  # noqa: S310 - ours
            return bool(answer.status == 200)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def said(self) -> str:
        """Everything it wrote."""
        return self.stdout.read_text("utf-8", "replace") + self.stderr.read_text("utf-8", "replace")

    def terminate(self) -> int:
        """Stop it by SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """End it by SIGKILL, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(STOP_SECONDS)
