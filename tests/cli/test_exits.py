"""Every error becomes one line and an exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jumpseat.cli import exits
from jumpseat.cli.output import ReaderGone
from jumpseat.model import errors
from jumpseat.model.errors import JumpseatError
from jumpseat.transport.wire import WireFailed
from tests.cli import programs


def raising(error: BaseException) -> int:
    def command() -> int:
        raise error

    return exits.guarded(command)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.JumpseatError("broke"), 1),
        (errors.UpstreamRefused("refused"), 1),
        (errors.UpstreamTimeout("slow", which="idle"), 1),
        (errors.MissingRequirementsError("missing"), 1),
        (errors.InvalidRequest("wrong"), 2),
        (errors.NotSignedIn("sign in"), 3),
        (errors.MissingAuthError("refused"), 3),
        (errors.NoValidHarFileError("none"), 3),
        (errors.HumanCheckRequired("check"), 3),
        (errors.RateLimited("slow down"), 4),
        (errors.QuotaExceeded("used up"), 4),
        (errors.Overloaded("full", retry_after=1), 4),
        (errors.ConversationBusy("busy", retry_after=1), 4),
        (errors.StoreUnavailable("disk full"), 5),
    ],
)
def test_the_class_of_an_error_decides_the_code(
    error: JumpseatError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert raising(error) == code
    assert capsys.readouterr().err == f"error: {error.message}.\n"


def test_an_error_is_one_harmless_line(capsys: pytest.CaptureFixture[str]) -> None:
    raising(JumpseatError("two\nlines \x1b[31mred. Done!"))

    assert capsys.readouterr().err == "error: two lines red. Done!\n"


def test_what_the_library_cannot_know_is_added(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JUMPSEAT_SIMULATOR", raising=False)
    raising(WireFailed("no connection."))
    monkeypatch.setenv("JUMPSEAT_SIMULATOR", "http://127.0.0.1:8400")
    raising(WireFailed("no connection"))
    raising(WireFailed("it broke", may_be_delivered=True))
    raising(errors.InvalidRequest("no model x", code="model_not_found"))

    assert capsys.readouterr().err.splitlines() == [
        "error: no connection. `jumpseat demo` shows everything without a network.",
        "error: no connection. JUMPSEAT_SIMULATOR is set: is `jumpseat simulate` running?",
        "error: it broke.",
        "error: no model x. `jumpseat models` lists them all.",
    ]


def test_ctrl_c_is_130_and_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert raising(KeyboardInterrupt()) == 130
    assert raising(exits.Stopped()) == 130
    assert capsys.readouterr().err == ""


def test_a_reader_that_has_gone_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert raising(ReaderGone()) == 0
    assert capsys.readouterr().err == ""


def test_an_error_of_the_system_is_named_with_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert raising(FileNotFoundError(2, "No such file or directory", "cat.png")) == 1
    assert raising(OSError(28, "No space left on device")) == 1

    assert capsys.readouterr().err == (
        "error: cat.png: No such file or directory.\nerror: No space left on device.\n"
    )


@pytest.mark.parametrize(
    ("library", "extra"), [("curl_cffi.requests", "microsoft"), ("starlette", "gateway"), ("rich", "cli")]
)
def test_a_missing_library_is_named_with_the_line_that_installs_it(
    library: str, extra: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lacking = ModuleNotFoundError(name=library)
    wrapped = ImportError("Cannot import module")
    wrapped.__cause__ = lacking

    assert raising(lacking) == 1
    assert raising(wrapped) == 1

    first, second = capsys.readouterr().err.splitlines()
    assert first == second
    assert library in first
    assert f'pip install "jumpseat[{extra}]"' in first


def test_the_words_of_an_unforeseen_error_stay_hidden_and_its_place_is_told_when_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert raising(KeyError("a-secret")) == 1
    quiet = capsys.readouterr().err
    monkeypatch.setenv("JUMPSEAT_DEBUG", "1")
    raising(KeyError("a-secret"))
    loud = capsys.readouterr().err

    assert quiet.count("\n") == 1
    assert "a-secret" not in quiet
    assert "KeyError" in quiet
    assert "Traceback" in loud
    assert "builtins.KeyError: " in loud
    assert "a-secret" not in loud


def test_warnings_stay_out_of_the_answer_unless_asked_for(tmp_path: Path) -> None:
    program = (
        "import logging, sys; from jumpseat.cli import exits; "
        "sys.exit(exits.guarded(lambda: logging.getLogger('jumpseat.x').warning('odd') or 0))"
    )
    for debug, told in (("0", ""), ("1", "WARNING jumpseat.x odd\n")):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=programs.environment(tmp_path, JUMPSEAT_DEBUG=debug),
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == told
