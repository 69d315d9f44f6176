"""What a streamed answer looks like, chunk by chunk."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jumpseat.dialects.openai_chat import ChunkEncoder, Identity, encode_reply
from jumpseat.model.events import (
    ChatEvent,
    Citation,
    Finished,
    FollowupsSuggested,
    ImageMade,
    ImageStarted,
    ReasoningDelta,
    Started,
    TextDelta,
    TextReplaced,
    TitleGiven,
    Usage,
)
from jumpseat.model.messages import Sampling, Turn, user
from jumpseat.model.reply import ReplyBuilder

IDENTITY = Identity(id="chatcmpl-1", created=1_795_000_000, model="microsoft/copilot", conversation_id="c-1")
STARTED = Started(conversation_id="up")


def turn(**sampling: Any) -> Turn:
    return Turn(model="", messages=(user("Hi"),), sampling=Sampling(**sampling))


def stream(*batches: list[ChatEvent], include_usage: bool = False, **sampling: Any) -> list[Any]:
    """The chunks a client would see, `[DONE]` as it stands; reading ends as the gateway's does."""
    encoder = ChunkEncoder(IDENTITY, turn(**sampling), include_usage=include_usage)
    said = b""
    for batch in batches:
        said += encoder.encode(batch)
        if encoder.is_finished:
            said += encoder.end()
            break
    events = said.decode().split("\n\n")
    assert events.pop() == ""
    return [event[6:] if event == "data: [DONE]" else json.loads(event[6:]) for event in events]


def content(chunks: list[Any]) -> str:
    return "".join(
        choice["delta"].get("content", "")
        for chunk in chunks
        if chunk != "[DONE]"
        for choice in chunk["choices"]
    )


def reasons(chunks: list[Any]) -> list[Any]:
    found = [c["finish_reason"] for chunk in chunks if chunk != "[DONE]" for c in chunk["choices"]]
    return [reason for reason in found if reason]


def extras(chunks: list[Any]) -> list[Any]:
    return [chunk["jumpseat"] for chunk in chunks if chunk != "[DONE]" and "jumpseat" in chunk]


def test_a_stream_is_role_content_finish_and_done() -> None:
    chunks = stream([STARTED], [TextDelta("Hel"), TextDelta("lo ")], [TextDelta('"в"'), Finished("stop")])

    assert [chunk["choices"][0]["delta"] for chunk in chunks[:-1]] == [
        {"role": "assistant", "content": ""},
        {"content": "Hel"},
        {"content": "lo "},
        {"content": '"в"'},
        {},
    ]
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks[:-1]] == [None] * 4 + ["stop"]
    assert chunks[-1] == "[DONE]"


def test_each_chunk_says_who_it_is() -> None:
    for chunk in stream([STARTED, TextDelta("x"), Finished("stop")])[:-1]:
        assert chunk["id"] == "chatcmpl-1"
        assert chunk["object"] == "chat.completion.chunk"
        assert chunk["created"] == 1_795_000_000
        assert chunk["model"] == "microsoft/copilot"
        assert chunk["provider"] == "Copilot"
        assert chunk["conversation_id"] == "c-1"
        assert chunk["choices"][0]["index"] == 0
        assert "usage" not in chunk


def test_usage_comes_last_and_only_if_it_was_asked_for() -> None:
    chunks = stream([STARTED, TextDelta("x" * 8), Finished("stop")], include_usage=True)

    assert [chunk["usage"] for chunk in chunks[:-2]] == [None] * 3
    assert chunks[-2]["choices"] == []
    assert chunks[-2]["usage"] == {
        "prompt_tokens": 1,
        "completion_tokens": 2,
        "total_tokens": 3,
        "estimated": True,
    }


def test_usage_of_the_upstream_is_passed_on() -> None:
    counted = Usage(input_tokens=10, output_tokens=20, estimated=False)

    usage = stream([STARTED, counted, Finished("stop")], include_usage=True)[-2]["usage"]

    assert usage["total_tokens"] == 30
    assert usage["estimated"] is False


def test_thinking_is_told_beside_the_answer() -> None:
    chunks = stream([STARTED, ReasoningDelta("hmm"), Finished("stop")])

    assert chunks[1]["choices"][0]["delta"] == {"reasoning_content": "hmm"}
    assert content(chunks) == ""


def test_what_openai_has_no_word_for_stands_beside_an_empty_delta() -> None:
    chunks = stream(
        [
            STARTED,
            ImageStarted("a cat"),
            Citation(url="https://e.org", title="E"),
            TitleGiven("Cats"),
            FollowupsSuggested(("More?",)),
            Finished("stop"),
        ]
    )

    assert extras(chunks) == [
        {"image_started": {"prompt": "a cat"}},
        {"citation": {"url": "https://e.org", "title": "E", "publisher": None, "snippet": None}},
        {"title": "Cats"},
        {"followups": ["More?"]},
    ]
    assert all(chunk["choices"][0]["delta"] == {} for chunk in chunks[1:-1])


