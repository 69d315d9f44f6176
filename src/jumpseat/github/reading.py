"""Reading JSON whose form is known only in part: what is not as expected counts as not there."""

from __future__ import annotations

from typing import Any

import msgspec

from jumpseat.model.masking import masked

MAX_SAID_CHARS = 300

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are no JSON, no UTF-8, or nested without measure."""

_decode = msgspec.json.Decoder().decode


def object_in(data: bytes) -> dict[str, Any]:
    """The JSON object that `data` is; empty if it is none."""
    try:
        found = _decode(data)
    except UNREADABLE:
        return {}
    return found if isinstance(found, dict) else {}


def rows_in(found: object) -> list[dict[str, Any]]:
    """The objects of a list; nothing if `found` is no list."""
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def tidy(said: object) -> str:
    """What a service said, fit for one line of an error: bounded, masked, nothing that moves a cursor."""
    text = masked(" ".join(str(said).split()))
    return "".join(char for char in text if char.isprintable())[:MAX_SAID_CHARS]


def said_in(fields: object) -> str:
    """
    The sentence in an error object, "" if there is none.

    Choice: error bodies and error events are unknown (web-chat page, section 9); usual names are tried.
    """
    if isinstance(fields, str):
        return tidy(fields)
    if isinstance(fields, dict):
        return next(
            filter(None, (said_in(fields.get(name)) for name in ("description", "message", "error"))), ""
        )
    return ""
