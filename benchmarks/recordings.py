"""
How fast recordings are read, and in how much memory: ours against readers of a few lines.

Each reading is a process of its own, `python -m benchmarks.recordings READER FILE`. `ijson` is no requirement
of ours: whoever compares anew installs it by hand, and without it that line is missing.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from benchmarks.hars import Body, write_har

HOST = "copilot.microsoft.com"
MEGABYTE = 1_000_000
MIXED: Sequence[Body] = ("none", "none", "script", "picture")
CASES: Mapping[str, tuple[Sequence[Body], int | None]] = {
    "no bodies, indented": (("none",), 2),
    "bodies, indented": (("script", "picture"), 2),
    "mixed, one entry a line": (MIXED, None),
}


def recordings(megabytes: int, rounds: int) -> dict[str, dict[str, dict[str, float]]]:
    """MB/s, MB per CPU second and the peak of memory in MB for each reader of each case, the medians."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="jumpseat-bench-") as folder:
        path = Path(folder) / "x.har"
        for case, (bodies, indent) in CASES.items():
            write_har(path, megabytes * MEGABYTE, bodies, indent=indent)
            runs: dict[str, list[dict[str, float]]] = {reader: [] for reader in READERS}
            for _ in range(rounds):
                for reader, measured in runs.items():
                    if reader != "ijson" or find_spec("ijson"):
                        measured.append(_in_a_child(reader, path))
            found[case] = {reader: _middle(measured) for reader, measured in runs.items() if measured}
    return found


def _middle(measured: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: statistics.median(one[name] for one in measured) for name in measured[0]}


def _in_a_child(reader: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.recordings", reader, str(path)]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent)
    measured: dict[str, float] = json.loads(ran.stdout)
    return measured


def read_by_jumpseat(path: Path) -> None:
    """All of it: the bytes, what they mean, and the credential."""
    from jumpseat.recordings import read_recording

    assert read_recording(path, HOST).credential.token is not None


def read_by_scanning(path: Path) -> None:
    """Ours without the meaning."""
    from jumpseat.recordings.stream import EntryStream
    from jumpseat.recordings.unpacking import unpacked

    with path.open("rb") as file:
        assert sum(1 for _ in EntryStream(unpacked(file)))


def read_by_msgspec(path: Path) -> None:
    """The whole file, as msgspec reads it when it may leave the entries as they are."""
    import msgspec

    top = msgspec.json.decode(path.read_bytes(), type=dict[str, msgspec.Raw])
    log = msgspec.json.decode(top["log"], type=dict[str, msgspec.Raw])
    assert msgspec.json.decode(log["entries"], type=list[msgspec.Raw])


def read_by_json(path: Path) -> None:
    """The whole file, as the standard library reads it."""
    with path.open("rb") as file:
        assert json.load(file)["log"]["entries"]


def read_by_ijson(path: Path) -> None:
    """Entry by entry, each of them whole."""
    ijson = import_module("ijson")
    with path.open("rb") as file:
        assert sum(1 for _ in ijson.items(file, "log.entries.item"))


READERS: Mapping[str, Callable[[Path], None]] = {
    "jumpseat": read_by_jumpseat,
    "jumpseat, entries only": read_by_scanning,
    "ijson": read_by_ijson,
    "msgspec, whole file": read_by_msgspec,
    "json, whole file": read_by_json,
}


def measure(reader: str, path: Path) -> dict[str, float]:
    """Read once, in this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    READERS[reader](path)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    size = path.stat().st_size / MEGABYTE
    return {"per_second": size / wall, "per_cpu_second": size / cpu, "peak_mb": _peak_kilobytes() / 1000}


def _peak_kilobytes() -> float:
    """The most memory that this process ever held; `getrusage` would count what its parent held, too."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return float(status.partition("VmHWM:")[2].split()[0]) * 1.024


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