def test_a_picture_is_a_paragraph_of_markdown_and_an_entry_in_images() -> None:
    cat = ImageMade(url="https://e.org/cat.jpg", prompt="a cat")
    chunks = stream([STARTED, TextDelta("Here:"), cat], [TextDelta("Nice?"), cat, cat, Finished("stop")])

    markdown = "![a cat](https://e.org/cat.jpg)"
    assert content(chunks) == f"Here:\n\n{markdown}\n\nNice?\n\n{markdown}\n\n{markdown}"
    assert chunks[2]["choices"][0]["delta"]["images"] == [
        {"type": "image_url", "image_url": {"url": "https://e.org/cat.jpg"}}
    ]


def test_an_answer_of_one_picture_begins_with_it() -> None:
    assert content(stream([STARTED, ImageMade(url="u"), Finished("stop")])) == "![](u)"


def test_a_replacement_that_goes_on_is_sent_as_the_difference() -> None:
    chunks = stream([STARTED, TextDelta("Hel")], [TextReplaced("Hello"), TextDelta("!")], [Finished("stop")])

    assert content(chunks) == "Hello!"
    assert extras(chunks) == []


def test_a_replacement_that_says_nothing_new_sends_nothing() -> None:
    assert len(stream([STARTED, TextDelta("Hi"), TextReplaced("Hi"), Finished("stop")])) == 4


def test_words_that_cannot_be_taken_back_stand_and_that_is_said_once() -> None:
    chunks = stream(
        [STARTED, TextDelta("Yes")], [TextReplaced("No"), TextReplaced("Never")], [Finished("stop")]
    )

    assert content(chunks) == "Yes"
    assert extras(chunks) == [{"text_replaced": "No"}]


def test_what_was_held_back_can_be_taken_back() -> None:
    chunks = stream([STARTED, TextDelta("EN")], [TextReplaced("Other"), Finished("stop")], stop=("END",))

    assert content(chunks) == "Other"


def test_an_answer_is_cut_at_a_stop_sequence_and_nothing_follows() -> None:
    late: list[ChatEvent] = [TextDelta("more"), ReasoningDelta("x"), TextReplaced("y")]
    chunks = stream([STARTED, TextDelta("one ST")], [TextDelta("OP two"), *late], stop=("STOP",))

    assert content(chunks) == "one "
    assert reasons(chunks) == ["stop"]
    assert chunks[-1] == "[DONE]"


def test_an_answer_is_cut_at_its_length() -> None:
    chunks = stream([STARTED], [TextDelta("12345678")], [TextDelta("9")], max_tokens=2)

    assert content(chunks) == "12345678"
    assert reasons(chunks) == ["length"]


def test_what_was_held_back_is_said_at_the_end_and_may_be_too_long() -> None:
    assert content(stream([STARTED, TextDelta("a S"), Finished("stop")], stop=("STOP",))) == "a S"

    chunks = stream([STARTED, TextDelta("abcST"), Finished("stop")], stop=("STOP",), max_tokens=1)
    assert content(chunks) == "abcS"
    assert reasons(chunks) == ["length"]


def test_a_picture_after_the_cut_is_not_shown() -> None:
    chunks = stream(
        [STARTED, TextDelta("abcST"), ImageMade(url="u"), Finished("stop")], stop=("STOP",), max_tokens=1
    )

    assert content(chunks) == "abcS"


def test_a_content_filter_is_told_as_such() -> None:
    assert reasons(stream([STARTED, Finished("content_filter")])) == ["content_filter"]


texts = st.text("abEND д", max_size=8)
events = st.one_of(
    st.builds(TextDelta, texts),
    st.builds(ReasoningDelta, texts),
    st.just(ImageStarted("p")),
    st.just(Citation(url="u")),
)


@given(
    answer=st.lists(events, max_size=12),
    continues=st.none() | texts,
    stop=st.none() | st.just("END"),
    limit=st.none() | st.integers(1, 8),
    pictures=st.integers(0, 2),
)
def test_whole_and_streamed_the_answer_is_the_same(
    answer: list[ChatEvent], continues: str | None, stop: str | None, limit: int | None, pictures: int
) -> None:
    so_far = "".join(event.text for event in answer if isinstance(event, TextDelta))
    if continues is not None:
        answer = [*answer, TextReplaced(so_far + continues)]
    answer = [STARTED, *answer, *[ImageMade(url="u")] * pictures, Finished("stop")]
    sampling: dict[str, Any] = {"stop": (stop,) if stop else (), "max_tokens": limit}
    builder = ReplyBuilder()
    builder.add(answer)

    chunks = stream(*[[event] for event in answer], **sampling)
    whole = json.loads(encode_reply(IDENTITY, turn(**sampling), builder.build()))

    assert content(chunks) == whole["choices"][0]["message"]["content"]
    assert reasons(chunks) == [whole["choices"][0]["finish_reason"]]
    assert content(stream(answer, **sampling)) == content(chunks)


def test_a_picture_after_empty_text_begins_the_answer() -> None:
    assert content(stream([STARTED, TextDelta(""), ImageMade(url="u"), Finished("stop")])) == "![](u)"
