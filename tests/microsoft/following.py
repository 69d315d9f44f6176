"""Follows a transcript with the pure machine, its frames whole, cut or glued."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from jumpseat.microsoft.classic import ClassicSession, WrongDialect
from jumpseat.model.catalog import Question
from jumpseat.model.errors import JumpseatError
from jumpseat.model.events import ChatEvent, TextReplaced
from jumpseat.model.reply import Reply, ReplyBuilder
from tests.transcripts.reader import Transcript

CONVERSATION = "ExampleConversation01"

Recut = Callable[[list[str]], Iterable[list[str]]]
"""Makes of the frames that came between two of our words the batches in which the machine gets them."""


def one_by_one(frames: list[str]) -> Iterable[list[str]]:
    return ([frame] for frame in frames)


class Followed(Struct, kw_only=True):
    """What came of a transcript."""

    session: ClassicSession
    events: list[ChatEvent] = []
    said: list[dict[str, Any]] = []
    error: JumpseatError | None = None
    is_wrong_dialect: bool = False

    @property
    def reply(self) -> Reply:
        builder = ReplyBuilder()
        builder.add(self.events)
        return builder.build()

    @property
    def replaced(self) -> int:
        return sum(isinstance(event, TextReplaced) for event in self.events)


def session_for(transcript: Transcript) -> ClassicSession:
    """The machine that the settings of a transcript ask for."""
    settings = transcript.settings
    question = Question(
        text=transcript.question,
        mode=settings.get("mode", "chat"),
        wants_extras=settings.get("extras", False),
    )
    now = settings.get("now")
    return ClassicSession(
        question,
        conversation_id=CONVERSATION,
        dialect=settings.get("dialect", "auto"),
        now=datetime.fromisoformat(now) if now else None,
        conversation_is_new=settings.get("new conversation", False),
    )


def follow(transcript: Transcript, recut: Recut = one_by_one) -> Followed:
    """Play the server's part; check that we say what the transcript says we do."""
    followed = Followed(session=session_for(transcript))
    try:
        followed.session.opened()
        _play(transcript, recut, followed)
        if followed.session.failure is not None:
            followed.session.receive(())
    except JumpseatError as error:
        followed.error = error
    except WrongDialect as refusal:
        followed.error = refusal.error
        followed.is_wrong_dialect = True
    _say(followed)
    expected = [msgspec.json.decode(line.text) for line in transcript.lines if line.kind == "said"]
    assert [_named(frame, wanted) for frame, wanted in zip(followed.said, expected, strict=True)] == expected
    return followed


def _named(frame: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Of `frame` the fields that `wanted` names."""
    return {name: value for name, value in frame.items() if name in wanted}


def _say(followed: Followed) -> None:
    followed.said += map(msgspec.json.decode, followed.session.frames_to_send())


def _play(transcript: Transcript, recut: Recut, followed: Followed) -> None:
    session = followed.session
    heard: list[str] = []
    for line in (*transcript.lines, None):
        if line is not None and line.kind == "heard":
            heard.append(line.text)
            continue
        for batch in recut(heard) if heard else ():
            followed.events += session.receive(batch)
        heard = []
        if line is None or line.kind == "said":
            _say(followed)
        else:
            _say(followed)
            followed.events += _happen(session, line.text)


def _happen(session: ClassicSession, what: str) -> list[ChatEvent]:
    match what.split():
        case ["overdue"]:
            session.greeting_overdue()
            return []
        case ["linger", "over"]:
            return session.linger_over()
        case ["bare", "close"]:
            return session.closed(None)
        case ["close", code]:
            return session.closed(int(code))
    raise ValueError(f"nobody knows what happens by {what!r}")
