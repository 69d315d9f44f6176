"""One answer on its way from Microsoft Copilot: the shell that waits for the classic machine."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence

from jumpseat.deadlines import Deadlines
from jumpseat.microsoft.classic import ClassicSession, Dialect, WrongDialect
from jumpseat.model.errors import ConversationLost, JumpseatError, UpstreamBroke
from jumpseat.model.events import ChatEvent
from jumpseat.transport.patience import Patience
from jumpseat.transport.wire import Socket, WireFailed

EXTRAS_SECONDS = 1.5
"""How long we stay after `done` for the title and the suggestions (section 5, step 7)."""

QUIET_SECONDS = 0.4
"""
How long a silence ends that stay early, once there are suggestions.

Choice: nothing tells the last suggestion, and the title comes only in a conversation's first turn.
"""

Reopen = Callable[[Dialect], Awaitable[tuple[ClassicSession, Socket]]]


class ClassicAnswering:
    """
    An `Answering` over one socket.

    `greeting_seconds` is how long the server's greeting may take. `reopen` starts the same turn once more in
    the other dialect. `on_dialect` hears which dialect the server speaks, once it has shown. `is_lost` tells
    whether the conversation is gone; None where it cannot be.
    """

    def __init__(
        self,
        session: ClassicSession,
        socket: Socket,
        deadlines: Deadlines,
        *,
        wants_extras: bool,
        greeting_seconds: float,
        reopen: Reopen | None,
        on_dialect: Callable[[Dialect], Awaitable[None]],
        is_lost: Callable[[], Awaitable[bool]] | None,
    ) -> None:
        self._session = session
        self._socket = socket
        self._deadlines = deadlines
        self._wants_extras = wants_extras
        self._reopen = reopen
        self._on_dialect = on_dialect
        self._is_lost = is_lost
        self._patience = Patience()
        self._overdue_at = time.monotonic() + greeting_seconds
        self._begins_by = 0.0
        self._leaves_at = 0.0
        self._has_begun = False
        self._dialect_is_told = False
        self._closed = False

    async def receive(self) -> Sequence[ChatEvent]:
        session = self._session
        while session.wants_more and not self._closed:
            try:
                events = await self._step()
            except WrongDialect as wrong:
                await self._start_over(wrong)
                session = self._session
                continue
            except UpstreamBroke as error:
                await self._explain(error)
                raise
            if session.dialect is not None and not self._dialect_is_told:
                self._dialect_is_told = True
                await self._on_dialect(session.dialect)
            if session.is_answered:
                events += self._linger()
            if events:
                self._has_begun = True
                return events
        if session.failure is not None:
            raise session.failure
        return ()

    async def _step(self) -> list[ChatEvent]:
        """Send what is to be sent, wait for frames, and say what they mean."""
        session, socket = self._session, self._socket
        for frame in session.frames_to_send():
            await self._deadlines.wait(socket.send(frame), "first_event")
        seconds, which = self._how_long()
        try:
            frames = await self._patience.wait(socket.receive(), seconds)
        except TimeoutError:
            return self._overdue(which)
        except WireFailed as exc:
            try:
                return session.closed(1006)
            except JumpseatError as error:
                raise error from exc
        return session.receive(frames) if frames else session.closed(socket.close_code)

    def _how_long(self) -> tuple[float, str]:
        """Seconds to wait for the next frame, and the name of the limit."""
        if self._session.phase == "opening":
            return self._overdue_at - time.monotonic(), "greeting"
        if self._session.is_answered:
            left = self._leaves_at - time.monotonic()
            return min(left, QUIET_SECONDS) if self._session.has_suggestions else left, "extras"
        if self._has_begun:
            return self._deadlines.seconds_for("idle"), "idle"
        now, limit = time.monotonic(), self._deadlines.seconds_for("first_event")
        self._begins_by = self._begins_by or now + limit  # Since the question went out.
        return min(self._begins_by - now, limit), "first_event"

    def _overdue(self, which: str) -> list[ChatEvent]:
        session = self._session
        if which == "extras":
            return session.linger_over()
        if which == "greeting":
            session.greeting_overdue()
            if session.phase != "opening":
                return []
            which = "connect"  # The dialect is forced, and its greeting did not come.
        raise self._deadlines.expired(which, may_be_delivered=session.may_be_delivered)

    def _linger(self) -> list[ChatEvent]:
        if not self._wants_extras:
            return self._session.linger_over()
        if not self._leaves_at:
            self._leaves_at = time.monotonic() + EXTRAS_SECONDS
        return []

    async def _start_over(self, wrong: WrongDialect) -> None:
        """The same turn once more, in the other dialect: nothing was delivered."""
        reopen, self._reopen = self._reopen, None
        if reopen is None:
            await self._explain(wrong.error)
            raise wrong.error from wrong
        await self._socket.aclose()
        self._session, self._socket = await reopen(wrong.other)
        self._overdue_at = time.monotonic() + self._deadlines.seconds_for("connect")
        if self._closed:
            await self._socket.aclose()

    async def _explain(self, error: JumpseatError) -> None:
        """
        Raise `ConversationLost` if that is what an `invalid-event` stands for.

        The refusal names no cause (section 5), and a conversation that is gone is one of them.
        """
        if error.code != "invalid_event" or error.may_be_delivered or self._has_begun:
            return
        if self._is_lost is not None and await self._is_lost():
            raise ConversationLost(
                "Copilot does not know this conversation any more. Start a new conversation."
            ) from error

    async def aclose(self) -> None:
        # Choice: we just leave. `stop` is known from one client only, and the wire ends the turn as well.
        self._closed = True
        self._patience.stop()
        await self._socket.aclose()
