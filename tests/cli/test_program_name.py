"""What a person is told to type is something that the shell finds."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jumpseat.cli.output import program_name


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of ours in a folder of its own, run from the folder above it, out of the shell's reach."""
    path = tmp_path / ".venv" / "bin" / "jumpseat"
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "argv", [str(path)])
    return path


def test_a_program_off_the_path_is_named_from_here(program: Path) -> None:
    assert program_name() == ".venv/bin/jumpseat"


def test_from_elsewhere_it_is_named_whole(
    program: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert program_name() == str(program)


def test_a_program_that_the_shell_finds_needs_its_name_alone(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(program.parent))
    assert program_name() == "jumpseat"


def test_run_as_a_module_the_name_will_do(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/x/__main__.py"])
    assert program_name() == "jumpseat"
