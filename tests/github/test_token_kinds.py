"""The kinds of GitHub tokens."""

from __future__ import annotations

import pytest

from jumpseat.github.token_kinds import KINDS, UNKNOWN, checked_kind, kind_of
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import NotSignedIn


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.prefix)
def test_a_kind_is_known_by_its_first_letters(kind: object) -> None:
    assert kind_of(Secret(f"{kind.prefix}abc")) is kind  # type: ignore[attr-defined]


def test_the_token_of_an_oauth_app_needs_no_remark() -> None:
    assert checked_kind(Secret("gho_abc")).remark == ""


@pytest.mark.parametrize(
    ("token", "word"),
    [
        ("ghu_abc", "refuses most"),
        ("github_pat_abc", "Copilot Requests"),
        ("ghs_abc", "billed to the organisation"),
        ("0123abc", "begin with gho_"),
    ],
)
def test_the_others_get_an_honest_word(token: str, word: str) -> None:
    assert word in checked_kind(Secret(token)).remark


def test_what_begins_like_none_is_unknown() -> None:
    assert kind_of(Secret("0123abc")) is UNKNOWN


@pytest.mark.parametrize("token", ["ghp_CANARY", "ghr_CANARY"])
def test_what_never_works_is_refused_with_the_way_round_and_not_repeated(token: str) -> None:
    with pytest.raises(NotSignedIn, match="never works for Copilot") as caught:
        checked_kind(Secret(token))
    assert caught.value.code == "wrong_token_kind"
    assert "--from-gh" in caught.value.message
    assert "CANARY" not in caught.value.message
