"""What comes after the headers, or instead of them, in raw bytes: bodies, trailers, offers, leftovers."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from tests.gateway.fakes import CHAT, FakeClient, question, request, running, status, talk

BODY = json.dumps(question()).encode()
CHUNKED = "Transfer-Encoding: chunked"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A gateway whose limits a test can wait for."""
    with running(head_seconds=0.2, body_seconds=5.0, max_head=4096) as server:
        yield server.port


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def post(port: int, *headers: str, body: bytes = b"") -> bytes:
    return request(port, CHAT, *headers, method="POST") + body


def test_a_body_may_come_in_chunks(port: int) -> None:
    assert (
        status(talk(port, post(port, CHUNKED, body=chunk(BODY[:9]) + chunk(BODY[9:]) + b"0\r\n\r\n"))) == 200
    )


@pytest.mark.parametrize(
    "headers",
    [
        [CHUNKED, "Content-Length: 5"],
        [CHUNKED, CHUNKED],
        ["Transfer-Encoding: chunked, identity"],
        ["Transfer-Encoding: xchunked"],
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: +5"],
        ["Content-Length: 0x5"],
        ["Content-Length: 99999999999999999999999"],
    ],
    ids=str,
)
def test_a_body_whose_end_is_a_matter_of_opinion_is_refused(port: int, headers: list[str]) -> None:
    assert status(talk(port, post(port, *headers, body=chunk(BODY) + b"0\r\n\r\n"))) == 400


def test_http_1_0_knows_no_chunks(port: int) -> None:
    said = post(port, CHUNKED, body=chunk(BODY) + b"0\r\n\r\n").replace(b"HTTP/1.1", b"HTTP/1.0", 1)

    assert status(talk(port, said)) == 400


@pytest.mark.parametrize("nonsense", [b"FFFFFFFFFFFFFFFFF\r\n", b"-1\r\n", b"x\r\n", b"1\nx\n0\n\n"])
def test_chunks_that_are_none_are_refused_and_the_caller_hears_it(port: int, nonsense: bytes) -> None:
    assert status(talk(port, post(port, CHUNKED, body=nonsense))) == 400


def test_a_trailer_is_no_header(port: int) -> None:
    ending = b"0\r\nHost: 127.0.0.1:%d\r\n\r\n" % port
    without_host = f"POST {CHAT} HTTP/1.1\r\nConnection: close\r\n{CHUNKED}\r\n\r\n".encode()

    assert status(talk(port, without_host + chunk(BODY) + ending)) == 400
    assert status(talk(port, post(port, CHUNKED, body=chunk(BODY) + ending))) == 200


@pytest.mark.parametrize(
    "endless",
    [b"0\r\nX: " + b"a" * 8192, b"0\r\n" + b"X: y\r\n" * 1000, b"1;" + b"a" * 8192],
    ids=["one trailer", "many trailers", "a mark of a chunk"],
)
def test_what_stands_around_a_body_has_a_limit(port: int, endless: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as wire:
        wire.sendall(post(port, CHUNKED, "Expect: 100-continue"))
        assert status(wire.recv(65536)) == 100
        wire.sendall(endless)

        assert status(wire.recv(65536)) == 431


def test_many_small_chunks_are_below_the_limit(port: int) -> None:
    body = b"".join(chunk(bytes([byte])) for byte in BODY.ljust(4000)) + b"0\r\n\r\n"

    assert status(talk(port, post(port, CHUNKED, body=body))) == 200


@pytest.mark.parametrize("after", [b"", b"\r\n"])
def test_an_offer_of_another_protocol_is_not_taken_and_loses_no_body(port: int, after: bytes) -> None:
    # The client of Java offers h2c with each question it asks in clear.
    offer = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"]
    first = post(port, *offer, f"Content-Length: {len(BODY)}", body=BODY).replace(
        b"Connection: close\r\n", b""
    )

    said = talk(port, first + after + request(port, "/v1/models"))

    assert said.count(b"HTTP/1.1 200 OK") == 2
    assert b'"object":"chat.completion"' in said


def test_an_offer_with_a_body_that_comes_later_is_read_too(port: int) -> None:
    head = post(port, "Connection: Upgrade", "Upgrade: h2c", f"Content-Length: {len(BODY)}")

    assert status(talk(port, head, BODY[:7], BODY[7:])) == 200


def test_a_websocket_is_answered_as_a_plain_request(port: int) -> None:
    offer = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]

    assert status(talk(port, request(port, "/v1/responses", *offer))) == 404


def test_the_gateway_is_no_tunnel(port: int) -> None:
    assert status(talk(port, request(port, "/v1/models", method="CONNECT"))) == 400
    assert status(talk(port, request(port, f"127.0.0.1:{port}", method="CONNECT"))) == 400


@pytest.mark.parametrize(
    ("headers", "leftover"),
    [([], b"\r\n"), (["Content-Length: 100"], b"x"), ([CHUNKED], b"1\r\n")],
    ids=["an empty line", "a body nobody reads", "chunks nobody reads"],
)
def test_what_is_left_after_an_answer_does_not_hold_the_connection(
    port: int, headers: list[str], leftover: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as wire:
        wire.sendall(request(port, "/health/live", *headers).replace(b"Connection: close\r\n", b""))
        assert wire.recv(65536).startswith(b"HTTP/1.1 200")
        wire.sendall(leftover)

        assert wire.recv(65536) == b""


def test_requests_that_do_not_wait_for_answers_have_a_limit() -> None:
    fake = FakeClient()
    with running(fake) as server:
        one = request(server.port, "/health/live").replace(b"Connection: close\r\n", b"")
        few = talk(server.port, one * 20 + request(server.port, "/health/live"))
        many = talk(server.port, one * 100)

    assert few.count(b"HTTP/1.1 200 OK") == 21
    assert many.count(b"HTTP/1.1 200 OK") < 40
