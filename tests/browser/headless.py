"""The command line, whose browser needs no screen, and with it a person who does what WISH says."""

import os
import sys

from jumpseat.browser import finding
from jumpseat.browser.finding import Ready
from jumpseat.cli import entry
from jumpseat.settings import Settings

_prepare = finding.prepare


def _headless(settings: Settings, environ: dict[str, str], service: str, url: str) -> Ready:
    return _prepare(settings, environ, service, f"{url}/?{os.environ['WISH']}", is_headless=True)


if __name__ == "__main__":
    finding.prepare = _headless  # type: ignore[assignment]  # What the command line asks for, and no more.
    sys.exit(entry.main())
