"""Microsoft Copilot over the classic protocol: the shell that makes the calls and opens the sockets."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, Protocol, cast, get_args
from urllib.parse import urlsplit

from jumpseat.deadlines import Deadlines
from jumpseat.microsoft import rest
from jumpseat.microsoft.answering import ClassicAnswering
from jumpseat.microsoft.classic import ClassicSession, Dialect
from jumpseat.microsoft.modes import CARDS
from jumpseat.microsoft.sessions import AccountSession, Sessions
from jumpseat.model.catalog import ModelCard, Question, Service
from jumpseat.model.credentials import Account
from jumpseat.model.errors import ConversationLost, JumpseatError, StoreUnavailable
from jumpseat.settings import Settings
from jumpseat.transport.wire import HandshakeRefused, Response, Socket, Transport, WireFailed

log = logging.getLogger(__name__)

GREETING_SECONDS = 2.0
"""How long we wait for `connected` before we speak first (section 2)."""

CHECK_SECONDS = 300.0
"""How long an account that was accepted is not asked for again."""

LIMIT_SECONDS = 3600.0
"""How long the question limit is believed."""

MAX_FRESH = 1024
"""Conversations remembered as opened and not yet used."""


class Memo(Protocol):
    """A few words that outlive the process."""

    async def get(self, key: str) -> str | None: ...

    async def set(self, key: str, value: str) -> None: ...


class MicrosoftUpstream:
    """
    Microsoft Copilot, as the client wants its upstreams (see `jumpseat.client.upstream`).

    Every method raises our errors; those raised before the question is on the wire have `may_be_delivered`
    False.
    """

    service: Service = "microsoft"

    def __init__(self, settings: Settings, transport: Transport, memo: Memo) -> None:
        self._base_url = settings.microsoft_url
        self._wanted_dialect = settings.microsoft_dialect
        self._transport = transport
        self._memo = memo
        self._memo_key = f"microsoft dialect of {urlsplit(self._base_url).netloc}"
        self._dialect: Dialect | None = None
        self._sessions = Sessions()
        self._fresh: OrderedDict[str, None] = OrderedDict()

    def cards(self) -> Sequence[ModelCard]:
        return CARDS

    async def live_models(self, account: Account, deadlines: Deadlines) -> Sequence[ModelCard]:
        """The service has no list of its modes (section 9): the static one."""
        return CARDS

    async def identify(self, account: Account, deadlines: Deadlines) -> str | None:
        """The first name behind the account, asked for anew; None for one that shows no token."""
        session = self._session_of(account)
        return (await self._who(account, session, deadlines)).first_name

    async def question_limit(self, account: Account, deadlines: Deadlines) -> int:
        session = await self._ready(account, deadlines)
        if session.question_limit is None or session.limit_until < time.monotonic():
            answer = await self._call(rest.get_config(self._base_url), account, session, deadlines)
            session.question_limit = rest.read_question_limit(answer, now=_now())
            session.limit_until = time.monotonic() + LIMIT_SECONDS
        return session.question_limit

    async def open_conversation(self, account: Account, deadlines: Deadlines) -> str:
        session = await self._ready(account, deadlines)
        answer = await self._call(rest.post_conversation(self._base_url), account, session, deadlines)
        conversation_id = rest.read_conversation_id(answer, now=_now())
        self._fresh[conversation_id] = None
        if len(self._fresh) > MAX_FRESH:
            self._fresh.popitem(last=False)
        return conversation_id

    async def ask(
        self, account: Account, conversation_id: str, question: Question, deadlines: Deadlines
    ) -> ClassicAnswering:
        session = await self._ready(account, deadlines)
        is_new = conversation_id in self._fresh
        self._fresh.pop(conversation_id, None)
        image_urls = []
        for image in question.images:
            call = rest.post_attachment(self._base_url, image)
            answer = await self._call(call, account, session, deadlines)
            image_urls.append(rest.read_attachment_url(answer, now=_now()))

        async def start(dialect: Literal["auto"] | Dialect) -> tuple[ClassicSession, Socket]:
            machine = ClassicSession(
                question,
                conversation_id=conversation_id,
                dialect=dialect,
                base_url=self._base_url,
                image_urls=image_urls,
                now=_now(),
                conversation_is_new=is_new,
            )
            socket = await self._open_socket(account, session, deadlines)
            machine.opened()
            return machine, socket

        async def is_lost() -> bool:
            call = rest.get_conversation(self._base_url, conversation_id)
            try:
                answer = await self._call(call, account, session, deadlines)
                rest.check(answer, now=_now(), is_about_conversation=True)
            except ConversationLost:
                return True
            except JumpseatError:
                return False  # Whatever else is wrong: the refusal says more than this.
            return False

        machine, socket = await start(await self._choose_dialect())
        is_auto = self._wanted_dialect == "auto"
        return ClassicAnswering(
            machine,
            socket,
            deadlines,
            wants_extras=question.wants_extras,
            greeting_seconds=GREETING_SECONDS if is_auto else deadlines.seconds_for("connect"),
            reopen=start if is_auto else None,
            on_dialect=self._remember_dialect,
            is_lost=None if is_new else is_lost,
        )

    async def aclose(self) -> None:
        await self._transport.aclose()

    # -- Calls ------------------------------------------------------------

    async def _ready(self, account: Account, deadlines: Deadlines) -> AccountSession:
        """The account's session, once the service has said who we are: one question for all who wait."""
        session = self._session_of(account)
        # While the service is silent, those who wait for its answer wait no longer than for one of their own.
        await deadlines.wait(session.lock.acquire(), "connect", may_be_delivered=False)
        try:
            if session.checked_until < time.monotonic():
                await self._who(account, session, deadlines)
                session.checked_until = time.monotonic() + CHECK_SECONDS
        finally:
            session.lock.release()
        return session

    def _session_of(self, account: Account) -> AccountSession:
        """The account's session. Raises `NotSignedIn` for one of the other chat: it opens nothing here."""
        if account.credential.generation != "classic":
            raise rest.other_generation()
        return self._sessions.of(account)

    async def _who(self, account: Account, session: AccountSession, deadlines: Deadlines) -> rest.User:
        """Who the service says we are. Raises `NotSignedIn` when it does not know the token."""
        answer = await self._call(rest.get_user(self._base_url), account, session, deadlines)
        user = rest.read_user(answer, now=_now())
        if account.credential.token is not None and user.first_name is None:
            raise rest.not_accepted()
        return user

    async def _call(
        self, call: rest.RestCall, account: Account, session: AccountSession, deadlines: Deadlines
    ) -> Response:
        """One call, tried once more if the service stumbled; nothing of the question is in it."""
        try:
            answer = await self._call_once(call, account, session, deadlines)
            if not rest.is_passing_trouble(answer):
                return answer
        except WireFailed:
            log.debug("%s %s failed, trying once more", call.method, urlsplit(call.url).path)
        return await self._call_once(call, account, session, deadlines)

    async def _call_once(
        self, call: rest.RestCall, account: Account, session: AccountSession, deadlines: Deadlines
    ) -> Response:
        seconds = deadlines.seconds_for("connect")
        request = self._transport.request(
            call.method,
            call.url,
            headers=rest.headers_of(account.credential, session.cookies, content_type=call.content_type),
            body=call.body,
            timeout=seconds + 1.0,  # The deadline outside strikes first, and knows which limit it was.
        )
        try:
            answer = await deadlines.wait(request, "connect", may_be_delivered=False)
        except JumpseatError as error:
            error.may_be_delivered = False
            raise
        session.renew(answer.cookies)
        if answer.status == 401:
            session.checked_until = 0.0
        return answer

    async def _open_socket(self, account: Account, session: AccountSession, deadlines: Deadlines) -> Socket:
        """The socket, tried once more if the service stumbled: nothing was said on it yet."""
        try:
            return await self._open_socket_once(account, session, deadlines)
        except HandshakeRefused as exc:
            if not rest.is_passing_trouble(exc.response):
                raise self._refusal(exc, session) from exc
        except WireFailed:
            log.debug("the chat socket did not open, trying once more")
        try:
            return await self._open_socket_once(account, session, deadlines)
        except HandshakeRefused as exc:
            raise self._refusal(exc, session) from exc

    def _refusal(self, exc: HandshakeRefused, session: AccountSession) -> JumpseatError:
        if exc.response.status == 401:
            session.checked_until = 0.0
        return rest.refusal(exc.response, now=_now())

    async def _open_socket_once(
        self, account: Account, session: AccountSession, deadlines: Deadlines
    ) -> Socket:
        opening = self._transport.socket(
            rest.socket_url(self._base_url, account.credential, session.client_session_id),
            headers=rest.socket_headers_of(session.cookies),
            timeout=deadlines.seconds_for("connect") + 1.0,
        )
        return await deadlines.wait(opening, "connect", may_be_delivered=False)

    # -- Dialects ------------------------------------------------------------

    async def _choose_dialect(self) -> Literal["auto"] | Dialect:
        """
        The dialect to begin with.

        A host remembered as greeting first is still asked with `auto`: if it has changed its mind, only the
        wait is lost.
        """
        if self._wanted_dialect != "auto":
            return self._wanted_dialect
        if self._dialect is None:
            try:
                remembered = await self._memo.get(self._memo_key)
            except StoreUnavailable:
                remembered = None  # A note is not worth a turn.
            if remembered in get_args(Dialect):
                self._dialect = cast("Dialect", remembered)
        return "client-first" if self._dialect == "client-first" else "auto"

    async def _remember_dialect(self, dialect: Dialect) -> None:
        if dialect == self._dialect or self._wanted_dialect != "auto":
            return
        self._dialect = dialect
        try:
            await self._memo.set(self._memo_key, dialect)
        except StoreUnavailable as error:
            log.debug("the dialect is not remembered: %s", error.message)


def _now() -> datetime:
    return datetime.now(UTC)
