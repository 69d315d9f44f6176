"""The browser's part of `jumpseat login microsoft`: what will happen, how much time is left, what is seen."""

from __future__ import annotations

import hashlib
import math
import os
import sys
from typing import TYPE_CHECKING

from jumpseat.cli.countdown import Countdown
from jumpseat.cli.keeping import DEFAULT_NAME
from jumpseat.cli.output import is_terminal, note
from jumpseat.cli.plain import one_line
from jumpseat.model.credentials import Credential
from jumpseat.settings import Settings

if TYPE_CHECKING:
    from jumpseat.browser.finding import Ready
    from jumpseat.microsoft.browser_signin import Progress

_SAID_EVERY = 60
"""Choice: seconds between two lines where nothing counts down on a terminal."""


async def sign_in(settings: Settings, name: str | None = None) -> Credential:
    """
    Open a visible browser and wait until the person has signed in to Microsoft Copilot there.

    Each account that is given by its `name` has a browser profile of its own: who is signed in in one window
    is not signed in in the other. Raises `MissingRequirementsError` and `SignInFailed`, each with the way
    round it. Cancelled, it closes the browser first.
    """
    from jumpseat.browser.finding import prepare
    from jumpseat.microsoft.browser_signin import sign_in as wait_for_sign_in

    ready = prepare(settings, os.environ, profile_of(name), settings.microsoft_url)
    seconds = settings.sign_in_timeout
    for line in announcement(ready, seconds):
        note(line)
    teller = Teller()
    try:
        # Either chat's token will do: which of the two serves an account, only its sign-in shows.
        return await wait_for_sign_in(
            ready.driver, ready.launch, target=None, timeout=seconds, tell=teller.tell
        )
    finally:
        teller.over()


def profile_of(name: str | None) -> str:
    """The profile's name. That of an account may hold what no file's name may, so a digest stands for it."""
    if name is None or name == DEFAULT_NAME:
        return "microsoft"
    return f"microsoft-{hashlib.sha256(name.strip().casefold().encode()).hexdigest()[:12]}"


def announcement(ready: Ready, seconds: float) -> list[str]:
    """What is about to happen, before it does."""
    launch = ready.launch
    return [
        f"A browser window opens at {launch.url} ({launch.executable.name}, through {ready.driver.name}).",
        "Sign in there by hand. If it stays open after that, send one message in it.",
        "jumpseat clicks and types nothing; it reads the chat's token and the site's cookies.",
        f"Its profile, which is kept: {launch.profile}",
        f"It closes by itself, after {_minutes(seconds)} at the latest; Ctrl-C closes it at once.",
    ]


class Teller:
    """Tells how a sign-in stands: the time that is left, counting down, and each hint once."""

    def __init__(self) -> None:
        self._countdown = Countdown("waiting for your sign-in")
        self._counts_down = is_terminal(sys.stderr)
        self._hints: set[str] = set()
        self._said_at = math.inf

    def tell(self, progress: Progress) -> None:
        """How it stands now."""
        if self._said_at == math.inf:
            self._said_at = progress.seconds_left
            self._countdown.start(progress.seconds_left)
        for sign in progress.signs:
            if sign.name not in self._hints:
                self._hints.add(sign.name)
                self._countdown.tell(f"note: {one_line(sign.says)}")
        if not self._counts_down and progress.seconds_left <= self._said_at - _SAID_EVERY:
            self._said_at -= _SAID_EVERY
            note(f"waiting for your sign-in: {_minutes(progress.seconds_left)} left")

    def over(self) -> None:
        """The sign-in has ended. Idempotent."""
        self._countdown.over()


def _minutes(seconds: float) -> str:
    """Seconds as people count them."""
    if seconds < 60:
        return f"{math.ceil(seconds)} seconds"
    minutes, rest = divmod(math.ceil(seconds), 60)
    if rest:
        return f"{minutes}:{rest:02} minutes"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
