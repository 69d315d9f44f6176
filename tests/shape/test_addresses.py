"""No registry and no machine is named."""

import pytest

from tools import addresses


@pytest.mark.parametrize("words", addresses.FORBIDDEN)
def test_each_forbidden_word_is_found_with_its_line(words: str) -> None:
    assert list(addresses.slips(f"first\nsee {words} there\n")) == [(2, words)]


def test_ordinary_text_passes() -> None:
    assert list(addresses.slips("GET https://example.com/home?work=1\n~/.local/share/jumpseat\n")) == []
