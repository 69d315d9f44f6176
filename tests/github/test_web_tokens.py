"""Web tokens: kept until they end, fetched once for all who wait."""

from __future__ import annotations

import asyncio

import pytest

from jumpseat.deadlines import Deadlines, Timeouts
from jumpseat.github import web_tokens
from jumpseat.github.web import WebToken
from jumpseat.github.web_tokens import WebTokens
from jumpseat.model.credentials import Account, Credential, Secret
from jumpseat.model.errors import NotSignedIn, UpstreamBroke, UpstreamRefused, UpstreamTimeout
from tests.waiting import until_async


def account(
    *, name: str = "me", session: str | None = "s", token: str | None = None, expires_at: float | None = None
) -> Account:
    return Account(
        kind="github-web",
        name=name,
        credential=Credential(
            token=Secret(token) if token is not None else None,
            cookies={"user_session": Secret(session)} if session else {},
            expires_at=expires_at,
        ),
    )


def deadlines(seconds: float = 10) -> Deadlines:
    return Deadlines(Timeouts(connect=seconds), "GitHub")


class Site:
    """Gives tokens named after the session and a running number; waits while `gate` is shut."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.fetches = 0
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: Exception | None = None
        self.tokens = WebTokens(self.fetch, now=lambda: self.now, clock=lambda: self.now)

    async def fetch(self, account: Account, seconds: float) -> WebToken:
        self.fetches += 1
        number = self.fetches
        self.asked.set()
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        session = account.credential.cookies["user_session"].reveal()
        return WebToken(Secret(f"{session}-{number}"), 3600)

    async def current(self, account: Account) -> str:
        return (await self.tokens.current(account, deadlines())).reveal()

    async def renewed(self, account: Account, refused: str) -> str | None:
        token = await self.tokens.renewed(account, Secret(refused), deadlines())
        return token.reveal() if token else None


@pytest.fixture
def site() -> Site:
    return Site()


async def test_a_token_is_not_used_in_its_last_minute(site: Site) -> None:
    assert await site.current(account()) == "s-1"
    site.now += 3600 - 60
    assert await site.current(account()) == "s-2"


async def test_a_token_is_renewed_in_the_background_while_the_old_one_is_shown(site: Site) -> None:
    await site.current(account())
    site.gate.clear()
    site.asked.clear()
    site.now += 3600 * 0.85

    assert [await site.current(account()) for _ in range(3)] == ["s-1"] * 3
    await site.asked.wait()
    site.gate.set()
    await until_async(lambda: len(asyncio.all_tasks()) == 1)

    assert await site.current(account()) == "s-2"
    assert site.fetches == 2


async def test_who_must_not_ask_again_does_not(site: Site) -> None:
    site.failure = UpstreamRefused("stop", code="programmatic_token_generation")
    for _ in range(3):
        with pytest.raises(UpstreamRefused, match="stop"):
            await site.current(account())

    assert site.fetches == 1


async def test_a_token_that_the_user_gave_is_shown_first(site: Site) -> None:
    assert await site.current(account(token="given")) == "given"
    assert await site.current(account(token="given", session=None)) == "given"
    assert site.fetches == 0


async def test_a_given_token_that_has_ended_is_replaced_where_there_are_cookies(site: Site) -> None:
    assert await site.current(account(token="given", expires_at=999)) == "s-1"
    # Without cookies it is shown all the same: GitHub's clock may differ from ours.
    assert await site.current(account(token="given", session=None, expires_at=999)) == "given"


async def test_a_given_token_that_was_refused_is_not_shown_again(site: Site) -> None:
    mine = account(token="given")

    assert await site.renewed(mine, "given") == "s-1"
    assert await site.current(mine) == "s-1"
    site.now += 3600
    assert await site.current(mine) == "s-2"


async def test_who_has_only_a_token_gets_no_other(site: Site) -> None:
    assert await site.renewed(account(token="given", session=None), "given") is None


async def test_who_has_nothing_is_told_what_to_hand_over(site: Site) -> None:
    with pytest.raises(NotSignedIn, match="`jumpseat login github-web --cookies FILE`"):
        await site.current(account(session=None))


async def test_what_cannot_be_a_token_is_not_given_out(site: Site) -> None:
    with pytest.raises(NotSignedIn, match="personal access token"):
        await site.current(account(token="ghp_abc", session=None))


async def test_one_fetch_serves_all_who_wait(site: Site) -> None:
    site.gate.clear()
    waiting = [asyncio.create_task(site.current(account())) for _ in range(20)]
    await site.asked.wait()
    site.gate.set()

    assert await asyncio.gather(*waiting) == ["s-1"] * 20
    assert site.fetches == 1


async def test_all_who_were_refused_together_share_one_renewal(site: Site) -> None:
    await site.current(account())

    assert await asyncio.gather(*(site.renewed(account(), "s-1") for _ in range(5))) == ["s-2"] * 5
    # Who comes late with the old refusal gets what the others got.
    assert await site.renewed(account(), "s-1") == "s-2"
    assert site.fetches == 2


async def test_who_leaves_early_does_not_end_the_fetch_of_the_others(site: Site) -> None:
    site.gate.clear()
    first = asyncio.create_task(site.current(account()))
    second = asyncio.create_task(site.current(account()))
    await site.asked.wait()

    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    site.gate.set()

    assert await second == "s-1"
    assert site.fetches == 1


async def test_the_impatience_of_one_is_his_own(site: Site) -> None:
    site.gate.clear()
    patient = asyncio.create_task(site.current(account()))
    with pytest.raises(UpstreamTimeout, match="connect timeout") as caught:
        await site.tokens.current(account(), deadlines(0.005))
    site.gate.set()

    assert not caught.value.may_be_delivered
    assert await patient == "s-1"


async def test_a_failure_is_shared_and_not_kept(site: Site) -> None:
    site.failure = NotSignedIn("over")
    site.gate.clear()
    waiting = [asyncio.create_task(site.current(account())) for _ in range(3)]
    await site.asked.wait()
    site.gate.set()

    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [NotSignedIn] * 3
    site.failure = None
    assert await site.current(account()) == "s-2"


async def test_when_the_last_one_leaves_the_fetch_goes_on_for_the_next(site: Site) -> None:
    site.gate.clear()
    waiting = [asyncio.create_task(site.current(account())) for _ in range(2)]
    await site.asked.wait()

    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    site.gate.set()

    assert await site.current(account()) == "s-1"
    assert site.fetches == 1


async def test_a_fetch_that_was_waited_for_in_vain_is_not_waited_for_again(site: Site) -> None:
    site.gate.clear()
    with pytest.raises(UpstreamTimeout, match="connect timeout"):
        await site.tokens.current(account(), deadlines(0.005))
    with pytest.raises(UpstreamTimeout, match="connect timeout"):
        await site.tokens.renewed(account(), Secret("given"), deadlines(0.005))
    site.gate.set()

    assert await site.current(account()) == "s-3"
    await until_async(lambda: len(asyncio.all_tasks()) == 1)


async def test_a_failure_that_comes_as_the_last_one_leaves_bothers_nobody(site: Site) -> None:
    site.failure = NotSignedIn("over")
    site.gate.clear()
    alone = asyncio.create_task(site.current(account()))
    await site.asked.wait()

    site.gate.set()
    await asyncio.sleep(0)
    alone.cancel()

    with pytest.raises(asyncio.CancelledError):
        await alone


async def test_different_secrets_share_nothing(site: Site) -> None:
    assert await site.current(account(session="a")) == "a-1"
    assert await site.current(account(session="b")) == "b-2"
    assert await site.current(account(session="a", name="other")) == "a-3"
    assert await site.current(account(session="a", token="given")) == "given"
    assert await site.current(account(session="a")) == "a-1"


async def test_the_account_used_longest_ago_is_forgotten_first(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_tokens, "MAX_ACCOUNTS", 2)
    site.tokens = WebTokens(site.fetch)

    tokens = [await site.current(account(session=name)) for name in "ababca"]

    assert tokens == ["a-1", "b-2", "a-1", "b-2", "c-3", "a-4"]


async def test_closing_ends_what_is_on_its_way(site: Site) -> None:
    site.gate.clear()
    waiting = asyncio.create_task(site.current(account()))
    await site.asked.wait()

    await site.tokens.aclose()

    with pytest.raises(UpstreamBroke, match="closed while it waited"):
        await waiting
    await site.tokens.aclose()
