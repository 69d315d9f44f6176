"""How the gateway starts and stops."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import pytest

from jumpseat.gateway.server import GatewayServer, ServerThread, bind
from jumpseat.gateway.settings import ApiKey, GatewaySettings
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import AddressInUse, InvalidRequest
from jumpseat.model.events import Started, TextDelta
from jumpseat.settings import Settings
from tests.gateway.fakes import FakeClient, as_client, question, request, running


def knock_until_refused(port: int) -> None:
    """Return once nobody listens any more."""
    with contextlib.suppress(ConnectionError):
        while True:
            socket.create_connection(("127.0.0.1", port)).close()


def test_open_answers_are_told_when_the_gateway_stops() -> None:
    fake = FakeClient(lambda: ([Started(conversation_id="u"), TextDelta("Hel")], asyncio.Event()))
    with running(fake, drain_seconds=0.1) as server:
        wire = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        body = json.dumps(question(stream=True)).encode()
        wire.sendall(request(server.port, "/v1/chat/completions", method="POST", body=body))
        said = wire.recv(65536)

    with wire:
        while more := wire.recv(65536):
            said += more
    assert b'"code":"gateway_stopping"' in said
    assert b"[DONE]" not in said
    assert said.endswith(b"0\r\n\r\n"), "a clean end"


def test_an_address_that_is_taken_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = GatewaySettings(port=taken.getsockname()[1])
        with pytest.raises(AddressInUse, match="--port"):
            bind(settings)
        with (
            pytest.raises(AddressInUse),
            ServerThread(Settings(), settings, client=lambda: as_client(FakeClient())),
        ):
            pass
    with pytest.raises(InvalidRequest, match=r"listened on: [^(]+\. Choose"):
        bind(GatewaySettings(host="203.0.113.7", port=0, api_keys=(ApiKey(secret=Secret("k" * 20)),)))


def test_a_name_that_turns_out_to_be_open_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jumpseat.gateway.settings.is_loopback", lambda _host: True)
    settings = GatewaySettings(host="0.0.0.0", port=0)  # noqa: S104 - what has to be refused.

    with pytest.raises(InvalidRequest, match="set a key"):
        bind(settings)


def test_an_ipv6_address_is_told_in_brackets() -> None:
    with running(host="::1") as server:
        assert server.address == f"http://[::1]:{server.port}"


def test_stopping_what_never_ran_is_no_error() -> None:
    server = GatewayServer(GatewaySettings())

    server.stop()

    assert server.connections == 0


SCRIPT = """
    import sys
    from jumpseat.gateway import server
    from jumpseat.gateway.settings import GatewaySettings
    from jumpseat.settings import Settings
    from tests.gateway.fakes import FakeClient, HELLO, as_client
    import asyncio

    endless = lambda: (HELLO[0], HELLO[1], asyncio.Event())
    server._open_client = lambda settings, vault: as_client(FakeClient(endless))
    server.serve(Settings(), GatewaySettings(port=0, drain_seconds=float(sys.argv[1])),
                 ready=lambda address: print(address, flush=True))
    print("clean", flush=True)
"""


@contextlib.contextmanager
def answering(drain_seconds: float) -> Iterator[tuple[subprocess.Popen[str], socket.socket, bytes]]:
    """A gateway's process, a wire on which it is giving an answer without end, and what came so far."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", textwrap.dedent(SCRIPT), str(drain_seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
            body = json.dumps(question(stream=True)).encode()
            wire.sendall(request(port, "/v1/chat/completions", method="POST", body=body))
            yield process, wire, wire.recv(65536)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_open_answers_drain_and_the_exit_is_clean(number: signal.Signals) -> None:
    with answering(drain_seconds=0.3) as (process, wire, begun):
        process.send_signal(number)
        said = begun
        while more := wire.recv(65536):
            said += more
        assert process.stdout is not None
        rest = process.stdout.read()

    assert b"gateway_stopping" in said
    assert rest == "clean\n"
    assert process.returncode == 0


def test_a_second_interrupt_does_not_wait_but_says_why() -> None:
    with answering(drain_seconds=60) as (process, wire, begun):
        process.send_signal(signal.SIGINT)
        knock_until_refused(wire.getpeername()[1])
        process.send_signal(signal.SIGINT)
        said = begun
        while more := wire.recv(65536):
            said += more
        assert process.wait(timeout=10) == 0

    assert b"gateway_stopping" in said
