"""Tests of the recordings that settings name, and of those in the folder for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from jumpseat.accounts.recorded import newest_recording
from jumpseat.accounts.roster import Roster
from jumpseat.model.errors import NotSignedIn
from jumpseat.settings import Settings
from tests.accounts.fakes import FakeVault


def test_files_are_read_up_to_the_limit_that_is_set(tmp_path: Path) -> None:
    path = tmp_path / "x.har"
    path.write_bytes(b" " * (1024 * 1024 + 1))
    settings = Settings(home=tmp_path, microsoft_cookies=path, github_cookies=path, har_limit=1)
    roster = Roster(settings, FakeVault())
    readings = (
        lambda: roster.account_for("microsoft"),
        lambda: roster.account_for("github"),
        lambda: newest_recording(settings, "https://copilot.microsoft.com"),
    )

    for read in readings:
        with pytest.raises(NotSignedIn, match="JUMPSEAT_HAR_LIMIT=2"):
            read()
