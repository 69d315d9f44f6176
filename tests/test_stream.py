"""A reply on its way, and its one end."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from jumpseat.model.errors import UpstreamBroke, UpstreamInterrupted
from jumpseat.model.events import ChatEvent, Finished, Started, TextDelta, TextReplaced
from jumpseat.model.reply import Reply
from jumpseat.stream import Outcome, ReplyStream

START = Started(conversation_id="u")


class Source:
    """Gives the batches it was made with; an exception among them is raised."""

    def __init__(self, *batches: Sequence[ChatEvent] | Exception) -> None:
        self._batches = list(batches)
        self.closed = 0

    async def receive(self) -> Sequence[ChatEvent]:
        if not self._batches:
            return ()
        batch = self._batches.pop(0)
        if isinstance(batch, Exception):
            raise batch
        return batch

    async def aclose(self) -> None:
        self.closed += 1


class Ends:
    """Notes how a stream ended."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Outcome]] = []

    async def __call__(self, reply: Reply, outcome: Outcome) -> None:
        self.seen.append((reply.text, outcome))


def stream_of(*batches: Sequence[ChatEvent] | Exception) -> tuple[ReplyStream, Source, Ends]:
    source, ends = Source(*batches), Ends()
    return ReplyStream(source, on_end=ends), source, ends


async def test_batches_keep_what_came_together() -> None:
    stream, _, _ = stream_of([START, TextDelta("a")], [TextDelta("b"), Finished("stop")])

    assert [len(batch) async for batch in stream.batches()] == [2, 2]


async def test_the_first_events_may_have_been_read_already() -> None:
    source, ends = Source([Finished("stop")]), Ends()
    stream = ReplyStream(source, first=[START, TextDelta("a")], on_end=ends)

    assert (await stream.reply()).text == "a"


async def test_what_must_be_kept_is_kept_before_the_end_is_heard() -> None:
    stream, source, ends = stream_of([START], [TextDelta("a")], [Finished("stop")])
    async for event in stream:
        if isinstance(event, Finished):
            assert ends.seen == [("a", "finished")]
            assert source.closed == 1
        else:
            assert ends.seen == []


async def test_there_is_exactly_one_end() -> None:
    stream, source, ends = stream_of([START], [Finished("stop")])
    async with stream:
        await stream.reply()
        await stream.aclose()

    assert ends.seen == [("", "finished")]
    assert source.closed == 1
    assert [batch async for batch in stream.batches()] == []


async def test_leaving_is_an_interruption() -> None:
    stream, source, ends = stream_of([START, TextDelta("a")], [TextDelta("b")])
    async with stream:
        async for _ in stream:
            pass_on = stream.so_far
            break

    assert pass_on.text == "a"
    assert ends.seen == [("a", "interrupted")]
    assert source.closed == 1


async def test_an_error_is_an_end() -> None:
    stream, source, ends = stream_of([START, TextDelta("a")], UpstreamBroke("no"))

    with pytest.raises(UpstreamBroke):
        await stream.reply()
    assert ends.seen == [("a", "failed")]
    assert source.closed == 1


async def test_silence_at_the_end_is_no_success() -> None:
    stream, _, ends = stream_of([START, TextDelta("a")])

    with pytest.raises(UpstreamInterrupted):
        await stream.reply()
    assert ends.seen == [("a", "failed")]


@pytest.mark.parametrize(
    ("replacement", "heard", "kept"),
    [
        ("Yes, well", ["Yes", ", well", "!"], "Yes, well!"),
        ("No", ["Yes", "!"], "No!"),
        ("Yes", ["Yes", "!"], "Yes!"),
    ],
)
async def test_words_taken_back_are_heard_as_far_as_they_can_be(
    replacement: str, heard: list[str], kept: str
) -> None:
    stream, _, _ = stream_of(
        [START, TextDelta("Yes")], [TextReplaced(replacement), TextDelta("!")], [Finished("stop")]
    )

    assert [text async for text in stream.text_stream] == heard
    assert stream.so_far.text == kept
