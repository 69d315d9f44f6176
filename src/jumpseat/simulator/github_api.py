"""GitHub's own API, as far as a sign-in needs it: whose token this is, and its exchange for Copilot."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime

from aiohttp import web

from jumpseat.simulator.calls import Handler, fault_of, reply, watched
from jumpseat.simulator.fault import GITHUB
from jumpseat.simulator.github_api_faults import NO_INTEGRATION, NO_PAT, NOT_FOUND, OTHER_HOST
from jumpseat.simulator.github_clocks import Life
from jumpseat.simulator.world import World

REFRESH_IN = 1500
BEYOND_REFRESH = 300
"""How much longer than `refresh_in` an exchanged token lives."""

_TOKEN = re.compile(r"(gho_|ghu_|ghs_|ghp_|github_pat_)sim-([A-Za-z0-9-]+)")
_SCHEMES = ("token", "bearer")
_REFUSALS = {"ghs_": NO_INTEGRATION, "ghp_": NO_PAT, "github_pat_": NO_PAT, "gho_": NOT_FOUND}
"""What the exchange says to each kind of token but the one that it is for."""


def owner_of(request: web.Request) -> tuple[str, str] | None:
    """Kind and owner of the token that was shown; None for one that the service does not know."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = _TOKEN.fullmatch(token.strip())
    if scheme.lower() not in _SCHEMES or found is None or found[2] == "expired":
        return None
    return found[1], found[2].lower()


class GithubApi:
    """The handlers, over one world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self, prefix: str) -> list[web.RouteDef]:
        return [
            web.get(f"{prefix}/user", self._signed_in("api-user", self.user)),
            web.get(f"{prefix}/copilot_internal/v2/token", self._signed_in("exchange", self.exchange)),
        ]

    def _signed_in(self, call: str, handler: Handler) -> Handler:
        async def known(request: web.Request) -> web.StreamResponse:
            if owner_of(request) is None:
                return reply({"message": "Bad credentials", "status": "401"}, 401)
            return await handler(request)

        return watched(self.world, GITHUB, call, known)

    async def user(self, request: web.Request) -> web.Response:
        _, login = owner_of(request) or ("", "")
        return reply({"login": login, "id": len(login), "type": "User", "name": login.capitalize()})

    async def exchange(self, request: web.Request) -> web.Response:
        kind, _ = owner_of(request) or ("", "")
        if kind in _REFUSALS:
            status, message = _REFUSALS[kind]
            return reply({"message": message}, status)
        fault = fault_of(request).removeprefix("github-exchange-")
        life = Life(fault, REFRESH_IN + BEYOND_REFRESH)
        ends_at = int(life.ends_at)
        fields: dict[str, object] = {
            "token": f"tid={secrets.token_hex(8)};exp={ends_at};sku=simulated;chat=1:{secrets.token_hex(8)}",
            "expires_at": ends_at,
            "refresh_in": min(REFRESH_IN, life.seconds),
            "endpoints": {"api": self.world.url, "telemetry": self.world.url},
            "sku": "simulated",
            "individual": True,
            "chat_enabled": True,
        }
        match fault:
            case "other-host":
                fields["endpoints"] = {"api": OTHER_HOST}
            case "bare":
                fields = {"token": fields["token"]}
            case "iso-date":
                del fields["refresh_in"]
                fields["expires_at"] = datetime.fromtimestamp(ends_at, UTC).isoformat()
        if fault.startswith(("clock-", "date-")):
            del fields["refresh_in"]  # Nothing but the clocks is left to go by.
        return reply(fields, headers=life.headers)
