"""GitHub's web chat over a real wire: the shell around the values of `web` and `web_stream`."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

import msgspec

from jumpseat.deadlines import Deadlines
from jumpseat.github import web
from jumpseat.github.statuses import api_refusal, wants_fresh_token
from jumpseat.github.web import WebCall, WebToken
from jumpseat.github.web_stream import WebChatStream
from jumpseat.github.web_tokens import MAX_ACCOUNTS, AccountKey, WebTokens, key_of
from jumpseat.model.catalog import ModelCard, Question
from jumpseat.model.credentials import Account, Secret
from jumpseat.model.errors import InvalidRequest, JumpseatError, UpstreamTimeout
from jumpseat.model.events import ChatEvent
from jumpseat.renewal import elapsed
from jumpseat.settings import Settings
from jumpseat.transport.patience import Patience
from jumpseat.transport.wire import ByteStream, Response, Transport, WireFailed

MAX_REFUSAL_BYTES = 64 * 1024
"""How much of a refusal is read: enough for its sentence."""

REFUSAL_SECONDS = 5.0
"""How long a refusal may take to say why; its status is known by then."""

_log = logging.getLogger(__name__)

_Sent = tuple[Response, ByteStream | None]
"""An answer, and the wire that still carries its body if it is to be read as it comes."""


class GithubUpstream:
    """
    GitHub's web chat for any number of accounts.

    It owns `transport` and closes it. The cookies of an account go to `github_url` alone, its token to
    `github_chat_url` alone. `memo` is what every upstream is given; there is nothing to remember here. `now`
    is the wall clock, in seconds since 1970; it does no harm if it is wrong. `clock` counts lives of tokens.
    """

    service: Literal["github"] = "github"

    def __init__(
        self,
        settings: Settings,
        transport: Transport,
        memo: object = None,
        *,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = elapsed,
    ) -> None:
        self._site = settings.github_url
        self._api = settings.github_chat_url
        self._transport = transport
        self._now = now
        self._tokens = WebTokens(self._fetch_token, now=now, clock=clock)
        self._models: OrderedDict[AccountKey, Sequence[ModelCard]] = OrderedDict()

    def cards(self) -> Sequence[ModelCard]:
        """The models of the reference documents."""
        return web.CARDS

    async def live_models(self, account: Account, deadlines: Deadlines) -> Sequence[ModelCard]:
        """What the account may use now; where GitHub does not say, its last list, else the built-in one."""
        key, call = key_of(account), web.models_call(self._api)
        try:
            answer = await self._request(account, call, deadlines)
            self._models[key] = web.read_models(answer, now=self._now())
        except JumpseatError as error:
            _log.debug("no list of models from GitHub: %s", error)
        else:
            self._models.move_to_end(key)
            if len(self._models) > MAX_ACCOUNTS:
                self._models.popitem(last=False)
        return self._models.get(key, web.CARDS)

    async def identify(self, account: Account, deadlines: Deadlines) -> None:
        """Prove cookies by the web token that they get, a bare token by a list; neither names anybody."""
        if account.credential.cookies:
            fetching = self._fetch_token(account, deadlines.seconds_for("connect"))
            await deadlines.wait(fetching, "connect", may_be_delivered=False)
            return
        answer = await self._request(account, web.models_call(self._api), deadlines)
        web.read_models(answer, now=self._now())

    async def question_limit(self, account: Account, deadlines: Deadlines) -> int:
        """Longest question, in characters."""
        return web.MAX_QUESTION_CHARS

    async def open_conversation(self, account: Account, deadlines: Deadlines) -> str:
        """Open a thread; returns its id."""
        answer = await self._request(account, web.thread_call(self._api), deadlines)
        return web.read_thread_id(answer, now=self._now())

    async def ask(
        self, account: Account, conversation_id: str, question: Question, deadlines: Deadlines
    ) -> WebAnswer:
        """
        Put the question into a thread; the caller closes the answer.

        Raises `ConversationLost` when the thread is gone, `InvalidRequest` for pictures.
        """
        if question.images:
            # Choice: how `mediaContent` holds a picture is unknown (web-chat page, section 4).
            raise InvalidRequest(
                "GitHub's web chat takes no pictures from here: leave them out, or ask a Microsoft model.",
                param="messages",
            )
        message_id, page = str(uuid.uuid4()), web.page_of(self._site, conversation_id)
        body = web.MessageBody(
            content=question.text,
            current_url=page,
            model=question.mode,
            response_message_id=message_id,
        )
        call = web.message_call(self._api, conversation_id, body)
        ends_at = asyncio.get_running_loop().time() + deadlines.seconds_for("first_event")
        answer, wire = await self._granted(
            account, deadlines, lambda token: self._stream(call, token, deadlines)
        )
        if wire is None:
            raise api_refusal(answer, "message", now=self._now())
        machine = WebChatStream(conversation_id, message_id=message_id, page=page)
        return WebAnswer(wire, machine, deadlines, first_event_by=ends_at)

    async def aclose(self) -> None:
        """Close every connection. Idempotent."""
        await self._tokens.aclose()
        await self._transport.aclose()

    async def _granted(
        self, account: Account, deadlines: Deadlines, send: Callable[[Secret], Awaitable[_Sent]]
    ) -> _Sent:
        """Send with the account's token; once more with a fresh one if GitHub refused it as a whole."""
        token = await self._tokens.current(account, deadlines)
        sent = await send(token)
        if not wants_fresh_token(sent[0]):
            return sent
        fresh = await self._tokens.renewed(account, token, deadlines)
        return sent if fresh is None else await send(fresh)

    async def _request(self, account: Account, call: WebCall, deadlines: Deadlines) -> Response:
        """One short exchange with the API, before any question."""

        async def send(token: Secret) -> _Sent:
            try:
                seconds = deadlines.seconds_for("connect")
                return await self._exchange(call, "Authorization", _authorization(token), seconds), None
            except UpstreamTimeout as exc:
                raise deadlines.expired("connect", may_be_delivered=False) from exc

        answer, _ = await self._granted(account, deadlines, send)
        return answer

    async def _fetch_token(self, account: Account, seconds: float) -> WebToken:
        call = web.token_call(self._site)
        answer = await self._exchange(call, "Cookie", _cookie_line(account), seconds)
        return web.read_token(answer, now=self._now())

    async def _exchange(self, call: WebCall, header: str, secret: Secret, seconds: float) -> Response:
        try:
            return await self._transport.request(
                call.method,
                call.url,
                headers={**call.headers, header: secret.reveal()},
                body=call.body,
                timeout=seconds,
            )
        except (WireFailed, UpstreamTimeout) as error:
            error.may_be_delivered = False  # The call was, perhaps; but the question is not in it.
            raise

    async def _stream(self, call: WebCall, token: Secret, deadlines: Deadlines) -> _Sent:
        """Put a question; look at the status before anything is read."""
        try:
            wire = await self._transport.stream(
                call.method,
                call.url,
                headers={**call.headers, "Authorization": _authorization(token).reveal()},
                body=call.body,
                timeout=deadlines.seconds_for("first_event"),
                connect=deadlines.seconds_for("connect"),
            )
        except UpstreamTimeout as exc:
            which = "first_event" if exc.may_be_delivered else "connect"
            raise deadlines.expired(which, may_be_delivered=exc.may_be_delivered) from exc
        if web.is_stream(wire.response):
            return wire.response, wire
        try:
            return msgspec.structs.replace(wire.response, body=await _refusal_of(wire)), None
        finally:
            await wire.aclose()


