"""What the doctor says of the gateway."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from jumpseat.cli.doctor.door import gateway
from tests.gateway.fakes import FakeClient, running


@contextmanager
def stranger() -> Iterator[int]:
    """Another program that speaks HTTP."""
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_gateway_that_runs_is_well() -> None:
    with running(FakeClient()) as server:
        check = gateway({"JUMPSEAT_PORT": str(server.port)})

    assert check.verdict == "ok"
    assert check.text == (
        f"runs at 127.0.0.1:{server.port}, without keys, called by this machine's own names"
    )


def test_one_that_does_not_run_is_worth_a_word() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

        check = gateway({"JUMPSEAT_PORT": str(port), "JUMPSEAT_API_KEY": "canary"})

    assert (check.verdict, check.advice) == ("note", "jumpseat serve")
    assert "1 key," in check.text
    assert "canary" not in check.text


def test_another_program_at_its_address_is_wrong() -> None:
    with stranger() as port:
        check = gateway({"JUMPSEAT_PORT": str(port)})

    assert check.verdict == "wrong"
    assert "another program answers" in check.text
    assert "HTTP 501" in check.text


def test_one_that_hangs_up_is_another_program_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            caller, _ = server.accept()
            caller.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        check = gateway({"JUMPSEAT_PORT": str(server.getsockname()[1])})
        thread.join()

    assert check.verdict == "wrong"


def test_an_open_address_without_a_key_is_told_as_the_gateway_would() -> None:
    check = gateway({"JUMPSEAT_HOST": "::"})

    assert check.verdict == "wrong"
    assert "JUMPSEAT_API_KEY" in check.text


def test_names_by_which_it_may_be_called_are_told() -> None:
    environ = {
        "JUMPSEAT_HOST": "::",
        "JUMPSEAT_PORT": "1",
        "JUMPSEAT_API_KEY": "k",
        "JUMPSEAT_ALLOWED_HOSTS": "box.lan",
    }

    assert "called by its address, box.lan" in gateway(environ).text
