"""
How many small events the simulator sends per second of its own CPU time.

A simulator in a process of its own streams `%%TOKENS n%%` over the chat socket and over the event stream, and
a plain client here counts what arrives. Wall time depends on the client too; that CPU time does not.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from pathlib import Path

import aiohttp

TICKS_PER_SECOND = 100  # USER_HZ, fixed on Linux.
BODY = {
    "intent": "conversation",
    "references": [],
    "context": [],
    "currentURL": "https://github.com/copilot",
    "streaming": True,
    "confirmations": [],
    "customInstructions": [],
    "model": "gpt-4o",
    "mode": "immersive",
}


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


async def over_socket(session: aiohttp.ClientSession, url: str, tokens: int) -> int:
    """Ask for so many tokens over the chat socket; the number of text deltas that came."""
    async with session.post(f"{url}/c/api/conversations") as answer:
        conversation = (await answer.json())["id"]
    count = 0
    async with session.ws_connect(f"{url}/c/api/chat?api-version=2&clientSessionId=bench") as ws:
        await ws.receive_str()
        await ws.send_json({"event": "setOptions"})
        await ws.send_json({"event": "reportLocalConsents", "grantedConsents": []})
        content = [{"type": "text", "text": f"%%TOKENS {tokens}%%"}]
        await ws.send_json(
            {"event": "send", "conversationId": conversation, "content": content, "mode": "chat"}
        )
        async for message in ws:
            if message.data.startswith('{"event":"appendText"'):
                count += 1
            elif message.data.startswith('{"event":"done"'):
                break
    return count


async def over_events(session: aiohttp.ClientSession, url: str, tokens: int) -> int:
    """Ask for so many tokens over the event stream; the number of text deltas that came."""
    headers = {"Authorization": "GitHub-Bearer simulator-web-token"}
    async with session.post(f"{url}/github/chat/threads", headers=headers) as answer:
        thread = (await answer.json())["thread_id"]
    count = 0
    body = {**BODY, "content": f"%%TOKENS {tokens}%%"}
    async with session.post(
        f"{url}/github/chat/threads/{thread}/messages", headers=headers, json=body
    ) as answer:
        async for chunk in answer.content.iter_any():
            count += chunk.count(b'"type":"content"')
    return count


async def measure(url: str, pid: int, tokens: int) -> None:
    async with aiohttp.ClientSession() as session:
        for name, ask in (("WebSocket", over_socket), ("SSE", over_events)):
            await ask(session, url, 1000)
            cpu, wall = cpu_seconds(pid), time.perf_counter()
            count = await ask(session, url, tokens)
            cpu, wall = cpu_seconds(pid) - cpu, time.perf_counter() - wall
            # A chunk boundary may cut a marker in two; the socket's count is exact.
            assert count >= tokens * 0.99, f"{count} of {tokens} events came"
            print(
                f"{name:10} {count} events  {count / cpu:9.0f} per CPU second  {count / wall:9.0f} per second"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=1_000_000)
    options = parser.parse_args()
    command = [sys.executable, "-m", "jumpseat.simulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            asyncio.run(measure(server.stdout.readline().strip(), server.pid, options.tokens))
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
