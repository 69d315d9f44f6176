"""Which model a name means: ids, names and aliases, however a person or a program writes them."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Sequence
from typing import get_args

from jumpseat.model.catalog import ModelCard, Service, service_of
from jumpseat.model.errors import InvalidRequest

DEFAULT_MODELS: dict[Service, str] = {"microsoft": "microsoft/copilot", "github": "github/gpt-4o"}


def resolve(name: str, provider: str | None, cards: Sequence[ModelCard], default: str) -> ModelCard:
    """
    The card that `name` means, among `cards`.

    An empty name means the provider's default model, or without a provider `default`. Case, blanks and
    `.`, `_`, `-` make no difference. `github/` and an unknown model is taken as it stands: GitHub's list
    changes by the week and the service itself judges the name.
    Raises `InvalidRequest` (code `model_not_found`) that names the nearest ones.
    """
    service = service_of(provider) if provider else None
    wanted = name.strip() or (DEFAULT_MODELS[service] if service else default)
    mine = [card for card in cards if service is None or card.service == service]
    key = _plain(wanted)
    for card in mine:
        if key in _keys(card):
            return card
    prefix, slash, mode = wanted.partition("/")
    if slash and prefix.lower() == "github" and mode and service != "microsoft":
        return ModelCard(id=f"github/{mode}", service="github", mode=mode, name=mode)
    raise InvalidRequest(_unknown(wanted, mine), param="model", code="model_not_found")


def _keys(card: ModelCard) -> set[str]:
    return {_plain(word) for word in (card.id, card.name, card.mode, *card.aliases)}


@functools.lru_cache(maxsize=1024)
def _plain(name: str) -> str:
    return re.sub(r"[\s._-]+", "", name).lower()


def _unknown(wanted: str, cards: Sequence[ModelCard]) -> str:
    ids = [card.id for card in cards]
    words = {
        word.lower(): card.id for card in cards for word in (card.id, card.name, card.mode, *card.aliases)
    }
    near = [words[word] for word in difflib.get_close_matches(wanted.lower(), list(words), n=3, cutoff=0.5)]
    hint = "the nearest: " if near else "there are: "
    return f"there is no model {wanted!r}; {hint}{', '.join(dict.fromkeys(near or ids))}"


assert set(DEFAULT_MODELS) == set(get_args(Service))  # noqa: S101 - a table that must stay whole
