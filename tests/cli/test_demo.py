"""The demonstration, when it does not go as it should."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jumpseat.cli import demo as demo_command
from jumpseat.cli import entry
from jumpseat.model.errors import JumpseatError
from jumpseat.settings import Settings


@pytest.fixture(autouse=True)
def stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    @contextmanager
    def set_stage() -> Iterator[demo_command.Stage]:
        yield demo_command.Stage("http://127.0.0.1:1", Settings(home=tmp_path), "A remark.")

    monkeypatch.setattr(demo_command, "set_stage", set_stage)


def answer_with(monkeypatch: pytest.MonkeyPatch, *answers: str | Exception) -> list[dict[str, object]]:
    asked: list[dict[str, object]] = []
    left = list(answers)

    def stream_text(_gateway: str, body: dict[str, object]) -> Iterator[str]:
        asked.append(body)
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        yield from answer.split(" ")

    monkeypatch.setattr(demo_command, "stream_text", stream_text)
    return asked


def test_both_questions_go_into_one_conversation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = answer_with(monkeypatch, "Hello", "Your name is Heiner")

    assert entry.main(["demo", "--no-chat"]) == 0

    assert len({str(body["conversation_id"]) for body in asked}) == 1
    assert {body["provider"] for body in asked} == {"Copilot"}
    out = capsys.readouterr().out
    assert "A remark." in out
    assert "✓" in out


def test_an_answer_without_a_memory_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer_with(monkeypatch, "Hello", "Who are you?")

    assert entry.main(["demo", "--no-chat"]) == 1

    out, err = capsys.readouterr()
    assert "✓" not in out
    assert "does not remember" in err


def test_an_error_of_the_gateway_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer_with(monkeypatch, "Hello", JumpseatError("the gateway answered HTTP 500: broken"))

    assert entry.main(["demo", "--no-chat"]) == 1
    assert capsys.readouterr().err == "error: the gateway answered HTTP 500: broken.\n"
