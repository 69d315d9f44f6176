"""A question over HTTP, with the standard library alone: every ending but the right one is an error."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from jumpseat.cli.overhttp import stream_text
from jumpseat.model.errors import JumpseatError


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """A server that answers every question so; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_the_text_of_the_chunks_is_given_in_order() -> None:
    body = (
        b": a remark\n\n"
        b'data: {"choices": [{"delta": {"role": "assistant"}}]}\n\n'
        b'data: {"choices": [{"delta": {"content": "Hel"}}]}\n\n'
        b'data: {"choices": [{"delta": {"content": "lo"}, "finish_reason": "stop"}]}\n\n'
        b'data: {"choices": [], "usage": {}}\n\n'
        b"data: [DONE]\n\n"
    )
    with answering(200, body) as gateway:
        assert list(stream_text(gateway, {})) == ["Hel", "lo"]


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (429, b'{"error": {"message": "slow down"}}', "HTTP 429: slow down"),
        (502, b"<html>", "HTTP 502: <html>"),
        (500, b"[]", r"HTTP 500: \[\]"),
        (200, b'data: {"error": {"message": "it broke"}}\n\n', "it broke"),
        (200, b'data: {"choices": []}\n\n', "ended too early"),
    ],
)
def test_another_ending_is_an_error(status: int, body: bytes, reason: str) -> None:
    with answering(status, body) as gateway, pytest.raises(JumpseatError, match=reason):
        list(stream_text(gateway, {}))


def test_a_connection_that_cannot_be_made_is_an_error() -> None:
    with answering(200, b"") as gateway:
        pass

    with pytest.raises(JumpseatError, match="connection to the gateway broke"):
        list(stream_text(gateway, {}))
