"""The last lines of a terminal change in place, and what is above them stays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jumpseat.cli.pane import Pane
from tests.cli.screen import FakeTerminal

LINES = st.lists(st.sampled_from(["a", "b", "a longer line", ""]), max_size=12)


def test_only_lines_that_changed_are_written_again() -> None:
    terminal = FakeTerminal()
    pane = Pane(terminal.write, lambda: 24)

    pane.paint(["one", "two"])
    pane.paint(["one", "two!"])
    pane.paint(["one", "two!"])

    assert terminal.lines == ["one", "two!"]
    assert "one" not in "".join(terminal.written[1:])
    assert len(terminal.written) == 2


def test_more_lines_than_the_screen_has_show_their_end() -> None:
    terminal = FakeTerminal(height=4)
    pane = Pane(terminal.write, lambda: 4)

    pane.paint(["1", "2", "3", "4", "5"])

    assert terminal.lines == ["3", "4", "5"]


def test_lines_that_a_narrower_terminal_broke_are_cleared_and_written_again() -> None:
    written: list[str] = []
    width = [20]
    pane = Pane(written.append, lambda: 24, lambda: width[0])
    pane.paint(["x" * 18, "y"])
    width[0] = 10
    pane.paint(["x" * 9, "y"])

    assert written[1] == "\r\x1b[3A\x1b[J", "two rows of the first line, and the second"
    assert written[2] == f"\r{'x' * 9}\x1b[K\ny\x1b[K\n\x1b[J"


def test_what_the_terminal_wrote_itself_does_not_shift_a_line() -> None:
    terminal = FakeTerminal()
    pane = Pane(terminal.write, lambda: 24)
    pane.paint(["one"])
    terminal.write("^C")
    pane.paint(["one two"])

    assert terminal.lines == ["one two"]


@given(st.lists(st.tuples(LINES, LINES), max_size=8), st.integers(2, 6))
def test_what_is_kept_stays_and_what_is_painted_is_the_last(
    steps: list[tuple[list[str], list[str]]], height: int
) -> None:
    terminal = FakeTerminal(height)
    pane = Pane(terminal.write, lambda: height)
    kept: list[str] = []

    for lines, keep in steps:
        pane.paint(lines, keep=keep)
        kept += keep

        assert terminal.lines == [*kept, *lines[-(height - 1) :]]
