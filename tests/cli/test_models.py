"""The list of models says which of them cannot be asked yet."""

from __future__ import annotations

import pytest

from jumpseat.cli.models import tell_who_is_missing
from jumpseat.settings import Settings


def test_models_that_need_a_sign_in_are_told_with_how_to(capsys: pytest.CaptureFixture[str]) -> None:
    tell_who_is_missing(Settings.from_environment({}))

    said = capsys.readouterr().err
    assert said.startswith("note: the models that begin with github/ cannot be asked yet. ")
    assert "JUMPSEAT_GITHUB_COOKIES" in said
    assert said.count("\n") == 1


def test_with_a_simulator_all_can_be_asked(capsys: pytest.CaptureFixture[str]) -> None:
    tell_who_is_missing(Settings.from_environment({"JUMPSEAT_SIMULATOR": "http://127.0.0.1:8400"}))

    assert capsys.readouterr().err == ""
