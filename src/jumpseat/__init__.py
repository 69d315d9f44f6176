"""
jumpseat: your own Microsoft Copilot and GitHub Copilot accounts, from any program.

    async with jumpseat.Client() as client:
        print(await client.ask("copilot", "Hello!"))

Unofficial; not affiliated with Microsoft or GitHub. The public names are imported when first used, so that
`import jumpseat` stays quick.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING

from jumpseat._version import __version__

if TYPE_CHECKING:
    from jumpseat import errors as errors
    from jumpseat import providers as providers
    from jumpseat.blocking import BlockingClient
    from jumpseat.client import Client
    from jumpseat.deadlines import Timeouts
    from jumpseat.model.messages import Image, Message, Sampling, Text, Turn
    from jumpseat.model.reply import Reply
    from jumpseat.settings import Settings

# Whether and where anything is logged is for the program to say: without this, Python prints warnings.
logging.getLogger(__name__).addHandler(logging.NullHandler())

_HOMES = {
    "BlockingClient": "jumpseat.blocking",
    "Client": "jumpseat.client",
    "Image": "jumpseat.model.messages",
    "Message": "jumpseat.model.messages",
    "Reply": "jumpseat.model.reply",
    "Sampling": "jumpseat.model.messages",
    "Settings": "jumpseat.settings",
    "Text": "jumpseat.model.messages",
    "Timeouts": "jumpseat.deadlines",
    "Turn": "jumpseat.model.messages",
}
_MODULES = ("errors", "providers")

__all__ = [
    "BlockingClient",
    "Client",
    "Image",
    "Message",
    "Reply",
    "Sampling",
    "Settings",
    "Text",
    "Timeouts",
    "Turn",
    "__version__",
]


if not TYPE_CHECKING:  # A type checker would take any name for one of ours.

    def __getattr__(name: str) -> object:
        if name in _HOMES:
            value = getattr(import_module(_HOMES[name]), name)
            globals()[name] = value
            return value
        if name in _MODULES:
            return import_module(f"jumpseat.{name}")
        raise AttributeError(f"module 'jumpseat' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_MODULES])
