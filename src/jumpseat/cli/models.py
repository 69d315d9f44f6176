"""`jumpseat models`: what can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from jumpseat.cli import exits, running, tables
from jumpseat.cli.opening import open_client
from jumpseat.cli.output import Waiting, say
from jumpseat.cli.printing import to_json

if TYPE_CHECKING:
    from jumpseat.model.catalog import ModelCard


def models(*, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """
    List the models that can be asked, each with its other names.

    A service that is signed in is asked for its own list.

    Parameters
    ----------
    json
        Print a JSON array.
    """
    cards = running.run(_fetch())
    if json:
        say(to_json([*cards]))
    else:
        show_cards(cards)
    return exits.OK


async def _fetch() -> Sequence[ModelCard]:
    with Waiting("asking for the models ..."):
        async with open_client() as client:
            return await client.models()


def show_cards(cards: Sequence[ModelCard]) -> None:
    """Print the models."""
    rows = [(card.id, card.name, _abilities(card), ", ".join(card.aliases)) for card in cards]
    tables.show(("Model", "Name", "Can", "Also called"), rows)


def _abilities(card: ModelCard) -> str:
    claims = (
        ("chat", True),
        ("see", card.sees_images),
        ("draw", card.draws_images),
        ("reason", card.reasons),
    )
    return ", ".join(word for word, can in claims if can)
