"""Which settings answer before the accounts that are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from jumpseat.accounts.overriding import advice, overriding
from jumpseat.model.catalog import Service
from jumpseat.model.credentials import Secret
from jumpseat.settings import SIMULATOR_WEB_TOKEN, Settings

SETTINGS = Settings(
    microsoft_token=Secret("t"),
    microsoft_cookies=Path("c"),
    github_web_token=Secret("w"),
)


@pytest.mark.parametrize(
    ("service", "names"),
    [
        ("microsoft", ["JUMPSEAT_MICROSOFT_TOKEN", "JUMPSEAT_MICROSOFT_COOKIES"]),
        ("github", ["JUMPSEAT_GITHUB_WEB_TOKEN"]),
    ],
)
def test_those_of_a_service_are_named(service: Service, names: list[str]) -> None:
    assert overriding(SETTINGS, service) == names
    assert set(names) < set(overriding(SETTINGS))


def test_the_simulators_public_token_is_nobodys() -> None:
    assert overriding(Settings(github_web_token=Secret(SIMULATOR_WEB_TOKEN))) == []


def test_what_to_unset_is_said_only_where_something_is_set() -> None:
    assert advice(Settings(), "microsoft") is None
    assert advice(SETTINGS, "microsoft") == (
        "JUMPSEAT_MICROSOFT_TOKEN and JUMPSEAT_MICROSOFT_COOKIES would still be asked with first: unset that."
    )
