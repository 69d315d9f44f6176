"""Models and providers as lists in the form of OpenAI."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from jumpseat.dialects.openai_chat.reply import PROVIDER_NAMES
from jumpseat.model.catalog import ModelCard, Service

_ABOUT: dict[Service, tuple[str, str]] = {
    "microsoft": ("Microsoft Copilot", "https://copilot.microsoft.com"),
    "github": ("GitHub Copilot", "https://github.com/copilot"),
}


def encode_models(cards: Sequence[ModelCard]) -> bytes:
    """The list of models."""
    return msgspec.json.encode({"object": "list", "data": [_model(card) for card in cards]})


def encode_model(card: ModelCard) -> bytes:
    """One model."""
    return msgspec.json.encode(_model(card))


def encode_providers(cards: Sequence[ModelCard]) -> bytes:
    """The list of providers, each with the models it has."""
    providers = [
        {
            "id": PROVIDER_NAMES[service],
            "object": "provider",
            "service": service,
            "label": label,
            "url": url,
            "models": [card.id for card in cards if card.service == service],
        }
        for service, (label, url) in _ABOUT.items()
    ]
    return msgspec.json.encode({"object": "list", "data": providers})


def _model(card: ModelCard) -> dict[str, object]:
    return {
        "id": card.id,
        "object": "model",
        # Nobody says when a model was made; clients insist on a number.
        "created": 0,
        "owned_by": card.service,
        "name": card.name,
        "provider": PROVIDER_NAMES[card.service],
        "aliases": card.aliases,
        "capabilities": {
            "vision": card.sees_images,
            "image_generation": card.draws_images,
            "reasoning": card.reasons,
        },
    }
