"""
One turn of the classic protocol, without a socket: text frames in, events and text frames out.

The phases of a turn, and what may come in each, stand in one table, `LEGAL`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from jumpseat.microsoft import trouble
from jumpseat.microsoft.answer import Answer
from jumpseat.microsoft.codes import human_check, shown
from jumpseat.microsoft.frames import FURNITURE, Incoming, encode_opening, encode_pong, encode_send
from jumpseat.microsoft.framing import Framing
from jumpseat.microsoft.modes import wire_mode
from jumpseat.microsoft.parts import text_of
from jumpseat.model.catalog import Question
from jumpseat.model.errors import JumpseatError
from jumpseat.model.events import ChatEvent, TextDelta

Dialect = Literal["client-first", "server-first"]
Phase = Literal["opening", "asked", "answering", "answered", "ended"]
"""
`opening`: the question is not out. `asked`: it is, and no answer has begun. `answering`. `answered`: `done`
came, and we stay for title and suggestions. `ended`: finished or failed.
"""

MAX_UNKNOWN_NAMES = 64


class WrongDialect(Exception):
    """
    We spoke first, and the server refused that: nothing was delivered.

    The turn may be tried once more, on a new socket, in the dialect `other`. `error` is what to raise where
    that is not allowed, or leads nowhere.
    """

    other: Dialect = "server-first"

    def __init__(self, error: JumpseatError) -> None:
        super().__init__("the server did not let us speak first")
        self.error = error


class ClassicSession:
    """
    One question and its answer.

    Whoever owns the socket calls `opened()`, then, while `wants_more`, sends `frames_to_send()` and hands
    what came to `receive()`. `receive()` and `closed()` raise our errors. Where events came in one batch
    before the trouble, they are returned first: `wants_more` is False then, `failure` holds the error, and
    the next call of `receive(())` raises it.
    """

    def __init__(
        self,
        question: Question,
        *,
        conversation_id: str,
        dialect: Literal["auto", "client-first", "server-first"] = "auto",
        base_url: str = "https://copilot.microsoft.com",
        image_urls: Sequence[str] = (),
        now: datetime | None = None,
        conversation_is_new: bool = False,
    ) -> None:
        """
        `image_urls` are the addresses of the question's uploaded pictures, in order. `now` (aware) turns the
        moment at which a throttled account may ask again into seconds. In a new conversation "too many
        messages" means too fast, and not that the conversation is full.
        """
        self.phase: Phase = "opening"
        self.dialect: Dialect | None = None
        """The dialect the server speaks, as far as it has shown."""
        self.failure: JumpseatError | None = None
        self.is_finished = False
        """Whether `Finished` was given."""
        self.unknown_events: Counter[str] = Counter()
        self._question = question
        self._conversation_id = conversation_id
        self._wanted_dialect = dialect
        names = (image.name for image in question.images)
        self._images = list(zip(image_urls, names, strict=True))
        self._now = now
        self._conversation_is_new = conversation_is_new
        self._framing = Framing()
        self._answer = Answer(conversation_id, base_url)
        self._outgoing: list[tuple[str, str]] = []
        self._held_pongs: list[tuple[str, str]] = []
        self._spoke_first = False
        self._is_given_out = False
        self._is_accepted = False
        self._is_refused = False
        self._is_resent = False

    def opened(self) -> None:
        """The socket is open. In the dialect `client-first` our frames are ready now."""
        if self._wanted_dialect == "client-first":
            self._ask(server_first=False)

    def greeting_overdue(self) -> None:
        """The server has been silent for as long as we wait for `connected`: with `auto`, speak first."""
        if self._wanted_dialect == "auto":
            self._ask(server_first=False)

    def frames_to_send(self) -> list[str]:
        """Take the frames that are to be sent now, in order."""
        taken, self._outgoing = self._outgoing, []
        for name, frame in taken:
            self._is_given_out |= name == "send"
            self._framing.trace.append((f"> {name}", len(frame)))
        return [frame for _, frame in taken]

    def receive(self, frames: Sequence[str]) -> list[ChatEvent]:
        """
        Take frames from the server; return what they mean.

        Raises our errors, and `WrongDialect`.
        """
        if self.failure is not None:
            raise self.failure
        out: list[ChatEvent] = []
        answer = self._answer
        try:
            for frame in self._framing.receive(frames):
                if (
                    answer.quick is not None
                    and frame.event == "appendText"
                    and frame.part_id == answer.quick_part
                    and frame.message_id == answer.active
                    and frame.text
                    and type(frame.text) is str
                ):
                    answer.quick.append(frame.text)
                    out.append(TextDelta(frame.text))
                else:
                    self._take(frame, out)
            if self._framing.is_overflowing and self.phase != "ended":
                raise self._broken("sent a frame that does not end")
        except JumpseatError as error:
            self._fail(error)
            if not out:
                raise
        return out

    def closed(self, code: int | None) -> list[ChatEvent]:
        """
        The socket has closed, with `code` if the peer gave one.

        Finishes an answer that is done, or a picture of which anything came (section 10). Raises
        `UpstreamInterrupted` after some of the answer, else `UpstreamBroke`.
        """
        if self.failure is not None:
            raise self.failure
        out: list[ChatEvent] = []
        if self.phase == "answered" or (self.phase == "answering" and self._answer.has_picture):
            self._finish(out)
        elif self.phase != "ended":
            error = trouble.cut_short(
                code,
                has_shown=self._answer.has_shown,
                is_given_out=self._is_given_out,
                may_be_delivered=self.may_be_delivered,
            )
            self._fail(error)
            raise error
        return out

    def linger_over(self) -> list[ChatEvent]:
        """The time for title and suggestions is over: finish an answer that is done."""
        out: list[ChatEvent] = []
        if self.phase == "answered":
            self._finish(out)
        return out

    @property
    def is_answered(self) -> bool:
        """Whether `done` came, and only title and suggestions are still awaited."""
        return self.phase == "answered"

    @property
    def has_suggestions(self) -> bool:
        """Whether suggestions have come, in either form. More may follow: nothing tells the last."""
        return self._answer.has_suggestions

    @property
    def wants_more(self) -> bool:
        """Whether there is anything to wait for on the wire."""
        return self.phase != "ended"

    @property
    def may_be_delivered(self) -> bool:
        """Whether the question was given out for sending, and is not known to have been refused."""
        return self._is_given_out and not self._is_refused

    @property
    def skipped(self) -> int:
        """How many values were no objects with an `event`."""
        return self._framing.skipped

    @property
    def trace(self) -> list[tuple[str, int]]:
        """Names and lengths (characters) of the last frames, ours with `> ` before the name."""
        return list(self._framing.trace)

    def _ask(self, *, server_first: bool) -> None:
        """Queue the opening frames, the question, and the pongs that had to wait for them; once."""
        if self.phase != "opening":
            return
        self.phase = "asked"
        self._spoke_first = not server_first
        self._outgoing += encode_opening(server_first=server_first)
        self._send(wire_mode(self._question.mode, server_first=server_first))
        self._outgoing += self._held_pongs

    def _send(self, mode: str) -> None:
        frame = encode_send(self._conversation_id, self._question.text, mode, self._images)
        self._outgoing.append(("send", frame))

    def _take(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take one frame by the table."""
        name: str = frame.event
        legal = LEGAL[self.phase]
        if name in legal:
            handler = legal[name]
            if handler is not None and not (name in _OF_A_MESSAGE and self._answer.is_of_another(frame)):
                handler(self, frame, out)
        elif self.phase != "ended":
            if name in KNOWN:
                raise self._broken(f"sent {name!r} out of turn ({self.phase})")
            name = shown(name)
            if name in self.unknown_events or len(self.unknown_events) < MAX_UNKNOWN_NAMES:
                self.unknown_events[name] += 1

    def _finish(self, out: list[ChatEvent]) -> None:
        self._answer.finish(out)
        self.is_finished = True
        self._end()

    def _fail(self, error: JumpseatError) -> None:
        self.failure = error
        self._end()

    def _end(self) -> None:
        """Nothing more is said, nothing more is heard."""
        self.phase = "ended"
        self._answer.quick = None
        self._outgoing.clear()

    def _broken(self, what: str) -> JumpseatError:
        return trouble.makes_sense_no_more(what, self.trace, may_be_delivered=self.may_be_delivered)

    def greet(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take `connected`. One that is late changes nothing: if we spoke too early, the server says so."""
        self.dialect = "server-first"
        if self._wanted_dialect != "client-first":
            self._ask(server_first=True)

    def answer_ping(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take `ping`. Before the opening frames nothing may be said, a pong neither (section 5)."""
        queue = self._held_pongs if self.phase == "opening" else self._outgoing
        queue.append(("pong", encode_pong(frame.id)))

    def accept(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take `received`, or what implies it: the server took the question, so the dialect was right."""
        self._is_accepted = True
        self.dialect = self.dialect or "client-first"

    def begin(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take `startMessage`."""
        if not self._answer.is_abandoned(frame):
            self.phase = "answering"
            self.accept(frame, out)
            self._answer.start(frame, out)

    def change_mode(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """
        Take `modeSelected`: the server is silent until it is asked again in that mode (section 9).

        Choice: asked again once; a second wish is passed over.
        """
        mode = text_of(frame.mode)
        if mode and not self._is_resent:
            self._is_resent = True
            self._leave_message(frame, out)
            self._send(mode)

    def _leave_message(self, frame: Incoming, out: list[ChatEvent]) -> None:
        abandoned = frame.message_id if self._answer.active is None else self._answer.active
        if abandoned is not None:
            self._answer.abandon(abandoned, out)
        self.phase = "asked"

    def finish(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take `done`: the answer is complete, or it was the empty end of an abandoned message."""
        answer = self._answer
        if answer.is_empty:
            if self._is_resent and (self.phase == "asked" or not answer.has_abandoned):
                self._leave_message(frame, out)
                return
            raise self._broken("said that it is done without a text or a picture")
        self.phase = "answered"
        answer.quick = None
        if answer.has_extras or not self._question.wants_extras:
            self._finish(out)

    def add_extra(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take `titleUpdate` or `suggestedFollowups`, before or after `done`."""
        take = self._answer.give_title if frame.event == "titleUpdate" else self._answer.suggest
        take(frame, out)
        if self.phase == "answered" and self._answer.has_extras:
            self._finish(out)

    def challenge(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take `challenge` of any kind: stop, send nothing more (section 14)."""
        raise human_check(may_be_delivered=self.may_be_delivered)

    def report(self, frame: Incoming, out: list[ChatEvent]) -> None:
        """Take a frame that reports trouble."""
        is_too_fast = self._conversation_is_new or self.phase == "answering"
        meaning = trouble.meaning_of(frame, mode=self._question.mode, is_too_fast=is_too_fast)
        if meaning.proves_refusal and self.phase != "answering" and not self._is_resent:
            self._is_refused = True
        error = trouble.reported(
            frame, meaning, trace=self.trace, now=self._now, may_be_delivered=self.may_be_delivered
        )
        if frame.error_code == "invalid-event" and self._spoke_first and not self._is_accepted:
            self._fail(error)
            raise WrongDialect(error)
        raise error


Handler = Callable[[ClassicSession, Incoming, list[ChatEvent]], None]


def _content(take: Callable[[Answer, Incoming, list[ChatEvent]], None]) -> Handler:
    """What the answer does with a frame that is a piece of it; `startMessage` may have been left out."""

    def handle(session: ClassicSession, frame: Incoming, out: list[ChatEvent]) -> None:
        session.begin(frame, out)
        take(session._answer, frame, out)

    return handle


def _extra(take: Callable[[Answer, Incoming, list[ChatEvent]], None]) -> Handler:
    return lambda session, frame, out: take(session._answer, frame, out)


_ANY_TIME: Mapping[str, Handler | None] = {
    **dict.fromkeys(FURNITURE),
    "connected": ClassicSession.greet,
    "ping": ClassicSession.answer_ping,
    "titleUpdate": ClassicSession.add_extra,
    "suggestedFollowups": ClassicSession.add_extra,
    "startSuggestion": _extra(Answer.start_suggestion),
    "appendSuggestion": _extra(Answer.append_suggestion),
    "appendTextSuggestion": _extra(Answer.append_suggestion),
    "suggestionCompleted": _extra(Answer.complete_suggestion),
}

_TROUBLE: Mapping[str, Handler | None] = {
    "error": ClassicSession.report,
    "chatMessageError": ClassicSession.report,
    "turnLimitReached": ClassicSession.report,
    "banned": ClassicSession.report,
    "challenge": ClassicSession.challenge,
}

_ANSWER: Mapping[str, Handler | None] = {
    "startMessage": ClassicSession.begin,
    "modeSelected": ClassicSession.change_mode,
    "appendText": _content(Answer.append_text),
    "replaceText": _content(Answer.replace_text),
    "chainOfThought": _content(Answer.think),
    "citation": _content(Answer.cite),
    "generatingImage": _content(Answer.announce_image),
    "partialImageGenerated": _content(Answer.preview_image),
    "imageGenerated": _content(Answer.make_image),
    "imageGenerationFailed": ClassicSession.report,
    "done": ClassicSession.finish,
}

_OF_A_MESSAGE = frozenset({*_ANSWER, *_ANY_TIME}) - {"startMessage", "modeSelected"}

LEGAL: Mapping[Phase, Mapping[str, Handler | None]] = {
    "opening": {**_ANY_TIME, **_TROUBLE},
    "asked": {**_ANY_TIME, **_TROUBLE, **_ANSWER, "received": ClassicSession.accept},
    "answering": {**_ANY_TIME, **_TROUBLE, **_ANSWER},
    # Choice: what comes after `done` cannot unsay an answer that is whole.
    "answered": {**_ANY_TIME, **dict.fromkeys((*_ANSWER, *_TROUBLE, "received"))},
    "ended": {},
}
"""What may come in each phase, and what is done with it; None: passed over."""

KNOWN = frozenset(name for legal in LEGAL.values() for name in legal)
