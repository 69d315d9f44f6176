"""GitHub's web chat through its shell, over a scripted wire."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from jumpseat.deadlines import Deadlines, Timeouts
from jumpseat.github.upstream import GithubUpstream, WebAnswer
from jumpseat.github.web import CARDS
from jumpseat.github.web_stream import WebChatStream
from jumpseat.model.catalog import Question
from jumpseat.model.credentials import Account, Credential, Secret
from jumpseat.model.errors import (
    ConversationLost,
    InvalidRequest,
    JumpseatError,
    NotSignedIn,
    RateLimited,
    UpstreamBroke,
    UpstreamInterrupted,
    UpstreamTimeout,
)
from jumpseat.model.events import ChatEvent, Finished, Started, TextDelta
from jumpseat.model.messages import Image
from jumpseat.settings import Settings
from jumpseat.transport.scripted import ScriptedTransport, Step
from jumpseat.transport.wire import Response, WireFailed

SITE = "https://github.example"
API = "https://api.github.example"
NOW = 1_800_000_000.0
COOKIES = {"user_session": Secret("session-canary"), "logged_in": Secret("yes")}
STREAM = Response(status=200, headers={"content-type": "text/event-stream"})
ASK = "/github/chat/threads/t-1/messages"
DONE = b'data: {"type":"complete"}\n\n'


def reply(fields: object, status: int = 200, **headers: str) -> Response:
    return Response(
        status=status,
        headers={"content-type": "application/json"} | {n.replace("_", "-"): v for n, v in headers.items()},
        body=msgspec.json.encode(fields),
    )


def text(body: str) -> bytes:
    return b'data: {"type":"content","body":"%b"}\n\n' % body.encode()


def token_step(token: str) -> Step:
    return Step(method="POST", url=f"{SITE}/github-copilot/chat/token", answer=reply({"token": token}))


def ask_step(*pieces: bytes | Exception, answer: Response | Exception = STREAM) -> Step:
    return Step(method="POST", url=API + ASK, answer=answer, pieces=pieces)


REFUSED = reply({"message": "Unauthorized"}, 401)


def account(*, token: str | None = "token-canary", cookies: bool = False) -> Account:
    return Account(
        kind="github-web",
        name="me",
        credential=Credential(token=Secret(token) if token else None, cookies=COOKIES if cookies else {}),
    )


def deadlines(**seconds: float) -> Deadlines:
    return Deadlines(Timeouts(**seconds), "GitHub")


def question(**more: Any) -> Question:
    return Question(text="Hello?", mode="gpt-4o", **more)


class Stage:
    """An upstream over a script, and what was asked of the wire."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.wire = ScriptedTransport(steps)
        settings = Settings(github_url=SITE, github_chat_url=API)
        self.upstream = GithubUpstream(settings, self.wire, None, now=lambda: NOW)

    async def ask(self, who: Account | None = None, thread: str = "t-1") -> list[ChatEvent]:
        answer = await self.upstream.ask(who or account(), thread, question(), deadlines())
        try:
            return await heard(answer)
        finally:
            await answer.aclose()

    def secrets_sent(self) -> list[tuple[str, str]]:
        """Each call's host and the secret it showed."""
        return [
            (call.url.split("/")[2], call.headers.get("Authorization") or call.headers["Cookie"])
            for call in self.wire.calls
        ]


async def heard(answer: WebAnswer) -> list[ChatEvent]:
    events: list[ChatEvent] = []
    while more := await answer.receive():
        events += more
    return events


@asynccontextmanager
async def playing(*steps: Step) -> AsyncIterator[Stage]:
    """A stage whose script must be played to its end, every wire closed."""
    stage = Stage(steps)
    yield stage
    await stage.upstream.aclose()
    assert stage.wire.left == ()
    assert stage.wire.open_wires == 0


async def test_a_question_is_put_and_answered() -> None:
    async with playing(ask_step(text("Hel") + text("lo"), text("."), DONE)) as stage:
        events = await stage.ask()

    sent = msgspec.json.decode(stage.wire.calls[0].body or b"")
    assert (sent["content"], sent["model"]) == ("Hello?", "gpt-4o")
    assert sent["currentURL"] == f"{SITE}/copilot/c/t-1"
    assert "parentMessageID" not in sent
    assert events == [
        Started(conversation_id="t-1", message_id=sent["responseMessageID"]),
        TextDelta("Hel"),
        TextDelta("lo"),
        TextDelta("."),
        Finished("stop"),
    ]


