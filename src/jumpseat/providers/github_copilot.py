"""`GithubCopilot`: GitHub Copilot's web chat as the documents describe it."""

from __future__ import annotations

from jumpseat.blocking import BlockingClient
from jumpseat.github.web import CARDS
from jumpseat.providers.answer import Call, Cookies, MediaListType, Messages, account_of, items_of
from jumpseat.providers.completion import Completion
from jumpseat.providers.items import Conversation

_DOCUMENTED = tuple(card.mode for card in CARDS)


class _Listing(type):
    """The models: the documents' four, then what the signed-in account's live list said last."""

    _live: tuple[str, ...] = ()

    @property
    def models(cls) -> list[str]:
        return list(dict.fromkeys((*_DOCUMENTED, *cls._live)))


class GithubCopilot(metaclass=_Listing):
    """GitHub Copilot's web chat; never instantiated."""

    label = "GitHub Copilot"
    url = "https://github.com/copilot"
    working = True
    needs_auth = True
    supports_stream = True
    default_model = "gpt-4o"

    @classmethod
    def get_models(cls) -> list[str]:
        """
        Ask for the signed-in account's live list; from then on `models` has it too.

        Reading `models` alone asks nobody. Without an account, or while the service is away, what was known
        before stands.
        """
        with BlockingClient() as client:
            cards = client.models()
        cls._live = tuple(card.mode for card in cards if card.service == "github")
        return cls.models

    @classmethod
    def create_async_generator(  # noqa: PLR0913 - the documents fix this signature
        cls,
        model: str,
        messages: Messages,
        stream: bool = False,
        api_key: str | None = None,
        proxy: str | None = None,
        cookies: Cookies | None = None,
        conversation_id: str | None = None,
        conversation: Conversation | None = None,
        return_conversation: bool = False,
        *,
        timeout: float = 900,
        prompt: str | None = None,
        media: MediaListType | None = None,
    ) -> Completion:
        """
        Ask GitHub Copilot; use the result with `async for`, directly or after `await`, or with `for`.

        `api_key` is the short-lived token of the web chat (not a personal access token, which does not work
        here); without it one is fetched with `cookies`, or those of the signed-in account. `conversation` or
        `conversation_id` goes on in a thread and sends only the last user text; a new thread is told
        everything. Raises any `JumpseatError`, all of them kinds of `RuntimeError`.
        """
        thread = conversation.conversation_id if conversation else conversation_id

        name = model or cls.default_model
        # Made anew for each iteration, and not before: only then is anything read or sent.
        return Completion(
            lambda: items_of(
                Call(
                    service="github",
                    model=name if "/" in name else f"github/{name}",
                    messages=messages,
                    stream=stream,
                    proxy=proxy,
                    timeout=timeout,
                    prompt=prompt,
                    media=media or (),
                    thread=thread,
                    return_conversation=return_conversation,
                    account=account_of("github", api_key, cookies),
                )
            )
        )
