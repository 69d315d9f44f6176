"""The processes that are measured: the simulator, the gateway and the bare pass-through, one of each."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
from msgspec import Struct

from benchmarks.asking import Asker, DirectGithub, DirectMicrosoft, HttpAsker
from benchmarks.questions import Service

ROOT = Path(__file__).parent.parent
JUMPSEAT = Path(sys.executable).parent / "jumpseat"
START_SECONDS = 20.0
WHO = ("direct", "bare", "gateway")


class Server(Struct, frozen=True):
    """A process that listens."""

    port: int
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """User and system time of all its threads so far."""
        times = self.process.cpu_times()
        return times.user + times.system

    def memory_bytes(self) -> int:
        """What it holds in memory now (RSS)."""
        rss: int = self.process.memory_info().rss
        return rss


class Stage(Struct, frozen=True):
    """All of them."""

    direct: Server
    bare: Server
    gateway: Server

    def server(self, who: str) -> Server:
        found: Server = getattr(self, who)
        return found

    def asker(self, who: str, service: Service) -> Asker:
        """A client of one of them, with a connection of its own."""
        port = self.server(who).port
        if who != "direct":
            return HttpAsker(port, service)
        return DirectGithub(port) if service == "github" else DirectMicrosoft(port)


@contextmanager
def stage() -> Iterator[Stage]:
    """Run them as long as the `with` lasts."""
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="jumpseat-bench-"))
        simulator = stack.enter_context(_server("-m", "jumpseat.simulator", "--port", "{port}"))
        upstream = f"http://127.0.0.1:{simulator.port}"
        environ = {
            "JUMPSEAT_SIMULATOR": upstream,
            "JUMPSEAT_HOME": home,
            "JUMPSEAT_PACE": "off",
        }
        bare = stack.enter_context(_server("-m", "benchmarks.bare", upstream, "{port}"))
        gateway = stack.enter_context(_server(str(JUMPSEAT), "serve", "--port", "{port}", environ=environ))
        yield Stage(simulator, bare, gateway)


@contextmanager
def _server(*arguments: str, environ: Mapping[str, str] | None = None) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    command = [sys.executable, *(argument.format(port=port) for argument in arguments)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUMPSEAT_")}
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            command, cwd=ROOT, env=kept | dict(environ or {}), stdout=said, stderr=said
        ) as process,
    ):
        try:
            _wait_for(process, port, command)
            yield Server(port, psutil.Process(process.pid))
        finally:
            process.kill()


def _wait_for(process: subprocess.Popen[bytes], port: int, command: list[str]) -> None:
    ends_at = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert process.poll() is None, f"{command} ended with {process.returncode}"
            assert time.monotonic() < ends_at, f"{command} does not listen"
            time.sleep(0.05)
        else:
            return
