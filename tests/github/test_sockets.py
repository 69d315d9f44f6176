"""GitHub's web chat over real sockets: conversations, recordings, and every fault of the simulator."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jumpseat.deadlines import Deadlines, Timeouts
from jumpseat.github.upstream import GithubUpstream
from jumpseat.model.catalog import Question
from jumpseat.model.credentials import Account, Credential, Secret
from jumpseat.model.errors import JumpseatError
from jumpseat.model.reply import Reply, ReplyBuilder
from jumpseat.settings import Settings
from jumpseat.simulator import Simulator, faults
from jumpseat.transport.aio import AioTransport
from tests.transcripts.github_reader import Recording, recordings

CANARY = "session-canary-93f1"
ME = Account(kind="github-web", name="me", credential=Credential(cookies={"user_session": Secret(CANARY)}))
WEB_CALLS = {"token", "models", "threads", "create", "thread", "history", "messages", "turn"}
"""The calls of the web chat; GitHub has others, which have tests of their own."""
FAULTS = [row for row in faults() if row["service"] == "github" and WEB_CALLS & set(row["calls"])]
HASTY = Timeouts(connect=0.25, first_event=0.25, idle=0.25, total=0.6)
PATIENT = Timeouts(connect=5, first_event=5, idle=5, total=10)


class Talk:
    """One client of one simulator."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        settings = Settings(github_url=simulator.url, github_chat_url=simulator.url)
        self.wire = AioTransport()
        self.upstream = GithubUpstream(settings, self.wire)

    async def control(self, call: str, fields: object = None) -> dict[str, Any]:
        """Talk with the simulator behind the service's back."""
        answer = await self.wire.request(
            "GET" if call == "stats" else "POST",
            f"{self.simulator.url}/_simulator/{call}",
            headers={"Content-Type": "application/json"},
            body=msgspec.json.encode(fields),
            timeout=5,
        )
        told: dict[str, Any] = msgspec.json.decode(answer.body)
        assert answer.status == 200, told
        return told

    async def quiet(self) -> None:
        """Wait until no stream is open at the other end."""
        while (await self.control("stats"))["open"].get("streams"):
            pass  # Each question is a pause of its own.

    async def ask(self, text: str, timeouts: Timeouts = PATIENT, thread: str | None = None) -> Reply:
        """Put a question, in a new thread if none is given; the reply, which was finished."""
        deadlines = Deadlines(timeouts, "GitHub")
        thread = thread or await self.upstream.open_conversation(ME, deadlines)
        answer = await self.upstream.ask(ME, thread, Question(text=text, mode="gpt-4o"), deadlines)
        reply = ReplyBuilder()
        try:
            while events := await answer.receive():
                reply.add(events)
        finally:
            await answer.aclose()
        assert events == ()
        return reply.build()


@asynccontextmanager
async def talking() -> AsyncIterator[Talk]:
    async with Simulator() as simulator:
        talk = Talk(simulator)
        try:
            yield talk
        finally:
            await talk.upstream.aclose()


def sockets() -> int:
    """How many sockets this process holds."""
    gc.collect()
    found = [os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()]
    return sum("socket:" in place for place in found)


async def outcome_of(talk: Talk, fault: dict[str, Any]) -> tuple[str, JumpseatError | None]:
    """`ok`, or the names of the error's class and its ancestors; and the error itself."""
    thread = None
    if fault["needs_thread"]:
        thread = await talk.upstream.open_conversation(ME, Deadlines(PATIENT, "GitHub"))
        await talk.ask("Hello", thread=thread)
    if fault["calls"] == ["token"]:
        await talk.control("reset")  # The token that was bought before is worth nothing any more.
    await talk.control("next", {"fault": fault["name"], "service": "github"})
    try:
        reply = await talk.ask("%%SAY fine%%", HASTY if fault["hangs"] else PATIENT, thread)
        assert reply.finish_reason == "stop"
    except JumpseatError as error:
        return " ".join(kind.__name__ for kind in type(error).__mro__), error
    return "ok", None


@pytest.mark.parametrize("fault", FAULTS, ids=lambda row: row["name"])
async def test_each_fault_is_told_rightly_and_leaves_nothing_behind(
    fault: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with talking() as talk:
        await talk.ask("Hello")
        tasks, open_sockets = len(asyncio.all_tasks()), sockets()

        outcome, error = await outcome_of(talk, fault)

        assert {fault["expect"], *fault["tolerated"]} & set(outcome.split()), f"{outcome}: {error}"
        await talk.control("reset")
        assert "fine" in (await talk.ask("%%SAY fine%%")).text
        async with asyncio.timeout(1):
            await talk.quiet()
        assert len(asyncio.all_tasks()) <= tasks + 1
        assert sockets() <= open_sockets + 2
    assert CANARY not in f"{caplog.text} {error} {error!r}"
    assert error is None or str(error).rstrip().endswith(".")


async def test_a_thread_remembers_and_the_simulator_has_nothing_to_complain_of() -> None:
    async with talking() as talk:
        thread = await talk.upstream.open_conversation(ME, Deadlines(PATIENT, "GitHub"))
        await talk.ask("Hello, my name is Heiner.", thread=thread)

        assert "Heiner" in (await talk.ask("What is my name?", thread=thread)).text
        models = await talk.upstream.live_models(ME, Deadlines(PATIENT, "GitHub"))

        assert "github/gpt-5.4" in {card.id for card in models}
        assert talk.simulator.violations == []


@pytest.mark.parametrize("recording", recordings(), ids=lambda recording: recording.name)
async def test_each_recording_means_the_same_over_a_real_socket(recording: Recording) -> None:
    body = recording.body.decode()
    pieces = [body[at : at + 50] for at in range(0, len(body), 50)]
    async with talking() as talk:
        await talk.control("script", {"service": "github", "frames": pieces})
        if recording.error is None:
            assert (await talk.ask("Hello")).text == recording.text
        else:
            with pytest.raises(JumpseatError) as caught:
                await talk.ask("Hello")
            assert (type(caught.value).__name__, caught.value.code) == (recording.error, recording.code)


@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_who_leaves_early_closes_the_wire_at_once(is_cancelled: bool) -> None:
    async with talking() as talk:
        deadlines = Deadlines(PATIENT, "GitHub")
        thread = await talk.upstream.open_conversation(ME, deadlines)
        endless = Question(text="%%TOKENS 1000%% %%SLOW 20%%", mode="gpt-4o")
        answer = await talk.upstream.ask(ME, thread, endless, deadlines)
        await answer.receive()
        if is_cancelled:
            waiting = asyncio.create_task(answer.receive())
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])
            assert waiting.cancelled()

        async with asyncio.timeout(1):
            await answer.aclose()
            await talk.quiet()
