"""The measurements under load: how fast, how soon, at what cost."""

from __future__ import annotations

import asyncio
import statistics
import time

from msgspec import Struct

from benchmarks.asking import Asker
from benchmarks.questions import FIRST_WORD, SHORT, Service
from benchmarks.stage import WHO, Stage
from benchmarks.wire import Timing

NOTHING = b""
WORDS = "%%TOKENS {n}%%"
STAMPS = "%%CLOCK {n}%% %%SLOW {pause}%%"
OPEN_STREAMS = "%%TOKENS 100000%% %%SLOW 2000%%"
SETTLE_SECONDS = 4.0
MICROSECOND, MILLISECOND, KILOBYTE = 1e-6, 1e-3, 1024


class Size(Struct, frozen=True):
    """How much is done; `quick` shows that it runs, and little more."""

    rounds: int
    seconds: float
    """Of load, each time."""
    tokens: int
    streams: int
    stamps: int


FULL = Size(rounds=8, seconds=1.2, tokens=20_000, streams=200, stamps=100)
QUICK = Size(rounds=1, seconds=1.0, tokens=20_000, streams=50, stamps=30)


class Rate(Struct):
    """What one of them did with short questions."""

    per_second: list[float] = []
    cpu_ms: list[float] = []
    """CPU time of its process for each question."""
    first_ms: list[float] = []
    """From the question to the first word."""

    def middle(self) -> dict[str, float]:
        """The medians of all rounds."""
        return {name: statistics.median(getattr(self, name)) for name in self.__struct_fields__}


async def rates(stage: Stage, service: Service, size: Size, workers: int) -> dict[str, Rate]:
    """Short questions, `workers` at once, to each in turn, again and again."""
    found = {who: Rate() for who in WHO}
    for who in WHO:
        await _burst(stage, who, service, workers, 0.3)
    for _ in range(size.rounds):
        for who in WHO:
            server = stage.server(who)
            cpu = server.cpu_seconds()
            timings, seconds = await _burst(stage, who, service, workers, size.seconds)
            cpu = server.cpu_seconds() - cpu
            rate = found[who]
            rate.per_second.append(len(timings) / seconds)
            rate.cpu_ms.append(cpu / len(timings) / MILLISECOND)
            rate.first_ms.append(statistics.median(t.first_at - t.began_at for t in timings) / MILLISECOND)
    return found


async def _burst(
    stage: Stage, who: str, service: Service, workers: int, seconds: float
) -> tuple[list[Timing], float]:
    timings: list[Timing] = []
    began_at = time.perf_counter()

    async def work() -> None:
        asker = stage.asker(who, service)
        while time.perf_counter() < began_at + seconds:
            timings.append(await asker.ask(SHORT, FIRST_WORD))
        asker.close()

    await asyncio.gather(*(work() for _ in range(workers)))
    return timings, time.perf_counter() - began_at


async def transits(stage: Stage, service: Service, size: Size) -> dict[str, list[float]]:
    """Milliseconds from the sending of a word to its arrival, for words that come one by one."""
    found: dict[str, list[float]] = {who: [] for who in WHO}
    for _ in range(size.rounds):
        for who in WHO:
            asker = stage.asker(who, service)
            timing = await asker.ask(STAMPS.format(n=size.stamps, pause=5), NOTHING)
            asker.close()
            found[who] += (seconds / MILLISECOND for seconds in timing.transits)
    return found


async def chunk_costs(
    stage: Stage, service: Service, size: Size, *, pause: int = 0
) -> dict[str, list[float]]:
    """Microseconds of CPU time of the process for each streamed chunk; with `pause` they come one by one."""
    count = size.tokens if not pause else size.tokens // 20
    question = WORDS.format(n=count) + (f" %%SLOW {pause}%%" if pause else "")
    found: dict[str, list[float]] = {who: [] for who in WHO[1:]}
    for who in found:
        await _costs(stage, who, service, question, count)
    for _ in range(size.rounds):
        for who, costs in found.items():
            costs.append(await _costs(stage, who, service, question, count))
    return found


async def _costs(
    stage: Stage, who: str, service: Service, question: str, count: int, at_once: int = 4
) -> float:
    server = stage.server(who)
    askers = [stage.asker(who, service) for _ in range(at_once)]
    cpu = server.cpu_seconds()
    await asyncio.gather(*(asker.ask(question, b"never") for asker in askers))
    cpu = server.cpu_seconds() - cpu
    for asker in askers:
        asker.close()
    return cpu / (count * at_once) / MICROSECOND


async def memory(stage: Stage, who: str, service: Service, size: Size) -> float:
    """KB in memory for each stream that is open and says little; in a process that has done little else."""
    server = stage.server(who)
    await _burst(stage, who, service, 4, 0.5)
    before = server.memory_bytes()
    askers = [stage.asker(who, service) for _ in range(size.streams)]
    asking = [asyncio.create_task(_listen(asker)) for asker in askers]
    await asyncio.sleep(SETTLE_SECONDS)  # All of them have heard a word or two by now.
    held = server.memory_bytes() - before
    assert not any(task.done() for task in asking), "a stream has ended early"
    for task, asker in zip(asking, askers, strict=True):
        task.cancel()
        asker.close()
    await asyncio.wait(asking)
    return held / size.streams / KILOBYTE


async def _listen(asker: Asker) -> None:

    await asker.ask(OPEN_STREAMS, b"1 ")
