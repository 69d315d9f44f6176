"""GitHub's device flow: the calls of a client, the page for the person, and the control calls of tests."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from aiohttp import web

from jumpseat.simulator.calls import bad_request, fault_of, fields_of, reply, watched
from jumpseat.simulator.fault import GITHUB
from jumpseat.simulator.github_signin_codes import Desk, DeviceCode, State
from jumpseat.simulator.world import World

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
UNKNOWN_CLIENT = "unknown"
"""Choice: an app whose client id begins so is not registered."""
PERSON = "octocat"
"""Who approves, unless somebody else is named."""
ACTIONS: Mapping[str, State] = {"approve": "approved", "deny": "denied", "expire": "expired"}

_HTML = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Device activation</title></head>
<body>
<h1>Connect a device</h1>
<p>This is jumpseat's simulator. It plays GitHub, and no account is real.</p>
{body}
</body>
</html>
"""
_FORM = """<form method="post">
<p><label>Code <input name="user_code" value="{code}" autocomplete="off" required autofocus></label></p>
<p><label>Signed in as <input name="name" value="{name}" required></label></p>
<p><button name="action" value="approve">Approve</button> <button name="action" value="deny">Deny</button></p>
</form>"""


def _page(body: str, status: int = 200) -> web.Response:
    return web.Response(text=_HTML.format(body=body), status=status, content_type="text/html")


def _form(code: str = "", name: str = PERSON) -> str:
    return _FORM.format(code=escape(code), name=escape(name))


def _login(typed: object) -> str:
    """A login, of the letters that those of GitHub have."""
    text = typed if isinstance(typed, str) else ""
    return "".join(char for char in text if char.isascii() and (char.isalnum() or char == "-")) or PERSON


def _answer(request: web.Request, fields: dict[str, object]) -> web.Response:
    """An answer as GitHub gives it: a form, unless JSON is asked for."""
    if "json" in request.headers.get("Accept", ""):
        return reply(fields)
    return web.Response(text=urlencode(fields), content_type="application/x-www-form-urlencoded")


