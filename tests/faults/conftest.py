"""What the tests of faults share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for many clients, one after the other: making an archive takes the disk some time."""
    return tmp_path_factory.mktemp("home")
