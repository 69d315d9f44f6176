"""Plays a turn's script on a wire, as fast as it goes or at its own pace."""

from __future__ import annotations

import asyncio
import struct
from typing import Any, Protocol

from aiohttp.abc import AbstractStreamWriter

from jumpseat.simulator.steps import Close, Cut, Expect, Pause, Script, Silence, Step

FLUSH_BYTES = 32_768

_TEXT = 0x81  # FIN and opcode 1 (RFC 6455, 5.2); a server does not mask.
_MEDIUM = struct.Struct("!BBH").pack
_LARGE = struct.Struct("!BBQ").pack


def text_frame(payload: bytes) -> bytes:
    """One unmasked, uncompressed text frame."""
    size = len(payload)
    if size < 126:
        return bytes((_TEXT, size)) + payload
    if size < 65_536:
        return _MEDIUM(_TEXT, 126, size) + payload
    return _LARGE(_TEXT, 127, size) + payload


def same(payload: bytes) -> bytes:
    return payload


class Wire(Protocol):
    """Where a script is played; `frame` makes bytes for the wire of a step's bytes."""

    writer: AbstractStreamWriter

    def frame(self, payload: bytes, /) -> bytes: ...
    async def close(self) -> None: ...
    async def cut(self) -> None: ...
    async def expect(self, event: str) -> object: ...


async def flush(wire: Wire, waiting: list[bytes]) -> None:
    """Put on the wire what waits; others get their turn, even if the reader is fast."""
    if waiting:
        data = b"".join(waiting)
        waiting.clear()
        await wire.writer.write(data)
        await asyncio.sleep(0)


async def play(script: Script, wire: Wire) -> None:
    """
    Perform the steps to the end of the script, a `Close` or a `Cut`.

    Frames that follow each other without a pause share a write; each stays a frame of its own. Pauses are
    counted from the last one's end as planned, so that a slow loop does not add up.
    """
    loop = asyncio.get_running_loop()
    waiting: list[bytes] = []
    size, due = 0, loop.time()
    answer: Any = None
    frame = wire.frame
    try:
        while True:
            step = script.send(answer)
            answer = None
            if isinstance(step, bytes):
                waiting.append(frame(step))
                size += len(step)
                if size > FLUSH_BYTES:
                    size = 0
                    await flush(wire, waiting)
                continue
            size = 0
            await flush(wire, waiting)
            if isinstance(step, Pause):
                due = max(due + step.seconds, loop.time())
                await asyncio.sleep(due - loop.time())
            elif isinstance(step, Expect):
                answer = await wire.expect(step.event)
                due = loop.time()
            else:
                return await _end(step, wire)
    except StopIteration:
        await flush(wire, waiting)
    finally:
        script.close()


async def _end(step: Step, wire: Wire) -> None:
    match step:
        case Silence():
            await asyncio.Event().wait()
        case Close():
            await wire.close()
        case Cut():
            await wire.cut()
