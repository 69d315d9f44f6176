"""A reply on its way, and its one end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import pytest

from jumpseat.model.errors import StoreUnavailable, UpstreamBroke, UpstreamInterrupted
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


class FullDisk:
    """Cannot keep how a stream ended."""

    async def __call__(self, reply: Reply, outcome: Outcome) -> None:
        raise StoreUnavailable("the disk is full")


async def test_an_end_that_cannot_be_kept_costs_the_end_and_no_word_before_it() -> None:
    source = Source([START], [TextDelta("a"), Finished("stop")])
    batches = aiter(ReplyStream(source, on_end=FullDisk()).batches())

    assert [await anext(batches), await anext(batches)] == [[START], [TextDelta("a")]]
    with pytest.raises(StoreUnavailable):
        await anext(batches)
    assert source.closed == 1


async def test_an_end_that_comes_alone_and_cannot_be_kept_is_not_told() -> None:
    stream = ReplyStream(Source([START], [Finished("stop")]), on_end=FullDisk())

    assert await anext(aiter(stream.batches())) == [START]
    with pytest.raises(StoreUnavailable):
        await stream.reply()


async def test_the_upstreams_error_counts_more_than_that_of_the_store(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stream = ReplyStream(Source([START], UpstreamBroke("no")), on_end=FullDisk())

    with pytest.raises(UpstreamBroke, match="no"):
        await stream.reply()
    assert "the disk is full" in caplog.text


async def test_leaving_raises_nothing_when_it_cannot_be_kept(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    stream = ReplyStream(Source([START], [TextDelta("a")]), on_end=FullDisk())
    async with stream:
        pass

    assert "interrupted" in caplog.text


async def test_a_stream_that_failed_fails_again() -> None:
    stream, _, ends = stream_of([START, TextDelta("a")], UpstreamBroke("no"))

    for _ in range(2):
        with pytest.raises(UpstreamBroke, match="no"):
            await stream.reply()
    assert stream.so_far.text == "a"
    assert ends.seen == [("a", "failed")]


class Waiting:
    """Says nothing until it is closed, and then that the wire broke."""

    def __init__(self) -> None:
        self._closed = asyncio.Event()

    async def receive(self) -> Sequence[ChatEvent]:
        await self._closed.wait()
        raise UpstreamBroke("the wire broke")

    async def aclose(self) -> None:
        self._closed.set()


async def test_a_reader_whose_stream_is_closed_by_another_hears_just_that() -> None:
    ends = Ends()
    stream = ReplyStream(Waiting(), on_end=ends)
    reading = asyncio.ensure_future(stream.reply())
    await asyncio.sleep(0)
    await stream.aclose()

    with pytest.raises(UpstreamInterrupted, match="closed before its end"):
        await reading
    assert ends.seen == [("", "interrupted")]


async def test_a_stream_that_was_left_never_passes_for_whole() -> None:
    stream, _, _ = stream_of([START, TextDelta("a")], [TextDelta("b"), Finished("stop")])
    assert await anext(aiter(stream.batches())) == [START, TextDelta("a")]
    await stream.aclose()

    with pytest.raises(UpstreamInterrupted, match="closed before its end"):
        await stream.reply()
    assert stream.so_far.text == "a"


async def test_text_and_events_and_the_whole_may_be_mixed() -> None:
    stream, _, _ = stream_of([START, TextDelta("a")], [TextDelta("b")], [TextDelta("c"), Finished("stop")])

    assert await anext(aiter(stream.text_stream)) == "a"
    assert await anext(aiter(stream)) == TextDelta("b")
    assert (await stream.reply()).text == "abc"
    assert [event async for event in stream] == []


async def test_everything_may_come_at_once() -> None:
    stream, _, ends = stream_of([START, TextDelta("a"), Finished("stop")])

    assert [text async for text in stream.text_stream] == ["a"]
    assert ends.seen == [("a", "finished")]
