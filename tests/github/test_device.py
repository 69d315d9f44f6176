"""Signing in at GitHub by a code, over a real socket; the hours of waiting pass at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import pytest

from jumpseat.github.device import sign_in
from jumpseat.github.hosts import Site, site_of
from jumpseat.github.signin import Granted, Prompt
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import (
    JumpseatError,
    NotSignedIn,
    RateLimited,
    SignInFailed,
    UpstreamBroke,
    UpstreamTimeout,
)
from jumpseat.settings import Settings
from jumpseat.simulator import Simulator, fault_table, faults
from jumpseat.transport.aio import AioTransport
from jumpseat.transport.scripted import ScriptedTransport, Step
from jumpseat.transport.wire import Response, WireFailed
from tests.waiting import until_async

CLIENT_ID = "Ov23liTestTestTest"
AT = 1_800_000_000.0
ROWS = [row for row in faults() if row["calls"] in (["device-code"], ["device-token"])]


class Person:
    """Somebody who signs in, with a clock that only waiting moves; `acts` says what they do and when."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.site = site_of(Settings(github_url=simulator.url, github_api_url=simulator.url))
        self.transport = AioTransport()
        self.time = 0.0
        self.slept: list[float] = []
        self.shown: list[Prompt] = []
        self.told: list[str] = []
        self.acts: list[tuple[float, Callable[[], None]]] = []
        simulator.world.desk.clock = lambda: self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        for at, act in self.acts:
            if self.time - seconds < at <= self.time:
                act()

    def does(self, action: str, at: float = 1.0) -> None:
        """Press a button so many seconds after the code was shown."""
        desk = self.simulator.world.desk
        state = {"approve": "approved", "deny": "denied", "expire": "expired"}[action]
        self.acts.append((at, lambda: desk.decide(desk.codes[-1], state, "alice")))  # type: ignore[arg-type]

    def meets(self, fault: str, times: int | None = None) -> None:
        found = fault_table.find(f"github-{fault}")
        assert found is not None
        self.simulator.world.arm(found, times)

    async def signs_in(self, client_id: str = CLIENT_ID, timeout: float = 5.0) -> Granted:
        return await sign_in(
            self.transport,
            self.site,
            client_id,
            show=self.shown.append,
            tell=self.told.append,
            timeout=timeout,
            sleep=self.sleep,
            clock=lambda: self.time,
            now=lambda: AT,
        )

    @property
    def polls(self) -> int:
        return self.simulator.world.journal.counts["github device-token"]


@pytest.fixture
async def person() -> AsyncIterator[Person]:
    async with Simulator() as simulator:
        someone = Person(simulator)
        yield someone
        await someone.transport.aclose()
        assert simulator.violations == []


async def test_who_approves_is_signed_in(person: Person) -> None:
    person.does("approve", at=12.0)

    granted = await person.signs_in()

    (prompt,) = person.shown
    assert prompt.user_code == person.simulator.world.desk.codes[0].user_code
    assert (prompt.verification_uri, prompt.expires_in) == (f"{person.simulator.url}/login/device", 900.0)
    assert person.slept == [5.0, 5.0, 5.0]
    assert granted.credential.token == Secret("gho_sim-alice")
    assert (granted.credential.client_id, granted.credential.obtained_at) == (CLIENT_ID, AT)
    assert granted.unasked == ()
    assert person.simulator.world.desk.codes[0].scope == "read:user"
    assert person.told == []


async def test_fourteen_minutes_are_waited(person: Person) -> None:
    """Others give up after one."""
    person.does("approve", at=14 * 60.0)

    assert (await person.signs_in()).credential.token is not None


async def test_nobody_is_polled_for_beyond_the_end_of_the_code(person: Person) -> None:
    """Others go on for ever."""
    with pytest.raises(SignInFailed, match="jumpseat login github") as caught:
        await person.signs_in()

    assert caught.value.code == "expired_token"
    assert person.time == 900.0
    assert len(person.slept) == 180


async def test_a_short_life_is_obeyed_too(person: Person) -> None:
    person.simulator.world.desk.expires_in = 12

    with pytest.raises(SignInFailed):
        await person.signs_in()
    assert person.time == 10.0


@pytest.mark.parametrize(("action", "code"), [("deny", "access_denied"), ("expire", "expired_token")])
async def test_a_refusal_and_an_end_are_respected_at_once(person: Person, action: str, code: str) -> None:
    person.does(action)

    with pytest.raises(SignInFailed) as caught:
        await person.signs_in()
    assert (caught.value.code, len(person.slept)) == (code, 1)


@pytest.mark.parametrize("fault", ["device-token-slow-down", "device-token-slow-down-bare"])
async def test_slow_down_is_obeyed_for_good(person: Person, fault: str) -> None:
    """Others take it for a failure, or ignore it; the simulator notes who polls too soon."""
    person.does("approve", at=24.0)
    person.meets(fault, times=1)

    await person.signs_in()

    assert person.slept == [5.0, 10.0, 10.0]


async def test_pending_is_asked_again_each_time(person: Person) -> None:
    person.does("approve")
    person.meets("device-token-pending", times=4)

    await person.signs_in()

    assert person.slept == [5.0] * 5


@pytest.mark.parametrize(
    "fault",
    ["device-token-500", "device-token-html", "device-token-garbage", "device-token-429", "device-token-cut"],
)
async def test_trouble_on_the_way_is_borne_and_told_once(person: Person, fault: str) -> None:
    person.does("approve", at=6.0)
    person.meets(fault, times=1 if fault.endswith("cut") else 3)

    granted = await person.signs_in()

    assert granted.credential.token == Secret("gho_sim-alice")
    assert len(person.told) == 1
    assert person.slept[:2] == [5.0, 10.0]


