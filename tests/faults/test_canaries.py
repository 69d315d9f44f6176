"""No secret gets out: canaries in every secret place, every fault at debug level, every output searched."""

from __future__ import annotations

import asyncio
import http.client
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from jumpseat import Client
from jumpseat.accounts.roster import Roster
from jumpseat.gateway.settings import GatewaySettings
from jumpseat.model.errors import JumpseatError
from jumpseat.settings import Settings
from jumpseat.simulator import SimulatorThread
from tests.faults.canaries import Canaries, everything_in
from tests.faults.staging import Fault, disarm, table
from tests.programs import ServeProgram, clean_environment

SILENCES = {"rest-silence", "silence", "github-silence-amid-text", "greeting-missing"}
"""Of the faults that cost time, these will do."""
FAULTS = [fault for fault in table() if not fault.hangs or fault.name in SILENCES]
ANSWER = "an answer that is nobody's business"
PROMPT = f"a question that is nobody's business %%SAY {ANSWER}%%"
GITHUB_FAULTS = [fault for fault in FAULTS if fault.service == "github"]
CREDENTIALS = pytest.mark.parametrize(
    ("web_token", "faults"), [(False, FAULTS), (True, GITHUB_FAULTS)], ids=["cookies", "web-token"]
)


@pytest.fixture
def canaries() -> Canaries:
    return Canaries()


@pytest.fixture
def fresh() -> Iterator[SimulatorThread]:
    """A simulator of one's own: it is told secrets."""
    with SimulatorThread() as running:
        yield running


@CREDENTIALS
async def test_the_library_lets_no_secret_out(
    fresh: SimulatorThread,
    canaries: Canaries,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    web_token: bool,
    faults: list[Fault],
) -> None:
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    settings = Settings.from_environment(canaries.environment(tmp_path, fresh, web_token=web_token))
    told: list[str] = [repr(settings), str(settings)]
    for fault in faults:
        async with Client(settings) as client:
            told += [repr(client), repr(vars(client))]
            fresh.arm(fault.name)
            told += await failures(client, fault)
            disarm(fresh)

    out, err = capfd.readouterr()
    assert canaries.found_in("\n".join((*told, out, err))) == []
    # With everything a record holds, not its message alone.
    assert canaries.found_in("\n".join(repr(vars(record)) for record in caplog.records)) == []
    assert canaries.found_in(caplog.text) == []
    assert canaries.found_in(everything_in(tmp_path / "home")) == []
    assert len(told) > len(faults)


async def failures(client: Client, fault: Fault) -> list[str]:
    """Everything that can be seen of the error that a fault leads to."""
    try:
        await client.ask(fault.model, PROMPT, images=fault.images, conversation="c")
    except JumpseatError as error:
        return [repr(error), repr(vars(error)), "".join(traceback.format_exception(error))]
    return []


async def test_the_secrets_did_go_out_on_the_wire(
    fresh: SimulatorThread, canaries: Canaries, tmp_path: Path
) -> None:
    """Else the search would prove nothing. The simulator's journal shows tokens that could be its own."""
    settings = Settings.from_environment(canaries.environment(tmp_path, fresh, web_token=False))
    async with Client(settings) as client:
        await client.ask("microsoft/copilot", "Hi")
        await client.ask("github/gpt-4o", "Hi")
    given = Settings.from_environment(canaries.environment(tmp_path, fresh, web_token=True))
    async with Client(given) as client:
        await client.ask("github/gpt-4o", "Hi")

    assert set(canaries.found_in(repr(fresh.log()))) == {
        "microsoft_token",
        "microsoft_cookie",
        "github_cookie",
        "github_web_token",
    }


