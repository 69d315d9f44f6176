"""What was said, listed, shown, found, exported and forgotten."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from jumpseat.cli import entry
from jumpseat.settings import Settings
from jumpseat.store.sql import open_archive
from tests.cli.fakes import conversation, message

UUID = "0d8adca5-5f6a-4d17-8000-000000000001"


@pytest.fixture(autouse=True)
def remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUMPSEAT_HOME", str(tmp_path / "state"))

    async def fill() -> None:
        archive = open_archive(Settings(home=tmp_path / "state"))
        said = [
            message("user", "Remember the milk."),
            message("assistant", "I will.\x1b[2J", state="interrupted"),
        ]
        await archive.remember(conversation("shopping", title="Milk\x1b[31m\nand [bold]bread"), said)
        later = conversation(
            UUID, title=None, updated_at=1_795_000_900.0, service="github", model="github/gpt-4o"
        )
        await archive.remember(later, [message("user", None)])
        await archive.remember(conversation("theirs", owner="somebody"), [message("user", "Milk")])
        await archive.aclose()

    asyncio.run(fill())


def run(*words: str) -> int:
    return entry.main(["conversations", *words])


def test_the_newest_comes_first_and_titles_are_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0

    first, second = capsys.readouterr().out.splitlines()
    assert first.split("\t")[0] == UUID
    assert second.split("\t")[0] == "shopping"
    assert second.split("\t")[3] == "Milk and [bold]bread"


def test_a_list_for_programs_is_json_and_names_no_owner(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--json", "--limit", "1") == 0

    (item,) = json.loads(capsys.readouterr().out)
    assert item["conversation_id"] == UUID
    assert "owner" not in item


def test_search_finds_what_was_said_in_any_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("search", "THE", "milk") == 0
    assert capsys.readouterr().out.startswith("shopping\t")

    assert run("search") == 2
    assert "say what to look for" in capsys.readouterr().err
    assert run("search", "milk", "--limit", "0") == 2
    assert "above 0" in capsys.readouterr().err
    assert run("search", "butter") == 0
    assert capsys.readouterr() == ("", "Nothing was found. `jumpseat conversations list` shows them all.\n")


def test_a_conversation_is_shown_by_the_beginning_of_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "shop") == 0

    out = capsys.readouterr().out
    assert out.startswith("# Milk and [bold]bread\n")
    assert "## You\n\nRemember the milk.\n" in out
    assert "## Copilot\n\nI will.\n\n*(stopped here)*\n" in out


def test_text_that_was_not_kept_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", UUID) == 0
    assert "*(the text was not kept)*" in capsys.readouterr().out


def test_json_keeps_the_exact_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "--json", "shopping") == 0

    shown = json.loads(capsys.readouterr().out)
    assert [said["text"] for said in shown["messages"]] == ["Remember the milk.", "I will.\x1b[2J"]
    assert shown["messages"][1]["state"] == "interrupted"


def test_an_export_is_a_new_private_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, values = tmp_path / "milk.md", tmp_path / "milk.json"

    assert run("export", "shopping", "-o", str(page)) == 0
    assert run("export", "shopping", "--json", "--output", str(values)) == 0
    assert run("export", "shopping", "-o", str(page)) == 2
    assert run("export", "shopping", "-o", str(tmp_path / "nowhere" / "milk.md")) == 5
    assert run("export", "shopping") == 0

    out, err = capsys.readouterr()
    assert "is there already" in err
    assert "cannot be written" in err
    assert page.read_text() == out
    assert page.stat().st_mode & 0o777 == 0o600
    assert json.loads(values.read_text())["conversation_id"] == "shopping"


def test_where_nobody_can_be_asked_delete_needs_a_yes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("delete", "shopping") == 2
    assert "--yes" in capsys.readouterr().err

    assert run("delete", "shopping", UUID[:8], "--yes") == 0
    capsys.readouterr()
    assert run("list") == 0
    assert capsys.readouterr() == ("", "There is no conversation yet. `jumpseat chat` begins one.\n")


def test_a_name_that_nothing_has_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "theirs") == 2
    assert "jumpseat conversations list" in capsys.readouterr().err
