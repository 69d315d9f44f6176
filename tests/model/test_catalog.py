"""The names of the services."""

from __future__ import annotations

import pytest

from jumpseat.model.catalog import service_of
from jumpseat.model.errors import InvalidRequest


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("Copilot", "microsoft"),
        ("MICROSOFT", "microsoft"),
        ("githubcopilot", "github"),
        (" GitHub ", "github"),
    ],
)
def test_a_provider_is_known_by_four_names_in_any_case(name: str, service: str) -> None:
    assert service_of(name) == service


def test_a_provider_nobody_knows_is_refused_with_the_names() -> None:
    with pytest.raises(InvalidRequest, match=r"\"Copilot\".*\"GithubCopilot\"") as raised:
        service_of("Gemini" * 100)

    assert raised.value.param == "provider"
    assert len(str(raised.value)) < 200