class GithubSignin:
    """The handlers, over one world."""

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def desk(self) -> Desk:
        return self.world.desk

    def routes(self, prefix: str) -> list[web.RouteDef]:
        start = watched(self.world, GITHUB, "device-code", self.start)
        poll = watched(self.world, GITHUB, "device-token", self.poll)
        return [
            web.post(f"{prefix}/login/device/code", start),
            web.post(f"{prefix}/login/oauth/access_token", poll),
            web.get(f"{prefix}/login/device", self.page),
            web.post(f"{prefix}/login/device", self.pressed),
        ]

    def control_routes(self) -> list[web.RouteDef]:
        return [web.post("/_simulator/device", self.control)]

    async def start(self, request: web.Request) -> web.Response:
        form = await request.post()
        client_id, fault = str(form.get("client_id", "")), fault_of(request)
        if not client_id or client_id.startswith(UNKNOWN_CLIENT):
            return reply({"error": "Not Found"}, 404)
        code = self.desk.issue(client_id, str(form.get("scope", "")))
        place = self.world.url + request.path.removesuffix("/code")
        fields: dict[str, object] = {
            "device_code": code.device_code,
            "user_code": code.user_code,
            "verification_uri": place,
            "expires_in": self.desk.expires_in,
            "interval": code.interval,
        }
        match fault:
            case "github-device-code-bare":
                del fields["expires_in"], fields["interval"]
            case "github-device-code-odd":
                fields |= {"expires_in": -1, "interval": None}
            case "github-device-code-elsewhere":
                fields["verification_uri"] = "https://github.com.example/login/device"
        return _answer(request, fields)

    async def poll(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form.get("grant_type") == "refresh_token":
            return self._renewed(request, str(form.get("refresh_token", "")))
        if form.get("grant_type") != GRANT_TYPE:
            return _error(request, "unsupported_grant_type")
        code = self.desk.of_device(str(form.get("device_code", "")))
        if code is None or code.state == "used":
            return _error(request, "incorrect_device_code")
        return self._polled(request, code, str(form.get("client_id", "")))

    def _polled(self, request: web.Request, code: DeviceCode, client_id: str) -> web.Response:
        if client_id != code.client_id:
            return _error(request, "incorrect_client_credentials")
        if self.desk.is_too_soon(code):
            self.world.journal.violations.append("GitHub was polled sooner than it allows")
            return _error(request, "slow_down", interval=code.interval)
        fault = fault_of(request)
        if fault.startswith("github-device-token-slow-down"):
            self.desk.slow(code)
            more = {} if fault.endswith("-bare") else {"interval": code.interval}
            return _error(request, "slow_down", **more)
        if fault == "github-device-token-cut" and request.transport is not None:
            request.transport.close()
            return web.Response()  # Nobody hears it. Choice: the token is not spent by that.
        return self._decided(request, code)

    def _renewed(self, request: web.Request, refresh_token: str) -> web.Response:
        fresh = self.desk.renew(refresh_token)
        if fresh is None:
            return _error(request, "bad_refresh_token")
        return _answer(request, _ending(fresh.removeprefix("ghr_sim-").partition(".")[0], fresh))

    def _decided(self, request: web.Request, code: DeviceCode) -> web.Response:
        if self.desk.has_ended(code):
            return _error(request, "expired_token")
        match code.state:
            case "denied":
                return _error(request, "access_denied")
            case "approved":
                self.desk.decide(code, "used", code.name)
                return _answer(request, _token(code, fault_of(request)))
        return _error(request, "authorization_pending")

    async def page(self, request: web.Request) -> web.Response:
        return _page(_form(request.query.get("user_code", "")))

    async def pressed(self, request: web.Request) -> web.Response:
        form = await request.post()
        typed, name = str(form.get("user_code", "")), _login(form.get("name"))
        code, state = self.desk.of_person(typed), ACTIONS.get(str(form.get("action", "")))
        if code is None or code.state != "pending" or self.desk.has_ended(code):
            return _page(
                f"<p>There is no such code, or it has ended. Check what you typed.</p>{_form(typed, name)}",
                422,
            )
        if state is None:
            return _page(f"<p>Press one of the two.</p>{_form(typed, name)}", 422)
        self.desk.decide(code, state, name)
        if state == "denied":
            return _page("<p>You have refused it. You may close this page.</p>")
        return _page("<p>Congratulations, you're all set! Your device is now connected.</p>")

    async def control(self, request: web.Request) -> web.Response:
        """
        Act for the person, or set the times that the next codes get.

        `{"action": "approve", "deny" or "expire", "user_code": ..., "name": ...}`, without a code the newest;
        `{"interval": s, "expires_in": s, "slower_by": s}`.
        """
        fields = await fields_of(request)
        times = {name: fields[name] for name in ("interval", "expires_in", "slower_by") if name in fields}
        if not all(isinstance(value, int | float) and value > 0 for value in times.values()):
            return bad_request("times are numbers of seconds above 0")
        for name, value in times.items():
            setattr(self.desk, name, value)
        if "action" not in fields:
            return reply({"ok": True})
        code, state = self.desk.of_person(fields.get("user_code")), ACTIONS.get(str(fields["action"]))
        if code is None or state is None:
            return bad_request("no such code, or an action other than approve, deny and expire")
        self.desk.decide(code, state, _login(fields.get("name")))
        return reply({"ok": True, "user_code": code.user_code})


def _error(request: web.Request, word: str, **more: object) -> web.Response:
    return _answer(request, {"error": word, "error_description": word.replace("_", " "), **more})


def _token(code: DeviceCode, fault: str) -> dict[str, object]:
    token: dict[str, object] = {
        "access_token": f"gho_sim-{code.name}",
        "token_type": "bearer",
        "scope": code.scope,
    }
    match fault:
        case "github-device-token-wide":
            token["scope"] = f"repo,{code.scope}"
        case "github-device-token-ends":
            return _ending(code.name, f"ghr_sim-{code.name}")
    return token


def _ending(name: str, refresh_token: str) -> dict[str, object]:
    """The token of a GitHub App, which lives for eight hours, and what renews it."""
    return {
        "access_token": f"ghu_sim-{name}",
        "token_type": "bearer",
        "scope": "",
        "expires_in": 28800,
        "refresh_token": refresh_token,
        "refresh_token_expires_in": 15_811_200,
    }
