"""A reply as Markdown on a terminal, while it comes."""

from __future__ import annotations

import asyncio
import io
import re

import pytest
from rich.console import Console

from jumpseat.cli import output
from jumpseat.cli.markdown import Answer, MarkdownScreen
from jumpseat.model.events import (
    ChatEvent,
    Citation,
    FollowupsSuggested,
    ImageMade,
    ImageStarted,
    ReasoningDelta,
    Started,
    TextDelta,
    TextReplaced,
)
from tests.cli.screen import FakeTerminal

STYLES = re.compile(r"\x1b\[[\d;]*m")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> FakeTerminal:
    terminal = FakeTerminal(height=10)
    monkeypatch.setattr(output, "write", lambda text: terminal.write(STYLES.sub("", text)))
    return terminal


def make_screen(clock: list[float]) -> MarkdownScreen:
    console = Console(file=io.StringIO(), force_terminal=True, width=60, height=10, highlight=False)
    return MarkdownScreen(console, later=asyncio.get_running_loop().call_later, clock=lambda: clock[0])


def shown(terminal: FakeTerminal) -> list[str]:
    return [line.rstrip() for line in terminal.lines]


async def play(events: list[ChatEvent]) -> None:
    clock = [0.0]
    screen = make_screen(clock)
    for event in events:
        clock[0] += 0.1
        screen.show([event])
    screen.end()


async def test_a_growing_paragraph_is_repainted_and_stays(terminal: FakeTerminal) -> None:
    clock = [0.0]
    screen = make_screen(clock)
    assert shown(terminal) == ["waiting ..."]

    clock[0] = 1.0
    screen.show([TextDelta("one **tw")])
    assert shown(terminal) == ["one **tw"]

    clock[0] = 2.0
    screen.show([TextDelta("o**\n\nthree")])
    assert shown(terminal) == ["one two", "", "three"]

    screen.end()
    assert shown(terminal) == ["one two", "", "three"]


async def test_a_resized_terminal_gets_lines_that_fit(terminal: FakeTerminal) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=60, height=10, highlight=False)
    columns = [61]
    screen = MarkdownScreen(console, columns=lambda: columns[0])
    screen.show([TextDelta("one two three four five six\n\n")])
    columns[0] = 31
    screen.show([TextDelta("one two three four five six seven eight nine\n\n")])
    screen.end()

    assert shown(terminal)[-2:] == ["one two three four five six", "seven eight nine"]
    assert shown(terminal).count("one two three four five six") == 2


async def test_words_that_come_faster_than_the_screen_changes_are_shown_a_moment_later(
    terminal: FakeTerminal,
) -> None:
    screen = make_screen([0.0])
    screen.show([TextDelta("one")])
    screen.show([TextDelta(" two")])
    assert shown(terminal) == ["waiting ..."]

    deadline = asyncio.get_running_loop().time() + 5
    while shown(terminal) != ["one two"]:
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0)
    screen.end()


async def test_a_long_block_leaves_every_line_once_in_the_scrollback(terminal: FakeTerminal) -> None:
    lines = [f"- item {number}" for number in range(40)]
    await play([TextDelta(line + "\n") for line in lines])

    assert shown(terminal) == [f" • item {number}" for number in range(40)]


async def test_what_was_taken_back_is_named_and_the_new_text_follows(terminal: FakeTerminal) -> None:
    await play([TextDelta("Yes"), TextReplaced("No."), TextReplaced("No. Sorry.")])

    assert shown(terminal) == [
        "Yes",
        "",
        "(The service took back what it had said. This is what it",
        "says instead.)",
        "",
        "No. Sorry.",
    ]


async def test_thinking_and_drawing_are_told_until_the_answer_begins(terminal: FakeTerminal) -> None:
    clock = [0.0]
    screen = make_screen(clock)
    steps: list[tuple[ChatEvent, str]] = [
        (Started(conversation_id="c"), "waiting ..."),
        (ReasoningDelta("first\n"), "thinking: first"),
        (ReasoningDelta("then"), "thinking: first then"),
        (ImageStarted("a cat\x1b[31m"), "drawing: a cat"),
    ]
    for event, remark in steps:
        clock[0] += 1
        screen.show([event])
        assert shown(terminal) == [remark]
    screen.end()
    assert shown(terminal) == []


async def test_pictures_sources_and_suggestions_stand_below(terminal: FakeTerminal) -> None:
    await play(
        [
            TextDelta("Text"),
            ImageMade(url="https://p.example/1.png", prompt="a cat"),
            ImageMade(url=None, preview=b"x"),
            Citation(url="https://s.example", title="A source"),
            FollowupsSuggested(("Why?",)),
        ]
    )

    assert shown(terminal) == [
        "Text",
        "",
        "Picture: a cat https://p.example/1.png",
        "Picture: it ended as a preview. `jumpseat ask --json` holds",
        "such pictures.",
        "Source: A source https://s.example",
        "You could ask: Why?",
    ]


@pytest.mark.parametrize(
    "source",
    ["\x1b[31mred", "&#x1b;[31mred", "&#x202e;red", "<http://a/%1b[2J>", "`\x9b2J`", "[a](http://b/%9b2J)"],
)
def test_nothing_that_the_parser_unescapes_reaches_the_terminal(source: str) -> None:
    console = Console(file=io.StringIO(), force_terminal=False, width=60)
    with console.capture() as capture:
        console.print(Answer(source))

    assert not set(capture.get()) & set("\x1b\x9b\u202e")


def test_html_is_shown_as_it_stands() -> None:
    console = Console(file=io.StringIO(), force_terminal=False, width=60)
    with console.capture() as capture:
        console.print(Answer("Use <b>bold</b>.\n\n<div>\nblock\n</div>"))

    assert "<b>bold</b>" in capture.get()
    assert "<div>" in capture.get()
