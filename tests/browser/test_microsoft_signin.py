"""A sign-in at Microsoft Copilot, from the window to the credential: Chromium, and the simulator's page."""

from __future__ import annotations

import asyncio
import signal
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from jumpseat.browser.driver import Driver, Launch
from jumpseat.browser.profiles import holder
from jumpseat.microsoft.browser_signin import Progress, sign_in
from jumpseat.model.credentials import Credential
from jumpseat.model.errors import SignInFailed
from jumpseat.simulator import SimulatorThread
from tests.browser.processes import using
from tests.waiting import until_async

SECONDS = 20.0
"""For what has to come; what must not come has less."""

Signing = Callable[..., asyncio.Task[Credential]]


@pytest.fixture
def told() -> list[Progress]:
    """What the person hears, as it comes."""
    return []


@pytest.fixture
def signing(
    driver: Driver, chromium: Path, profile: Path, simulator: SimulatorThread, told: list[Progress]
) -> Signing:
    """Begin a sign-in as a person who does what `wish` says; at its end the browser is gone."""

    def begin(wish: str, timeout: float = SECONDS) -> asyncio.Task[Credential]:
        launch = Launch(
            executable=chromium, profile=profile, url=f"{simulator.url}/?{wish}", is_headless=True
        )
        return asyncio.ensure_future(
            sign_in(driver, launch, target="ChatAI", timeout=timeout, tell=told.append, look_every=0.05)
        )

    return begin


def signs(told: list[Progress]) -> dict[str, str]:
    return {sign.name: sign.says for progress in told for sign in progress.signs}


async def heard(signing: asyncio.Task[Credential], told: list[Progress]) -> dict[str, str]:
    """Wait for the first hint, then press Ctrl-C."""
    await until_async(lambda: signs(told) or signing.done(), SECONDS)
    signing.cancel()
    await asyncio.wait([signing])
    assert signing.cancelled()
    return signs(told)


async def failure(signing: asyncio.Task[Credential], profile: Path) -> str:
    with pytest.raises(SignInFailed) as failed:
        await signing
    assert not using(profile)
    return failed.value.message


@pytest.mark.parametrize("do", ["msal-plain", "msal-plain-v3"])
async def test_a_token_kept_in_the_open_is_found(signing: Signing, profile: Path, do: str) -> None:
    credential = await signing(f"do={do}&name=alice")

    assert credential.token is not None
    assert credential.token.reveal() == "sim-alice"
    assert set(credential.cookies) == {"_C_Auth", "MUID"}  # The first is HttpOnly.
    assert credential.cookies["_C_Auth"].reveal() == f"alice.{do}"
    assert credential.identity_type is None
    assert credential.expires_at == pytest.approx(time.time() + 3600, abs=60)
    assert not using(profile)


async def test_an_encrypted_cache_is_explained_and_the_chat_shows_the_token(signing: Signing) -> None:
    credential = await signing("do=msal-encrypted&name=alice&message=Hello")

    assert credential.token is not None
    assert credential.token.reveal() == "sim-alice"
    assert credential.socket is not None
    assert credential.socket.client_session_id


async def test_an_encrypted_cache_alone_is_no_sign_in(signing: Signing, told: list[Progress]) -> None:
    seen = await heard(signing("do=msal-encrypted&name=alice"), told)

    assert list(seen) == ["encrypted"]
    assert "send one message in the window" in seen["encrypted"]


@pytest.mark.parametrize("provider", ["google", "apple"])
async def test_other_accounts_are_told_by_their_kind(signing: Signing, provider: str) -> None:
    credential = await signing(f"do=auth0-{provider}&name=alice")

    assert credential.token is not None
    assert credential.token.reveal() == "sim-alice"
    assert credential.identity_type == provider


async def test_who_takes_their_time_is_waited_for(
    signing: Signing, simulator: SimulatorThread, told: list[Progress]
) -> None:
    task = signing("do=late&name=alice")
    await until_async(lambda: len(told) > 5 or task.done(), SECONDS)
    assert not task.done()
    ends_at = time.monotonic() + SECONDS
    while not task.done():
        assert time.monotonic() < ends_at
        await asyncio.to_thread(_finish_what_is_late, simulator.url)
        await asyncio.wait([task], timeout=0.1)

    assert (await task).token is not None


def _finish_what_is_late(url: str) -> None:
    request = urllib.request.Request(f"{url}/_simulator/sign-in", method="POST")  # noqa: S310 - loopback
    urllib.request.urlopen(request, timeout=5).close()  # noqa: S310 - loopback


async def test_who_never_signs_in_is_not_waited_for_for_ever(signing: Signing, profile: Path) -> None:
    message = await failure(signing("do=never", timeout=1), profile)

    assert message.startswith("nobody signed in within 1 seconds. Run `jumpseat login microsoft` again")


@pytest.mark.parametrize(
    ("do", "says"),
    [
        ("expired", "has expired"),
        ("wrong-target", "https://graph.microsoft.com/Mail.Read, and none for ChatAI"),
    ],
)
async def test_a_token_that_will_not_do_is_named(
    signing: Signing, told: list[Progress], do: str, says: str
) -> None:
    seen = await heard(signing(f"do={do}&name=alice"), told)

    assert list(seen) == [do]
    assert says in seen[do]


@pytest.mark.parametrize("do", ["expired", "wrong-target", "socket-only"])
async def test_one_message_shows_the_right_token(signing: Signing, do: str) -> None:
    credential = await signing(f"do={do}&name=alice&message=Hello")

    assert credential.token is not None
    assert credential.token.reveal() == "sim-alice"


async def test_the_next_sign_in_of_the_same_person_needs_no_hand(signing: Signing) -> None:
    first = await signing("do=msal-plain&name=alice")
    second = await signing("")

    assert second.token == first.token
    assert second.cookies == first.cookies


async def test_a_window_that_the_person_closed(signing: Signing, profile: Path, told: list[Progress]) -> None:
    task = signing("do=msal-encrypted&name=alice")
    await until_async(lambda: signs(told) or task.done(), SECONDS)
    browser = holder(profile)
    assert browser is not None
    psutil.Process(browser).send_signal(signal.SIGTERM)  # As a desktop asks it to close.
    message = await failure(task, profile)

    assert "closed before the sign-in was done" in message
    assert "Until then the page keeps its tokens encrypted" in message


async def test_ctrl_c_leaves_nothing_behind(signing: Signing, profile: Path, told: list[Progress]) -> None:
    task = signing("do=never")
    await until_async(lambda: len(told) > 2 or task.done(), SECONDS)
    assert using(profile)
    task.cancel()
    await asyncio.wait([task])

    assert task.cancelled()
    assert not using(profile)
