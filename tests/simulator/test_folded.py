"""Transcripts folded into one text are read as the conversations they are."""

from __future__ import annotations

from jumpseat.simulator.folded import latest_texts, unfold, unfold_all
from jumpseat.simulator.history import Said


def test_a_transcript_is_taken_apart() -> None:
    text = "System: be nice\nUser: I am Heiner\nand fine\nAssistant: Hi\nUser: my name?\nAssistant:"

    assert unfold(text) == [
        ("system", "be nice"),
        ("user", "I am Heiner\nand fine"),
        ("assistant", "Hi"),
        ("user", "my name?"),
    ]


def test_role_names_may_vary() -> None:
    assert unfold("### Human: a\n\n**AI:** b\n[Developer]: c\nПользователь: d") == [
        ("user", "a"),
        ("assistant", "b"),
        ("system", "c"),
        ("user", "d"),
    ]


def test_an_ordinary_text_is_left_alone() -> None:
    assert unfold("Note: this is it\nAnother: line") is None
    assert unfold("User: alone") is None


def test_words_before_the_first_role_are_the_systems() -> None:
    assert unfold("The story so far.\nUser: a\nAssistant: b\nUser: c") == [
        ("system", "The story so far."),
        ("user", "a"),
        ("assistant", "b"),
        ("user", "c"),
    ]


def test_the_history_ends_in_the_question_and_keeps_its_pictures() -> None:
    history = unfold_all([Said("user", "User: a\nAssistant: b\nUser: c\nAssistant:")])

    assert [m.text for m in history] == ["a", "b", "c"]
    assert latest_texts(history) == ["c"]


def test_what_is_not_folded_stays_and_what_follows_the_question_goes() -> None:
    history = unfold_all(
        [Said("assistant", "User: x\nAssistant: y"), Said("user", "z"), Said("user", "User: a\nTool: b")]
    )

    assert [(m.role, m.text) for m in history] == [
        ("assistant", "User: x\nAssistant: y"),
        ("user", "z"),
        ("user", "a"),
    ]


def test_only_what_was_said_since_the_last_answer_is_latest() -> None:
    said = [
        Said("user", "a"),
        Said("assistant", "b"),
        Said("user", "c"),
        Said("system", "s"),
        Said("user", "d"),
    ]

    assert latest_texts(said) == ["c", "d"]
    assert latest_texts(said[:1]) == ["a"]
