"""The codes of GitHub's device flow that were given out, and what became of each."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

State = Literal["pending", "approved", "denied", "expired", "used"]

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""As RFC 8628 (section 6.1) has them: no vowels, so that no code is a word."""

EARLY_SECONDS = 0.01
"""How much too soon a poll may come: timers are not exact."""


@dataclass(slots=True)
class DeviceCode:
    """One sign-in that was begun."""

    device_code: str
    user_code: str
    client_id: str
    scope: str
    ends_at: float
    interval: float
    state: State = "pending"
    name: str = ""
    """Who approved it."""
    next_at: float = 0.0
    """Before this moment no poll may come."""


class Desk:
    """
    Gives out codes. Its clock and its times can be set, by tests that do not want to wait.

    The times are seconds, as GitHub has them: a code lives for 15 minutes, a poll may come every 5 seconds,
    and `slow_down` adds 5.
    """

    def __init__(self) -> None:
        self.clock: Callable[[], float] = time.monotonic
        self.interval: float = 5
        self.expires_in: float = 900
        self.slower_by: float = 5
        self.codes: list[DeviceCode] = []
        self.renewals: dict[str, str] = {}
        """Refresh tokens that were used, and those that took their place."""

    def issue(self, client_id: str, scope: str) -> DeviceCode:
        """A new code for an app."""
        letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
        code = DeviceCode(
            device_code=secrets.token_hex(20),
            user_code=f"{letters[:4]}-{letters[4:]}",
            client_id=client_id,
            scope=scope,
            ends_at=self.clock() + self.expires_in,
            interval=self.interval,
        )
        self.codes.append(code)
        return code

    def renew(self, refresh_token: str) -> str | None:
        """The refresh token that takes the place of this one; None if it is none, or was used before."""
        start, _, name = refresh_token.partition("-")
        if start != "ghr_sim" or not name or refresh_token in self.renewals:
            return None
        self.renewals[refresh_token] = f"ghr_sim-{name.partition('.')[0]}.{len(self.renewals) + 1}"
        return self.renewals[refresh_token]

    def of_device(self, device_code: str) -> DeviceCode | None:
        """The code that a client polls with."""
        return next((code for code in self.codes if code.device_code == device_code), None)

    def of_person(self, typed: str | None) -> DeviceCode | None:
        """The code that a person typed, whatever the case and the dash; without one the newest."""
        if typed is None:
            return self.codes[-1] if self.codes else None
        bare = _bare(typed)
        return next((code for code in self.codes if _bare(code.user_code) == bare), None)

    def decide(self, code: DeviceCode, state: State, name: str = "") -> None:
        """What the person pressed; or, for tests, that the code has ended."""
        code.state, code.name = state, name

    def is_too_soon(self, code: DeviceCode) -> bool:
        """Whether a poll that comes now comes too soon. Either way the next has to wait for the interval."""
        now = self.clock()
        too_soon = now < code.next_at - EARLY_SECONDS
        if too_soon:
            self.slow(code)
        code.next_at = now + code.interval
        return too_soon

    def slow(self, code: DeviceCode) -> None:
        """Ask for longer pauses from now on."""
        code.interval += self.slower_by
        code.next_at = self.clock() + code.interval

    def has_ended(self, code: DeviceCode) -> bool:
        return code.state == "expired" or self.clock() >= code.ends_at


def _bare(typed: str) -> str:
    return typed.replace("-", "").replace(" ", "").upper()
