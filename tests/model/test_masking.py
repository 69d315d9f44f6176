"""What others say is repeated without what looks like a token."""

from __future__ import annotations

import pytest

from jumpseat.model.masking import masked

LONG = "EwBIA8l6BAAU7p9QDpi/0x7a+Kg2CAyQ2Vn7kb0AAb0Xx4sJx1dWm"


@pytest.mark.parametrize(
    ("said", "repeated"),
    [
        ("Bad credentials", "Bad credentials"),
        ("gho_16C7e42F292c6912E7710c838347Ae178B4a is none", "… is none"),
        ("the token github_pat_11AB.", "the token …"),
        ("jwt eyJhbGciOi.eyJzdWIi.c2ln.", "jwt …"),
        (f"Authorization: Bearer {LONG}", "Authorization: Bearer …"),
        (f"cookie user_session={LONG}; path=/", "cookie …; path=/"),
        ("id 6f1c0f36-3d6b-4a0e-9f0a-0d6a6f4f1c2d", "id 6f1c0f36-3d6b-4a0e-9f0a-0d6a6f4f1c2d"),
        ("see https://docs.github.com/en/copilot/how-tos/set-up/2025-04-01-preview", None),
        ("at https://a.example/x?access_token=abc", "at https://a.example/x?…"),
        ("via http://user:pass@proxy.example:80/", "via http://…@proxy.example:80/"),
        ("nothing-but-words-that-are-joined-by-hyphens-may-stay", None),
        ("sim-alice.0123456789abcdef0123456789abcdef", "…"),
        ("", ""),
    ],
)
def test_tokens_are_masked_and_words_stay(said: str, repeated: str | None) -> None:
    assert masked(said) == (said if repeated is None else repeated)


def test_who_knows_that_identifiers_are_shorter_may_say_so() -> None:
    assert masked("unused: 0123456789abcdef0123", long=20) == "unused: …"
    assert masked("unused: 0123456789abcdef0123") == "unused: 0123456789abcdef0123"
