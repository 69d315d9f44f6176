"""A transport for tests that plays a script instead of opening connections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from jumpseat.transport.headers import refuse_line_breaks
from jumpseat.transport.wire import HandshakeRefused, Response


class Step(Struct, kw_only=True):
    """
    One call that is expected, and how it is answered.

    `method` is an HTTP method, or `SOCKET` for a WebSocket; `url` is how the address must end, without its
    query. `answer` is a whole answer (for a socket: its refusal), or an error to raise. `pieces` are a
    stream's reads, `frames` a socket's batches; an exception among them is raised in its turn.
    """

    method: str
    url: str
    answer: Response | Exception = Response(status=200)
    pieces: Sequence[bytes | Exception] = ()
    frames: Sequence[Sequence[str] | Exception] = ()
    close_code: int = 1000


class Call(Struct, frozen=True, kw_only=True):
    """One call that was made."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


class ScriptedTransport:
    """
    A `Transport` that answers the calls of `steps`, in their order.

    `calls` holds what was asked, `sent` the frames that were sent on sockets, `open_wires` how many streams
    and sockets nobody closed yet. A call that the script does not expect is an `AssertionError`.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = list(steps)
        self.calls: list[Call] = []
        self.sent: list[str] = []
        self.open_wires = 0

    @property
    def left(self) -> Sequence[Step]:
        """The steps that nobody asked for."""
        return tuple(self._steps)

    def _next(self, call: Call) -> Step:
        refuse_line_breaks(call.url, call.headers)
        self.calls.append(call)
        asked = f"{call.method} {call.url.partition('?')[0]}"
        if not self._steps:
            raise AssertionError(f"the script ends before {asked}")
        step = self._steps.pop(0)
        if step.method != call.method or not asked.endswith(step.url):
            raise AssertionError(f"the script expects {step.method} …{step.url}, not {asked}")
        if isinstance(step.answer, Exception):
            raise step.answer
        return step

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        timeout: float,
    ) -> Response:
        step = self._next(Call(method=method, url=url, headers=dict(headers), body=body))
        assert isinstance(step.answer, Response)  # noqa: S101 - an error was raised above
        return step.answer

    async def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        timeout: float,
        connect: float | None = None,
    ) -> ScriptedStream:
        return ScriptedStream(
            self, self._next(Call(method=method, url=url, headers=dict(headers), body=body))
        )

    async def socket(self, url: str, *, headers: Mapping[str, str], timeout: float) -> ScriptedSocket:
        step = self._next(Call(method="SOCKET", url=url, headers=dict(headers)))
        if isinstance(step.answer, Response) and step.answer.status not in {101, 200}:
            raise HandshakeRefused(step.answer)
        return ScriptedSocket(self, step)

    async def aclose(self) -> None:
        """Nothing is held open."""


class _Wire:
    def __init__(self, transport: ScriptedTransport, step: Step) -> None:
        self._transport = transport
        self._step = step
        self._is_open = True
        transport.open_wires += 1

    async def aclose(self) -> None:
        if self._is_open:
            self._is_open = False
            self._transport.open_wires -= 1


class ScriptedStream(_Wire):
    """A `ByteStream` that gives the pieces of its step."""

    def __init__(self, transport: ScriptedTransport, step: Step) -> None:
        super().__init__(transport, step)
        assert isinstance(step.answer, Response)  # noqa: S101 - an error was raised before
        self.response = Response(
            status=step.answer.status, headers=step.answer.headers, cookies=step.answer.cookies
        )
        self._pieces = list(step.pieces) or ([step.answer.body] if step.answer.body else [])

    async def read(self) -> bytes:
        piece = self._pieces.pop(0) if self._pieces and self._is_open else b""
        if isinstance(piece, Exception):
            raise piece
        return piece


class ScriptedSocket(_Wire):
    """A `Socket` that gives the batches of frames of its step, then is closed."""

    def __init__(self, transport: ScriptedTransport, step: Step) -> None:
        super().__init__(transport, step)
        self._batches = list(step.frames)
        self._code: int | None = None

    async def receive(self) -> list[str]:
        batch = self._batches.pop(0) if self._batches and self._is_open else ()
        if isinstance(batch, Exception):
            raise batch
        if not batch:
            self._code = self._step.close_code if self._is_open else 1006
        return list(batch)

    async def send(self, text: str) -> None:
        self._transport.sent.append(text)

    @property
    def close_code(self) -> int | None:
        return self._code
