"""OAuth tokens at work against the simulator: exchanged, renewed, identified; and refreshed over a script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest

from jumpseat.deadlines import Deadlines, Timeouts
from jumpseat.github.copilot_tokens import CopilotTokens, identify_oauth, refresh_oauth
from jumpseat.github.tokens import CopilotToken, NoExchange
from jumpseat.model.credentials import Account, Credential, Secret
from jumpseat.model.errors import (
    InvalidRequest,
    JumpseatError,
    NotSignedIn,
    StoreUnavailable,
    UpstreamRefused,
    UpstreamTimeout,
)
from jumpseat.settings import Settings
from jumpseat.simulator import Simulator, faults
from jumpseat.simulator.fault_table import find
from jumpseat.transport.aio import AioTransport
from jumpseat.transport.scripted import ScriptedTransport, Step
from jumpseat.transport.wire import Response, WireFailed

FAULTS = [row for row in faults() if set(row["calls"]) & {"exchange", "api-user"}]
TWO_DAYS = 2 * 86400.0


def account(token: str | None = "ghu_sim-robin", **more: Any) -> Account:
    credential = Credential(token=Secret(token) if token else None, **more)
    return Account(kind="github", name="me", credential=credential)


def deadlines(seconds: float = 5) -> Deadlines:
    return Deadlines(Timeouts(connect=seconds), "GitHub")


class Desk:
    """A simulator, tokens that are exchanged there, and both clocks."""

    def __init__(self, simulator: Simulator, wire: AioTransport) -> None:
        self.simulator = simulator
        self.wire = wire
        self.settings = settings_for(simulator)
        self.clock = 0.0
        self.now = 1_800_000_000.0
        self.tokens = CopilotTokens(self.settings, wire, now=lambda: self.now, clock=lambda: self.clock)

    def arm(self, name: str) -> None:
        fault = find(name)
        assert fault is not None
        self.simulator.world.arm(fault)

    @property
    def exchanges(self) -> int:
        return self.simulator.world.journal.counts["github exchange"]

    async def current(self, who: Account | None = None, seconds: float = 5) -> CopilotToken:
        token = await self.tokens.current(who or account(), deadlines(seconds))
        assert isinstance(token, CopilotToken)
        return token


def settings_for(simulator: Simulator) -> Settings:
    return Settings.from_environment({"JUMPSEAT_SIMULATOR": simulator.url})


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    async with Simulator() as simulator:
        wire = AioTransport()
        opened = Desk(simulator, wire)
        try:
            yield opened
        finally:
            await opened.tokens.aclose()
            await wire.aclose()


async def test_a_token_is_exchanged_once_and_renewed_by_refresh_in() -> None:
    async with desk() as at:
        first = await at.current()
        assert (first.api, first.seconds) == (at.simulator.url, 1560)

        at.clock = 1560 * 0.74
        assert await at.current() == first
        at.clock = 1560 * 0.86
        assert await at.current() == first  # The new one is fetched meanwhile.
        # Who was refused waits for the one that is on its way.
        second = await at.tokens.renewed(account(), first, deadlines())
        assert second == await at.current() != first
        assert at.exchanges == 2


async def test_a_refused_token_is_replaced_and_an_abuse_refusal_stops_the_account() -> None:
    async with desk() as at:
        first = await at.current()
        second = await at.tokens.renewed(account(), first, deadlines())
        assert isinstance(second, CopilotToken)
        assert second != first

        at.arm("github-exchange-programmatic-token-generation")
        for attempt in range(3):
            with pytest.raises(UpstreamRefused, match="does not ask again") as caught:
                await at.tokens.renewed(account(), second, deadlines())
            assert caught.value.code == "programmatic_token_generation", attempt
        assert at.exchanges == 3


@pytest.mark.parametrize("token", ["gho_sim-robin", "github_pat_sim-robin", "ghs_sim-robin"])
async def test_a_token_without_an_exchange_is_to_be_used_as_it_is(token: str) -> None:
    async with desk() as at:
        for _ in range(3):
            assert isinstance(await at.tokens.current(account(token), deadlines()), NoExchange)

        assert at.exchanges == 1


@pytest.mark.parametrize("error", [-TWO_DAYS, TWO_DAYS])
@pytest.mark.parametrize("fault", [None, "clock-ahead", "clock-behind", "date-ahead", "date-behind"])
async def test_wrong_clocks_do_no_harm(error: float, fault: str | None) -> None:
    async with desk() as at:
        at.now += error
        if fault:
            at.arm(f"github-exchange-{fault}")
        first = await at.current()

        assert 1500 <= first.seconds <= 1800
        for _ in range(5):
            at.clock += 200
            at.now -= error  # Somebody sets our clock.
            assert await at.current() == first
        assert at.exchanges == 1


@pytest.mark.parametrize("row", FAULTS, ids=lambda row: row["name"])
async def test_each_fault_is_told_rightly(row: dict[str, Any]) -> None:
    async with desk() as at:
        at.arm(row["name"])
        outcome, error = await outcome_of(at, "exchange" in row["calls"], 0.2 if row["hangs"] else 5)

    assert {row["expect"], *row["tolerated"]} & outcome
    assert "sim-robin" not in f"{error!r}"
    assert error is None or str(error).rstrip().endswith(".")


async def outcome_of(at: Desk, is_exchange: bool, seconds: float) -> tuple[set[str], JumpseatError | None]:
    """`ok`, or the names of the error's class and its ancestors; and the error itself."""
    try:
        if is_exchange:
            await at.tokens.current(account(), deadlines(seconds))
        else:
            await identify_oauth(at.wire, at.settings, account().credential, seconds=seconds)
    except JumpseatError as error:
        return {kind.__name__ for kind in type(error).__mro__}, error
    return {"ok"}, None


