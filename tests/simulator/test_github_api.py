"""GitHub's own API in the simulator: whose token it is, and its exchange."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest

from jumpseat.simulator import Simulator

EXCHANGE = "/copilot_internal/v2/token"


async def get(
    sim: Simulator, session: aiohttp.ClientSession, path: str, token: str, fault: str | None = None
) -> tuple[int, Any, float]:
    """Status, body, and how many seconds the `Date` header is ahead."""
    if fault:
        await session.post(f"{sim.url}/_simulator/next", json={"fault": fault})
    async with session.get(sim.url + path, headers={"Authorization": token}) as answer:
        told = parsedate_to_datetime(answer.headers["Date"]).timestamp()
        return answer.status, await answer.json(), told - time.time()


@pytest.mark.parametrize(
    "token", ["token gho_sim-Robin", "Bearer ghu_sim-Robin", "token github_pat_sim-Robin"]
)
async def test_a_token_has_an_owner(sim: Simulator, session: aiohttp.ClientSession, token: str) -> None:
    status, body, _ = await get(sim, session, "/user", token)

    assert (status, body["login"]) == (200, "robin")


@pytest.mark.parametrize("path", ["/user", EXCHANGE])
@pytest.mark.parametrize(
    "token",
    ["", "token", "token x", "GitHub-Bearer gho_sim-robin", "token gho_sim-expired", "token gho_sim-"],
)
async def test_other_tokens_are_refused(
    sim: Simulator, session: aiohttp.ClientSession, path: str, token: str
) -> None:
    assert (await get(sim, session, path, token))[0] == 401


async def test_one_kind_of_token_is_exchanged(sim: Simulator, session: aiohttp.ClientSession) -> None:
    status, body, _ = await get(sim, session, EXCHANGE, "token ghu_sim-robin")

    assert status == 200
    assert body["token"].startswith("tid=")
    assert (body["refresh_in"], body["endpoints"]["api"]) == (1500, sim.url)
    assert body["expires_at"] - time.time() == pytest.approx(1800, abs=5)


@pytest.mark.parametrize(
    ("token", "status", "message"),
    [
        ("gho_sim-robin", 404, "Not Found"),
        ("github_pat_sim-robin", 403, "Resource not accessible by personal access token"),
        ("ghp_sim-robin", 403, "Resource not accessible by personal access token"),
        ("ghs_sim-robin", 403, "Resource not accessible by integration"),
    ],
)
async def test_no_other_is(
    sim: Simulator, session: aiohttp.ClientSession, token: str, status: int, message: str
) -> None:
    answered, body, _ = await get(sim, session, EXCHANGE, f"token {token}")

    assert (answered, body) == (status, {"message": message})


@pytest.mark.parametrize(
    ("fault", "date_ahead", "end_ahead"),
    [
        ("clock-ahead", 172_800, 172_800),
        ("clock-behind", -172_800, -172_800),
        ("date-ahead", 172_800, 0),
        ("date-behind", -172_800, 0),
    ],
)
async def test_its_clock_can_be_two_days_off(
    sim: Simulator, session: aiohttp.ClientSession, fault: str, date_ahead: int, end_ahead: int
) -> None:
    _, body, ahead = await get(sim, session, EXCHANGE, "token ghu_sim-robin", f"github-exchange-{fault}")

    assert ahead == pytest.approx(date_ahead, abs=5)
    assert body["expires_at"] - time.time() == pytest.approx(1800 + end_ahead, abs=5)
    assert "refresh_in" not in body


async def test_an_exchange_can_tell_little_or_wrong(sim: Simulator, session: aiohttp.ClientSession) -> None:
    async def exchanged(fault: str) -> Any:
        return (await get(sim, session, EXCHANGE, "token ghu_sim-robin", f"github-exchange-{fault}"))[1]

    assert (await exchanged("short-life"))["refresh_in"] == 120
    assert list(await exchanged("bare")) == ["token"]
    assert "T" in (await exchanged("iso-date"))["expires_at"]
    assert (await exchanged("other-host"))["endpoints"]["api"].endswith(".example")
