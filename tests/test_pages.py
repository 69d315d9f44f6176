"""The pages say what is so: their code runs, their links lead somewhere, their tables are whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jumpseat import errors
from jumpseat.dialects.openai_chat.wire import WireRequest
from jumpseat.simulator import SimulatorThread

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "SECURITY.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


def code_of(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)


def test_the_readmes_example_remembers(
    simulated: SimulatorThread, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(compile(code_of("README.md")[0], "README.md", "exec"), {})  # noqa: S102 - it is ours

    first, _, second = capsys.readouterr().out.partition("\n")
    assert "Heiner" in first + second
    assert "Heiner" in second or first.count("Heiner") > 1


def test_the_first_example_of_the_how_to_runs(
    simulated: SimulatorThread, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(compile(code_of("docs/how-to.md")[0], "how-to.md", "exec"), {})  # noqa: S102 - it is ours

    assert len(capsys.readouterr().out.splitlines()) > 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if not re.match(r"[a-z]+:", target)]

    assert [target for target in local if not (page.parent / target).exists()] == []


def test_every_known_field_of_a_request_is_on_the_page() -> None:
    page = (ROOT / "docs" / "compatibility.md").read_text(encoding="utf-8")

    assert [name for name in WireRequest.__struct_fields__ if f"`{name}`" not in page] == []


def test_every_error_one_can_meet_is_explained() -> None:
    page = (ROOT / "docs" / "how-to.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE))

    assert explained >= {
        errors.NotSignedIn.code,
        errors.HumanCheckRequired.code,
        errors.RateLimited.code,
        errors.QuotaExceeded.code,
        errors.UpstreamRefused.code,
        errors.UpstreamTimeout.code,
        errors.UpstreamInterrupted.code,
        errors.ConversationBusy.code,
        "context_length_exceeded",
    }
