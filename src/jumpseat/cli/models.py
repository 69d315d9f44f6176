"""`jumpseat models`: what can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from jumpseat.cli import exits, running, tables
from jumpseat.cli.opening import open_client, read_settings
from jumpseat.cli.output import Waiting, note, say
from jumpseat.cli.plain import one_line
from jumpseat.cli.printing import to_json
from jumpseat.model.errors import NotSignedIn
from jumpseat.settings import Settings

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
    settings = read_settings()
    cards = running.run(_fetch(settings))
    if json:
        say(to_json([*cards]))
    else:
        show_cards(cards)
        tell_who_is_missing(settings)
    return exits.OK


async def _fetch(settings: Settings) -> Sequence[ModelCard]:
    with Waiting("asking for the models ..."):
        async with open_client(settings) as client:
            return await client.models()


def tell_who_is_missing(settings: Settings) -> None:
    """Say which of the models cannot be asked before somebody signs in, and how to."""
    from jumpseat.accounts.roster import Roster

    try:
        Roster(settings).account_for("github")
    except NotSignedIn as error:
        note(f"note: the models that begin with github/ cannot be asked yet. {one_line(error.message)}.")


def show_cards(cards: Sequence[ModelCard]) -> None:
    """Print the models."""
    rows = [(card.id, card.name, _abilities(card), ", ".join(card.aliases)) for card in cards]
    tables.show(("Model", "Name", "Can", "Aliases"), rows, spare={"Name", "Can"})


def _abilities(card: ModelCard) -> str:
    claims = (
        ("chat", True),
        ("see", card.sees_images),
        ("draw", card.draws_images),
        ("reason", card.reasons),
    )
    return ", ".join(word for word, can in claims if can)
