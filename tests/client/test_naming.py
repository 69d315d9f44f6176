"""What a model's name may look like."""

from __future__ import annotations

import pytest

from jumpseat.client.naming import resolve
from jumpseat.model.catalog import ModelCard
from jumpseat.model.errors import InvalidRequest

CARDS = [
    ModelCard(id="microsoft/copilot", service="microsoft", mode="chat", name="Copilot", aliases=("gpt-4o",)),
    ModelCard(id="microsoft/think-deeper", service="microsoft", mode="reasoning", name="Think Deeper"),
    ModelCard(id="github/gpt-4o", service="github", mode="gpt-4o", name="GPT-4o"),
    ModelCard(
        id="github/claude-3.5-sonnet", service="github", mode="claude-3.5-sonnet", name="Claude 3.5 Sonnet"
    ),
]


@pytest.mark.parametrize(
    ("name", "provider", "meant"),
    [
        ("", None, "microsoft/copilot"),
        ("", "GithubCopilot", "github/gpt-4o"),
        ("", "COPILOT", "microsoft/copilot"),
        ("Copilot", None, "microsoft/copilot"),
        ("think deeper", None, "microsoft/think-deeper"),
        ("THINK_DEEPER", "microsoft", "microsoft/think-deeper"),
        ("reasoning", None, "microsoft/think-deeper"),
        ("gpt-4o", None, "microsoft/copilot"),
        ("gpt-4o", "github", "github/gpt-4o"),
        ("github/gpt-4o", None, "github/gpt-4o"),
        ("claude-3-5-sonnet", None, "github/claude-3.5-sonnet"),
        ("github/gpt-9", None, "github/gpt-9"),
        ("github/gpt-9", "github", "github/gpt-9"),
    ],
)
def test_a_name_means_a_card(name: str, provider: str | None, meant: str) -> None:
    assert resolve(name, provider, CARDS, "microsoft/copilot").id == meant


@pytest.mark.parametrize(
    ("name", "provider"), [("gpt-9", None), ("github/gpt-9", "microsoft"), ("microsoft/gpt-9", None)]
)
def test_a_name_nobody_knows_is_refused(name: str, provider: str | None) -> None:
    with pytest.raises(InvalidRequest) as refused:
        resolve(name, provider, CARDS, "microsoft/copilot")
    assert (refused.value.param, refused.value.code) == ("model", "model_not_found")


def test_the_nearest_names_are_told() -> None:
    with pytest.raises(InvalidRequest, match="the nearest: microsoft/think-deeper"):
        resolve("thnk deper", None, CARDS, "microsoft/copilot")


def test_without_a_near_one_all_are_told() -> None:
    with pytest.raises(InvalidRequest, match="there are: microsoft/copilot, microsoft/think-deeper"):
        resolve("zzzzzz", None, CARDS, "microsoft/copilot")
