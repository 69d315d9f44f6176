"""The line that counts down."""

from __future__ import annotations

import asyncio

import pytest

from jumpseat.cli import countdown
from jumpseat.cli.countdown import Countdown
from tests.waiting import until_async


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard error, wherever it goes, is a terminal."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(countdown, "is_terminal", lambda _: True)


@pytest.mark.usefixtures("terminal")
async def test_it_counts_down_and_is_gone(capsys: pytest.CaptureFixture[str]) -> None:
    seen = ""

    def now_seen() -> str:
        nonlocal seen
        seen += capsys.readouterr().err
        return seen

    line = Countdown("Waiting.")
    line.start(61)
    assert "Waiting. 1:01" in now_seen()
    await until_async(lambda: "Waiting. 1:00" in now_seen())
    line.tell("note: rain")
    line.over()
    line.over()

    assert now_seen().endswith("\r\x1b[Knote: rain\n\r\x1b[K\x1b[2mWaiting. 1:00\x1b[0m\r\x1b[K")


@pytest.mark.usefixtures("terminal")
async def test_it_never_counts_below_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    line = Countdown("Waiting.")

    line.start(-5)

    assert "Waiting. 0:00" in capsys.readouterr().err
    line.over()


@pytest.mark.parametrize("is_dumb", [False, True])
async def test_where_no_person_looks_it_is_silent(
    is_dumb: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_dumb:
        monkeypatch.setattr(countdown, "is_terminal", lambda _: True)
        monkeypatch.setenv("TERM", "dumb")
    line = Countdown("Waiting.")

    line.start(60)
    line.tell("note: rain")
    line.over()

    assert capsys.readouterr().err == "note: rain\n"
    assert len(asyncio.all_tasks()) == 1
