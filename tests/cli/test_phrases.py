"""How ages, ends and names are said."""

from __future__ import annotations

import pytest

from jumpseat.cli import phrases


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-7200.0, "0 seconds"),
        (0.4, "0 seconds"),
        (1.0, "1 second"),
        (59.9, "59 seconds"),
        (60.0, "1 minute"),
        (3599.0, "59 minutes"),
        (7200.0, "2 hours"),
        (86400.0 * 3, "3 days"),
        (1e300, "115740 days"),
    ],
)
def test_an_age_is_said_in_its_largest_unit(seconds: float, said: str) -> None:
    assert phrases.age(seconds) == said


def test_an_end_lies_ahead_or_behind() -> None:
    assert phrases.end(1000.0, 400.0).startswith("presumed to end in 10 minutes (")
    assert phrases.end(1000.0, 1060.0) == "presumed to have ended 1 minute ago"
    assert phrases.short_end(1000.0, 400.0) == "in 10 minutes"
    assert phrases.short_end(1000.0, 1060.0) == "1 minute ago"


@pytest.mark.parametrize("at", [1e300, 3e11, -1e300])
def test_a_moment_that_no_calendar_has_ends_no_command(at: float) -> None:
    assert "115740 days" in phrases.end(at, 0.0)


@pytest.mark.parametrize(("person", "name"), [("Heiner Müller", "heiner-m-ller"), ("李", ""), ("Bob", "bob")])
def test_a_person_lends_an_account_its_name(person: str, name: str) -> None:
    assert phrases.slug(person) == name
