"""A report fit for a bug tracker: the checks and the settings, without secrets, names of people or paths."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from jumpseat.accounts.register import AccountRecord
from jumpseat.cli.doctor.check import Check
from jumpseat.cli.plain import one_line
from jumpseat.settings import LOOPBACK, VARIABLES, Settings

SHOWN = frozenset({"switch", "count", "seconds", "limit", "dialect", "vault", "driver"})
"""Kinds of settings whose values say nothing of anybody."""

_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


class Redaction:
    """Replaces what says who somebody is: names of accounts and people, the home folder, e-mail addresses."""

    def __init__(self, records: Iterable[AccountRecord], home: Path) -> None:
        words: dict[str, str] = {}
        for number, record in enumerate(records, 1):
            words[record.name] = f"account-{number}"
            if record.person:
                words[record.person] = f"person-{number}"
        words |= {str(home): "<state>", str(Path.home()): "~", getpass.getuser(): "<login>"}
        # The longest first: a name may be a part of another.
        self._words = sorted(words.items(), key=lambda pair: -len(pair[0]))

    def __call__(self, text: str) -> str:
        for word, instead in self._words:
            if len(word) > 1:
                text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", instead, text)
        return _ADDRESS.sub("<address>", text)


def report(checks: Sequence[Check], settings: Settings, redact: Redaction) -> str:
    """The report, in Markdown."""
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    lines = ["# jumpseat doctor", "", moment, "", "| Check | Verdict | What |", "|---|---|---|"]
    lines += [
        f"| {redact(_cell(check.name))} | {check.verdict} | {redact(_cell(check.text))} |" for check in checks
    ]
    lines += ["", "## Settings that are not the default", ""]
    lines += [f"* {line}" for line in _settings(settings)] or ["none"]
    return "\n".join([*lines, ""])


def _settings(settings: Settings) -> Iterator[str]:
    default = Settings()
    for variable in VARIABLES:
        value = getattr(settings, variable.field, None) if variable.field else None
        if value is None or value == getattr(default, variable.field):
            continue
        if variable.kind in SHOWN:
            yield f"{variable.name} = {value}"
        elif variable.kind == "url" and urlsplit(value).hostname in LOOPBACK:
            yield f"{variable.name} = an address of this machine"
        else:
            yield f"{variable.name} is set"


def _cell(text: str) -> str:
    return one_line(text).replace("|", "\\|")
