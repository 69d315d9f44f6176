"""The life of a token as the simulator tells it, and the faults by which GitHub's clock is a wrong one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import formatdate

from jumpseat.simulator.fault import GITHUB, Table

SHORT_SECONDS = 120
TWO_DAYS = 2 * 86400
_AHEAD: Mapping[str, tuple[int, int]] = {
    "clock-ahead": (TWO_DAYS, TWO_DAYS),
    "clock-behind": (-TWO_DAYS, -TWO_DAYS),
    "date-ahead": (TWO_DAYS, 0),
    "date-behind": (-TWO_DAYS, 0),
}
"""How many seconds `Date` and the told end of a token are ahead of the truth."""

_MEANINGS = {
    "short-life": ("A token that lives for two minutes only.", f"ends in {SHORT_SECONDS} s"),
    "clock-ahead": ("GitHub's clock is two days ahead of ours.", "Date and end two days later"),
    "clock-behind": ("GitHub's clock is two days behind ours.", "Date and end two days earlier"),
    "date-ahead": ("Date and end of the token come from clocks that differ.", "Date two days later"),
    "date-behind": ("Date and end of the token come from clocks that differ.", "Date two days earlier"),
}

_TABLE = Table(GITHUB, prefix="github-")
GITHUB_CLOCK_FAULTS = _TABLE.rows


class Life:
    """The life of one token, which the fault of this name (without its call) may change."""

    def __init__(self, fault: str, seconds: int) -> None:
        date_ahead, end_ahead = _AHEAD.get(fault, (0, 0))
        now = time.time()
        self.seconds = SHORT_SECONDS if fault == "short-life" else seconds
        self.ends_at = now + self.seconds + end_ahead
        self.headers = {"Date": formatdate(now + date_ahead, usegmt=True)}


for _call in ("token", "exchange"):
    for _name, (_meaning, _wire) in _MEANINGS.items():
        _TABLE.add(f"{_call}-{_name}", _meaning, _wire, calls=(_call,))
