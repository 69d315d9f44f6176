"""One question, and its answer."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from jumpseat.cli import ask as ask_command
from jumpseat.cli import entry
from jumpseat.model.errors import InvalidRequest, RateLimited, UpstreamInterrupted
from jumpseat.model.events import TextDelta
from tests.cli.fakes import FakeClient, conversation, says


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets what is piped in; None for a person."""

    def set_stdin(data: bytes | None) -> None:
        stream = io.TextIOWrapper(io.BytesIO(data or b""))
        monkeypatch.setattr(stream, "isatty", lambda: data is None, raising=False)
        monkeypatch.setattr(sys, "stdin", stream)

    set_stdin(None)
    return set_stdin


def run(client: FakeClient, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(ask_command, "open_client", lambda: client)
    return entry.main(["ask", *words])


def test_the_words_are_the_question_and_the_answer_is_printed(
    stdin: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = FakeClient(says("Fine", ", thanks."))

    assert run(client, monkeypatch, "How", "are you?") == 0

    assert capsys.readouterr() == ("Fine, thanks.\n", "")
    assert client.asked[0]["said"] == "How are you?"
    assert client.asked[0]["model"] == ""
    assert client.asked[0]["conversation"] is None
    assert client.is_closed
    assert client.answers[0].is_closed


def test_what_is_piped_in_goes_below_the_question(stdin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin("\ufeffа diff\n".encode())
    client = FakeClient(says("Yes"), says("Yes"))

    assert run(client, monkeypatch, "What is this?") == 0
    stdin(b"only piped\n")
    assert run(client, monkeypatch) == 0

    assert [asked["said"] for asked in client.asked] == ["What is this?\n\nа diff", "only piped"]


@pytest.mark.parametrize(
    ("piped", "words", "hint"),
    [
        (b"", (), "nothing to ask"),
        (b"\xff\xfe", ("hi",), "no UTF-8 text"),
        (None, ("\udcff",), "no UTF-8 text"),
        (None, ("hi", "-c", "-C", "x"), "exclude each other"),
        (None, ("hi", "-c"), "no conversation to go on with"),
        (None, ("hi", "--frobnicate"), "jumpseat ask --help"),
        (None, ("hi", "-m"), "jumpseat ask --help"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_refused_with_a_hint(
    piped: bytes | None,
    words: tuple[str, ...],
    hint: str,
    stdin: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stdin(piped)

    assert run(FakeClient(), monkeypatch, *words) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert hint in err


def test_a_question_goes_on_with_the_last_conversation_and_its_model(
    stdin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = FakeClient(says("Yes"), says("Yes"), says("Yes"))
    client.conversations.stored = [(conversation("abc-1", model="github/gpt-4o"), ())]

    run(client, monkeypatch, "and?", "-c")
    run(client, monkeypatch, "and?", "-C", "abc", "-m", "microsoft/copilot")
    run(client, monkeypatch, "and?", "--conversation", "abc", "--provider", "Copilot")

    assert [(asked["model"], asked["provider"], asked["conversation"]) for asked in client.asked] == [
        ("github/gpt-4o", None, "abc-1"),
        ("microsoft/copilot", None, "abc-1"),
        ("", "Copilot", "abc-1"),
    ]


def test_a_new_name_begins_a_conversation_and_says_so(
    stdin: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = FakeClient(says("Yes"))

    assert run(client, monkeypatch, "hi", "-C", "build-7") == 0

    assert client.asked[0]["conversation"] == "build-7"
    assert "'build-7'" in capsys.readouterr().err


def test_an_ambiguous_name_is_an_error(
    stdin: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = FakeClient()

    async def show(_name: str) -> None:
        raise InvalidRequest("two begin so", code="ambiguous_conversation")

    monkeypatch.setattr(client.conversations, "show", show)

    assert run(client, monkeypatch, "hi", "-C", "b") == 2
    assert "two begin so" in capsys.readouterr().err


def test_pictures_go_along(stdin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeClient(says("A cat"))

    assert run(client, monkeypatch, "What is it?", "-a", "one.png", "--attach", "two.jpg") == 0

    assert client.asked[0]["images"] == [Path("one.png"), Path("two.jpg")]


def test_json_is_one_object(
    stdin: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(FakeClient(says("Fine")), monkeypatch, "hi", "--json") == 0

    values = json.loads(capsys.readouterr().out)
    assert values["text"] == "Fine"
    assert values["conversation_id"] == "conversation-1"
    assert values["model"] == "microsoft/copilot"


def test_an_answer_that_breaks_leaves_its_text_and_an_error(
    stdin: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = FakeClient(
        [(TextDelta("Half an"),), UpstreamInterrupted("it broke off")], [RateLimited("slow down")]
    )

    assert run(client, monkeypatch, "hi") == 1
    assert capsys.readouterr() == ("Half an\n", "error: it broke off.\n")
    assert run(client, monkeypatch, "hi", "--json") == 4
    assert capsys.readouterr() == ("", "error: slow down.\n")


def test_on_a_terminal_waiting_is_told_and_taken_away(
    stdin: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")

    run(FakeClient(says("Fine")), monkeypatch, "hi")

    err = capsys.readouterr().err
    assert "waiting" in err
    assert err.endswith("\r\x1b[K")


def test_bytes_that_the_locale_could_not_read_are_read_as_utf_8() -> None:
    assert ask_command.compose("Привет".encode().decode("ascii", "surrogateescape"), "") == "Привет"
    with pytest.raises(InvalidRequest, match="UTF-8"):
        ask_command.compose("\udcff", "")
