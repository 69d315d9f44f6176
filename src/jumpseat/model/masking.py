"""What others say, fit to be repeated: a service, or a library, may quote what it was sent."""

from __future__ import annotations

import re

MASK = "…"

LONG = 40
"""Choice: so many characters in a row, with a digit among them, may be a token; identifiers are shorter."""

_ADDRESS = r"(?P<address>https?://[^\s\"'<>]+)"
_KNOWN = r"(?P<known>\b(?:gh[a-z]_|github_pat_|eyJ)[\w.-]+)"
_DIGIT = re.compile("[0-9]")
_PERSON = re.compile("//[^/]*@")


def masked(text: str, *, long: int = LONG) -> str:
    """
    The text without what looks like a token, and addresses without passwords and queries.

    Whatever has at least `long` characters in a row and a digit among them looks like one.
    """
    return re.sub(rf"{_ADDRESS}|{_KNOWN}|[\w+/=%~.-]{{{long},}}", _instead, text)


def _instead(found: re.Match[str]) -> str:
    word = found[0]
    if found["address"]:
        address, query, _ = _PERSON.sub(f"//{MASK}@", word).partition("?")
        return f"{address}?{MASK}" if query else address
    return MASK if found["known"] or _DIGIT.search(word) else word