async def test_impatience_names_its_limit() -> None:
    async with desk() as at:
        at.arm("github-exchange-silence")
        with pytest.raises(UpstreamTimeout, match="connect timeout"):
            await at.current(seconds=0.05)
        with pytest.raises(UpstreamTimeout, match="connect timeout"):
            await at.tokens.renewed(
                account(), CopilotToken(token=Secret("x"), seconds=1, api=""), deadlines(0.05)
            )


@pytest.mark.parametrize(
    ("credential", "login"),
    [
        (Credential(token=Secret("gho_sim-Robin")), "robin"),
        (Credential(token=Secret("github_pat_sim-alice"), host="127.0.0.1"), "alice"),
        (Credential(token=Secret("ghu_sim-bob"), host="acme.ghe.com"), "bob"),
    ],
)
async def test_a_token_is_somebodys(credential: Credential, login: str) -> None:
    async with desk() as at:
        assert await identify_oauth(at.wire, at.settings, credential) == login


async def test_who_has_no_token_is_told_how_to_get_one() -> None:
    async with desk() as at:
        with pytest.raises(NotSignedIn, match="jumpseat login github"):
            await at.current(account(None))
        with pytest.raises(NotSignedIn, match="JUMPSEAT_GITHUB_TOKEN"):
            await identify_oauth(at.wire, at.settings, Credential())
        assert at.exchanges == 0


@pytest.mark.parametrize(
    ("host", "url"),
    [(None, "https://api.github.com/user"), ("acme.ghe.com", "https://api.acme.ghe.com/user")],
)
async def test_a_token_goes_to_its_own_github(host: str | None, url: str) -> None:
    wire = ScriptedTransport([Step(method="GET", url=url, answer=reply({"login": "robin"}))])

    assert await identify_oauth(wire, Settings(), Credential(token=Secret("gho_x"), host=host)) == "robin"
    assert wire.calls[0].headers["Authorization"] == "token gho_x"


async def test_what_breaks_the_wire_delivered_no_question() -> None:
    broke = WireFailed("broke", may_be_delivered=True)
    wire = ScriptedTransport([Step(method="GET", url="/user", answer=broke)])

    with pytest.raises(WireFailed) as caught:
        await identify_oauth(wire, Settings(), Credential(token=Secret("gho_x")))
    assert not caught.value.may_be_delivered


