"""The answer of one turn as it grows."""

from __future__ import annotations

from typing import Any

from jumpseat.microsoft.answer import Answer
from jumpseat.microsoft.frames import Incoming
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
)


def of(message: object = "m", **fields: Any) -> Incoming:
    return Incoming(message_id=message, **fields)


def begun(message: object = "m") -> tuple[Answer, list[ChatEvent]]:
    answer, out = Answer("c", "https://copilot.microsoft.com"), list[ChatEvent]()
    answer.begin(of(message), out)
    return answer, out


def test_an_answer_begins_once() -> None:
    answer, out = begun()
    answer.begin(of(), out)
    answer.start(of(), out)

    assert out == [Started(conversation_id="c", message_id="m")]


def test_a_message_without_identifier_takes_the_first_that_comes() -> None:
    answer, out = begun(None)
    assert not answer.is_of_another(of("m"))
    answer.begin(of("m"), out)

    assert out == [Started(conversation_id="c", message_id=None)]
    assert answer.is_of_another(of("n"))
    assert not answer.is_of_another(of(None))


def test_another_message_withdraws_what_was_said() -> None:
    answer, out = begun()
    answer.append_text(of(text="Hi"), out)
    answer.start(of("n"), out)
    answer.start(of("o"), out)

    assert out[1:] == [TextDelta("Hi"), TextReplaced("")]
    assert answer.active == "o"
    assert answer.is_abandoned(of("m"))
    assert answer.is_of_another(of("n"))
    assert not answer.is_abandoned(of(None))
    assert answer.has_abandoned
    assert answer.is_empty


def test_the_quick_way_leads_to_the_part_that_grows_at_the_end() -> None:
    answer, out = begun()
    answer.append_text(of(text="", part_id="p"), out)
    quick_at_first = answer.quick
    answer.append_text(of(text="1", part_id="p"), out)
    answer.append_text(of(text="2", part_id="q"), out)
    answer.append_text(of(text="1", part_id="p"), out)
    assert (quick_at_first, answer.quick, answer.quick_part) == (None, ["2"], "q")
    assert out[1:] == [TextDelta("1"), TextDelta("2"), TextReplaced("112")]

    answer.replace_text(of(text="3", part_id="q"), out)
    assert out[-1] == TextReplaced("113")
    assert answer.quick is None


def test_sources_and_thoughts_are_no_text() -> None:
    answer, out = begun()
    answer.think(of(text="Hm."), out)
    answer.think(of(), out)
    answer.cite(of(url="https://example.org", title="T", publisher="P", snippet="S"), out)
    answer.cite(of(title="T"), out)

    assert out[1:] == [
        ReasoningDelta("Hm."),
        Citation(url="https://example.org", title="T", publisher="P", snippet="S"),
    ]
    assert answer.is_empty
    assert answer.has_shown


def test_a_picture_is_announced_previewed_and_made() -> None:
    answer, out = begun()
    answer.announce_image(of(prompt="a cat"), out)
    had_picture = answer.has_picture
    answer.preview_image(of(content="/9j/"), out)
    assert (had_picture, answer.has_picture) == (False, True)
    answer.make_image(of(url="/1.png"), out)
    answer.make_image(of(url="/1.png"), out)

    assert out[1:] == [
        ImageStarted("a cat"),
        ImageMade(url="https://copilot.microsoft.com/1.png", prompt="a cat", preview=b"\xff\xd8\xff"),
    ]


def test_extras_are_complete_when_both_have_come() -> None:
    answer, out = begun()
    answer.give_title(of(), out)
    answer.suggest(of(suggestions="no list"), out)
    answer.give_title(of(title="T"), out)
    had = answer.has_extras, answer.has_suggestions
    answer.suggest(of(suggestions=["More?"]), out)

    assert had == (False, False)
    assert (answer.has_extras, answer.has_suggestions) == (True, True)
    assert out[1:] == [TitleGiven("T"), FollowupsSuggested(("More?",))]


def test_the_end_gives_what_was_kept_back() -> None:
    answer, out = begun()
    answer.preview_image(of(content="/9j/"), out)
    answer.start_suggestion(of(text="More"), out)
    answer.append_suggestion(of(text="?"), out)
    answer.complete_suggestion(of(), out)
    assert answer.has_suggestions
    answer.finish(out)

    assert out[1:] == [
        ImageMade(url=None, preview=b"\xff\xd8\xff"),
        FollowupsSuggested(("More?",)),
        Finished("stop"),
    ]


def test_the_end_of_a_plain_answer_is_nothing_else() -> None:
    answer, out = begun()
    answer.finish(out)

    assert out[1:] == [Finished("stop")]
