"""`Copilot`: Microsoft Copilot as the documents describe it."""

from __future__ import annotations

import os
from typing import ClassVar

from jumpseat.microsoft.modes import CARDS
from jumpseat.model.credentials import Account
from jumpseat.providers.answer import Call, Cookies, MediaListType, Messages, account_of, items_of, roster_of
from jumpseat.providers.completion import Completion
from jumpseat.providers.items import Conversation
from jumpseat.settings_file import load_settings


class _SignedIn(type):
    """Read-only views of the account that is signed in now: never state that a call leaves behind."""

    @property
    def _access_token(cls) -> str | None:
        token = _signed_in().credential.token
        return token.reveal() if token else None

    @property
    def _cookies(cls) -> dict[str, str]:
        return {name: secret.reveal() for name, secret in _signed_in().credential.cookies.items()}


def _signed_in() -> Account:
    return roster_of(load_settings(os.environ)).account_for("microsoft")


class Copilot(metaclass=_SignedIn):
    """Microsoft Copilot; never instantiated."""

    label = "Microsoft Copilot"
    url = "https://copilot.microsoft.com"
    working = True
    supports_stream = True
    default_model = "Copilot"
    models: ClassVar[list[str]] = [card.name for card in CARDS]
    model_aliases: ClassVar[dict[str, str]] = {alias: card.name for card in CARDS for alias in card.aliases}
    websocket_url = "wss://copilot.microsoft.com/c/api/chat?api-version=2"
    conversation_url = "https://copilot.microsoft.com/c/api/conversations"

    @classmethod
    def create_completion(  # noqa: PLR0913, PLR0917 - the documents fix this signature
        cls,
        model: str,
        messages: Messages,
        stream: bool = False,
        proxy: str | None = None,
        timeout: float = 900,
        prompt: str | None = None,
        media: MediaListType | None = None,
        conversation: Conversation | None = None,
        return_conversation: bool = False,
        api_key: str | None = None,
        *,
        cookies: Cookies | None = None,
        conversation_id: str | None = None,
    ) -> Completion:
        """
        Ask Microsoft Copilot; use the result with `for`, `async for`, or `await` and then either.

        `api_key` is a chat token; without it the signed-in account answers, else the newest HAR file, else
        whoever signs in in a browser window (announced by a `RequestLogin`; only where a driver is installed
        and a window can be shown), else nobody signed in (anonymous). `prompt` replaces the messages. With
        `conversation` only the new user text is sent. `timeout` is in seconds for the whole exchange after
        the sign-in. Nothing is sent before the first item is asked for. Yields text, and the items of
        `jumpseat.providers`; raises any `JumpseatError`, all of them kinds of `RuntimeError`.
        """
        thread = conversation.conversation_id if conversation else conversation_id

        # Made anew for each iteration, and not before: only then is anything read or sent.
        return Completion(
            lambda: items_of(
                Call(
                    service="microsoft",
                    model=cls._model(model),
                    messages=messages,
                    stream=stream,
                    proxy=proxy,
                    timeout=timeout,
                    prompt=prompt,
                    media=media or (),
                    thread=thread,
                    return_conversation=return_conversation,
                    account=account_of("microsoft", api_key, cookies),
                    label=cls.label,
                )
            )
        )

    @classmethod
    def _model(cls, model: str) -> str:
        # The documents: whatever is called something with "Think" is Think Deeper.
        return "Think Deeper" if "think" in model.lower() else model or cls.default_model
