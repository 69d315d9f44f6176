"""The ways in which a turn over the Microsoft socket falls silent, or takes its time."""

from __future__ import annotations

from collections.abc import Callable

from jumpseat.simulator.fault import MICROSOFT, Table
from jumpseat.simulator.microsoft_faults import after, before
from jumpseat.simulator.microsoft_turn import Turn
from jumpseat.simulator.steps import Expect, Pause, Script, Silence

_LATE_SECONDS = 0.3
_DRIP_SECONDS = 0.05

_TABLE = Table(MICROSOFT)
SILENCES = _TABLE.rows
fault = _TABLE.fault

TurnScript = Callable[[Turn], Script]


@fault("silence", "Nothing at all comes back.", "no frame after send", "UpstreamBroke", hangs=True)
def _silence(_: Turn) -> Script:
    yield Silence()


@fault(
    "silence-after-received",
    "The message is accepted, and that is all.",
    "received, silence",
    "UpstreamBroke",
    hangs=True,
)
def _silence_after_received(turn: Turn) -> Script:
    yield turn.voice.start("received", turn.question.id)
    yield Silence()


@fault(
    "silence-amid-text", "The answer stops in the middle.", "some text, silence", "UpstreamBroke", hangs=True
)
def _silence_amid(turn: Turn) -> Script:
    yield from before(turn)
    yield Silence()


@fault(
    "done-missing",
    "The whole text, but nobody says that it is all.",
    "whole text, partCompleted, silence",
    "UpstreamBroke",
    hangs=True,
)
def _done_missing(turn: Turn) -> Script:
    yield from turn.opening()
    yield from turn.body()
    yield turn.voice.part("partCompleted")
    yield Silence()


@fault(
    "ping-without-end",
    "Alive, but nothing more comes.",
    "some text, then a ping every 50 ms for ever",
    "UpstreamBroke",
    hangs=True,
)
def _ping_without_end(turn: Turn) -> Script:
    yield from before(turn)
    while True:
        yield Pause(_DRIP_SECONDS)
        yield turn.voice.event("ping")


@fault(
    "ping-unanswered", "A ping that may be passed over.", "ping in the middle of the text; no pong is awaited"
)
def _ping_unanswered(turn: Turn) -> Script:
    yield from before(turn)
    yield turn.voice.event("ping")
    yield from after(turn)


@fault(
    "ping-answered",
    "A ping that has to be answered.",
    "ping; the text goes on only after a pong with its id",
    tolerated=("UpstreamBroke",),
)
def _ping_answered(turn: Turn) -> Script:
    yield from before(turn)
    number = turn.voice.next_id
    yield turn.voice.event("ping")
    pong = yield Expect("pong")
    if str(pong.get("id")) != str(number):
        yield turn.voice.error("invalid-event", message="the pong repeats the ping's id")
    yield from after(turn)


@fault("slow-drip", "Word by word, with a pause.", "50 ms between two deltas")
def _slow_drip(turn: Turn) -> Script:
    yield from turn.opening()
    for text in turn.plan.deltas():
        yield Pause(_DRIP_SECONDS)
        yield from turn.say([text])
    yield from turn.closing()
    yield from turn.tail()


@fault("late-answer", "The model thinks before it speaks.", "0.3 s between startMessage and the text")
def _late_answer(turn: Turn) -> Script:
    yield from turn.opening()
    yield Pause(_LATE_SECONDS)
    yield from turn.body()
    yield from turn.closing()
    yield from turn.tail()


def late_tail(*, new_form: bool) -> TurnScript:
    def script(turn: Turn) -> Script:
        yield from turn.opening()
        yield from turn.body()
        yield from turn.closing()
        yield Pause(_LATE_SECONDS)
        yield turn.title()
        yield Pause(_LATE_SECONDS)
        yield from turn.suggestions(new_form=new_form)

    return script


for _form, _is_new in (("2025", False), ("2026", True)):
    fault(
        f"late-tail-{_form}",
        f"Title and suggestions come late, in the form of {_form}.",
        "done, 0.3 s, titleUpdate, 0.3 s, suggestions",
    )(late_tail(new_form=_is_new))
