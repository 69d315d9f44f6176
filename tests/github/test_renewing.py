"""Web tokens renewed while conversations go on, and clocks that are wrong, over real sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from jumpseat.deadlines import Deadlines, Timeouts
from jumpseat.github.upstream import GithubUpstream
from jumpseat.model.catalog import Question
from jumpseat.model.credentials import Account, Credential, Secret
from jumpseat.model.errors import NotSignedIn
from jumpseat.model.reply import Reply, ReplyBuilder
from jumpseat.settings import Settings
from jumpseat.simulator import Simulator
from jumpseat.simulator.fault_table import find
from jumpseat.transport.aio import AioTransport

ME = Account(
    kind="github-web", name="me", credential=Credential(cookies={"user_session": Secret("sim-robin")})
)
TWO_DAYS = 2 * 86400.0
SHORT = 120.0
"""Seconds that the simulator's short-lived tokens live."""


class Talk:
    """One client of one simulator, with both its clocks in the test's hand."""

    def __init__(self, simulator: Simulator, now_ahead: float) -> None:
        self.simulator = simulator
        self.now_ahead = now_ahead
        self.clock = 0.0
        self.upstream = GithubUpstream(
            Settings(github_url=simulator.url, github_chat_url=simulator.url),
            AioTransport(),
            now=lambda: time.time() + self.now_ahead,
            clock=lambda: self.clock,
        )

    def arm(self, name: str, times: int | None = None) -> None:
        fault = find(name)
        assert fault is not None
        self.simulator.world.arm(fault, times)

    @property
    def fetches(self) -> int:
        return self.simulator.world.journal.counts["github token"]

    def shown(self) -> list[str]:
        """The web tokens that messages were sent with, in their order."""
        log = self.simulator.log
        return [entry["headers"]["Authorization"].split()[1] for entry in log if entry["call"] == "messages"]

    async def ask(self, text: str = "%%SAY fine%%") -> Reply:
        deadlines = Deadlines(Timeouts(connect=5, first_event=5, idle=5, total=10), "GitHub")
        thread = await self.upstream.open_conversation(ME, deadlines)
        answer = await self.upstream.ask(ME, thread, Question(text=text, mode="gpt-4o"), deadlines)
        reply = ReplyBuilder()
        try:
            while events := await answer.receive():
                reply.add(events)
        finally:
            await answer.aclose()
        return reply.build()


@asynccontextmanager
async def talking(*, now_ahead: float = 0.0) -> AsyncIterator[Talk]:
    async with Simulator() as simulator:
        talk = Talk(simulator, now_ahead)
        try:
            yield talk
        finally:
            await talk.upstream.aclose()


async def test_a_token_is_renewed_once_in_the_background_while_many_turns_run() -> None:
    async with talking() as talk:
        talk.arm("github-token-short-life")
        await talk.ask()
        assert talk.fetches == 1

        talk.clock = SHORT * 0.86
        replies = await asyncio.gather(*(talk.ask("%%TOKENS 20%%") for _ in range(40)))
        async with asyncio.timeout(5):
            while len(set(talk.shown())) < 2:
                await talk.ask()

        assert all(reply.finish_reason == "stop" for reply in replies)
        assert talk.fetches == 2
        assert talk.simulator.world.journal.counts["github create"] == len(
            talk.shown()
        )  # Nobody was refused.
        assert talk.simulator.violations == []


async def test_a_renewal_that_fails_disturbs_nobody_before_the_token_ends() -> None:
    async with talking() as talk:
        talk.arm("github-token-short-life")
        await talk.ask()
        talk.arm("github-token-401")

        talk.clock = SHORT * 0.86
        for _ in range(5):
            await talk.ask()
        assert talk.fetches == 2
        assert len(set(talk.shown())) == 1

        talk.clock = SHORT
        with pytest.raises(NotSignedIn, match="no longer knows this browser session"):
            await talk.ask()
        talk.simulator.world.armed.clear()
        await talk.ask()
        assert len(set(talk.shown())) == 2


@pytest.mark.parametrize("now_ahead", [0.0, TWO_DAYS, -TWO_DAYS])
@pytest.mark.parametrize("fault", [None, "clock-ahead", "clock-behind", "date-ahead", "date-behind"])
async def test_a_clock_that_is_two_days_wrong_does_no_harm(now_ahead: float, fault: str | None) -> None:
    async with talking(now_ahead=now_ahead) as talk:
        if fault:
            talk.arm(f"github-token-{fault}")
        for _ in range(4):
            await talk.ask()
            talk.clock += 500
            talk.now_ahead -= 1.5 * now_ahead  # Somebody puts it right, and then some.
        assert talk.fetches == 1

        talk.clock = 3600
        await talk.ask()
        assert talk.fetches == 2
        assert len(set(talk.shown())) == 2
