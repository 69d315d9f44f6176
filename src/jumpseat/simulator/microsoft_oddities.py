"""What surprises about a turn over the Microsoft socket without being its end: framing, order, modes."""

from __future__ import annotations

from collections.abc import Callable

from jumpseat.simulator.fault import MICROSOFT, Table
from jumpseat.simulator.microsoft_faults import after, before
from jumpseat.simulator.microsoft_turn import Turn, encode
from jumpseat.simulator.steps import Expect, Pause, Script, Silence

_SPLIT_SECONDS = 0.01
_SHORT_SECONDS = 0.02

_TABLE = Table(MICROSOFT)
ODDITIES = _TABLE.rows
fault = _TABLE.fault

TurnScript = Callable[[Turn], Script]


# --- Framing ---


def _frames(turn: Turn) -> list[bytes]:
    """The frames of the whole ordinary turn, to be put together otherwise."""
    return [step for step in turn.ordinary() if isinstance(step, bytes)]


def _joined(separator: bytes, size: int = 3) -> TurnScript:
    def script(turn: Turn) -> Script:
        frames = _frames(turn)
        for start in range(0, len(frames), size):
            yield separator.join(frames[start : start + size])

    return script


for _name, _separator, _what in (
    ("glued", b"", "nothing"),
    ("glued-spaces", b"  \n", "blanks and a line end"),
    ("glued-crlf", b"\r\n", "CRLF"),
    ("record-separator", b"\x1e", "U+001E"),
):
    fault(
        f"frames-{_name}",
        f"Three objects in one frame, with {_what} between.",
        f"3 objects a frame, {_what} between",
    )(_joined(_separator))


@fault("frames-all-in-one", "The whole turn in one frame.", "1 frame with all objects")
def _all_in_one(turn: Turn) -> Script:
    yield b"\x1e".join(_frames(turn)) + b"\x1e"


@fault("frames-cut", "Objects cut in the middle, the rest in the next frame.", "each object over two frames")
def _cut_objects(turn: Turn) -> Script:
    whole = b"".join(_frames(turn)).decode()
    for start in range(0, len(whole), 37):
        yield whole[start : start + 37].encode()


@fault(
    "frames-cut-slowly",
    "An object cut in the middle, and a pause before its rest.",
    "half an object, 10 ms, the rest",
)
def _cut_slowly(turn: Turn) -> Script:
    for frame in _frames(turn):
        half = len(frame.decode()) // 2
        yield frame.decode()[:half].encode()
        yield Pause(_SPLIT_SECONDS)
        yield frame.decode()[half:].encode()


@fault(
    "frames-not-objects",
    "Values that are no events are passed over.",
    "arrays, numbers, {} and {event: 5} between",
)
def _not_objects(turn: Turn) -> Script:
    for frame in _frames(turn):
        yield b'[1,2]{"a":1}'
        yield frame
        yield b'{"event":5}'


@fault(
    "frames-garbage",
    "A frame that is no JSON at all, then silence.",
    "some text, `<<garbage`, silence",
    "UpstreamBroke",
    tolerated=("ok",),
    hangs=True,
)
def _garbage(turn: Turn) -> Script:
    yield from before(turn)
    yield b"<<garbage"
    yield Silence()


@fault("frames-empty", "Empty frames mean nothing.", "an empty text frame between all others")
def _empty(turn: Turn) -> Script:
    for frame in _frames(turn):
        yield frame
        yield b""


# --- Events out of the usual order ---


@fault(
    "unknown-events",
    "Events nobody has heard of are passed over.",
    "telemetry, card, ads and confetti between",
)
def _unknown(turn: Turn) -> Script:
    yield from turn.opening()
    yield turn.voice.event("telemetry")
    yield from turn.thoughts()
    for text in turn.plan.deltas():
        yield from turn.say([text])
        yield turn.voice.event("confetti", colour="blue", nested={"text": "not for you"})
    yield turn.voice.event("ads", messageId=turn.voice.message_id, summary="buy", requestId="r")
    yield turn.voice.part("card", text="not the answer")
    yield from turn.closing()
    yield from turn.tail()


@fault(
    "second-connected",
    "The greeting comes twice; the opening is not repeated.",
    "connected again before received",
)
def _second_connected(turn: Turn) -> Script:
    yield encode({"event": "connected", "requestId": "0" * 32, "id": "0"})
    yield from turn.ordinary()


@fault(
    "foreign-message",
    "Text of another message is not part of the answer.",
    "appendText of another messageId between",
)
def _foreign(turn: Turn) -> Script:
    yield from before(turn)
    foreign = {"messageId": "AbandonedMessage00001", "partId": turn.voice.part_id}
    yield turn.voice.event("appendText", **foreign, text="FOREIGN")
    yield turn.voice.event("partCompleted", **foreign)
    yield turn.voice.event("done", messageId=foreign["messageId"])
    yield from after(turn)


@fault("early-title", "The title comes before the text.", "titleUpdate before the first appendText")
def _early_title(turn: Turn) -> Script:
    yield from turn.opening()
    yield turn.title()
    yield from turn.body()
    yield from turn.closing()
    yield from turn.suggestions(new_form=True)


