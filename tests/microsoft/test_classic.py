"""The machine of the classic protocol: dialects, phases, flags, ends; whole turns are in the transcripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jumpseat.microsoft import framing
from jumpseat.microsoft.classic import KNOWN, LEGAL, MAX_UNKNOWN_NAMES, ClassicSession, WrongDialect
from jumpseat.model.catalog import Question
from jumpseat.model.errors import (
    HumanCheckRequired,
    JumpseatError,
    RateLimited,
    UpstreamBroke,
    UpstreamInterrupted,
)
from jumpseat.model.events import ChatEvent, Finished, FollowupsSuggested, ImageMade, Started, TextDelta
from jumpseat.model.messages import Image
from jumpseat.model.reply import Reply, ReplyBuilder

FIXTURES = Path(__file__).parents[1] / "fixtures" / "classic"
HELLO = Question(text="Hello", mode="chat")


def frame(event: str, **fields: Any) -> str:
    return msgspec.json.encode({"event": event, **fields}).decode()


def asked(question: Question = HELLO, **more: Any) -> ClassicSession:
    """A machine whose question is out, at a server that greets."""
    session = ClassicSession(question, conversation_id="c", **more)
    session.opened()
    session.receive([frame("connected")])
    session.frames_to_send()
    return session


def answering(**more: Any) -> ClassicSession:
    session = asked(**more)
    session.receive([frame("startMessage", messageId="m"), frame("appendText", messageId="m", text="Hi")])
    return session


def names(frames: Sequence[str]) -> list[str]:
    return [msgspec.json.decode(frame)["event"] for frame in frames]


def folded(events: Sequence[ChatEvent]) -> Reply:
    builder = ReplyBuilder()
    builder.add(events)
    return builder.build()


def recorded(name: str) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in (FIXTURES / name).read_text().splitlines()]


def received(name: str) -> list[str]:
    rows = recorded(name)
    return [msgspec.json.encode(row["frame"]).decode() for row in rows if row["dir"] == "recv"]


# Who speaks first.


def test_nothing_is_said_before_the_greeting() -> None:
    session = ClassicSession(HELLO, conversation_id="c")
    session.opened()

    assert session.frames_to_send() == []
    assert (session.phase, session.dialect, session.may_be_delivered) == ("opening", None, False)


def test_the_greeting_is_answered_with_options_consents_and_the_question() -> None:
    session = ClassicSession(HELLO, conversation_id="c")
    session.receive([frame("connected"), frame("connected")])

    assert session.dialect == "server-first"
    assert not session.may_be_delivered
    assert names(session.frames_to_send()) == ["setOptions", "reportLocalConsents", "send"]
    assert session.frames_to_send() == []


def test_without_a_greeting_we_speak_first_once() -> None:
    session = ClassicSession(HELLO, conversation_id="c")
    session.greeting_overdue()
    session.greeting_overdue()

    assert names(session.frames_to_send()) == ["setOptions", "send"]
    assert session.may_be_delivered
    assert session.dialect is None
    session.receive([frame("received", messageId="h")])
    assert msgspec.to_builtins(session.dialect) == "client-first"


@pytest.mark.parametrize("dialect", ["client-first", "server-first"])
def test_a_forced_dialect_does_not_change_when_the_greeting_is_overdue(dialect: Any) -> None:
    session = ClassicSession(HELLO, conversation_id="c", dialect=dialect)
    session.greeting_overdue()

    assert session.frames_to_send() == []


def test_client_first_speaks_as_soon_as_the_socket_is_open() -> None:
    session = ClassicSession(HELLO, conversation_id="c", dialect="client-first")
    session.receive([frame("connected")])
    assert session.frames_to_send() == []

    session.opened()
    session.opened()
    assert names(session.frames_to_send()) == ["setOptions", "send"]


def test_a_refused_first_word_names_the_other_dialect_once() -> None:
    session = ClassicSession(HELLO, conversation_id="c", dialect="client-first")
    session.opened()
    session.frames_to_send()

    with pytest.raises(WrongDialect) as caught:
        session.receive([frame("error", errorCode="invalid-event")])
    assert caught.value.other == "server-first"
    assert not caught.value.error.may_be_delivered
    with pytest.raises(UpstreamBroke, match="order or the shape"):
        session.receive(())


def test_pictures_go_before_the_text() -> None:
    image = Image(data=b"\x89PNG", media_type="image/png", name="cat.png")
    question = Question(text="What is this?", mode="chat", images=(image,))
    session = ClassicSession(question, conversation_id="c", dialect="client-first", image_urls=("/images/1",))
    session.opened()

    content = msgspec.json.decode(session.frames_to_send()[-1])["content"]
    assert content == [
        {"type": "image", "url": "/images/1", "fileName": "cat.png"},
        {"type": "text", "text": "What is this?"},
    ]


def test_every_picture_needs_its_address() -> None:
    image = Image(data=b"\x89PNG", media_type="image/png")
    question = Question(text="What is this?", mode="chat", images=(image,))

    with pytest.raises(ValueError, match="zip"):
        ClassicSession(question, conversation_id="c")


# Flags.


def test_the_flags_follow_the_turn() -> None:
    session = answering(question=Question(text="Hello", mode="chat", wants_extras=True))
    assert (session.phase, session.wants_more, session.is_answered, session.is_finished) == (
        *("answering", True, False),
        False,
    )

    session.receive([frame("done", messageId="m")])
    assert [session.phase, session.wants_more, session.is_answered, session.is_finished] == [
        *("answered", True, True),
        False,
    ]
    had_suggestions = session.has_suggestions
    session.receive([frame("startSuggestion", text="Why?"), frame("suggestionCompleted")])
    assert (had_suggestions, session.has_suggestions) == (False, True)

    assert session.linger_over() == [FollowupsSuggested(("Why?",)), Finished("stop")]
    assert [session.phase, session.wants_more, session.is_answered, session.is_finished] == [
        *("ended", False, False),
        True,
    ]


def test_lingering_is_over_only_for_an_answer_that_is_done() -> None:
    assert answering().linger_over() == []


def test_after_the_end_nothing_is_heard_and_nothing_is_said() -> None:
    session = answering()
    assert session.receive([frame("done", messageId="m"), frame("appendText", messageId="m", text="!")]) == [
        Finished("stop")
    ]

    assert session.receive([frame("ping"), frame("confetti"), frame("received")]) == []
    assert session.frames_to_send() == []
    assert session.closed(1000) == []
    assert session.linger_over() == []


def test_an_endless_stream_of_new_words_is_counted_within_bounds() -> None:
    session = asked()
    session.receive([frame(f"word{number}") for number in range(1000)] * 2)

    assert len(session.unknown_events) == MAX_UNKNOWN_NAMES
    assert session.unknown_events["word0"] == 2


def test_the_trace_names_frames_in_both_directions_without_their_words() -> None:
    session = asked()
    session.receive([frame("received", messageId="secret")])

    assert [name for name, _ in session.trace] == [
        *("connected", "> setOptions", "> reportLocalConsents", "> send"),
        "received",
    ]


# Trouble.


def test_what_came_before_the_trouble_is_given_first() -> None:
    session = asked()
    events = session.receive(
        [
            frame("startMessage", messageId="m"),
            frame("appendText", messageId="m", text="Hi") + frame("challenge", method=None),
        ]
    )

    assert [type(event) for event in events] == [Started, TextDelta]
    assert not session.wants_more
    assert isinstance(session.failure, HumanCheckRequired)
    with pytest.raises(HumanCheckRequired):
        session.receive(())
    with pytest.raises(HumanCheckRequired):
        session.closed(1000)


def test_after_a_challenge_nothing_more_is_said() -> None:
    session = ClassicSession(HELLO, conversation_id="c")

    with pytest.raises(HumanCheckRequired):
        session.receive([frame("ping"), frame("connected"), frame("challenge", method="hashcash")])
    assert session.frames_to_send() == []
    assert not session.may_be_delivered


def test_a_frame_that_does_not_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAX_OBJECT_CHARS", 100)
    session = answering()

    with pytest.raises(UpstreamBroke, match="does not end"):
        session.receive(['{"event":"' + "x" * 200])


def test_a_frame_that_does_not_end_after_the_answer_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAX_OBJECT_CHARS", 100)

    events = answering().receive([frame("done", messageId="m"), '{"event":"' + "x" * 200])
    assert events == [Finished("stop")]


def test_a_message_about_order_names_frames_and_no_words() -> None:
    session = answering()

    with pytest.raises(UpstreamBroke) as caught:
        session.receive([frame("error", errorCode="invalid-event", message="why")])
    assert "> send" in caught.value.message
    assert "Hello" not in caught.value.message


def test_a_closed_socket_raises_again_what_it_raised() -> None:
    session = answering()

    for _ in range(2):
        with pytest.raises(UpstreamInterrupted, match=r"\(code 1001\)"):
            session.closed(1001)


# What was recorded.


def test_the_recorded_turn_of_the_older_dialect() -> None:
    question = Question(text="Hello", mode="chat", wants_extras=True)
    session = ClassicSession(question, conversation_id="c", dialect="client-first")
    session.opened()

    reply = folded(session.receive(received("classic-text-turn-client-first.jsonl")))
    assert reply.text == "Received! TestFeel free.\n"
    assert reply.title == "Test message receipt confirmation"
    assert reply.followups == ("Can you show me what you can do?", "...")
    assert reply.finish_reason == "stop"


def test_the_recorded_tail_of_a_turn() -> None:
    session = asked(Question(text="Hello", mode="chat", wants_extras=True))

    reply = folded(session.receive(received("classic-turn-tail.jsonl")))
    assert reply.text == ". Want to try checking another one?"
    assert reply.title == "Checking for Palindromes..."
    assert session.is_answered


def test_the_recorded_throttling_is_the_reason_and_not_the_challenge_after_it() -> None:
    with pytest.raises(RateLimited, match="2026-08-13 15:17 UTC"):
        asked().receive(received("classic-throttled-then-null-challenge.jsonl"))


def test_the_recorded_challenge_is_met_with_silence() -> None:
    session = ClassicSession(HELLO, conversation_id="c")

    with pytest.raises(HumanCheckRequired):
        session.receive(received("classic-null-challenge-refusal.jsonl"))
    assert session.frames_to_send() == []


def test_the_recorded_image_events_are_understood() -> None:
    *samples, error = received("classic-image-events.jsonl")
    session = asked()

    events = session.receive(samples)
    assert session.unknown_events == {"telemetry": 1}
    assert folded(events).images == ()
    with pytest.raises(UpstreamBroke):
        session.receive([error])


ENDINGS: Mapping[str, list[dict[str, Any]]] = msgspec.json.decode(
    (FIXTURES / "classic-image-turn-endings.json").read_bytes()
)


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_recorded_end_of_an_image_turn_gives_its_picture(ending: str) -> None:
    session = asked()
    events: list[ChatEvent] = []
    for step in ENDINGS[ending]:
        events += session.closed(None) if step.get("_close") else session.receive([frame(**step)])

    reply = folded(events)
    [image] = reply.images
    assert reply.finish_reason == "stop"
    assert image.prompt.startswith("a red ")
    if ending.startswith(("url", "image")):
        assert image.url == "https://example.invalid/final.png"
    else:
        assert (image.url, bool(image.preview)) == (None, True)
    assert type(events[-1]) is Finished
    assert sum(isinstance(event, ImageMade) for event in events) == 1


# The table.

ENDS = {
    *("error", "chatMessageError", "done", "imageGenerationFailed"),
    *("challenge", "banned", "turnLimitReached"),
}
FIELDS = (
    *("messageId", "partId", "text", "url", "title", "suggestions", "content", "prompt", "mode", "id"),
    *("errorCode", "errorDetail", "publisher", "message", "nextAvailableAt"),
)


def test_the_table_knows_every_event_of_the_protocol_in_some_phase() -> None:
    assert len(KNOWN) >= 50
    assert "challengeResponse" not in KNOWN


def test_what_may_come_at_any_time_is_legal_in_every_living_phase() -> None:
    for phase in ("opening", "asked", "answering", "answered"):
        assert LEGAL[phase].keys() >= {"connected", "ping", "titleUpdate", "challenge", "suggestedFollowups"}
    assert not LEGAL["ended"]


@pytest.mark.parametrize("name", sorted(KNOWN - LEGAL["opening"].keys()))
def test_nothing_of_an_answer_comes_before_the_question(name: str) -> None:
    with pytest.raises(UpstreamBroke, match="out of turn"):
        ClassicSession(HELLO, conversation_id="c").receive([frame(name)])


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_frame_without_any_field_harms_nobody(name: str) -> None:
    session = asked()
    try:
        events = session.receive([frame(name)])
    except JumpseatError:
        assert name in ENDS
    else:
        assert folded(events).text == ""


@pytest.mark.parametrize("value", [None, True, 5, [], {}, [{}], "text"])
@pytest.mark.parametrize("name", sorted(KNOWN))
def test_fields_of_any_type_are_borne(name: str, value: object) -> None:
    fields = dict.fromkeys(FIELDS, value)
    session = asked()
    try:
        session.receive([frame("startMessage", messageId="m"), frame(name, **fields)])
        session.receive([frame("appendText", messageId="m", text="Hi")])
    except JumpseatError:
        assert name in {*ENDS, "received"}
