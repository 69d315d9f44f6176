"""What the doctor says of the services."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from jumpseat.cli.doctor import services
from jumpseat.cli.doctor.check import ok
from jumpseat.cli.doctor.services import Probe
from jumpseat.settings import Settings
from jumpseat.store.sql import open_archive
from jumpseat.transport.scripted import ScriptedTransport, Step
from jumpseat.transport.wire import Response, WireFailed

USER = "/c/api/user"


def answering(status: int = 200, body: bytes = b'{"firstName": null}', *, ahead: float = 0.0) -> Step:
    """The service's word on who nobody is, from a clock that is `ahead` seconds before ours."""
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
    return Step(method="GET", url=USER, answer=Response(status=status, body=body, headers={"date": date}))


async def ask(step: Step, home: Path, *, dialect: str | None = None) -> Probe:
    settings = Settings(home=home)
    archive = open_archive(settings)
    try:
        if dialect is not None:
            await archive.set("microsoft dialect of copilot.microsoft.com", dialect)
        return await services.microsoft(settings, ScriptedTransport([step]), archive)
    finally:
        await archive.aclose()


async def test_a_service_that_answers_is_well_and_its_dialect_named(tmp_path: Path) -> None:
    new = await ask(answering(), tmp_path)
    known = await ask(answering(), tmp_path, dialect="server-first")

    assert new.check.text == "copilot.microsoft.com answers; its dialect shows with the first question"
    assert known.check.text == "copilot.microsoft.com answers; dialect server-first"


async def test_one_that_answers_only_to_accounts_is_reached_all_the_same(tmp_path: Path) -> None:
    probe = await ask(answering(401, b""), tmp_path)

    assert probe.check.verdict == "ok"
    assert "signed-in accounts only" in probe.check.text


@pytest.mark.parametrize(("status", "word"), [(451, "not offered"), (403, "refused"), (503, "HTTP 503")])
async def test_regions_fronts_and_troubles_are_told_as_a_question_would_be(
    tmp_path: Path, status: int, word: str
) -> None:
    probe = await ask(answering(status, b""), tmp_path)

    assert probe.check.verdict == "wrong"
    assert word in probe.check.text


async def test_one_that_cannot_be_reached_is_wrong(tmp_path: Path) -> None:
    probe = await ask(Step(method="GET", url=USER, answer=WireFailed("no route")), tmp_path)

    assert (probe.check.verdict, probe.skew) == ("wrong", None)


@pytest.mark.parametrize(("status", "verdict"), [(200, "ok"), (404, "ok"), (503, "wrong")])
async def test_any_answer_of_githubs_own_will_do(status: int, verdict: str) -> None:
    transport = ScriptedTransport([Step(method="HEAD", url="github.com/", answer=Response(status=status))])

    assert (await services.github("github", "https://github.com", transport)).check.verdict == verdict


async def test_a_github_that_cannot_be_reached_is_wrong() -> None:
    transport = ScriptedTransport([Step(method="HEAD", url="github.com/", answer=WireFailed("no route"))])

    assert (await services.github("github", "https://github.com", transport)).check.verdict == "wrong"


async def test_a_stand_in_that_cannot_be_reached_is_to_be_started() -> None:
    address = "http://127.0.0.1:8400"
    transport = ScriptedTransport([Step(method="HEAD", url=f"{address}/", answer=WireFailed("no route"))])

    assert (
        await services.github("github", address, transport)
    ).check.advice == "jumpseat simulate --port 8400"


async def test_clocks_that_agree_are_well(tmp_path: Path) -> None:
    probe = await ask(answering(ahead=30), tmp_path)

    (check,) = services.clock([probe, Probe(check=ok("x", "y"))])
    assert check.verdict == "ok"


@pytest.mark.parametrize(
    ("ahead", "way"), [(2 * 86400, "2880 minutes behind"), (-7200, "120 minutes ahead of")]
)
async def test_a_clock_that_is_off_is_told_with_the_way_it_is(tmp_path: Path, ahead: float, way: str) -> None:
    probe = await ask(answering(ahead=ahead), tmp_path)

    (check,) = services.clock([probe])
    assert check.verdict == "note"
    assert way in check.text


def test_without_a_service_that_tells_the_time_nothing_is_said_of_clocks() -> None:
    assert list(services.clock([Probe(check=ok("x", "y"))])) == []
