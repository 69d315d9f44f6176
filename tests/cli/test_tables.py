"""Rows fit the terminal they are shown on."""

from __future__ import annotations

import sys

import pytest

from jumpseat.cli import tables

HEADINGS = ("Conversation", "Model", "Title")
ROWS = [("a-rather-long-identifier", "microsoft/copilot", "a title [of] many words " * 4)]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "is_terminal", lambda stream: stream is sys.stdout)


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(("columns", "has_model"), [("80", True), ("40", False)])
def test_what_is_copied_stays_whole_and_the_rest_gives_way(
    columns: str, has_model: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    tables.show(HEADINGS, ROWS, fixed=2, is_cut=True, spare=("Model",))

    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert len(lines) == 3
    assert all(len(line) <= int(columns) for line in lines)
    assert lines[2].startswith("a-rather-long-identifier ")
    assert lines[2].endswith("…")
    assert ("microsoft/copilot" in lines[2]) is has_model


def test_a_program_gets_all_of_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    tables.show(HEADINGS, ROWS, is_cut=True, spare=("Model",))

    assert capsys.readouterr().out == "\t".join(ROWS[0]).rstrip() + "\n"


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(
    ("columns", "there", "gone"),
    [
        ("80", ("Kept in", "Age", "Whose"), ("Refusal",)),
        ("60", ("Whose", "Kept in"), ("Age", "Refusal")),
        ("40", ("*", "Name"), ("Whose", "Kept in", "Age", "Refusal")),
    ],
)
def test_columns_are_spared_one_by_one_and_empty_ones_first(
    columns: str,
    there: tuple[str, ...],
    gone: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    headings = ("", "Name", "Whose", "Kept in", "Age", "Refusal")
    rows = [("*", "a-name-of-twenty-one-x", "Heiner M.", "a plain file", "2 minutes", "")]

    tables.show(headings, rows, fixed=2, spare=("Age", "Kept in", "Whose"))

    shown = capsys.readouterr().out
    assert len(shown.split("\n")) == 6, "no row is folded"
    assert all(word in shown for word in there)
    assert not any(word in shown for word in gone)


@pytest.mark.parametrize(
    ("natural", "room", "fixed", "widths"),
    [
        ([1, 10, 20], 40, 2, [1, 10, 20]),
        ([1, 10, 20], 25, 2, [1, 10, 14]),
        ([1, 30, 20], 25, 2, [1, 16, 8]),
        ([1, 64], 30, 2, [1, 29]),
    ],
)
def test_the_widest_gives_way_when_nothing_else_can(
    natural: list[int], room: int, fixed: int, widths: list[int]
) -> None:
    assert tables.fitted(natural, room, fixed) == widths
