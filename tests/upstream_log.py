"""What reached the upstreams, read from the simulator's journal."""

from __future__ import annotations

from typing import Any

from jumpseat.simulator import SimulatorThread


def deliveries(simulator: SimulatorThread, words: str) -> int:
    """How many questions with `words` in them were put to either service."""
    return sum(words in str(_question(entry)) for entry in simulator.log())


def _question(entry: dict[str, Any]) -> object:
    if entry["kind"] == "frame":
        frame = entry["frame"]
        return frame.get("content") if isinstance(frame, dict) and frame.get("event") == "send" else None
    return (entry["body"] or {}).get("content") if entry["call"] == "messages" else None


def open_wires(simulator: SimulatorThread) -> int:
    """Sockets, turns and streams that stand now."""
    return sum(simulator.stats()["open"].values())
