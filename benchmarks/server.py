"""
Which server runs the gateway: uvicorn with our protocol ("ours"), uvicorn and granian as they come.

The same bare application in a process of its own; what counts is CPU time of the server, for the machine that
measures is the one that is measured. Needs granian, which the product does not: `pip install granian`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from benchmarks.server_app import HELLO, LAST_WORDS, SERVERS

ROOT = Path(__file__).parent.parent
DRAIN = 3.0


@contextlib.contextmanager
def server(kind: str) -> Iterator[tuple[psutil.Process, int]]:
    """A server in a process of its own, and its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.server_app", kind, str(port), str(DRAIN)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            for _ in range(200):
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield psutil.Process(process.pid), port
        finally:
            with contextlib.suppress(psutil.NoSuchProcess):
                for child in psutil.Process(process.pid).children(recursive=True):
                    child.kill()
                process.kill()


def cpu_seconds(process: psutil.Process) -> float:
    """User and system time of the process and its children so far."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(time.user + time.system for time in times)


async def get(port: int, path: str) -> int:
    """Read one answer to its end; returns its size."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
    size = 0
    while more := await reader.read(1 << 16):
        size += len(more)
    writer.close()
    return size


async def keep_asking(port: int, times: int) -> None:
    """Ask for `/hello` again and again on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    question = f"GET /hello HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    for _ in range(times):
        writer.write(question)
        await reader.readuntil(HELLO)
    writer.close()


async def chunks_per_cpu_second(process: psutil.Process, port: int, *, streams: int, each: int) -> float:
    """Streamed pieces for each second of the server's CPU time."""
    await get(port, "/stream?n=100")
    before = cpu_seconds(process)
    await asyncio.gather(*(get(port, f"/stream?n={each}") for _ in range(streams)))
    return streams * each / (cpu_seconds(process) - before)


async def requests_per_cpu_second(process: psutil.Process, port: int, *, clients: int, each: int) -> float:
    """Short answers for each second of the server's CPU time."""
    before = cpu_seconds(process)
    await asyncio.gather(*(keep_asking(port, each) for _ in range(clients)))
    return clients * each / (cpu_seconds(process) - before)


def slow_header_seconds(port: int, *, patience: float) -> float | None:
    """Seconds until the server gives up a connection whose headers never end; None if it does not."""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as wire:
        wire.sendall(b"GET /hello HTTP/1.1\r\nHo")
        began = time.monotonic()
        try:
            while wire.recv(4096):
                pass
        except TimeoutError:
            return None
        except OSError:
            pass
        return time.monotonic() - began


def stopping(kind: str) -> dict[str, Any]:
    """What happens on SIGTERM with an open stream."""
    with server(kind) as (process, port), socket.create_connection(("127.0.0.1", port), timeout=30) as wire:
        wire.sendall(f"GET /endless HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        said = wire.recv(4096)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        try:
            while more := wire.recv(65536):
                said = (said + more)[-4096:]
        except OSError:
            said = b""
        try:
            code: int | None = process.wait(timeout=20)
        except psutil.TimeoutExpired:
            code = None
        return {
            "seconds": round(time.monotonic() - began, 2),
            "exit_code": code,
            "last_words": LAST_WORDS in said,
            "clean_end": said.endswith(b"0\r\n\r\n"),
        }


def measure(kind: str, *, streams: int, each: int, rounds: int) -> dict[str, Any]:
    """Everything about one server; the best of several rounds, for other work disturbs only for the worse."""
    with server(kind) as (process, port):
        chunks = [
            asyncio.run(chunks_per_cpu_second(process, port, streams=streams, each=each))
            for _ in range(rounds)
        ]
        requests = [
            asyncio.run(requests_per_cpu_second(process, port, clients=20, each=500)) for _ in range(rounds)
        ]
        memory = sum(one.memory_info().rss for one in (process, *process.children(recursive=True)))
        slow = slow_header_seconds(port, patience=15)
    return {
        "chunks_per_cpu_second": round(max(chunks)),
        "requests_per_cpu_second": round(max(requests)),
        "memory_mb": round(memory / 1024 / 1024),
        "slow_header_seconds": slow and round(slow, 1),
        "sigterm": stopping(kind),
    }


def main() -> None:
    """Measure, and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("servers", nargs="*", default=list(SERVERS), help="which servers: all by default")
    parser.add_argument("--streams", type=int, default=20)
    parser.add_argument("--each", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    found = {
        kind: measure(kind, streams=options.streams, each=options.each, rounds=options.rounds)
        for kind in options.servers
    }
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
