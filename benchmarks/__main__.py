"""
Measures the gateway, and writes `benchmarks/results/<date>.md` and `.json`.

`python -m benchmarks [--quick] [--only NAME]`, or `make bench`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop

from benchmarks import load
from benchmarks.machine import machine
from benchmarks.questions import MODELS
from benchmarks.recordings import recordings
from benchmarks.report import SECTIONS, page
from benchmarks.stage import WHO, Stage, stage
from benchmarks.startup import startup

RESULTS = Path(__file__).parent / "results"
WORKERS = (1, 16)
PAUSE_MS = 2


async def measure_rate(on: Stage, size: load.Size) -> dict[str, Any]:
    """Short questions per second, their cost, and their first word."""
    found: dict[str, Any] = {}
    for service in MODELS:
        for workers in WORKERS:
            rates = await load.rates(on, service, size, workers)
            found[f"{service}, {workers} at once"] = {who: rates[who].middle() for who in WHO}
    return found


async def measure_transit(on: Stage, size: load.Size) -> dict[str, Any]:
    """How long a word is under way."""
    found: dict[str, Any] = {}
    for service in MODELS:
        transits = await load.transits(on, service, size)
        found[service] = {
            who: {"median": statistics.median(all_), "p99": statistics.quantiles(all_, n=100)[-1]}
            for who, all_ in transits.items()
        }
    return found


async def measure_chunks(on: Stage, size: load.Size) -> dict[str, Any]:
    """What a chunk costs, when all come at once and when they come one by one."""
    found: dict[str, Any] = {}
    for service in MODELS:
        for name, pause in (("full speed", 0), (f"one every {PAUSE_MS} ms", PAUSE_MS)):
            costs = await load.chunk_costs(on, service, size, pause=pause)
            found[f"{service}, {name}"] = {who: statistics.median(costs[who]) for who in costs}
    return found


def measure_memory(size: load.Size) -> dict[str, Any]:
    """What an open stream holds: each in processes of its own."""
    found: dict[str, Any] = {}
    for service in MODELS:
        with stage() as on:
            found[service] = {who: uvloop.run(load.memory(on, who, service, size)) for who in WHO[1:]}
    return found


Measure = Callable[[Stage, load.Size], Coroutine[Any, Any, dict[str, Any]]]
ON_STAGE: dict[str, Measure] = {
    "rate": measure_rate,
    "transit": measure_transit,
    "chunks": measure_chunks,
}


def measure(names: list[str], size: load.Size) -> dict[str, Any]:
    """All that is asked for, by name."""
    found: dict[str, Any] = {}
    for name in names:
        print(f"measuring {name} ...", flush=True)
        if name == "startup":
            found[name] = startup(3 if size is load.QUICK else 15)
        elif name == "recordings":
            found[name] = recordings(30, 1) if size is load.QUICK else recordings(300, 3)
        elif name == "memory":
            found[name] = measure_memory(size)
        else:
            with stage() as on, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                found[name] = runner.run(ON_STAGE[name](on, size))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="show that it runs, in half a minute")
    parser.add_argument("--only", choices=list(SECTIONS), action="append", help="measure this alone")
    options = parser.parse_args()
    now = datetime.now(UTC)
    results = {"date": now.date().isoformat(), "quick": options.quick, "machine": machine()}
    results |= measure(options.only or list(SECTIONS), load.QUICK if options.quick else load.FULL)
    text = page(results)
    print(text)
    if options.only:
        return
    RESULTS.mkdir(exist_ok=True)
    name = f"{now.date().isoformat()}{'-quick' if options.quick else ''}"
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
    (RESULTS / f"{name}.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"written to {RESULTS.name}/{name}.md and .json")


if __name__ == "__main__":
    main()