async def test_a_poll_that_is_never_answered_is_given_up_and_another_made(person: Person) -> None:
    person.does("approve")
    person.meets("device-token-silence", times=1)

    assert (await person.signs_in(timeout=0.2)).credential.token is not None
    assert "did not answer" in person.told[0]


async def test_a_network_that_never_comes_back_ends_with_the_code_and_says_so(person: Person) -> None:
    person.meets("device-token-500", times=-1)

    with pytest.raises(SignInFailed, match=r"The last try failed: .*HTTP 500"):
        await person.signs_in()
    assert max(person.slept) == 60.0
    assert person.time == 900.0


async def test_more_than_was_asked_for_is_noticed(person: Person) -> None:
    person.does("approve")
    person.meets("device-token-wide")

    assert (await person.signs_in()).unasked == ("repo",)


async def test_a_token_that_ends_is_kept_with_what_renews_it(person: Person) -> None:
    person.does("approve")
    person.meets("device-token-ends")

    credential = (await person.signs_in()).credential

    assert credential.refresh_token == Secret("ghr_sim-alice")
    assert credential.expires_at == AT + 28800


@pytest.mark.parametrize("fault", ["device-code-bare", "device-code-odd"])
async def test_without_times_the_usual_ones_count(person: Person, fault: str) -> None:
    person.does("approve")
    person.meets(fault)

    await person.signs_in()

    assert (person.shown[0].expires_in, person.slept) == (900.0, [5.0])


async def test_nobody_is_sent_to_another_page(person: Person) -> None:
    person.does("approve")
    person.meets("device-code-elsewhere")

    await person.signs_in()

    assert person.shown[0].verification_uri == f"{person.simulator.url}/login/device"


async def test_an_app_nobody_registered_is_named(person: Person) -> None:
    with pytest.raises(SignInFailed, match="no OAuth app with this client id"):
        await person.signs_in("unknown-app")
    assert person.shown == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
async def test_each_fault_of_the_table_ends_as_the_table_says(
    person: Person, row: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    person.does("approve")
    person.meets(str(row["name"]).removeprefix("github-"), times=1)
    outcome, error = "ok", None
    try:
        await person.signs_in(timeout=0.2 if row["hangs"] else 5.0)
    except JumpseatError as caught:
        outcome, error = " ".join(kind.__name__ for kind in type(caught).__mro__), caught

    assert row["expect"] in outcome.split(), repr(error)
    if error is not None:
        assert str(error).rstrip().endswith((".", ")"))
    codes = person.simulator.world.desk.codes
    secrets = ["gho_sim", "ghr_sim", *(code.device_code for code in codes)]
    assert not [secret for secret in secrets if secret in f"{caplog.text} {error!r} {person.shown!r}"]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (WireFailed("no connection to x: no route."), WireFailed),
        (UpstreamTimeout("late", which="connect"), UpstreamTimeout),
        (Response(status=429), RateLimited),
        (Response(status=500), UpstreamBroke),
        (Response(status=404), NotSignedIn),
    ],
)
async def test_a_beginning_that_fails_is_told_at_once(
    given: Response | Exception, error: type[Exception]
) -> None:
    transport = ScriptedTransport([Step(method="POST", url="/login/device/code", answer=given)])
    site = Site(host="github.com", web="https://github.com", api="https://api.github.com")

    with pytest.raises(error):
        await sign_in(transport, site, CLIENT_ID, show=lambda _: None)
    assert transport.calls[0].url == "https://github.com/login/device/code"


async def test_a_tenant_is_asked_at_its_own_address() -> None:
    body = b'{"device_code": "d%26", "user_code": "WDJB-MJHT", "interval": 0.02}'
    steps = [
        Step(method="POST", url="octo.ghe.com/login/device/code", answer=Response(status=200, body=body)),
        Step(
            method="POST",
            url="octo.ghe.com/login/oauth/access_token",
            answer=Response(status=200, body=b'{"access_token": "gho_abc"}'),
        ),
    ]
    transport = ScriptedTransport(steps)
    shown: list[Prompt] = []

    granted = await sign_in(transport, site_of(Settings(), "octo.ghe.com"), CLIENT_ID, show=shown.append)

    assert granted.credential.host == "octo.ghe.com"
    assert shown[0].verification_uri == "https://octo.ghe.com/login/device"
    assert transport.calls[0].body == f"client_id={CLIENT_ID}&scope=read%3Auser".encode()
    assert (
        transport.calls[1].body
        == (
            f"client_id={CLIENT_ID}&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"
            "&device_code=d%2526"
        ).encode()
    )


async def test_who_leaves_amid_the_waiting_leaves_nothing_behind(person: Person) -> None:
    person.simulator.world.desk.interval = 0.02
    person.meets("device-token-silence", times=1)
    tasks = len(asyncio.all_tasks())

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds)
        person.time += seconds

    signing = asyncio.create_task(
        sign_in(person.transport, person.site, CLIENT_ID, show=person.shown.append, sleep=sleep)
    )
    await until_async(lambda: person.simulator.world.journal.counts["fault github-device-token-silence"])
    signing.cancel()

    with pytest.raises(asyncio.CancelledError):
        await signing
    await until_async(lambda: len(asyncio.all_tasks()) <= tasks)
