"""What others say, fit to be repeated: a service, or a library, may quote what it was sent."""

from __future__ import annotations

import re

MASK = "…"

# Choice: the kinds of tokens that are known, and whatever is long, holds a digit and is no address.
_SUSPECT = re.compile(
    r"(?P<address>https?://[^\s\"'<>]+)|(?P<known>\b(?:gh[a-z]_|github_pat_|eyJ)[\w.-]+)|[\w+/=%~-]{40,}"
)
_DIGIT = re.compile("[0-9]")
_PERSON = re.compile("//[^/]*@")


def masked(text: str) -> str:
    """The text without what looks like a token, and addresses without passwords and queries."""
    return _SUSPECT.sub(_instead, text)


def _instead(found: re.Match[str]) -> str:
    word = found[0]
    if found["address"]:
        address, query, _ = _PERSON.sub(f"//{MASK}@", word).partition("?")
        return f"{address}?{MASK}" if query else address
    return MASK if found["known"] or _DIGIT.search(word) else word
