"""Credentials as text, as keeps hold them: one JSON object in ASCII, whose names are those of the fields."""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec

from jumpseat.model.credentials import Credential, Secret


def encode(credential: Credential) -> Secret:
    """The whole credential as one secret text."""
    return Secret(json.dumps(msgspec.to_builtins(credential, enc_hook=_reveal)))


def decode(text: Secret) -> Credential:
    """
    The credential that `encode` made into text; fields that we do not know are passed over.

    Raises `ValueError`, which tells nothing of what the text holds.
    """
    try:
        return msgspec.convert(json.loads(text.reveal()), Credential, dec_hook=_hide)
    except (ValueError, msgspec.MsgspecError, RecursionError):
        raise ValueError("that is no credential") from None


def _reveal(value: object) -> object:
    match value:
        case Secret():
            return value.reveal()
        case Mapping():
            return dict(value)
    raise NotImplementedError(f"credentials hold no {type(value).__name__}")


def _hide(kind: type, value: object) -> object:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise ValueError("not a string")
