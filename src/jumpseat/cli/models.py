"""`jumpseat models`: what can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from jumpseat.cli import exits, running, tables
from jumpseat.cli.opening import account_of, open_client
from jumpseat.cli.output import Waiting, note, say
from jumpseat.cli.plain import one_line
from jumpseat.cli.printing import to_json
from jumpseat.model.errors import JumpseatError

if TYPE_CHECKING:
    from jumpseat.client import Client
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
    cards, missing = running.run(_fetch())
    if json:
        say(to_json([*cards]))
    else:
        show_cards(cards)
        if missing:
            note(missing)
    return exits.OK


async def _fetch() -> tuple[Sequence[ModelCard], str]:
    """The models, and a remark where some of them cannot be asked."""
    async with open_client() as client:
        missing = await who_is_missing(client)
        with Waiting("asking for the models ..."):
            return await client.models(), missing


async def who_is_missing(client: Client) -> str:
    """Which of the models cannot be asked before somebody signs in, and how to; empty if all can."""
    try:
        await account_of(client, "github")
    except JumpseatError as error:
        return f"note: the models that begin with github/ cannot be asked yet. {one_line(error.message)}."
    return ""


def show_cards(cards: Sequence[ModelCard]) -> None:
    """Print the models."""
    rows = [(card.id, card.name, _abilities(card), ", ".join(card.aliases)) for card in cards]
    tables.show(("Model", "Name", "Can", "Aliases"), rows, spare=("Name", "Can"))


def _abilities(card: ModelCard) -> str:
    claims = (
        ("chat", True),
        ("see", card.sees_images),
        ("draw", card.draws_images),
        ("reason", card.reasons),
    )
    return ", ".join(word for word, can in claims if can)