async def test_a_token_goes_nowhere_else() -> None:
    wire = ScriptedTransport([])
    for settings, host in ((Settings(), "evil.example"), (Settings(github_url="https://evil.example"), None)):
        with pytest.raises(InvalidRequest, match="TENANT"):
            await identify_oauth(wire, settings, Credential(token=Secret("gho_x"), host=host))
    assert wire.calls == []


def reply(fields: object, status: int = 200) -> Response:
    return Response(
        status=status, headers={"content-type": "application/json"}, body=msgspec.json.encode(fields)
    )


OLD = Credential(token=Secret("ghu_old"), refresh_token=Secret("ghr_old"), client_id="Iv1.0123456789")
REFRESH = Step(
    method="POST",
    url="https://github.com/login/oauth/access_token",
    answer=reply({"access_token": "ghu_new", "refresh_token": "ghr_new", "expires_in": 28800}),
)


async def test_a_refreshed_credential_is_kept_before_it_is_used() -> None:
    wire, kept = ScriptedTransport([REFRESH]), list[Credential]()

    async def keep(credential: Credential) -> None:
        kept.append(credential)

    renewed = await refresh_oauth(wire, Settings(), OLD, keep, now=lambda: 1000.0)

    assert kept == [renewed]
    assert (renewed.token, renewed.refresh_token) == (Secret("ghu_new"), Secret("ghr_new"))
    assert (renewed.obtained_at, renewed.expires_at) == (1000.0, 29800.0)
    assert parse_qs((wire.calls[0].body or b"").decode()) == {
        "client_id": ["Iv1.0123456789"],
        "grant_type": ["refresh_token"],
        "refresh_token": ["ghr_old"],
    }


async def test_a_refresh_token_serves_once() -> None:
    async def keep(credential: Credential) -> None: ...

    async with desk() as at:
        old = msgspec.structs.replace(OLD, refresh_token=Secret("ghr_sim-robin"))
        second = await refresh_oauth(at.wire, at.settings, old, keep)
        third = await refresh_oauth(at.wire, at.settings, second, keep)

        assert await identify_oauth(at.wire, at.settings, third) == "robin"
        with pytest.raises(NotSignedIn, match="bad_refresh_token"):
            await refresh_oauth(at.wire, at.settings, old, keep)


@pytest.mark.parametrize("is_full", [False, True])
async def test_a_refreshed_credential_is_kept_though_the_caller_left(
    is_full: bool, caplog: pytest.LogCaptureFixture
) -> None:
    wire, kept = ScriptedTransport([REFRESH]), list[Credential]()
    keeping, gate = asyncio.Event(), asyncio.Event()

    async def keep(credential: Credential) -> None:
        keeping.set()
        await gate.wait()
        if is_full:
            raise StoreUnavailable("the disk is full")
        kept.append(credential)

    caller = asyncio.create_task(refresh_oauth(wire, Settings(), OLD, keep))
    await keeping.wait()
    caller.cancel()
    await asyncio.sleep(0)
    gate.set()

    with pytest.raises(asyncio.CancelledError):
        await caller
    assert [credential.refresh_token for credential in kept] == [Secret("ghr_new")] * (not is_full)
    assert ("not kept: the disk is full" in caplog.text) is is_full


async def test_a_credential_that_cannot_be_kept_is_an_error() -> None:
    async def keep(credential: Credential) -> None:
        raise StoreUnavailable("the disk is full")

    with pytest.raises(StoreUnavailable, match="disk is full"):
        await refresh_oauth(ScriptedTransport([REFRESH]), Settings(), OLD, keep)


@pytest.mark.parametrize("missing", ["refresh_token", "client_id"])
async def test_what_cannot_be_refreshed_is_said_before_anything_is_sent(missing: str) -> None:
    async def keep(credential: Credential) -> None:
        raise AssertionError("there is nothing to keep")

    wire = ScriptedTransport([])
    with pytest.raises(NotSignedIn, match="cannot be renewed"):
        await refresh_oauth(wire, Settings(), msgspec.structs.replace(OLD, **{missing: None}), keep)
    assert wire.calls == []