class WebAnswer:
    """One answer on its way."""

    def __init__(
        self, wire: ByteStream, machine: WebChatStream, deadlines: Deadlines, *, first_event_by: float
    ) -> None:
        self._wire = wire
        self._machine = machine
        self._deadlines = deadlines
        self._first_event_by: float | None = first_event_by
        """When the first event must be there, on the loop's clock; None once it is."""
        self._loop = asyncio.get_running_loop()
        self._patience = Patience()
        self._is_closed = False

    async def receive(self) -> Sequence[ChatEvent]:
        """The events that came since, at least one; empty after `Finished`."""
        machine = self._machine
        if machine.failure is not None:
            raise machine.failure
        while not machine.is_finished:
            try:
                data = await self._read()
            except WireFailed as exc:
                return self._cut_off(exc)
            events = machine.feed(data) if data else machine.end()
            if events:
                self._first_event_by = None
                return events
        return ()

    async def _read(self) -> bytes:
        """The next bytes. A heartbeat is a sign of life amid an answer, but no first event."""
        if self._first_event_by is None:
            which, seconds = "idle", self._deadlines.seconds_for("idle")
        else:
            which, seconds = "first_event", self._first_event_by - self._loop.time()
        try:
            return await self._patience.wait(self._wire.read(), seconds)
        except TimeoutError as exc:
            raise self._deadlines.expired(which, may_be_delivered=True) from exc

    def _cut_off(self, cause: WireFailed) -> Sequence[ChatEvent]:
        """What the last bytes leave, else the error they amount to."""
        try:
            return self._machine.end()
        except JumpseatError as error:
            raise error from cause

    async def aclose(self) -> None:
        """Close the wire. Idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        self._patience.stop()
        if self._machine.malformed:
            _log.warning("%d lines of an answer of GitHub made no sense", self._machine.malformed)
        await self._wire.aclose()


def _authorization(token: Secret) -> Secret:
    return Secret(f"{web.AUTH_SCHEME} {token.reveal()}")


def _cookie_line(account: Account) -> Secret:
    """All cookies the user gave for the site, and no other."""
    cookies = account.credential.cookies.items()
    return Secret("; ".join(f"{name}={value.reveal()}" for name, value in cookies))


async def _refusal_of(wire: ByteStream) -> bytes:
    """The beginning of a refusal's body, or what came of it."""
    body = b""
    try:
        async with asyncio.timeout(REFUSAL_SECONDS):
            while len(body) < MAX_REFUSAL_BYTES and (more := await wire.read()):
                body += more
    except (TimeoutError, WireFailed):
        pass  # The status says enough.
    return body[:MAX_REFUSAL_BYTES]