async def test_a_thread_is_opened_with_a_token_that_the_cookies_bought() -> None:
    opened = Step(method="POST", url=f"{API}/github/chat/threads", answer=reply({"thread_id": "t-1"}, 201))
    async with playing(token_step("w"), opened, ask_step(text("Hi"), DONE)) as stage:
        mine = account(token=None, cookies=True)
        assert await stage.upstream.open_conversation(mine, deadlines()) == "t-1"
        await stage.ask(mine)

    assert stage.secrets_sent() == [
        ("github.example", "user_session=session-canary; logged_in=yes"),
        ("api.github.example", "GitHub-Bearer w"),
        ("api.github.example", "GitHub-Bearer w"),
    ]
    for call in stage.wire.calls:
        assert ("Cookie" in call.headers) != ("Authorization" in call.headers)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_token_is_replaced_once(status: int) -> None:
    refused = reply({"message": "no"}, status)
    async with playing(ask_step(answer=refused), token_step("new"), ask_step(text("Hi"), DONE)) as stage:
        assert (await stage.ask(account(cookies=True)))[-1] == Finished("stop")

    assert [secret for _, secret in stage.secrets_sent()] == [
        "GitHub-Bearer token-canary",
        "user_session=session-canary; logged_in=yes",
        "GitHub-Bearer new",
    ]


async def test_a_second_refusal_is_final() -> None:
    steps = (ask_step(answer=REFUSED), token_step("new"), ask_step(answer=REFUSED))
    async with playing(*steps) as stage:
        with pytest.raises(NotSignedIn, match="Unauthorized") as caught:
            await stage.ask(account(cookies=True))
    assert not caught.value.may_be_delivered


async def test_a_bare_token_that_is_refused_tells_what_to_do() -> None:
    async with playing(ask_step(answer=REFUSED)) as stage:
        with pytest.raises(NotSignedIn, match="`jumpseat login github-web --cookies FILE`"):
            await stage.ask()


async def test_an_error_of_the_refresh_is_what_the_caller_hears() -> None:
    over = Step(method="POST", url="/github-copilot/chat/token", answer=REFUSED)
    async with playing(ask_step(answer=REFUSED), over) as stage:
        with pytest.raises(NotSignedIn, match="Sign in to"):
            await stage.ask(account(cookies=True))


async def test_a_thread_that_is_gone_is_lost_and_nothing_was_delivered() -> None:
    async with playing(ask_step(answer=reply({"message": "Not Found"}, 404))) as stage:
        with pytest.raises(ConversationLost) as caught:
            await stage.ask()
    assert not caught.value.may_be_delivered


async def test_the_status_is_looked_at_before_the_stream_is_read() -> None:
    limited = Response(status=429, headers={"retry-after": "5"}, body=text("never heard"))
    async with playing(ask_step(answer=limited)) as stage:
        with pytest.raises(RateLimited) as caught:
            await stage.ask()
    assert caught.value.retry_after == 5


async def test_a_page_in_place_of_a_stream_is_an_error() -> None:
    page = Response(status=200, headers={"content-type": "text/html"}, body=b"<html>")
    async with playing(ask_step(answer=page)) as stage:
        with pytest.raises(UpstreamBroke, match="a web page"):
            await stage.ask()


async def test_a_refusal_that_breaks_off_still_has_its_status() -> None:
    broken = ask_step(b'{"message":', WireFailed("gone"), answer=Response(status=500, headers={}))
    async with playing(broken) as stage:
        with pytest.raises(UpstreamBroke, match="HTTP 500") as caught:
            await stage.ask()
    assert caught.value.may_be_delivered


async def test_a_refusal_without_end_is_read_in_part() -> None:
    endless = ask_step(*[b"x" * 65536] * 3, answer=Response(status=503, headers={}))
    async with playing(endless) as stage:
        with pytest.raises(UpstreamBroke, match="HTTP 503"):
            await stage.ask()


async def test_an_answer_that_breaks_off_is_interrupted() -> None:
    cut = WireFailed("the connection broke", may_be_delivered=True)
    async with playing(ask_step(text("Half"), cut)) as stage:
        answer = await stage.upstream.ask(account(), "t-1", question(), deadlines())
        assert (await answer.receive())[-1] == TextDelta("Half")
        with pytest.raises(UpstreamInterrupted) as caught:
            await answer.receive()
        await answer.aclose()
    assert caught.value.may_be_delivered
    assert caught.value.__cause__ is cut


async def test_the_last_words_before_a_break_are_given() -> None:
    cut = WireFailed("the connection broke", may_be_delivered=True)
    async with playing(ask_step(text("All") + DONE.strip(), cut)) as stage:
        assert (await stage.ask())[-1] == Finished("stop")
    async with playing(ask_step(text("Some").strip(), cut)) as stage:
        answer = await stage.upstream.ask(account(), "t-1", question(), deadlines())
        assert (await answer.receive())[-1] == TextDelta("Some")
        with pytest.raises(UpstreamInterrupted):
            await answer.receive()
        await answer.aclose()


async def test_an_error_that_came_along_with_words_follows_them() -> None:
    async with playing(ask_step(text("Well") + b'data: {"type":"error","message":"no"}\n\n')) as stage:
        answer = await stage.upstream.ask(account(), "t-1", question(), deadlines())
        assert (await answer.receive())[-1] == TextDelta("Well")
        with pytest.raises(JumpseatError, match="gave up on the answer"):
            await answer.receive()
        await answer.aclose()
        await answer.aclose()


async def test_lines_without_sense_are_told_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        async with playing(ask_step(text("A") + b"data: {\n\n" + DONE)) as stage:
            await stage.ask()

    assert "1 lines of an answer of GitHub made no sense" in caplog.text


