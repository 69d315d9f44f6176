"""Answers of GitHub's web chat, heard whole and in pieces."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumpseat.github.web_stream import WebChatStream
from jumpseat.model.errors import JumpseatError, UpstreamBroke, UpstreamInterrupted, UpstreamRefused
from jumpseat.model.events import ChatEvent, Citation, Finished, Started, TextDelta
from jumpseat.model.reply import ReplyBuilder
from tests.transcripts.github_reader import Recording, recordings

RECORDINGS = recordings()
DONE = b'data: {"type":"complete"}\n\n'

Heard = tuple[list[ChatEvent], JumpseatError | None, WebChatStream]


def hear(pieces: Iterable[bytes]) -> Heard:
    """All events, the error at the end if there is one, and the stream."""
    stream = WebChatStream("thread-1", message_id="answer-1")
    events: list[ChatEvent] = []
    try:
        for piece in pieces:
            events += stream.feed(piece)
        while more := stream.end():
            events += more
    except JumpseatError as error:
        return events, error, stream
    return events, None, stream


def outcome(heard: Heard) -> tuple[object, ...]:
    events, error, stream = heard
    return events, type(error), str(error), stream.malformed, stream.passed_over


def one_by_one(body: bytes) -> list[bytes]:
    return [body[at : at + 1] for at in range(len(body))]


def text(*bodies: str | None) -> bytes:
    return b"".join(b'data: {"type":"content","body":%b}\n\n' % msgspec.json.encode(body) for body in bodies)


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.name)
def test_each_recording_is_heard_as_it_says(recording: Recording) -> None:
    events, error, stream = hear([recording.body])

    reply = ReplyBuilder()
    reply.add(events)
    told = reply.build()
    assert told.text == recording.text
    assert [f"{c.url} {c.title}" for c in told.citations] == recording.citations
    assert (stream.malformed, stream.passed_over) == (recording.malformed, recording.passed_over)
    if recording.error is None:
        assert error is None
        assert events[0] == Started(conversation_id="thread-1", message_id="answer-1")
        assert events[-1] == Finished("stop")
        assert stream.is_finished
    else:
        assert error is not None
        assert (type(error).__name__, error.code) == (recording.error, recording.code)
        assert re.search(recording.says, str(error))
        assert error.may_be_delivered
        assert Finished("stop") not in events


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.name)
def test_each_recording_means_the_same_byte_by_byte(recording: Recording) -> None:
    assert outcome(hear(one_by_one(recording.body))) == outcome(hear([recording.body]))


@given(st.sampled_from(RECORDINGS), st.lists(st.integers(min_value=0), max_size=20))
def test_where_a_body_is_cut_changes_nothing(recording: Recording, cuts: list[int]) -> None:
    body = recording.body
    places = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]

    assert outcome(hear(body[a:b] for a, b in itertools.pairwise(places))) == outcome(hear([body]))


@given(st.lists(st.sampled_from(RECORDINGS), max_size=3), st.binary(max_size=200), st.integers(min_value=0))
def test_no_bytes_whatever_make_it_fall_over(recordings: list[Recording], noise: bytes, at: int) -> None:
    body = b"".join(recording.body for recording in recordings)
    at %= len(body) + 1

    events, error, _ = hear([body[:at], noise, body[at:]])

    assert (error is None) == (events[-1:] == [Finished("stop")])
    assert sum(isinstance(event, Started) for event in events) <= 1


def test_the_first_event_starts_the_answer_and_the_text_follows() -> None:
    stream = WebChatStream("t")

    assert stream.feed(text(None)) == [Started(conversation_id="t")]
    assert stream.feed(text("a", "b")) == [TextDelta("a"), TextDelta("b")]


def test_an_answer_that_fails_at_once_never_started() -> None:
    for body in (b'data: {"type":"error"}\n\n', DONE):
        stream = WebChatStream("t")

        with pytest.raises((UpstreamRefused, UpstreamBroke)):
            stream.feed(body)


def test_what_came_before_an_error_is_given_before_it() -> None:
    stream = WebChatStream("t")

    assert stream.feed(text("a") + b'data: {"type":"error"}\n\n')[-1] == TextDelta("a")
    assert isinstance(stream.failure, UpstreamRefused)
    for _ in range(2):
        with pytest.raises(UpstreamRefused):
            stream.feed(text("b"))
    with pytest.raises(UpstreamRefused):
        stream.end()


def test_an_event_without_measure_breaks_the_answer_after_what_came_before() -> None:
    huge = b"data: " + b"x" * (4 * 1024 * 1024)
    stream = WebChatStream("t")

    assert stream.feed(text("a") + huge)[-1] == TextDelta("a")
    with pytest.raises(UpstreamBroke, match="longer than"):
        stream.feed(b"\n\n")
    with pytest.raises(UpstreamBroke, match="longer than"):
        stream.end()


def test_a_complete_of_a_megabyte_is_taken() -> None:
    references = ",".join(f'{{"url":"https://example.org/{i}"}}' for i in range(30_000))
    body = text("a") + f'data: {{"type":"complete","references":[{references}]}}\n\n'.encode()

    events, error, _ = hear([body])

    assert error is None
    assert sum(isinstance(event, Citation) for event in events) == 30_000


def test_json_without_bottom_is_a_line_that_makes_no_sense() -> None:
    pit = b'data: {"type":"confetti","deep":' + b"[" * 100_000 + b"\n\n"
    events, error, stream = hear([text("a") + pit + text("b") + DONE])

    assert error is None
    assert stream.malformed == 1
    assert events[1:-1] == [TextDelta("a"), TextDelta("b")]


def test_a_complete_whose_details_cannot_be_read_still_ends_the_answer() -> None:
    events, error, _ = hear([text("a") + b'data: {"type":"complete","turnId":"\xff"}\n\n'])

    assert error is None
    assert events[-1] == Finished("stop")


def test_after_the_end_nothing_is_heard() -> None:
    stream = WebChatStream("t")
    stream.feed(text("a") + DONE)

    assert stream.feed(text("b")) == []
    assert stream.end() == []


def test_an_end_that_comes_with_the_last_words_gives_them_first() -> None:
    stream = WebChatStream("t")
    stream.feed(text("a").rstrip(b"\n"))

    assert stream.end() == [Started(conversation_id="t"), TextDelta("a")]
    with pytest.raises(UpstreamInterrupted, match="Ask again"):
        stream.end()


def test_a_confirmation_names_the_page_where_a_person_can_give_it() -> None:
    stream = WebChatStream("t", page="https://github.com/copilot/c/t")
    stream.feed(b'data: {"type":"confirmation"}\n\n')

    with pytest.raises(UpstreamRefused, match=re.escape("on https://github.com/copilot/c/t")):
        stream.feed(DONE)
