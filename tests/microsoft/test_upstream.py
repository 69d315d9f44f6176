"""Tests of Microsoft Copilot's shell against the simulator: both transports, both dialects."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from jumpseat.microsoft import upstream as shell
from jumpseat.microsoft.answering import EXTRAS_SECONDS
from jumpseat.microsoft.modes import CARDS
from jumpseat.microsoft.upstream import MicrosoftUpstream
from jumpseat.model.catalog import Question
from jumpseat.model.credentials import Account, Credential, Secret
from jumpseat.model.errors import (
    ConversationLost,
    MissingAuthError,
    NotSignedIn,
    StoreUnavailable,
    UpstreamTimeout,
)
from jumpseat.model.events import Finished, FollowupsSuggested, Started, TitleGiven
from jumpseat.model.messages import Image
from jumpseat.settings import Settings
from jumpseat.simulator import Simulator
from jumpseat.simulator.fault_table import find
from jumpseat.transport.wire import Transport
from tests.microsoft.conftest import Memo, account, ask, deadlines, until_closed
from tests.waiting import until_async


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "GREETING_SECONDS", 0.3)


PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)


def requests_of(simulator: Simulator, path: str) -> list[dict[str, Any]]:
    return [entry for entry in simulator.log if str(entry.get("path", "")).endswith(path)]


async def test_a_turn_is_answered_and_the_next_one_remembers(upstream: MicrosoftUpstream) -> None:
    conversation = await upstream.open_conversation(account(), deadlines())
    first, events = await ask(upstream, "Hello, my name is Heiner.", conversation=conversation)
    second, _ = await ask(upstream, "What is my name?", conversation=conversation)

    assert type(events[0]) is Started
    assert events[0].conversation_id == conversation
    assert events[-1] == Finished("stop")
    assert first.text
    assert "Heiner" in second.text


async def test_an_anonymous_turn_is_answered(upstream: MicrosoftUpstream) -> None:
    reply, _ = await ask(upstream, "%%SAY hello%%", who=account(None))

    assert reply.text == "hello"


async def test_the_limit_is_asked_for_once(upstream: MicrosoftUpstream, simulator: Simulator) -> None:
    assert await upstream.question_limit(account(), deadlines()) == 10_240
    assert await upstream.question_limit(account(), deadlines()) == 10_240
    assert len(requests_of(simulator, "/c/api/config")) == 1


async def test_who_we_are_is_asked_once_per_credential(
    upstream: MicrosoftUpstream, simulator: Simulator
) -> None:
    for _ in range(2):
        await asyncio.gather(*(upstream.open_conversation(account("sim-a"), deadlines()) for _ in range(3)))
    assert len(requests_of(simulator, "/c/api/user")) == 1
    await upstream.open_conversation(account("sim-b"), deadlines())
    assert len(requests_of(simulator, "/c/api/user")) == 2


async def test_an_expired_token_is_told_and_not_remembered(upstream: MicrosoftUpstream) -> None:
    for _ in range(2):
        with pytest.raises(MissingAuthError, match="expired") as caught:
            await upstream.open_conversation(account("expired"), deadlines())
        assert caught.value.may_be_delivered is False
    await upstream.open_conversation(account(), deadlines())


async def test_a_token_for_something_else_is_refused_by_the_socket(upstream: MicrosoftUpstream) -> None:
    with pytest.raises(NotSignedIn) as caught:
        await ask(upstream, "hello", who=account("wrong-audience"))
    assert caught.value.may_be_delivered is False


async def test_who_an_account_is_can_be_asked_without_a_question(
    upstream: MicrosoftUpstream, simulator: Simulator
) -> None:
    assert await upstream.identify(account("sim-alice"), deadlines()) == "Alice"
    assert await upstream.identify(account("sim-alice"), deadlines()) == "Alice"
    assert await upstream.identify(account(None), deadlines()) is None

    assert len(requests_of(simulator, "/c/api/user")) == 3
    assert not requests_of(simulator, "/c/api/conversations")


async def test_an_account_that_is_not_accepted_is_nobody(
    upstream: MicrosoftUpstream, simulator: Simulator
) -> None:
    with pytest.raises(MissingAuthError, match="`jumpseat login microsoft`"):
        await upstream.identify(account("expired"), deadlines())
    not_accepted = find("rest-token-not-accepted")
    assert not_accepted is not None
    simulator.world.arm(not_accepted, 1)
    with pytest.raises(MissingAuthError, match="as if nobody were signed in"):
        await upstream.identify(account(), deadlines())


async def test_a_sign_in_of_the_newer_chat_is_refused_before_anything_is_sent(
    upstream: MicrosoftUpstream, simulator: Simulator
) -> None:
    credential = Credential(token=Secret("canary"), generation="chathub")
    newer = Account(kind="microsoft", name="new", credential=credential)

    for attempt in (
        upstream.identify(newer, deadlines()),
        upstream.question_limit(newer, deadlines()),
        ask(upstream, "Hello", who=newer),
    ):
        with pytest.raises(NotSignedIn, match="newer chat") as caught:
            await attempt
        assert caught.value.code == "other_generation"
    assert not requests_of(simulator, "")


async def test_pictures_are_all_uploaded_in_order_before_the_text(
    upstream: MicrosoftUpstream, simulator: Simulator
) -> None:
    images = [
        Image(data=PNG + bytes(number), media_type="image/png", name=f"{number}.png") for number in range(3)
    ]
    reply, _ = await ask(upstream, "What is in these pictures?", images=images)

    assert reply.finish_reason == "stop"
    uploads = requests_of(simulator, "/c/api/attachments")
    assert len(uploads) == 3
    said = [
        message for kept in simulator.world.books["microsoft"].of("Alice+/==") for message in kept.messages
    ]
    assert [image.size for message in said for image in message.images] == [
        len(image.data) for image in images
    ]


async def test_title_and_suggestions_are_awaited_only_on_request(upstream: MicrosoftUpstream) -> None:
    began = time.monotonic()
    await ask(upstream, "%%SAY hello%% %%FAULT late-tail-2025%%")
    without = time.monotonic() - began
    _, events = await ask(upstream, "%%SAY hello%% %%FAULT late-tail-2025%%", wants_extras=True)

    assert without < 0.25
    assert any(isinstance(event, TitleGiven) for event in events)
    assert any(isinstance(event, FollowupsSuggested) for event in events)
    assert events[-1] == Finished("stop")


async def test_suggestions_end_the_stay_when_no_more_come(upstream: MicrosoftUpstream) -> None:
    """A conversation that goes on gets no title any more, so that it would be waited for in vain."""
    conversation = await upstream.open_conversation(account(), deadlines())
    await ask(upstream, "%%SAY hello%%", conversation=conversation)
    began = time.monotonic()
    _, events = await ask(upstream, "%%SAY again%%", conversation=conversation, wants_extras=True)
    took = time.monotonic() - began

    assert any(isinstance(event, FollowupsSuggested) for event in events)
    assert events[-1] == Finished("stop")
    assert took < EXTRAS_SECONDS - 0.5


async def test_those_who_wait_while_the_service_is_silent_wait_no_longer_than_one(
    upstream: MicrosoftUpstream, simulator: Simulator
) -> None:
    silence = find("rest-silence")
    assert silence is not None
    simulator.world.arm(silence, -1)
    began = time.monotonic()
    turns = [ask(upstream, "%%SAY hello%%", limits={"connect": 0.3}) for _ in range(4)]
    results = await asyncio.gather(*turns, return_exceptions=True)

    assert {getattr(result, "which", None) for result in results} == {"connect"}
    assert time.monotonic() - began < 0.9
    simulator.world.armed.clear()


async def test_leaving_early_closes_the_socket(upstream: MicrosoftUpstream, simulator: Simulator) -> None:
    conversation = await upstream.open_conversation(account(), deadlines())
    question = Question(text="%%TOKENS 1000%% %%SLOW 20%%", mode="chat")
    answer = await upstream.ask(account(), conversation, question, deadlines())
    assert await answer.receive()
    began = time.monotonic()
    await answer.aclose()
    await answer.aclose()

    assert time.monotonic() - began < 1
    assert await answer.receive() == ()
    await until_closed(simulator)


async def test_a_turn_that_is_cancelled_can_be_closed(
    upstream: MicrosoftUpstream, simulator: Simulator
) -> None:
    task = asyncio.create_task(ask(upstream, "hello %%FAULT silence%%"))
    await until_async(lambda: simulator.world.stats()["open"].get("sockets"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until_closed(simulator)


@pytest.mark.parametrize(
    ("fault", "limits", "which", "delivered"),
    [
        ("silence", {"first_event": 0.1}, "first_event", True),
        ("silence-amid-text", {"idle": 0.1}, "idle", True),
        ("silence-amid-text", {"total": 0.3}, "total", True),
        ("ping-without-end", {"total": 0.3, "idle": 0.2}, "total", True),
    ],
)
async def test_every_deadline_names_itself(
    upstream: MicrosoftUpstream, fault: str, limits: dict[str, float], which: str, delivered: bool
) -> None:
    with pytest.raises(UpstreamTimeout, match=f"{which} timeout") as caught:
        await ask(upstream, f"hello %%FAULT {fault}%%", limits=limits)
    assert (caught.value.which, caught.value.may_be_delivered) == (which, delivered)


async def test_a_conversation_that_is_gone_is_lost(upstream: MicrosoftUpstream) -> None:
    with pytest.raises(ConversationLost) as caught:
        await ask(upstream, "hello", conversation="ExampleGone0000000001")
    assert caught.value.may_be_delivered is False


async def test_an_invalid_event_in_a_conversation_that_is_there_stays_one(
    upstream: MicrosoftUpstream, simulator: Simulator
) -> None:
    conversation = await upstream.open_conversation(account(), deadlines())
    await ask(upstream, "hello", conversation=conversation)
    with pytest.raises(Exception, match="invalid-event") as caught:
        await ask(upstream, "hello %%FAULT error-invalid-event%%", conversation=conversation)
    assert getattr(caught.value, "code", "") == "invalid_event"


@pytest.mark.usefixtures("impatient")
async def test_the_dialect_is_found_out_once_and_remembered(
    simulator: Simulator, transport: Transport, memo: Memo
) -> None:
    settings = Settings(microsoft_url=simulator.url)
    upstream = MicrosoftUpstream(settings, transport, memo)
    await ask(upstream, "%%SAY one%%")
    assert list(memo.values()) == [simulator.world.dialect]

    began = time.monotonic()
    await ask(upstream, "%%SAY two%%")
    await ask(MicrosoftUpstream(settings, transport, memo), "%%SAY three%%")
    assert time.monotonic() - began < 0.3


@pytest.mark.usefixtures("impatient")
async def test_a_wrong_memory_of_the_dialect_costs_no_turn(
    simulator: Simulator, transport: Transport, memo: Memo
) -> None:
    other = "client-first" if simulator.world.dialect == "server-first" else "server-first"
    upstream = MicrosoftUpstream(Settings(microsoft_url=simulator.url), transport, memo)
    upstream._dialect = other  # type: ignore[assignment]
    reply, _ = await ask(upstream, "%%SAY hello%%")

    assert reply.text == "hello"
    assert list(memo.values()) == [simulator.world.dialect]


@pytest.mark.usefixtures("impatient")
async def test_a_forced_dialect_is_not_doubted(transport: Transport, memo: Memo) -> None:
    async with Simulator(dialect="server-first") as simulator:
        settings = Settings(microsoft_url=simulator.url, microsoft_dialect="client-first")
        with pytest.raises(Exception, match="invalid-event"):
            await ask(MicrosoftUpstream(settings, transport, memo), "hello")
    async with Simulator(dialect="client-first") as simulator:
        settings = Settings(microsoft_url=simulator.url, microsoft_dialect="server-first")
        with pytest.raises(UpstreamTimeout, match="connect timeout") as caught:
            await ask(MicrosoftUpstream(settings, transport, memo), "hello", limits={"connect": 0.2})
        assert caught.value.may_be_delivered is False
    assert memo == {}


@pytest.mark.usefixtures("impatient")
async def test_notes_that_cannot_be_kept_cost_no_turn(simulator: Simulator, transport: Transport) -> None:
    class Broken(Memo):
        async def get(self, key: str) -> str | None:  # type: ignore[override]
            raise StoreUnavailable("disk full")

        async def set(self, key: str, value: str) -> None:
            raise StoreUnavailable("disk full")

    upstream = MicrosoftUpstream(Settings(microsoft_url=simulator.url), transport, Broken())
    reply, _ = await ask(upstream, "%%SAY hello%%")

    assert reply.text == "hello"


async def test_the_models_are_the_modes(upstream: MicrosoftUpstream) -> None:
    assert upstream.cards() == CARDS
    assert await upstream.live_models(account(), deadlines()) == CARDS
    assert upstream.service == "microsoft"
    await upstream.aclose()
