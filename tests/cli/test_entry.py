"""The command line as a whole: what it starts with, what it says when it is not understood."""

from __future__ import annotations

import subprocess
import sys

import pytest

from jumpseat import __version__
from jumpseat.cli import entry
from jumpseat.cli.app import COMMANDS

HEAVY = (
    *("aiohttp", "curl_cffi", "sqlalchemy", "starlette", "uvicorn", "prompt_toolkit"),
    *("cryptography", "keyring", "playwright", "nodriver"),
)


def test_the_version_is_there_before_anything_heavy_is_imported() -> None:
    """How fast that makes it is measured in `benchmarks/startup.py`."""
    program = (
        "import sys; before = set(sys.modules); from jumpseat.cli.entry import main; main(['--version']); "
        "print(*sorted(name for name in set(sys.modules) - before if not name.startswith('jumpseat'))); "
        "print(*sorted(name for name in sys.modules if name.startswith('jumpseat')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    version, others, ours = done.stdout.splitlines()
    assert version == f"jumpseat {__version__}"
    assert {name.partition(".")[0] for name in others.split()} <= sys.stdlib_module_names
    assert ours.split() == ["jumpseat", "jumpseat._version", "jumpseat.cli", "jumpseat.cli.entry"]


@pytest.mark.parametrize("name", [name for name, _, _ in COMMANDS])
def test_help_of_a_command_needs_no_library_of_its_own(name: str) -> None:
    program = (
        "import sys; from jumpseat.cli.entry import main; code = main(sys.argv[1:]); "
        f"print(code, *sorted(set(sys.modules) & set({HEAVY!r})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, name, "--help"], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "0"


def test_the_overview_names_every_command_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(["--help"]) == 0
    out = capsys.readouterr().out

    for word in (*(name for name, _, _ in COMMANDS), "130", "JUMPSEAT_DEBUG=1", "Unofficial"):
        assert word in out


def test_without_a_word_there_is_the_overview(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main([]) == 0
    assert "demo" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["aks"], 'Did you mean "ask"?'),
        (["--frobnicate"], "jumpseat --help"),
        (["simulate", "--port", "many"], "jumpseat simulate --help"),
        (["simulate", "--dialect", "none"], "client-first"),
        (["simulate", "--host", "0.0.0.0"], "this machine only"),  # noqa: S104 - it is refused
        (["simulate", "--pause", "-1"], "milliseconds"),
        (["conversations", "delete"], "which conversation"),
        (["conversations", "list", "--limit", "0"], "above 0"),
        (["conversations", "show"], "jumpseat conversations show --help"),
    ],
)
def test_what_is_not_understood_is_one_line_and_a_hint(
    words: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry.main(words) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert hint in err


def test_a_setting_that_makes_no_sense_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JUMPSEAT_PACE", "fast")

    assert entry.main(["models"]) == 2
    assert "JUMPSEAT_PACE" in capsys.readouterr().err
