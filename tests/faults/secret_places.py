"""Where others hold our secrets: GitHub's device flow, its command line gh, Microsoft's page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jumpseat.simulator import github_api, github_signin, github_signin_codes
from jumpseat.simulator.github_signin_codes import Desk, DeviceCode
from tests.faults.planting import Planted


def hide_at_github(planted: Planted, monkeypatch: pytest.MonkeyPatch, *, approved: bool = True) -> None:
    """Let the simulator give out canaries, to a person who has approved already, and know whose they are."""
    issue: Callable[[Desk, str, str], DeviceCode] = github_signin_codes.Desk.issue

    def give_out(desk: Desk, client_id: str, scope: str) -> DeviceCode:
        code = issue(desk, client_id, scope)
        code.device_code = planted["device_code"]
        if approved:
            desk.decide(code, "approved", "alice")
        return code

    def granted(*_: object) -> dict[str, object]:
        return {
            "access_token": f"gho_{planted['oauth_token']}",
            "refresh_token": planted["oauth_refresh"],
            "expires_in": 28800,
            "scope": "repo,read:user",
        }

    monkeypatch.setattr(github_signin_codes.Desk, "issue", give_out)
    monkeypatch.setattr(github_signin, "_token", granted)
    monkeypatch.setattr(github_api, "owner_of", lambda _: ("gho_", "alice"))


def put_gh(planted: Planted, folder: Path, before: str = "") -> Path:
    """A `gh` that says its token, and more than it should; the folder that it is in."""
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    program = tools / "gh"
    token = planted["gh_output"]
    program.write_text(f"#!/bin/sh\n{before}\necho gho_{token}; echo {token} >&2\n")
    program.chmod(0o755)
    return tools
