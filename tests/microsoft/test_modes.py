"""The modes of Microsoft Copilot, as cards."""

from __future__ import annotations

from jumpseat.microsoft.modes import CARDS, SAFE_MODES, wire_mode


def test_copilot_is_the_first_and_draws() -> None:
    first = CARDS[0]

    assert (first.id, first.name, first.mode, first.draws_images) == (
        "microsoft/copilot",
        "Copilot",
        "chat",
        True,
    )
    assert {"gpt-4", "gpt-4o", "dall-e-3"} == set(first.aliases)


def test_think_deeper_reasons_and_draws_nothing() -> None:
    [card] = [card for card in CARDS if card.mode == "reasoning"]

    assert (card.id, card.name) == ("microsoft/think-deeper", "Think Deeper")
    assert card.reasons
    assert not card.draws_images
    assert {"o1", "reasoning"} == set(card.aliases)


def test_every_card_has_its_own_name_mode_and_aliases() -> None:
    for words in (
        [card.id for card in CARDS],
        [card.mode for card in CARDS],
        [alias for card in CARDS for alias in card.aliases],
    ):
        assert len(set(words)) == len(words)
    assert {card.mode for card in CARDS} >= SAFE_MODES


def test_a_server_that_greets_is_asked_in_its_own_default_mode() -> None:
    assert wire_mode("chat", server_first=True) == "smart"
    assert wire_mode("chat", server_first=False) == "chat"
    assert wire_mode("reasoning", server_first=True) == "reasoning"