@fault("start-twice", "startMessage comes twice for one message.", "startMessage, startMessage")
def _start_twice(turn: Turn) -> Script:
    yield from turn.opening()
    yield turn.voice.start("startMessage", turn.voice.message_id)
    yield from turn.body()
    yield from turn.closing()


@fault("no-ids", "Frames without `id`, as in older captures.", "no frame has an id")
def _no_ids(turn: Turn) -> Script:
    for frame in _frames(turn):
        yield frame[: frame.rindex(b',"id":')] + b"}"


@fault("no-part-completed", "The parts are not closed, as in 2024.", "no partCompleted")
def _no_part_completed(turn: Turn) -> Script:
    for frame in _frames(turn):
        if b'"event":"partCompleted"' not in frame:
            yield frame


@fault(
    "replace-continues",
    "A snapshot that goes on where the text stood.",
    "half the text, replaceText with all of it",
)
def _replace_continues(turn: Turn) -> Script:
    first, second = turn.plan.halves()
    yield from turn.opening()
    yield from turn.say(first)
    turn.keep("".join(second))
    yield turn.voice.part("replaceText", text=turn.answer.text)
    yield from turn.closing()
    yield from turn.tail()


@fault(
    "replace-contradicts", "A snapshot that takes words back.", "half the text, replaceText with other words"
)
def _replace_contradicts(turn: Turn) -> Script:
    yield from before(turn)
    turn.answer.text = "On second thought: no."
    yield turn.voice.part("replaceText", text=turn.answer.text)
    yield from turn.closing()
    yield from turn.tail()


@fault("replace-first", "The text opens with a snapshot.", "replaceText before any appendText")
def _replace_first(turn: Turn) -> Script:
    first, second = turn.plan.halves()
    yield from turn.opening()
    turn.keep("".join(first))
    yield turn.voice.part("replaceText", text=turn.answer.text)
    yield from turn.say(second)
    yield from turn.closing()
    yield from turn.tail()


@fault("parallel-parts", "Two parts grow at the same time.", "appendText alternating between two partIds")
def _parallel(turn: Turn) -> Script:
    yield from turn.opening()
    parts = ("PartNumberOne00000001", "PartNumberTwo00000002")
    for word in ("one ", "two ", "three "):
        for part in parts:
            turn.keep(word)
            yield turn.voice.event("appendText", messageId=turn.voice.message_id, partId=part, text=word)
    for part in parts:
        yield turn.voice.event("partCompleted", messageId=turn.voice.message_id, partId=part)
    yield turn.voice.done()
    yield from turn.tail()


@fault(
    "tools-and-sources",
    "The service searches, and names its sources.",
    "toolExecuting, citation with publisher",
)
def _tools(turn: Turn) -> Script:
    yield from turn.opening()
    tool = {"type": "search", "query": "spring", "url": None}
    yield turn.voice.part("toolExecuting", tool=tool)
    yield from turn.say(turn.plan.deltas())
    yield turn.voice.part("citation", title="Example", url="https://example.org/", publisher="E", position=1)
    yield from turn.closing()
    yield from turn.tail()


@fault("thoughts", "The service thinks aloud before it answers.", "chainOfThought twice, then the text")
def _thoughts(turn: Turn) -> Script:
    yield from turn.opening()
    yield turn.voice.part("chainOfThought", text="First I look at the question. ")
    yield turn.voice.part("chainOfThought", text="Then I answer it.")
    yield from turn.body()
    yield from turn.closing()
    yield from turn.tail()


@fault(
    "mode-selected",
    "The service wants the message again in another mode; nothing comes until then.",
    "modeSelected, silence; on a second send in that mode a new message, while the abandoned one drips on",
    tolerated=("UpstreamRefused", "UpstreamBroke"),
    hangs=True,
)
def _mode_selected(turn: Turn) -> Script:
    yield from turn.opening()
    yield turn.voice.event("modeSelected", mode="reasoning")
    again = yield Expect("send")
    if again.get("mode") != "reasoning":
        yield turn.voice.error("invalid-event", message="not the mode that was selected")
        yield Silence()
    abandoned = turn.voice.message_id
    turn.voice.another_message()
    yield turn.voice.start("received", turn.question.id)
    yield turn.voice.start("startMessage", turn.voice.message_id)
    yield turn.voice.event("appendText", messageId=abandoned, partId=turn.voice.part_id, text="ABANDONED")
    yield from turn.body()
    yield turn.voice.event("done", messageId=abandoned)
    yield from turn.closing()
    yield from turn.tail()


@fault(
    "research",
    "Only the receipt comes over the socket; the report would be fetched later.",
    "taskStart, a short text, done, taskUpdate after it",
)
def _research(turn: Turn) -> Script:
    yield from turn.opening()
    yield turn.voice.event("taskStart", task={"id": "task-1", "status": "running"})
    yield from turn.say(turn.plan.deltas())
    yield from turn.closing()
    yield Pause(_SHORT_SECONDS)
    yield turn.voice.event(
        "taskUpdate", taskId="task-1", update=[{"op": "replace", "path": "/status", "value": "running"}]
    )
    yield from turn.tail()


@fault(
    "empty-answer",
    "An answer that ends without any content.",
    "startMessage, partCompleted, done",
    "UpstreamBroke",
    tolerated=("ok",),
)
def _empty_answer(turn: Turn) -> Script:
    yield from turn.opening()
    yield from turn.closing()
