"""Whether GitHub accepts a sign-in to its web chat, found out without a question."""

from __future__ import annotations

import pytest

from jumpseat.model.errors import NotSignedIn
from jumpseat.transport.scripted import Step
from tests.github.test_upstream import API, REFUSED, account, deadlines, playing, reply, token_step

MODELS = f"{API}/models"


async def test_cookies_prove_themselves_by_a_token_and_nothing_is_asked_with_it() -> None:
    async with playing(token_step("w")) as stage:
        await stage.upstream.identify(account(cookies=True), deadlines())

    assert stage.secrets_sent() == [("github.example", "user_session=session-canary; logged_in=yes")]


async def test_cookies_that_github_does_not_know_are_not_signed_in() -> None:
    async with playing(Step(method="POST", url="/github-copilot/chat/token", answer=REFUSED)) as stage:
        with pytest.raises(NotSignedIn, match="no longer knows this browser session"):
            await stage.upstream.identify(account(cookies=True), deadlines())


async def test_a_bare_token_proves_itself_by_a_list() -> None:
    listed = Step(method="GET", url=MODELS, answer=reply({"data": []}))
    async with playing(listed, Step(method="GET", url=MODELS, answer=REFUSED)) as stage:
        await stage.upstream.identify(account(), deadlines())
        with pytest.raises(NotSignedIn, match="refused the web-chat token"):
            await stage.upstream.identify(account(), deadlines())