async def test_a_proxy_keeps_its_password(
    canaries: Canaries, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = Settings.from_environment(
        {
            "JUMPSEAT_HOME": str(tmp_path),
            "JUMPSEAT_MICROSOFT_URL": "https://copilot.example",
            "JUMPSEAT_MICROSOFT_TOKEN": canaries.microsoft_token,
            "JUMPSEAT_GITHUB_URL": "https://github.example",
            "JUMPSEAT_GITHUB_CHAT_URL": "https://github.example",
            "JUMPSEAT_GITHUB_WEB_TOKEN": canaries.github_web_token,
        }
    )
    told = []
    # Port 9 (discard) of this machine: nobody listens there.
    async with Client(settings, proxy=f"http://user:{canaries.proxy_password}@127.0.0.1:9") as client:
        for model in ("microsoft/copilot", "github/gpt-4o"):
            with pytest.raises(JumpseatError) as raised:
                await client.ask(model, "Hi")
            told += [repr(raised.value), "".join(traceback.format_exception(raised.value))]

    assert canaries.found_in("\n".join(told)) == []
    assert canaries.found_in("\n".join(repr(vars(record)) for record in caplog.records)) == []


def test_settings_and_accounts_show_no_secret(
    fresh: SimulatorThread, canaries: Canaries, tmp_path: Path
) -> None:
    environ = canaries.environment(tmp_path, fresh, web_token=True)
    settings = Settings.from_environment(environ)
    roster = Roster(settings)
    gateway = GatewaySettings.from_environment(environ)
    accounts = [roster.account_for("microsoft"), roster.account_for("github")]
    shown = [settings, gateway, *accounts, *(account.credential for account in accounts), vars(roster)]

    assert canaries.found_in(" ".join(f"{thing!r} {thing!s} {thing}" for thing in shown)) == []


@CREDENTIALS
def test_the_gateway_lets_no_secret_out(
    fresh: SimulatorThread, canaries: Canaries, tmp_path: Path, web_token: bool, faults: list[Fault]
) -> None:
    environ = canaries.environment(tmp_path, fresh, web_token=web_token)
    told, said = outputs(fresh, canaries, tmp_path, environ, faults, "debug")

    assert canaries.found_in(told) == []
    assert canaries.found_in(said) == []
    assert canaries.found_in(everything_in(tmp_path / "home")) == []
    assert told.count("\n") >= len(faults)


def test_the_gateway_logs_no_question_unless_asked(
    fresh: SimulatorThread, canaries: Canaries, tmp_path: Path
) -> None:
    environ = canaries.environment(tmp_path, fresh, web_token=False)
    told, said = outputs(fresh, canaries, tmp_path, environ, FAULTS[::5], "info")

    assert canaries.found_in(told + said) == []
    assert said.count("/v1/chat/completions") >= len(FAULTS[::5])
    assert PROMPT not in said
    assert ANSWER not in said


def outputs(
    simulator: SimulatorThread,
    canaries: Canaries,
    folder: Path,
    environ: dict[str, str],
    faults: list[Fault],
    level: str,
) -> tuple[str, str]:
    """What a gateway answers to its clients, and what it writes, while it meets these faults."""
    with ServeProgram(folder, clean_environment(**environ), "--log", level) as gateway:
        told = wrong_keys(gateway.address, canaries)
        for fault in faults:
            simulator.arm(fault.name)
            told += call(gateway.address, fault.model, authorization=f"Bearer {canaries.api_key}")
            disarm(simulator)
        assert gateway.terminate() == 0
    return told, gateway.said()


def wrong_keys(address: str, canaries: Canaries) -> str:
    """What is answered to keys that open nothing, in each header that may hold one, and in the address."""
    told = call(address, "copilot", authorization=f"Bearer {canaries.authorization}")
    told += call(address, "copilot", x_api_key=canaries.x_api_key)
    told += call(address, "copilot", api_key=canaries.azure_key)
    told += call(
        address, "copilot", query=f"?key={canaries.query}", authorization=f"Bearer {canaries.api_key}"
    )
    return told


def call(address: str, model: str, *, query: str = "", **headers: str) -> str:
    """Put the question; status, headers and body of the answer as one text."""
    parts = urlsplit(address)
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "user", "content": PROMPT}],
        "conversation_id": "c",
        "stream": True,
    }
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request(
            "POST",
            f"/v1/chat/completions{query}",
            msgspec.json.encode(body),
            {name.replace("_", "-"): value for name, value in headers.items()},
        )
        answer = connection.getresponse()
        said = answer.read().decode()
        return f"{answer.status} {answer.getheaders()} {said}\n"
    finally:
        connection.close()
