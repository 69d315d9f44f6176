"""What can go wrong with the stream of an answer at GitHub: one small script for each fault."""

from __future__ import annotations

from collections.abc import Callable

from jumpseat.simulator.fault import GITHUB, Table
from jumpseat.simulator.github_calls_faults import refusal
from jumpseat.simulator.github_turn import ThreadTurn, event
from jumpseat.simulator.steps import Cut, Pause, Script, Silence

_TABLE = Table(GITHUB, prefix="github-")
GITHUB_STREAM_FAULTS = _TABLE.rows
fault = _TABLE.fault

_SPLIT_SECONDS = 0.01
_LONG_CHARS = 200_000

TurnScript = Callable[[ThreadTurn], Script]


# --- The stream ---


def before(turn: ThreadTurn) -> Script:
    """Everything up to the middle of the text."""
    turn.opening()
    yield from turn.say(turn.plan.halves()[0])


def after(turn: ThreadTurn) -> Script:
    """Everything from the middle of the text."""
    yield from turn.say(turn.plan.halves()[1])
    yield from turn.closing()


def _bytes(turn: ThreadTurn) -> bytes:
    """The whole ordinary stream in one piece."""
    return b"".join(step for step in turn.ordinary() if isinstance(step, bytes))


def _with_line_end(end: bytes) -> TurnScript:
    def script(turn: ThreadTurn) -> Script:
        yield _bytes(turn).replace(b"\n", end)

    return script


def _in_pieces(size: int) -> TurnScript:
    def script(turn: ThreadTurn) -> Script:
        whole = _bytes(turn)
        for start in range(0, len(whole), size):
            yield whole[start : start + size]
            yield Pause(0)  # Each piece is a write, and mostly a read, of its own.

    return script


def _text_rows() -> None:
    fault("lines-crlf", "Lines end in CRLF.", "\\r\\n")(_with_line_end(b"\r\n"))
    fault("lines-cr", "Lines end in CR.", "\\r")(_with_line_end(b"\r"))
    fault("lines-lf", "Lines end in LF, as they usually do.", "\\n")(_with_line_end(b"\n"))
    for size in (1, 7, 1000):
        fault(f"chunks-of-{size}", f"The body comes in pieces of {size} bytes.", f"{size} bytes a chunk")(
            _in_pieces(size)
        )


@fault("null-body", "A delta without text.", "content with body null between the others")
def _null_body(turn: ThreadTurn) -> Script:
    yield from before(turn)
    yield event({"type": "content", "body": None})
    yield from after(turn)


@fault(
    "function-call", "A skill of the service runs between two texts.", "functionCall events between contents"
)
def _function_call(turn: ThreadTurn) -> Script:
    yield from before(turn)
    yield turn.skill(status="started")
    yield turn.skill(status="completed")
    yield from after(turn)


@fault("unknown-event", "A type nobody has heard of.", "type confetti, and an event without type")
def _unknown_event(turn: ThreadTurn) -> Script:
    yield from before(turn)
    yield event({"type": "confetti", "body": "not for you"})
    yield event({"body": "not for you"})
    yield event([1, 2])
    yield from after(turn)


@fault("confirmation", "The service asks to confirm a skill.", "confirmation between contents")
def _confirmation(turn: ThreadTurn) -> Script:
    yield from before(turn)
    yield event({"type": "confirmation", "title": "Go on?", "state": "pending"})
    yield from after(turn)


@fault("malformed-line", "A line that is no JSON is counted and passed over.", "data: {oops")
def _malformed(turn: ThreadTurn) -> Script:
    yield from before(turn)
    yield b"data: {oops\n\n"
    yield b"no colon at all\n\n"
    yield from after(turn)


@fault("bad-utf8", "A line of bytes that are no UTF-8.", "data: ff fe between contents")
def _bad_utf8(turn: ThreadTurn) -> Script:
    yield from before(turn)
    yield b"data: \xff\xfe\n\n"
    yield from after(turn)


@fault("data-without-space", "No space after the colon.", "data:{...}")
def _no_space(turn: ThreadTurn) -> Script:
    turn.opening()
    yield from turn.say(turn.plan.deltas(), before=b"data:")
    yield from turn.closing()


@fault(
    "heartbeats",
    "Comments and empty lines between the events.",
    ": heartbeat, blank lines, event: and id: lines",
)
def _heartbeats(turn: ThreadTurn) -> Script:
    yield b": welcome\n\n\n"
    turn.opening()
    for text in turn.plan.deltas():
        yield b": heartbeat\n\n"
        yield b"event: message\nid: 7\nretry: 1000\n"
        yield from turn.say([text])
    yield from turn.closing()


@fault("byte-order-mark", "The stream opens with a byte order mark.", "EF BB BF first")
def _mark(turn: ThreadTurn) -> Script:
    yield b"\xef\xbb\xbf"
    yield from turn.ordinary()


@fault(
    "split-utf8",
    "Characters of several bytes are cut between two chunks.",
    "each chunk ends within a character",
)
def _split_utf8(turn: ThreadTurn) -> Script:
    turn.opening()
    yield from turn.say(turn.plan.deltas())
    whole = b"data: " + turn.content(" žluťoučký 🐎 привет") + b"\n\n"
    rest = whole
    while rest:
        cut = next((i + 1 for i, byte in enumerate(rest) if byte >= 0xC0), len(rest))
        yield rest[:cut]
        yield Pause(_SPLIT_SECONDS)
        rest = rest[cut:]
    yield from turn.closing()


