"""The results as a page for people; the same figures lie beside it as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.stage import WHO

TARGETS = {
    "rate": "at least half of the bare pass-through",
    "chunks": "at most 15 µs at full speed",
    "memory": "at most 60 KB",
    "recordings": "at least 50 MB/s, in less than 150 MB",
    "startup": "`jumpseat --version` under 150 ms; `import jumpseat` under 60 ms, Python itself included",
}

INTRODUCTION = (
    "Written by `make bench`. *direct*: the simulator asked as its own clients ask it. *bare*: an application"
    " on the gateway's ASGI server that makes the same exchange with the gateway's client libraries and"
    " passes everything on unread (`benchmarks/bare.py`). All are measured in turn, in one run, by one"
    " client; simulator, client and server share the machine, so ratios say more than figures."
)
QUICK = " **A quick run: it shows that it runs, and little more.**"


def page(results: Mapping[str, Any]) -> str:
    """All of it as Markdown."""
    parts = [
        f"# Benchmarks of {results['date']}",
        INTRODUCTION + (QUICK if results["quick"] else ""),
        _table(("", ""), results["machine"].items()),
    ]
    for name, write in SECTIONS.items():
        if name in results:
            parts.append(write(results[name]))
    return "\n\n".join(parts) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _rate(found: Mapping[str, Any]) -> str:
    rows = []
    for case, by_who in found.items():
        rows += [
            (
                case if who == WHO[0] else "",
                who,
                f"{by_who[who]['per_second']:.0f}",
                f"{by_who['bare']['per_second'] / by_who[who]['per_second']:.2f}",
                f"{by_who[who]['cpu_ms']:.2f}",
                f"{by_who[who]['first_ms']:.2f}",
                f"{by_who[who]['first_ms'] - by_who['direct']['first_ms']:+.2f}",
            )
            for who in WHO
        ]
    head = ("", "", "questions/s", "bare/this", "CPU ms each", "first word, ms", "added, ms")
    return f"## Short questions\n\nTarget: {TARGETS['rate']}.\n\n" + _table(head, rows)


def _transit(found: Mapping[str, Any]) -> str:
    rows = [
        (service, *(f"{by_who[who]['median']:.2f} / {by_who[who]['p99']:.2f}" for who in WHO))
        for service, by_who in found.items()
    ]
    text = "From the sending of a word to its arrival, a word every 5 ms; median / 99th percentile, in ms."
    return f"## Transit of a chunk\n\n{text}\n\n" + _table(("", *WHO), rows)


def _chunks(found: Mapping[str, Any]) -> str:
    rows = [(case, *(f"{by_who[who]:.1f}" for who in WHO[1:])) for case, by_who in found.items()]
    text = f"Microseconds of the process for each streamed chunk. Target: {TARGETS['chunks']}."
    return f"## CPU time of a chunk\n\n{text}\n\n" + _table(("", *WHO[1:]), rows)


def _memory(found: Mapping[str, Any]) -> str:
    rows = [(service, *(f"{by_who[who]:.0f}" for who in WHO[1:])) for service, by_who in found.items()]
    text = f"KB of the process for each stream that stands open. Target: {TARGETS['memory']}."
    return f"## Memory of an open stream\n\n{text}\n\n" + _table(("", *WHO[1:]), rows)


def _recordings(found: Mapping[str, Any]) -> str:
    rows = [
        (
            case if reader == "jumpseat" else "",
            reader,
            f"{one['per_second']:.0f}",
            f"{one['per_cpu_second']:.0f}",
            f"{by_reader['jumpseat']['per_cpu_second'] / one['per_cpu_second']:.2f}",
            f"{one['peak_mb']:.0f}",
        )
        for case, by_reader in found.items()
        for reader, one in by_reader.items()
    ]
    text = (
        "A HAR of 300 MB (quick: 30 MB), read by a process of its own; *jumpseat* is what `readHAR` does. "
        f"Target: {TARGETS['recordings']}."
    )
    head = ("", "", "MB/s", "MB per CPU second", "jumpseat/this", "peak of memory, MB")
    return f"## Recordings\n\n{text}\n\n" + _table(head, rows)


def _startup(found: Mapping[str, Any]) -> str:
    rows = [(f"`{name}`", f"{milliseconds:.0f}") for name, milliseconds in found.items()]
    text = f"Whole processes, ms. Target: {TARGETS['startup']}."
    return f"## Start\n\n{text}\n\n" + _table(("", "ms"), rows)


SECTIONS = {
    "rate": _rate,
    "transit": _transit,
    "chunks": _chunks,
    "memory": _memory,
    "recordings": _recordings,
    "startup": _startup,
}
"""The parts of the page, and of the results, in order."""
