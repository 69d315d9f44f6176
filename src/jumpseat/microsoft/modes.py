"""What can be asked of Microsoft Copilot: its modes, as model cards (classic protocol, section 9)."""

from __future__ import annotations

from jumpseat.model.catalog import ModelCard


def _card(
    name: str, mode: str, *aliases: str, draws_images: bool = False, reasons: bool = False
) -> ModelCard:
    return ModelCard(
        id="microsoft/" + name.lower().replace(" ", "-"),
        service="microsoft",
        mode=mode,
        name=name,
        aliases=aliases,
        # Choice: the page ties pictures of the question to no mode, so every mode is offered them.
        sees_images=True,
        draws_images=draws_images,
        reasons=reasons,
    )


CARDS: tuple[ModelCard, ...] = (
    _card("Copilot", "chat", "gpt-4", "gpt-4o", "dall-e-3", draws_images=True),
    _card("Think Deeper", "reasoning", "o1", "reasoning", reasons=True),
    _card("Smart", "smart", draws_images=True),
    _card("Study", "study"),
    _card("Search", "search"),
    # A limit of this version: the answer is the receipt that Copilot gives at once. The report follows
    # minutes later, outside the socket (section 11); Copilot's page shows it.
    _card("Deep Research", "research", reasons=True),
)
"""The first is the default."""

SAFE_MODES = frozenset({"chat", "smart"})
"""Modes that every account has; any other may be refused as unknown."""


def wire_mode(mode: str, *, server_first: bool) -> str:
    """
    What `mode` is called in a dialect.

    Choice: since August 2025 `smart` is the safe default, so the servers that greet first (September 2025 and
    later) are asked in it where the older ones are asked in `chat`.
    """
    return "smart" if server_first and mode == "chat" else mode
