"""
A program that opens a browser and waits, as a sign-in does: `opening.py DRIVER EXECUTABLE PROFILE URL`.

A test runs it at a terminal and presses Ctrl-C there, or kills it.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from jumpseat.browser.driver import Launch
from jumpseat.browser.finding import find_driver
from jumpseat.settings import Settings


def say(word: str) -> None:
    """Tell the test how far this is."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def main(name: str, executable: str, profile: str, url: str) -> None:
    """Open the browser, say so, and wait until somebody ends this."""
    driver = find_driver(Settings(browser_driver=name))  # type: ignore[arg-type]  # a test names one that exists
    launch = Launch(executable=Path(executable), profile=Path(profile), url=url, is_headless=True)
    say("opening")
    window = await driver.open(launch)
    say("open")
    try:
        await asyncio.Event().wait()
    finally:
        await window.aclose()
        say("closed")


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
