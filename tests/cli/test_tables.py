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
    tables.show(HEADINGS, ROWS, fixed=2, is_cut=True, spare={"Model"})

    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert len(lines) == 3
    assert all(len(line) <= int(columns) for line in lines)
    assert lines[2].startswith("a-rather-long-identifier ")
    assert lines[2].endswith("…")
    assert ("microsoft/copilot" in lines[2]) is has_model


def test_a_program_gets_all_of_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    tables.show(HEADINGS, ROWS, is_cut=True, spare={"Model"})

    assert capsys.readouterr().out == "\t".join(ROWS[0]).rstrip() + "\n"