@fault(
    "line-separators",
    "U+2028 and U+0085 stand unescaped in the text; they end no line.",
    "U+2028, U+0085, VT in body",
)
def _separators(turn: ThreadTurn) -> Script:
    turn.opening()
    yield from turn.say([*turn.plan.deltas(), " a\u2028b", "\u0085c", "\u2029d"])
    yield from turn.closing()


@fault("several-data-lines", "One event over several data lines.", "data: {...,  data: ...}")
def _several(turn: ThreadTurn) -> Script:
    turn.opening()
    for text in turn.plan.deltas():
        yield (
            turn.content(text).replace(b'{"type"', b'data: {"type"').replace(b',"body"', b',\ndata: "body"')
            + b"\n\n"
        )
    yield from turn.closing()


@fault("long-line", "A line of more than 128 KiB.", "complete with 200 KB of references")
def _long_line(turn: ThreadTurn) -> Script:
    turn.opening()
    yield from turn.body()
    turn.keep("")
    reference = {"type": "web-search", "url": "https://example.org/", "excerpt": "x" * 1000}
    yield event(turn.complete([reference] * (_LONG_CHARS // 1000)))


@fault("long-text", "A delta of 200 KB.", "content with a body of 200 KB")
def _long_text(turn: ThreadTurn) -> Script:
    turn.opening()
    yield from turn.say(["word " * (_LONG_CHARS // 5)])
    yield from turn.closing()


@fault(
    "no-final-blank-line", "The last event is not closed by a blank line.", "complete without the blank line"
)
def _no_final_blank(turn: ThreadTurn) -> Script:
    turn.opening()
    yield from turn.body()
    turn.keep("")
    yield event(turn.complete())[:-2]


@fault(
    "cut-before-text",
    "The connection ends before any text.",
    "200, bare end of the TCP connection",
    "UpstreamBroke",
)
def _cut_before(turn: ThreadTurn) -> Script:
    turn.opening()
    yield Cut()


@fault("cut-amid-text", "The connection ends amid the text.", "some contents, bare end", "UpstreamBroke")
def _cut_amid(turn: ThreadTurn) -> Script:
    yield from before(turn)
    yield Cut()


@fault(
    "cut-amid-event",
    "The connection ends within an event.",
    "some contents, half an event, bare end",
    "UpstreamBroke",
)
def _cut_within(turn: ThreadTurn) -> Script:
    yield from before(turn)
    yield b'data: {"type":"cont'
    yield Cut()


@fault(
    "ended-without-complete",
    "A regular end of the body without `complete`.",
    "some contents, end",
    "UpstreamBroke",
)
def _ended(turn: ThreadTurn) -> Script:
    yield from before(turn)


@fault("empty-stream", "200 and nothing.", "an empty body", "UpstreamBroke")
def _empty(turn: ThreadTurn) -> Script:
    turn.opening()
    yield b""


@fault(
    "complete-without-text",
    "An answer without any text.",
    "complete only",
    "UpstreamBroke",
    tolerated=("ok",),
)
def _complete_only(turn: ThreadTurn) -> Script:
    turn.opening()
    yield from turn.closing()


@fault(
    "text-after-complete",
    "What comes after the end is not part of the answer.",
    "complete, content AFTERWARDS",
)
def _afterwards(turn: ThreadTurn) -> Script:
    yield from turn.ordinary()
    yield event({"type": "content", "body": "AFTERWARDS"})


def _error(kind: str, is_amid: bool) -> TurnScript:
    def script(turn: ThreadTurn) -> Script:
        if is_amid:
            yield from before(turn)
        # Choice: the payload of this event is unknown.
        yield event({"type": kind, "errorType": "exception", "description": "the simulator was told to fail"})

    return script


def _error_rows() -> None:
    for kind, name in (("error", "error-event"), ("agentError", "agent-error-event")):
        for is_amid in (False, True):
            where = "amid the text" if is_amid else "before any text"
            fault(
                f"{name}-amid-text" if is_amid else name,
                f"The service reports a failure {where}.",
                f"type {kind}, end",
                "UpstreamRefused",
                tolerated=("UpstreamBroke",),
            )(_error(kind, is_amid))


@fault("silence", "Nothing comes after the headers.", "200, silence", "UpstreamBroke", hangs=True)
def _silence(turn: ThreadTurn) -> Script:
    turn.opening()
    yield Silence()


@fault(
    "silence-amid-text",
    "The answer stops in the middle.",
    "some contents, silence",
    "UpstreamBroke",
    hangs=True,
)
def _silence_amid(turn: ThreadTurn) -> Script:
    yield from before(turn)
    yield Silence()


@fault(
    "heartbeats-without-end",
    "Alive, but nothing more comes.",
    "some contents, a comment every 50 ms for ever",
    "UpstreamBroke",
    hangs=True,
)
def _heartbeats_for_ever(turn: ThreadTurn) -> Script:
    yield from before(turn)
    while True:
        yield Pause(0.05)
        yield b": heartbeat\n\n"


@fault("slow-drip", "Word by word, with a pause.", "50 ms between two contents")
def _slow_drip(turn: ThreadTurn) -> Script:
    turn.opening()
    for text in turn.plan.deltas():
        yield Pause(0.05)
        yield from turn.say([text])
    yield from turn.closing()


@fault(
    "thread-gone",
    "The thread was deleted elsewhere; a new one is fine.",
    "404, now and from now on",
    "ok",
    needs_thread=True,
    reply=refusal(404),
    tolerated=("InvalidRequest", "UpstreamRefused", "UpstreamBroke"),
)
def _thread_gone(turn: ThreadTurn) -> Script:
    turn.delete()
    yield Cut()


_text_rows()
_error_rows()
