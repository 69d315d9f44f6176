"""Microsoft Copilot's shell against the simulator, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

import pytest

from jumpseat.deadlines import Deadlines, Timeouts
from jumpseat.microsoft.upstream import MicrosoftUpstream
from jumpseat.model.catalog import Question
from jumpseat.model.credentials import Account, Credential, Secret
from jumpseat.model.events import ChatEvent
from jumpseat.model.messages import Image
from jumpseat.model.reply import Reply, ReplyBuilder
from jumpseat.settings import Settings
from jumpseat.simulator import Simulator
from jumpseat.transport.aio import AioTransport
from jumpseat.transport.curl import CurlTransport
from jumpseat.transport.wire import Transport
from tests.waiting import until_async


class Memo(dict[str, str]):
    """Notes that last as long as the test."""

    async def get(self, key: str) -> str | None:  # type: ignore[override]
        return dict.get(self, key)

    async def set(self, key: str, value: str) -> None:
        self[key] = value


def account(token: str | None = "sim-alice+/==", **cookies: str) -> Account:
    credential = Credential(
        token=Secret(token) if token else None,
        cookies={name: Secret(value) for name, value in cookies.items()},
    )
    return Account(kind="microsoft", name="test", credential=credential)


def deadlines(**seconds: float) -> Deadlines:
    return Deadlines(Timeouts(**seconds), "Copilot")


async def ask(
    upstream: MicrosoftUpstream,
    text: str,
    *,
    conversation: str | None = None,
    who: Account | None = None,
    images: Sequence[Image] = (),
    wants_extras: bool = False,
    mode: str = "chat",
    limits: Mapping[str, float] | None = None,
) -> tuple[Reply, list[ChatEvent]]:
    """One whole turn as the client makes it: the folded reply, and the events."""
    who, running = who or account(), deadlines(**(limits or {}))
    conversation = conversation or await upstream.open_conversation(who, running)
    question = Question(text=text, mode=mode, images=tuple(images), wants_extras=wants_extras)
    answering = await upstream.ask(who, conversation, question, running)
    events: list[ChatEvent] = []
    builder = ReplyBuilder()
    try:
        while batch := await answering.receive():
            events += batch
            builder.add(batch)
    finally:
        await answering.aclose()
    return builder.build(), events


async def until_closed(simulator: Simulator) -> None:
    """Wait until the simulator has no connection open that a turn used."""

    def left() -> dict[str, int]:
        return {what: count for what, count in simulator.world.stats()["open"].items() if count}

    await until_async(lambda: not left(), told=left)


@pytest.fixture(params=["server-first", "client-first"])
async def simulator(request: pytest.FixtureRequest) -> AsyncIterator[Simulator]:
    async with Simulator(dialect=request.param) as running:
        yield running
        assert running.violations == []


@pytest.fixture(params=["aiohttp", "curl"])
async def transport(request: pytest.FixtureRequest) -> AsyncIterator[Transport]:
    chosen: Transport = AioTransport() if request.param == "aiohttp" else CurlTransport()
    yield chosen
    await chosen.aclose()


@pytest.fixture
def memo() -> Memo:
    return Memo()


@pytest.fixture
def upstream(simulator: Simulator, transport: Transport, memo: Memo) -> MicrosoftUpstream:
    """The shell, with the dialect named, so that no test pays for finding it out."""
    dialect = simulator.world.dialect
    assert dialect in {"server-first", "client-first"}
    settings = Settings(microsoft_url=simulator.url, microsoft_dialect=dialect)  # type: ignore[arg-type]
    return MicrosoftUpstream(settings, transport, memo)
