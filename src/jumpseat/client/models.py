"""The list of models: what is known without asking, and what an account's service lists now."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from jumpseat.accounts.roster import Roster
from jumpseat.client.upstream import Upstream
from jumpseat.deadlines import Deadlines, Timeouts
from jumpseat.model.catalog import ModelCard, Service
from jumpseat.model.errors import JumpseatError

FRESH_SECONDS = 600.0
"""A live list is asked for again after this long; a list that cannot be had keeps the last one."""

LIST_TIMEOUTS = Timeouts(connect=5.0, first_event=5.0, total=8.0)


class Catalog:
    """The models of all upstreams."""

    def __init__(
        self,
        upstreams: Mapping[Service, Upstream],
        roster: Roster,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._upstreams = upstreams
        self._roster = roster
        self._clock = clock
        self._live: dict[Service, Sequence[ModelCard]] = {}
        self._asked_at: dict[Service, float] = {}

    def cards(self) -> list[ModelCard]:
        """What is known now, without asking: the live list where it was asked for, else the built-in one."""
        return [
            card
            for service, upstream in self._upstreams.items()
            for card in self._live.get(service) or upstream.cards()
        ]

    async def live_cards(self) -> list[ModelCard]:
        """Ask each service whose list is old, and give what is known then."""
        for service, upstream in self._upstreams.items():
            asked_at = self._asked_at.get(service)
            if asked_at is None or self._clock() - asked_at > FRESH_SECONDS:
                self._asked_at[service] = self._clock()
                await self._ask(service, upstream)
        return self.cards()

    async def _ask(self, service: Service, upstream: Upstream) -> None:
        deadlines = Deadlines(LIST_TIMEOUTS, service)
        try:
            account = self._roster.account_for(service)
            self._live[service] = await upstream.live_models(account, deadlines)
        except JumpseatError:
            # A list is a convenience: without an account, or while the service is away, the last one stands.
            return
