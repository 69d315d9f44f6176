"""What holds for the tests of the documents' surface."""

from __future__ import annotations

import pytest

from jumpseat.microsoft import answering


@pytest.fixture(autouse=True)
def short_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not stay long after an answer for its title and suggestions, which hardly any test here awaits."""
    monkeypatch.setattr(answering, "EXTRAS_SECONDS", 0.05)


@pytest.fixture
def full_stay(short_stay: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stay as long as ever, for tests of what comes in that time."""
    monkeypatch.setattr(answering, "EXTRAS_SECONDS", 1.5)
