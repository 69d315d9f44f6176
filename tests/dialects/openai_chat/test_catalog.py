"""Models and providers as lists."""

from __future__ import annotations

import json

from jumpseat.dialects.openai_chat import encode_model, encode_models, encode_providers
from jumpseat.model.catalog import ModelCard

CARDS = [
    ModelCard(
        id="microsoft/copilot",
        service="microsoft",
        mode="chat",
        name="Copilot",
        aliases=("gpt-4",),
        sees_images=True,
    ),
    ModelCard(id="github/gpt-4o", service="github", mode="gpt-4o", name="GPT-4o"),
]


def test_models_are_a_list_in_the_form_of_openai() -> None:
    body = json.loads(encode_models(CARDS))

    assert body["object"] == "list"
    assert [model["id"] for model in body["data"]] == ["microsoft/copilot", "github/gpt-4o"]
    assert body["data"][0] == json.loads(encode_model(CARDS[0]))
    assert body["data"][0]["object"] == "model"
    assert isinstance(body["data"][0]["created"], int)
    assert body["data"][0]["capabilities"]["vision"] is True


def test_providers_are_listed_with_their_models() -> None:
    data = json.loads(encode_providers(CARDS))["data"]

    assert [(entry["id"], entry["models"]) for entry in data] == [
        ("Copilot", ["microsoft/copilot"]),
        ("GithubCopilot", ["github/gpt-4o"]),
    ]
