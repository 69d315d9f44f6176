"""A report fit for a bug tracker: checks and settings, without secrets, people, and their paths and hosts."""

from __future__ import annotations

import getpass
import platform
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from jumpseat.accounts.register import AccountRecord
from jumpseat.cli.doctor.check import Check
from jumpseat.cli.doctor.machine import PROXIES, host_of_proxy
from jumpseat.cli.plain import one_line
from jumpseat.gateway.settings import GatewaySettings
from jumpseat.model.errors import JumpseatError
from jumpseat.settings import LOOPBACK, VARIABLES, Settings
from jumpseat.settings_file import load

SHOWN = frozenset({"switch", "count", "seconds", "limit", "dialect", "vault", "driver"})
"""Kinds of settings whose values say nothing of anybody."""

_EVERYBODYS = LOOPBACK | {"0.0.0.0", "::", ""}  # noqa: S104 - they are told, not bound
_PATTERNS = (
    (re.compile(r"[^\s<>()\"',;:|]+@[\w-]+(?:\.[\w-]+)+"), "<address>"),
    (re.compile(r"[\w.-]+\.ghe\.com\b"), "<tenant>.ghe.com"),
    # Those of this machine tell nothing.
    (re.compile(r"(?<![\w.])(?!127\.|0\.0\.0\.0)\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"), "<host>"),
    # Whom the service names now: the register may know nobody yet, or somebody else.
    (
        re.compile(r"accepted as (?!person-\d).*?((?:, presumed to .*)?(?:, used)?)$"),
        r"accepted as <person>\1",
    ),
    (re.compile(r"(?<![\w:/<>~.])/(?:[\w.@%+~-]+/)*[\w.@%+~-]+"), "<path>"),
)


class Redaction:
    """
    Replaces what says who somebody is: names of accounts and people, folders, e-mail addresses, hosts.

    `private` are further words, each with what stands in its place.
    """

    def __init__(
        self, records: Iterable[AccountRecord], home: Path, private: Mapping[str, str] | None = None
    ) -> None:
        words = dict(private or {})
        for number, record in enumerate(records, 1):
            words[record.name] = f"account-{number}"
            if record.person:
                # As it is shown.
                words[one_line(record.person)] = f"person-{number}"
        words |= {str(Path.home().resolve()): "~", str(home.resolve()): "<state>"}
        words |= {str(Path.home()): "~", str(home): "<state>", _login(): "<login>"}
        # The longest first: a name may be a part of another.
        self._words = sorted(words.items(), key=lambda pair: -len(pair[0]))

    def __call__(self, text: str) -> str:
        for word, instead in self._words:
            if len(word) > 1:
                # A name may stand between underscores, and be written with other capitals.
                text = re.sub(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", instead, text, flags=re.IGNORECASE)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text


def private_words(settings: Settings, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The paths and hosts of somebody's own that the checks may speak of, with what stands in their place."""
    words = {platform.node(): "<machine>"}
    default = Settings()
    for variable in VARIABLES:
        value = getattr(settings, variable.field, None) if variable.field else None
        if isinstance(value, Path) and variable.field != "home":
            words[str(value)] = "<path>"
            if variable.field.endswith("cookies"):
                words[value.name] = "<file>"
        elif variable.kind == "url" and value != getattr(default, variable.field, None):
            words[urlsplit(str(value)).hostname or ""] = "<host>"
    where, _, path = (settings.vault_key or "").partition(":")
    words[path] = "<path>" if where == "file" else "<variable>"
    for name in PROXIES:
        words[host_of_proxy(environ.get(name) or environ.get(name.lower(), "")) or ""] = "<proxy>"
    with suppress(JumpseatError):
        gateway = load(environ, GatewaySettings.from_environment)
        words |= dict.fromkeys((gateway.host, *gateway.allowed_hosts), "<host>")
    return {word: instead for word, instead in words.items() if word not in _EVERYBODYS}


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # Nobody knows, as in a container.
        return ""


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
