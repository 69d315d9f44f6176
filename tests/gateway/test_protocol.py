"""The gateway on a real socket, spoken to in raw bytes."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from jumpseat.gateway import limits
from jumpseat.gateway.settings import ApiKey
from jumpseat.model.credentials import Secret
from jumpseat.model.events import Finished, Started, TextDelta
from tests.gateway.fakes import FakeClient, error, question, request, running, status, talk
from tests.waiting import until

KEY = (ApiKey(secret=Secret("k")),)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A gateway without keys whose limits a test can wait for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "_LINGER_SECONDS", 0.2)
        with running(
            head_seconds=0.2, body_seconds=0.2, max_body=1000, max_head=4096, max_headers=20
        ) as server:
            yield server.port


@pytest.fixture(scope="module")
def keyed_port() -> Iterator[int]:
    with running(api_keys=KEY) as server:
        yield server.port


def test_a_question_is_answered(port: int) -> None:
    body = json.dumps(question(stream=True)).encode()

    said = talk(port, request(port, "/v1/chat/completions", method="POST", body=body))

    assert status(said) == 200
    assert b"data: [DONE]" in said
    assert said.lower().count(b"\r\nserver: ") == 1


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (["127.0.0.1:{port}"], 200),
        (["localhost:{port}"], 200),
        (["evil.example:{port}"], 403),
        (["127.0.0.1"], 403),
        (["127.0.0.1:{port}", "127.0.0.1:{port}"], 400),
        (["127.0.0.1:{port}", "evil.example"], 400),
        ([], 400),
    ],
    ids=str,
)
def test_exactly_one_own_name_is_needed(port: int, hosts: list[str], expected: int) -> None:
    for target in ("/v1/models", "/health/live", "/docs", "/nowhere"):
        lines = [f"GET {target} HTTP/1.1", *[f"Host: {host.format(port=port)}" for host in hosts]]
        said = talk(port, "\r\n".join([*lines, "Connection: close", "", ""]).encode())

        assert status(said) == (404 if expected == 200 and target == "/nowhere" else expected)


def test_http_1_0_without_a_host_is_refused(port: int) -> None:
    assert status(talk(port, b"GET /v1/models HTTP/1.0\r\n\r\n")) == 400


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/v1/models",
        "http://evil.example/health/live",
        "evil.example:443",
        "*",
        "v1/models",
        "?x",
    ],
)
def test_a_target_must_be_a_path(port: int, target: str) -> None:
    assert status(talk(port, request(port, target))) == 400


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("//v1/models", 404),
        ("/v1//models", 404),
        ("/v1/./models", 404),
        ("/v1/%2e/models", 404),
        ("/v1/x/../models", 404),
        ("/v1/models%00", 404),
        ("/v1%2fmodels", 200),
        ("/v1/models?limit=1000", 200),
        ("/v1/models/microsoft%2Fcopilot", 200),
        ("/v1/models/microsoft/copilot", 200),
        ("/v1/models/..%2f..%2fdocs", 404),
        ("/V1/models", 404),
    ],
)
def test_a_path_means_what_it_says(port: int, target: str, expected: int) -> None:
    assert status(talk(port, request(port, target))) == expected


@pytest.mark.parametrize(
    "target",
    [
        "//v1/models",
        "/v1/models",
        "/v1%2fmodels",
        "/%76%31/models",
        "/health/live/..%2f..%2fv1/models",
        "/health/live%2e",
        "/health/live/",
        "/health%2flive",
        "/health/liv%65",
        "/health/live#x",
        "/nowhere",
    ],
)
def test_no_way_of_writing_a_path_comes_in_without_a_key(keyed_port: int, target: str) -> None:
    assert status(talk(keyed_port, request(keyed_port, target))) in {400, 401}
    assert status(talk(keyed_port, request(keyed_port, "/health/live?x=1"))) == 200


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (["Authorization: Bearer k"], 200),
        (["authorization:bearer k"], 200),
        (["X-API-Key: k"], 200),
        (["api-key: k"], 200),
        (["X-Api-Key : k"], 400),
        (["X-Api_Key: k"], 401),
        (["Authorization: Bearer\tk"], 401),
        (["Authorization: Bearer K"], 401),
        (["X-Api-Key: k\x00"], 400),
        (["X-Api-Key: \r\n k"], 400),
        (["X-Forwarded-For: 127.0.0.1", "X-Original-URL: /health/live"], 401),
    ],
    ids=str,
)
def test_a_key_is_taken_in_its_headers_and_in_no_other_form(
    keyed_port: int, headers: list[str], expected: int
) -> None:
    assert status(talk(keyed_port, request(keyed_port, "/v1/models", *headers))) == expected


def test_a_name_in_front_of_the_gateway_is_not_believed(port: int) -> None:
    said = talk(port, request(port, "/v1/models", "X-Forwarded-Host: evil.example", "Forwarded: host=evil"))

    assert status(said) == 200


def test_headers_that_do_not_come_are_not_waited_for(port: int) -> None:
    began = time.monotonic()

    assert talk(port) == b""
    assert status(talk(port, b"GET /v1/models HTTP/1.1\r\nHost: ")) == 408
    assert time.monotonic() - began < 5


def test_headers_that_come_byte_by_byte_are_not_waited_for_either(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall(b"GET / HTTP/1.1\r\nX: ")
        ended = threading.Event()

        def dribble() -> None:
            while not ended.wait(0.02):
                try:
                    wire.sendall(b"a")
                except OSError:
                    return

        writer = threading.Thread(target=dribble)
        writer.start()
        try:
            assert status(wire.recv(65536)) == 408
        finally:
            ended.set()
            writer.join()


def test_a_second_request_on_a_connection_has_its_own_time(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall(f"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        assert status(wire.recv(65536)) == 200
        wire.sendall(b"GET /health/live HTTP/1.1\r\nHo")
        assert status(wire.recv(65536)) == 408


def test_headers_have_a_limit_in_size_and_in_number(port: int) -> None:
    for said in (
        talk(port, request(port, "/v1/models", "X: " + "a" * 5000)),
        talk(port, request(port, "/" + "a" * 5000)),
        talk(port, request(port, "/v1/models", *[f"X-{i}: a" for i in range(30)])),
        talk(port, b"GET / HTTP/1.1\r\nX: " + b"a" * 5000),
        talk(port, b"GET /" + b"a" * 5000),
    ):
        assert status(said) == 431
        assert error(said)["type"] == "invalid_request_error"
        assert b"x-request-id: req_" in said


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"hello\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused(port: int, nonsense: bytes) -> None:
    said = talk(port, nonsense)

    assert status(said) == 400
    assert b"\r\nconnection: close" in said


def test_a_body_that_does_not_come_is_not_waited_for(port: int) -> None:
    head = request(port, "/v1/chat/completions", "Content-Length: 100", method="POST")

    assert status(talk(port, head + b'{"messages":')) == 408


@pytest.mark.parametrize("size", [1001, 5_000_000])
def test_a_body_over_the_limit_is_refused_and_the_caller_hears_it(port: int, size: int) -> None:
    said = talk(port, request(port, "/v1/chat/completions", method="POST", body=b" " * size))

    assert status(said) == 413
    assert error(said)["code"] == "request_too_large"


def test_a_chunked_body_over_the_limit_is_refused_too(port: int) -> None:
    head = request(port, "/v1/chat/completions", "Transfer-Encoding: chunked", method="POST")

    assert status(talk(port, head, *[b"64\r\n" + b" " * 100 + b"\r\n"] * 11, b"0\r\n\r\n")) == 413


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 500,
        b'{"messages":[{"role":"user","content":"\\ud800 x"}]}',
        b'{"messages":[{"role":"user","content":"x"}],"n":NaN}',
        b'{"messages":[{"role":"user","content":"x"}],"n":1,"n":1}',
        b'{"messages":[{"role":"user","content":"\xff"}]}',
    ],
)
def test_odd_json_is_refused(port: int, body: bytes) -> None:
    assert status(talk(port, request(port, "/v1/chat/completions", method="POST", body=body))) == 400


def test_a_client_that_leaves_closes_the_upstream_within_a_second() -> None:
    fake = FakeClient(lambda: ([Started(conversation_id="u"), TextDelta("Hel")], asyncio.Event()))
    with running(fake) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as wire:
            body = json.dumps(question(stream=True)).encode()
            wire.sendall(request(server.port, "/v1/chat/completions", method="POST", body=body))
            assert b"200 OK" in wire.recv(65536)
        assert fake.ended.wait(timeout=1)

    assert fake.outcomes == ["interrupted"]


def test_a_reader_that_takes_nothing_is_given_up_and_holds_little_memory() -> None:
    given = 0

    class Flood:
        """An upstream that never stops talking."""

        async def receive(self) -> list[TextDelta]:
            nonlocal given
            given += 64_000
            await asyncio.sleep(0)
            return [TextDelta("x" * 64_000)]

        async def aclose(self) -> None: ...

    fake = FakeClient(lambda: ([Started(conversation_id="u")],))
    fake.make = Flood
    with running(fake, stall_seconds=0.3) as server, socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.connect(("127.0.0.1", server.port))
        body = json.dumps(question(stream=True)).encode()
        wire.sendall(request(server.port, "/v1/chat/completions", method="POST", body=body))
        assert fake.ended.wait(timeout=5)

    assert fake.outcomes == ["interrupted"]
    assert given < 20_000_000, "what the reader does not take is not read from upstream"


@pytest.mark.parametrize("keeps_alive", [True, False])
def test_a_reader_that_does_not_take_a_whole_answer_is_given_up_too(keeps_alive: bool) -> None:
    fake = FakeClient(([Started(conversation_id="u"), TextDelta("x" * 20_000_000), Finished("stop")],))
    with running(fake, stall_seconds=0.2) as server, socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.connect(("127.0.0.1", server.port))
        body = json.dumps(question()).encode()
        said = request(server.port, "/v1/chat/completions", method="POST", body=body)
        wire.sendall(said.replace(b"Connection: close\r\n", b"") if keeps_alive else said)
        assert fake.ended.wait(timeout=5)

        until(lambda: server.connections == 0, seconds=8)


def test_an_idle_connection_is_closed_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jumpseat.gateway.server._IDLE_SECONDS", 1)
    with running() as server, socket.create_connection(("127.0.0.1", server.port), timeout=5) as wire:
        wire.sendall(f"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
        assert status(wire.recv(65536)) == 200
        assert wire.recv(1) == b""


def test_too_many_connections_are_closed_at_once() -> None:
    with running(max_connections=2) as server:
        wires = [socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(2)]
        try:
            for wire in wires:
                wire.sendall(f"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
                assert status(wire.recv(65536)) == 200
            assert talk(server.port) == b""
        finally:
            for wire in wires:
                wire.close()
