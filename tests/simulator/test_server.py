"""The simulator as a server: alone, in a thread, as a program."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import aiohttp
import pytest

from jumpseat.simulator import Simulator, SimulatorThread
from tests.simulator.peers import MicrosoftPeer


def get(url: str) -> dict[str, object]:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - loopback
        fields: dict[str, object] = json.load(answer)
        return fields


async def test_what_was_received_can_be_read_and_holds_no_secret(
    sim: Simulator, session: aiohttp.ClientSession
) -> None:
    peer = MicrosoftPeer(session, sim.url, "canary-token")
    await peer.answer(await peer.new_conversation(), "hello")

    async with session.get(f"{sim.url}/_simulator/log?kind=frame") as answer:
        frames = (await answer.json())["entries"]
    assert [entry["frame"]["event"] for entry in frames] == ["setOptions", "reportLocalConsents", "send"]
    assert [entry["kind"] for entry in sim.log][:2] == ["request", "handshake"]
    assert "canary" not in str(sim.log)


async def test_statistics_tell_what_is_open_and_what_was(sim: Simulator, microsoft: MicrosoftPeer) -> None:
    async with microsoft.opened(), microsoft.session.get(f"{sim.url}/_simulator/stats") as answer:
        stats = await answer.json()

    assert stats["open"]["sockets"] == 1
    assert stats["counts"]["microsoft chat"] == 1


async def test_wrong_orders_are_refused(sim: Simulator, session: aiohttp.ClientSession) -> None:
    for path, body in (
        ("next", {"fault": "nonsense"}),
        ("script", {"service": "nobody", "frames": []}),
        ("script", {"service": "github", "frames": "x"}),
    ):
        async with session.post(f"{sim.url}/_simulator/{path}", json=body) as answer:
            assert answer.status == 400


async def test_a_taken_port_is_an_error(sim: Simulator) -> None:
    with pytest.raises(OSError, match="address"):
        await Simulator(port=sim.port).start()


def test_it_runs_in_a_thread() -> None:
    with SimulatorThread() as sim:
        assert sim.port
        assert get(f"{sim.url}/c/api/user")["firstName"] is None
        assert [entry["call"] for entry in sim.log()] == ["user"]
        assert sim.violations() == []
        sim.arm("rest-500", times=1)
        with pytest.raises(urllib.error.HTTPError):
            get(f"{sim.url}/c/api/user")
        with pytest.raises(KeyError):
            sim.arm("nonsense")
        sim.script("github", [])
        sim.reset()
        assert sim.log() == []
        assert sim.stats()["counts"] == {}
        assert sim.faults()
        with pytest.raises(OSError, match="address"), SimulatorThread(port=sim.port):
            pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_as_a_program_it_says_where_it_is_and_leaves_quietly(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "jumpseat.simulator", "--port", "0", "--dialect", "client-first"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        url = server.stdout.readline().strip()
        assert get(f"{url}/_simulator/faults")["faults"]
        server.send_signal(number)
        assert server.wait(timeout=10) == 0
        assert server.stderr.read() == ""