async def test_pictures_are_refused_before_anything_is_sent() -> None:
    picture = Image(data=b"\xff\xd8\xff", media_type="image/jpeg")
    async with playing() as stage:
        with pytest.raises(InvalidRequest, match="no pictures"):
            await stage.upstream.ask(account(), "t-1", question(images=(picture,)), deadlines())


async def test_an_id_that_is_none_is_refused_before_anything_is_sent() -> None:
    async with playing() as stage:
        with pytest.raises(InvalidRequest, match="no GitHub thread"):
            await stage.ask(thread="../../models")


async def test_a_personal_access_token_never_leaves() -> None:
    async with playing() as stage:
        with pytest.raises(NotSignedIn, match="personal access token"):
            await stage.ask(account(token="ghp_canary"))


async def test_what_fails_before_the_question_cannot_have_delivered_it() -> None:
    for failure in (WireFailed("broke", may_be_delivered=True), slow(may_be_delivered=True)):
        thread = Step(method="POST", url="/github/chat/threads", answer=failure)
        async with playing(thread) as stage:
            with pytest.raises(UpstreamBroke) as caught:
                await stage.upstream.open_conversation(account(), deadlines())
        assert not caught.value.may_be_delivered


def slow(*, may_be_delivered: bool) -> UpstreamTimeout:
    return UpstreamTimeout("slow", which="connect", may_be_delivered=may_be_delivered)


@pytest.mark.parametrize(("was_sent", "which"), [(False, "connect"), (True, "first_event")])
async def test_waiting_for_the_status_names_the_limit_that_struck(was_sent: bool, which: str) -> None:
    async with playing(ask_step(answer=slow(may_be_delivered=was_sent))) as stage:
        with pytest.raises(UpstreamTimeout) as caught:
            await stage.ask()
    assert (caught.value.which, caught.value.may_be_delivered) == (which, was_sent)


async def test_models_are_those_of_the_account_or_the_last_known_ones() -> None:
    def listed(answer: Response) -> Step:
        return Step(method="GET", url=f"{API}/models", answer=answer)

    steps = (
        listed(reply({}, 429)),
        listed(reply({"data": [{"id": "gpt-5.4"}]})),
        listed(reply({}, 500)),
        listed(reply({}, 500)),
    )
    other = Account(kind="github-web", name="other", credential=Credential(token=Secret("other")))
    async with playing(*steps) as stage:
        upstream = stage.upstream
        assert await upstream.live_models(account(), deadlines()) == CARDS == upstream.cards()
        assert (await upstream.live_models(account(), deadlines()))[-1].id == "github/gpt-5.4"
        assert (await upstream.live_models(account(), deadlines()))[-1].id == "github/gpt-5.4"
        assert await upstream.live_models(other, deadlines()) == CARDS
        assert await upstream.question_limit(account(), deadlines()) > 10_000


async def test_lists_of_models_are_kept_for_so_many_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jumpseat.github.upstream.MAX_ACCOUNTS", 1)
    names = ("a", "b", "a")
    steps = [Step(method="GET", url="/models", answer=reply({"data": [{"id": "new"}]}, 200)) for _ in "ab"]
    steps.append(Step(method="GET", url="/models", answer=reply({}, 500)))
    async with playing(*steps) as stage:
        lists = [
            await stage.upstream.live_models(
                Account(kind="github-web", name=name, credential=Credential(token=Secret(name))), deadlines()
            )
            for name in names
        ]

    assert [len(cards) - len(CARDS) for cards in lists] == [1, 1, 0]


class SilentWire:
    """Gives its pieces, then nothing for ever; with a heartbeat, comments without end."""

    response = STREAM

    def __init__(self, *pieces: bytes, heartbeat: bool = False) -> None:
        self._pieces = list(pieces)
        self._heartbeat = heartbeat

    async def read(self) -> bytes:
        if self._pieces:
            return self._pieces.pop(0)
        await (asyncio.sleep(0.001) if self._heartbeat else asyncio.Event().wait())
        return b": ping\n\n"

    async def aclose(self) -> None: ...


@pytest.mark.parametrize(
    ("wire", "which", "idle"),
    [
        (SilentWire(), "first_event", 5.0),
        (SilentWire(heartbeat=True), "first_event", 5.0),
        (SilentWire(text("Hi")), "idle", 0.02),
        # Many heartbeats long, so that a busy machine lets none come too late.
        (SilentWire(text("Hi"), heartbeat=True), "total", 0.2),
    ],
    ids=["silence", "heartbeats alone", "silence amid the text", "heartbeats amid the text"],
)
async def test_silence_ends_with_the_limit_that_struck(wire: SilentWire, which: str, idle: float) -> None:
    limits = deadlines(first_event=0.02, idle=idle, total=0.5)
    due = asyncio.get_running_loop().time() + 0.02
    answer = WebAnswer(wire, WebChatStream("t"), limits, first_event_by=due)

    with pytest.raises(UpstreamTimeout) as caught:
        await heard(answer)
    await answer.aclose()

    assert (caught.value.which, caught.value.may_be_delivered) == (which, True)
