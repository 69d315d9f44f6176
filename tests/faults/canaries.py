"""Canaries: secrets that occur nowhere else, in every place that holds one, and the search for them."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

from msgspec import Struct, field

from jumpseat.simulator import SimulatorThread


def canary(where: str) -> str:
    """A secret for this place; the simulator takes it for a token or a session of somebody."""
    return f"sim-CANARY{where}{uuid4().hex}"


class Canaries(Struct, frozen=True, kw_only=True):
    """A secret for every place that holds one."""

    microsoft_token: str = field(default_factory=lambda: canary("mstoken"))
    microsoft_cookie: str = field(default_factory=lambda: canary("mscookie"))
    github_cookie: str = field(default_factory=lambda: canary("ghcookie"))
    github_web_token: str = field(default_factory=lambda: canary("ghtoken"))
    api_key: str = field(default_factory=lambda: canary("apikey"))
    authorization: str = field(default_factory=lambda: canary("bearer"))
    x_api_key: str = field(default_factory=lambda: canary("xapikey"))
    azure_key: str = field(default_factory=lambda: canary("azure"))
    proxy_password: str = field(default_factory=lambda: canary("proxy"))
    query: str = field(default_factory=lambda: canary("query"))

    def found_in(self, text: str) -> list[str]:
        """The places whose secret stands in `text`, whole or for the most part."""
        return [name for name in self.__struct_fields__ if getattr(self, name)[4:40] in text]

    def environment(self, folder: Path, simulator: SimulatorThread, *, web_token: bool) -> dict[str, str]:
        """
        The variables of a program that holds them all.

        With `web_token` GitHub's token is given, without it is fetched with the cookies.
        """
        folder.mkdir(parents=True, exist_ok=True)
        microsoft, github = folder / "microsoft.json", folder / "github.json"
        microsoft.write_text(_cookies("_C_Auth", self.microsoft_cookie, ".copilot.microsoft.com"))
        github.write_text(_cookies("user_session", self.github_cookie, ".github.com"))
        variables = {
            "JUMPSEAT_SIMULATOR": simulator.url,
            "JUMPSEAT_HOME": str(folder / "home"),
            "JUMPSEAT_PACE": "off",
            "JUMPSEAT_MICROSOFT_TOKEN": self.microsoft_token,
            "JUMPSEAT_MICROSOFT_COOKIES": str(microsoft),
            "JUMPSEAT_GITHUB_COOKIES": str(github),
            "JUMPSEAT_API_KEY": self.api_key,
            "JUMPSEAT_CONNECT_TIMEOUT": "0.5",
            "JUMPSEAT_FIRST_EVENT_TIMEOUT": "0.5",
            "JUMPSEAT_IDLE_TIMEOUT": "0.3",
        }
        if web_token:
            variables["JUMPSEAT_GITHUB_WEB_TOKEN"] = self.github_web_token
            simulator.simulator.world.web_tokens.add(self.github_web_token)
        return variables


def _cookies(name: str, value: str, domain: str) -> str:
    return json.dumps([{"name": name, "value": value, "domain": domain, "path": "/"}])


def everything_in(folder: Path) -> str:
    """All files of a folder, whatever they are, as one text."""
    return "\n".join(
        path.read_bytes().decode("latin-1") for path in sorted(folder.rglob("*")) if path.is_file()
    )
