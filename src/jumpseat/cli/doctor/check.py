"""One line of the doctor's screen."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from jumpseat.cli.plain import one_line
from jumpseat.model.errors import JumpseatError

Verdict = Literal["ok", "note", "wrong"]
"""`note` is worth knowing and stops nothing; `wrong` stops something that was set up."""


class Check(Struct, frozen=True, kw_only=True):
    """What was looked at, and how it is."""

    name: str
    verdict: Verdict
    text: str
    advice: str | None = None
    """What to do next; None where there is nothing to do."""


def ok(name: str, text: str) -> Check:
    return Check(name=name, verdict="ok", text=text)


def remark(name: str, text: str, advice: str | None = None) -> Check:
    return Check(name=name, verdict="note", text=text, advice=advice)


def wrong(name: str, text: str, advice: str | None = None) -> Check:
    return Check(name=name, verdict="wrong", text=text, advice=advice)


def failed(name: str, error: JumpseatError, advice: str | None = None) -> Check:
    """A check that ended in an error of ours, whose message says what to do if there is no `advice`."""
    return wrong(name, one_line(error.message), advice)
