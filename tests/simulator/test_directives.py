"""Marks in a prompt tell the simulator what to do."""

from __future__ import annotations

from jumpseat.simulator.directives import MAX_TOKENS, Directives, of_messages, parse, without_marks


def parsed(text: str) -> Directives:
    found = parse(text)
    assert found is not None
    return found


def test_an_ordinary_text_has_no_marks() -> None:
    assert parse("100% of %%nothing%% and %% THIS %%") is None
    assert of_messages(["hello"]) == Directives()


def test_every_mark_is_read() -> None:
    found = parsed(
        "x %%SAY one%% %%REV abc%% %%IMAGE a cat%% %%THINK hm%% %%SLOW 50%% %%TOKENS 7%% %%CLOCK 3%% "
        "%%CITE https://example.org%% %%FAULT silence%%"
    )

    assert found == Directives(
        texts=("one", "cba"),
        image="a cat",
        thoughts=("hm",),
        pause_ms=50.0,
        tokens=7,
        stamps=3,
        citations=("https://example.org",),
        fault="silence",
    )


def test_a_text_may_hold_lines_and_single_percent_signs() -> None:
    assert parsed("%%SAY 100%\nsure%%").texts == ("100%\nsure",)


def test_the_last_message_with_marks_counts() -> None:
    assert of_messages(["%%SAY old%%", "%%SAY new%%", "a reminder"]).texts == ("new",)


def test_marks_that_mean_nothing_are_named() -> None:
    assert parsed("%%DANCE now%% %%TOKENS many%%").mistakes == ("%%DANCE now%%", "%%TOKENS many%%")


def test_numbers_are_bounded() -> None:
    assert parsed("%%TOKENS 99999999%%").tokens == MAX_TOKENS


def test_only_marks_with_something_to_say_decide_the_text() -> None:
    assert parsed("%%SAY this%%").decides_text
    assert not parsed("%%SLOW 5%% %%THINK hm%%").decides_text


def test_an_image_without_a_prompt_gets_one() -> None:
    assert parsed("%%IMAGE%%").image


def test_marks_can_be_taken_out() -> None:
    assert without_marks("say %%SLOW 5%% this") == "say  this"
