"""A scripted upstream for the client's tests: it records what it is asked and answers what it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from jumpseat.deadlines import Deadlines
from jumpseat.model.catalog import ModelCard, Question, Service
from jumpseat.model.credentials import Account
from jumpseat.model.events import ChatEvent, Finished, Started, TextDelta

Step = Sequence[ChatEvent] | Exception | asyncio.Event


def answer(*texts: str) -> list[Step]:
    """The steps of an ordinary answer, a batch for each text."""
    return [[Started(conversation_id="u")], *([TextDelta(text)] for text in texts), [Finished("stop")]]


class ScriptedAnswering:
    """Plays its steps: a batch is given, an error raised, an event waited for."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = list(steps)
        self.closed = 0

    async def receive(self) -> Sequence[ChatEvent]:
        if not self._steps:
            return ()
        step = self._steps.pop(0)
        if isinstance(step, Exception):
            raise step
        if isinstance(step, asyncio.Event):
            await step.wait()
            return await self.receive()
        return step

    async def aclose(self) -> None:
        self.closed += 1


class ScriptedUpstream:
    """An upstream of one service whose answers are given in advance."""

    def __init__(self, service: Service, *, limit: int = 1000) -> None:
        self.service: Service = service
        self.limit = limit
        self.opened = 0
        self.asked: list[tuple[str, Question]] = []
        self.accounts: list[Account] = []
        self.answers: list[list[Step]] = []
        self.given: list[ScriptedAnswering] = []
        self.on_ask: Callable[[], None] | None = None
        self.live: Sequence[ModelCard] | Exception = ()
        self.person: str | Exception | None = None
        self.closed = 0

    def cards(self) -> Sequence[ModelCard]:
        name = "copilot" if self.service == "microsoft" else "gpt-4o"
        card = ModelCard(
            id=f"{self.service}/{name}",
            service=self.service,
            mode="chat" if self.service == "microsoft" else name,
            name=name.capitalize(),
            sees_images=self.service == "microsoft",
        )
        return [card]

    async def live_models(self, account: Account, deadlines: Deadlines) -> Sequence[ModelCard]:
        self.accounts.append(account)
        if isinstance(self.live, Exception):
            raise self.live
        return self.live

    async def identify(self, account: Account, deadlines: Deadlines) -> str | None:
        self.accounts.append(account)
        if isinstance(self.person, Exception):
            raise self.person
        return self.person

    async def question_limit(self, account: Account, deadlines: Deadlines) -> int:
        return self.limit

    async def open_conversation(self, account: Account, deadlines: Deadlines) -> str:
        self.opened += 1
        return f"u{self.opened}"

    async def ask(
        self, account: Account, conversation_id: str, question: Question, deadlines: Deadlines
    ) -> ScriptedAnswering:
        self.asked.append((conversation_id, question))
        self.accounts.append(account)
        if self.on_ask:
            self.on_ask()
        answering = ScriptedAnswering(self.answers.pop(0) if self.answers else answer("Hello", " there."))
        self.given.append(answering)
        return answering

    async def aclose(self) -> None:
        self.closed += 1
