"""The sign-in by a browser, with a window that shows what a script says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from jumpseat.browser.driver import Launch
from jumpseat.microsoft import browser_signin
from jumpseat.microsoft.browser_signin import Progress, sign_in
from jumpseat.model.credentials import Credential, Secret
from jumpseat.model.errors import InvalidRequest, SignInFailed
from tests.microsoft.windows import ENCRYPTED, NOW, Page, Scene, cookie, kept
from tests.waiting import until_async

SITE = "https://copilot.microsoft.com"
CHATHUB = "wss://substrate.office.com/m365Copilot/Chathub/o@t?access_token=tok"
CLASSIC = "wss://copilot.microsoft.com/c/api/chat?accessToken=tik"
LAUNCH = Launch(executable=Path("/usr/bin/browser"), profile=Path("/profile"), url=SITE)


async def signed_in(page: Page, **options: object) -> Credential:
    return await sign_in(page, LAUNCH, now=lambda: NOW, look_every=0, **options)  # type: ignore[arg-type]


async def failure(page: Page, timeout: float = 0.02) -> str:
    with pytest.raises(SignInFailed) as failed:
        await signed_in(page, timeout=timeout)
    assert page.closings == 1
    return failed.value.message


async def test_a_sign_in_is_waited_for_and_the_window_closed() -> None:
    page = Page([{}, {}, kept()])
    credential = await signed_in(page)

    assert credential.token == Secret("tok")
    assert credential.expires_at == NOW + 60
    assert page.opened == LAUNCH
    assert page.closings == 1
    assert page.looked_at[0][0] == SITE
    assert page.asked_for[0] == page.looked_at[0], "a socket counts where its page does"


async def test_the_sites_cookies_come_with_it_and_no_others() -> None:
    page = Page([kept()])
    page.cookies_of[f"{SITE}/"] = [
        cookie("MUID", domain=".microsoft.com"),
        cookie("own"),
        cookie("blank", ""),
        cookie("old", expires_at=NOW - 1),
        cookie("later", expires_at=NOW + 1),
        cookie("other", domain="bing.com"),
        cookie("lookalike", domain="icrosoft.com"),
        cookie("nobody", domain=""),
        cookie("below", domain="x.copilot.microsoft.com"),
    ]
    credential = await signed_in(page)

    assert set(credential.cookies) == {"MUID", "own", "later"}
    assert credential.cookies["own"] == Secret("v")


async def test_of_two_cookies_of_one_name_the_first_hosts_counts() -> None:
    page = Page([CHATHUB])
    page.cookies_of[f"{SITE}/"] = [cookie("x", "one")]
    page.cookies_of["https://copilot.com/"] = [
        cookie("x", "two", "copilot.com"),
        cookie("y", "y", "copilot.com"),
    ]
    credential = await signed_in(page, target=None)

    assert credential.cookies == {"x": Secret("one"), "y": Secret("y")}


async def test_how_it_stands_is_told_at_each_look() -> None:
    told: list[Progress] = []
    await signed_in(Page([{}, ENCRYPTED, kept()]), tell=told.append)

    assert [[sign.name for sign in progress.signs] for progress in told] == [[], [], ["encrypted"]]
    assert 290 < told[0].seconds_left <= 300


@pytest.mark.parametrize(
    ("scene", "says"),
    [
        ({}, "Run `jumpseat login microsoft` again"),
        (ENCRYPTED, "keeps its tokens encrypted; send one message"),
        (kept(ends_in=-1), "has expired"),
        (kept(target="Graph/Mail.Read"), "Graph/Mail.Read, and none for ChatAI"),
        (CHATHUB, "newer chat"),
    ],
)
async def test_when_the_time_is_up_what_was_seen_and_the_other_ways_are_told(scene: Scene, says: str) -> None:
    message = await failure(Page([scene, {}]))

    assert "within 0.02 seconds" in message
    assert says in message
    assert "--har FILE" in message
    assert "tok" not in message.replace("token", "")


async def test_a_browser_that_hangs_is_not_waited_for_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page()

    async def hang(_: Sequence[str]) -> Mapping[str, str]:
        await asyncio.Event().wait()
        return {}

    monkeypatch.setattr(page, "storage", hang)

    assert "within 0.02 seconds" in await failure(page)


async def test_a_window_that_the_person_closed_ends_it() -> None:
    message = await failure(Page([ENCRYPTED, SignInFailed("the window was closed.")]), timeout=5)

    assert message.startswith("the window was closed. Until then the page keeps its tokens encrypted")


async def test_a_failure_of_the_browser_closes_it_too() -> None:
    page = Page([ValueError("odd")])
    with pytest.raises(ValueError, match="odd"):
        await signed_in(page)
    assert page.closings == 1


async def test_a_listener_that_fails_closes_it_too() -> None:
    page = Page()

    def tell(_: Progress) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        await signed_in(page, tell=tell)
    assert page.closings == 1


async def test_an_address_that_is_none_opens_nothing() -> None:
    page = Page()
    with pytest.raises(InvalidRequest):
        await sign_in(page, Launch(executable=Path("x"), profile=Path("y"), url="nowhere"))
    assert page.opened is None


async def test_a_browser_that_does_not_open_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser_signin, "_OPENING_SECONDS", 0.01)
    page = Page()

    async def hang(_: Launch) -> Page:
        await asyncio.Event().wait()
        return page

    monkeypatch.setattr(page, "open", hang)
    with pytest.raises(SignInFailed, match=r"did not open within 0.01 s.*--har FILE"):
        await signed_in(page)


async def test_a_message_sent_before_the_window_was_closed_is_a_sign_in_still() -> None:
    page = Page([SignInFailed("the window was closed.")], sockets=[Secret(CLASSIC)], cookies_fail=True)
    credential = await signed_in(page)

    assert credential.token == Secret("tik")
    assert credential.cookies == {}


async def test_who_cancels_closes_the_browser_and_who_insists_hurries_it() -> None:
    page = Page(may_close=asyncio.Event())
    task = asyncio.ensure_future(signed_in(page))
    await until_async(lambda: page.looked_at)
    task.cancel()
    await until_async(lambda: page.closings == 1)
    assert not task.done()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert page.is_hurried
