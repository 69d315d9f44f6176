"""The list of models: what is known without asking, and what an account's service lists now."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence

from jumpseat.accounts.roster import Roster
from jumpseat.client.upstream import Upstream
from jumpseat.deadlines import Deadlines, Timeouts
from jumpseat.model.catalog import ModelCard, Service
from jumpseat.model.errors import JumpseatError

log = logging.getLogger(__name__)

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
        self._asked: dict[Service, tuple[str, float]] = {}
        """As which account each service was asked last, and when."""

    def cards(self) -> list[ModelCard]:
        """What is known now, without asking: the live list where it was asked for, else the built-in one."""
        return [
            card
            for service, upstream in self._upstreams.items()
            for card in self._live.get(service) or upstream.cards()
        ]

    async def live_cards(self) -> list[ModelCard]:
        """Ask each service whose list is old, or another account's, and give what is known then."""
        for service, upstream in self._upstreams.items():
            try:
                await self._ask(service, upstream)
            except JumpseatError as error:
                # A list is a convenience: without an account, or a service, the last one stands.
                log.debug("no list of models of %s: %s", service, error.message)
        return self.cards()

    async def _ask(self, service: Service, upstream: Upstream) -> None:
        account = await self._roster.lend(service)
        name, asked_at = self._asked.get(service, (None, 0.0))
        if account.name == name and self._clock() - asked_at <= FRESH_SECONDS:
            return
        self._asked[service] = account.name, self._clock()
        self._live[service] = await upstream.live_models(account, Deadlines(LIST_TIMEOUTS, service))
