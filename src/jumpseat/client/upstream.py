"""What the client asks of a party: the one Protocol that every upstream's shell satisfies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from jumpseat.deadlines import Deadlines
from jumpseat.model.catalog import ModelCard, Question, Service
from jumpseat.model.credentials import Account
from jumpseat.stream import Answering


class Upstream(Protocol):
    """A service that remembers conversations and answers one text at a time."""

    @property
    def service(self) -> Service: ...

    def cards(self) -> Sequence[ModelCard]:
        """The models known without asking."""

    async def live_models(self, account: Account, deadlines: Deadlines) -> Sequence[ModelCard]:
        """The models the service lists for this account now."""

    async def identify(self, account: Account, deadlines: Deadlines) -> str | None:
        """
        Ask whether the service accepts the account, and who it is: a first name, None where it does not say.

        No question is put. Raises `NotSignedIn` when it does not.
        """

    async def question_limit(self, account: Account, deadlines: Deadlines) -> int:
        """Longest question the service takes, in characters."""

    async def open_conversation(self, account: Account, deadlines: Deadlines) -> str:
        """Open a new conversation there; returns the upstream's identifier of it."""

    async def ask(
        self, account: Account, conversation_id: str, question: Question, deadlines: Deadlines
    ) -> Answering:
        """
        Put the question; the caller closes what is returned.

        Raises `ConversationLost`, before anything was delivered, when the conversation is gone or full;
        `receive()` of the answer may raise it too, as long as it gave no event.
        """

    async def aclose(self) -> None: ...


class Memo(Protocol):
    """A few words that outlive the process."""

    async def get(self, key: str) -> str | None: ...

    async def set(self, key: str, value: str) -> None: ...
