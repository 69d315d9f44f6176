"""The page on which one signs in to the simulated Microsoft Copilot, and what it leaves in the browser."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from jumpseat.simulator.calls import bad_request, fields_of, reply
from jumpseat.simulator.world import World

CLIENT_ID = "14638111-3389-403d-b206-a6a71d9f8f16"
CHAT = "140e65af-45d1-4427-bf08-3e7295db6836/ChatAI.ReadWrite"
ELSEWHERE = "https://graph.microsoft.com/Mail.Read"
PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
AUTH0_CLIENT = "simulator"
LIFE_SECONDS = 3600
SESSION = "_C_Auth"
SESSION_SECONDS = 24 * 3600

Storage = dict[str, str]


def _page() -> tuple[str, str]:
    """The page, and the policy that lets its own script and style run and nothing else."""
    html = Path(__file__).with_suffix(".html").read_text("utf-8")

    def hashed(tag: str) -> str:
        inside = html.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
        return f"'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'"

    return html, (
        f"default-src 'none'; script-src {hashed('script')}; style-src {hashed('style')}; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def spelled(name: object) -> str:
    """A name as tokens have it: `sim-alice` is Alice's."""
    return re.sub("[^a-z0-9]+", "-", str(name or "").lower()).strip("-") or "robin"


# What the real pages write (classic protocol, section 15).


def _home(name: str) -> str:
    """MSAL's name for a personal account."""
    return f"{uuid.uuid5(uuid.NAMESPACE_URL, name)}.{PERSONAL_TENANT}"


def _msal(name: str, *, schema: int = 2, target: str = CHAT, life: int = LIFE_SECONDS) -> Storage:
    """MSAL's cache in plain: one access token, and the lists of keys beside it."""
    now = int(time.time())
    token = {
        "homeAccountId": _home(name),
        "credentialType": "AccessToken",
        "secret": f"sim-{name}",
        "cachedAt": str(now),
        "expiresOn": str(now + life),
        "extendedExpiresOn": str(now + life + LIFE_SECONDS),
        "environment": "login.windows.net",
        "clientId": CLIENT_ID,
        "realm": PERSONAL_TENANT,
        "target": target,
        "tokenType": "Bearer",
    }
    if schema > 2:
        token["lastUpdatedAt"] = str(now * 1000)
    where = [_home(name), "login.windows.net", "accesstoken", CLIENT_ID, PERSONAL_TENANT, target.lower()]
    key = "|".join([f"msal.{schema}", *where, "", ""])
    keys = {"idToken": [], "accessToken": [key], "refreshToken": []}
    return {
        key: json.dumps(token),
        f"msal.{schema}.account.keys": "[]",
        f"msal.{schema}.token.keys.{CLIENT_ID}": json.dumps(keys),
    }


def _encrypted(name: str) -> Storage:
    """The same since MSAL 4, unless "keep me signed in" was chosen. Choice: random bytes for the cipher's."""
    sealed = {
        "id": str(uuid.uuid4()),
        "nonce": secrets.token_urlsafe(16),
        "data": secrets.token_urlsafe(600),
        "lastUpdatedAt": str(int(time.time() * 1000)),
    }
    return {key: json.dumps(sealed) if "|" in key else value for key, value in _msal(name).items()}


def _auth0(name: str, provider: str) -> Storage:
    """Auth0's cache, for Google and Apple sign-ins."""
    user_id = f"{provider}|{name.encode().hex()}"
    body = {
        "access_token": f"sim-{name}",
        "token_type": "Bearer",
        "expires_in": LIFE_SECONDS,
        "decodedToken": {"user": {"sub": user_id}, "claims": {"sub": user_id}},
    }
    key = f"@@auth0spajs@@::{AUTH0_CLIENT}::https://copilot.microsoft.com::openid profile"
    return {key: json.dumps({"body": body, "expiresAt": int(time.time()) + LIFE_SECONDS})}


WAYS: Mapping[str, Callable[[str], Storage]] = {
    "msal-plain": _msal,
    "msal-plain-v3": lambda name: _msal(name, schema=3),
    "msal-encrypted": _encrypted,
    "auth0-google": lambda name: _auth0(name, "google-oauth2"),
    "auth0-apple": lambda name: _auth0(name, "apple"),
    "late": _msal,
    "expired": lambda name: _msal(name, life=-60),
    "wrong-target": lambda name: _msal(name, target=ELSEWHERE),
    "socket-only": lambda _: {},
}
"""What each way of signing in leaves in localStorage; `late` waits for the control call before it does."""
NEVER = "never"
_IDENTITY_TYPES = {"auth0-google": "google", "auth0-apple": "apple"}


class MicrosoftSignIn:
    """The handlers of the page and its calls, over one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._html, self._policy = _page()
        self._late: list[asyncio.Future[None]] = []

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """All routes under a prefix, which chooses the dialect."""
        return [
            *([web.get(prefix, self.page)] if prefix else []),
            web.get(f"{prefix}/", self.page),
            web.get(f"{prefix}/sign-in", self.who),
            web.post(f"{prefix}/sign-in", self.sign_in),
            web.delete(f"{prefix}/sign-in", self.sign_out),
        ]

    def control_routes(self) -> list[web.RouteDef]:
        """The call by which a test ends what is late."""
        return [web.post("/_simulator/sign-in", self.finish)]

    async def page(self, _: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": self._policy, "Cache-Control": "no-store"}
        return web.Response(text=self._html, content_type="text/html", headers=headers)

    async def who(self, request: web.Request) -> web.Response:
        """Who is signed in, as the page asks when it is opened again."""
        name, _, way = request.cookies.get(SESSION, "").partition(".")
        return self._entered(request, name, way) if name and way in WAYS else web.Response(status=204)

    async def sign_in(self, request: web.Request) -> web.Response:
        fields = await fields_of(request)
        name, way = spelled(fields.get("name")), str(fields.get("do"))
        if way == NEVER:
            return web.Response(status=204)
        if way not in WAYS:
            return bad_request(f"do has to be {NEVER}, or one of {', '.join(WAYS)}")
        if way == "late":
            self._late.append(asyncio.get_running_loop().create_future())
            await self._late[-1]
        answer = self._entered(request, name, way)
        answer.set_cookie(SESSION, f"{name}.{way}", max_age=SESSION_SECONDS, httponly=True, samesite="Lax")
        answer.set_cookie("MUID", secrets.token_hex(16).upper(), max_age=SESSION_SECONDS)
        return answer

    async def sign_out(self, _: web.Request) -> web.Response:
        answer = web.Response(status=204)
        answer.del_cookie(SESSION)
        return answer

    async def finish(self, _: web.Request) -> web.Response:
        """Let everything that is late happen; says how much that was."""
        waiting = [future for future in self._late if not future.done()]
        self._late.clear()
        for future in waiting:
            future.set_result(None)
        return reply({"finished": len(waiting)})

    def _entered(self, request: web.Request, name: str, way: str) -> web.Response:
        body: dict[str, Any] = {
            "name": name.capitalize(),
            "token": f"sim-{name}",
            "identityType": _IDENTITY_TYPES.get(way),
            "clientSessionId": str(uuid.uuid4()),
            "serverFirst": self._is_server_first(request),
            "storage": WAYS[way](name),
        }
        return reply(body)

    def _is_server_first(self, request: web.Request) -> bool:
        named = request.path.split("/", 2)[1]
        return (named if named.endswith("-first") else self.world.dialect) != "client-first"
