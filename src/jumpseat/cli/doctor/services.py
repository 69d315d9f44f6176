"""The services: can they be reached, how do they answer, and do the clocks agree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from msgspec import Struct

from jumpseat.cli.doctor.check import Check, failed, ok, remark, wrong
from jumpseat.microsoft import rest
from jumpseat.model.credentials import Credential
from jumpseat.model.errors import JumpseatError, NotSignedIn
from jumpseat.settings import LOOPBACK, Settings
from jumpseat.store.archive import Archive
from jumpseat.transport.wire import Response, Transport

PATIENCE_SECONDS = 10.0
MAX_SKEW_SECONDS = 120.0
"""How far this machine's clock may be from a service's before it is worth a word."""


class Probe(Struct, frozen=True, kw_only=True):
    """What asking a service once showed."""

    check: Check
    skew: float | None = None
    """Seconds that this machine's clock is ahead of the service's; None where it did not say."""


async def microsoft(settings: Settings, transport: Transport, archive: Archive) -> Probe:
    """Ask Microsoft Copilot who nobody is, which it answers from where it is offered."""
    name, address = "microsoft", settings.microsoft_url
    call = rest.get_user(address)
    try:
        answer = await transport.request(
            call.method, call.url, headers=rest.headers_of(Credential(), {}), timeout=PATIENCE_SECONDS
        )
        rest.read_user(answer, now=datetime.now(UTC))
    except NotSignedIn:
        text = f"{_host(address)} answers, to signed-in accounts only"
        return Probe(check=ok(name, text), skew=_skew(answer))
    except JumpseatError as error:
        return Probe(check=failed(name, error, _look(address)))
    try:
        dialect = await archive.get(f"microsoft dialect of {urlsplit(address).netloc}")
    except JumpseatError:
        dialect = None
    spoken = f"dialect {dialect}" if dialect else "its dialect shows with the first question"
    return Probe(check=ok(name, f"{_host(address)} answers; {spoken}"), skew=_skew(answer))


async def github(name: str, address: str, transport: Transport) -> Probe:
    """Whether an address of GitHub's can be reached; any answer of its own will do."""
    try:
        answer = await transport.request(
            "HEAD", f"{address}/", headers={"User-Agent": rest.USER_AGENT}, timeout=PATIENCE_SECONDS
        )
    except JumpseatError as error:
        return Probe(check=failed(name, error, _look(address)))
    if answer.status >= 500:
        text = f"{_host(address)} is in trouble (HTTP {answer.status}): try again later"
        return Probe(check=wrong(name, text, _look(address)))
    return Probe(check=ok(name, f"{_host(address)} answers"), skew=_skew(answer))


def clock(probes: list[Probe]) -> Iterator[Check]:
    """This machine's clock beside those of the services."""
    skews = [probe.skew for probe in probes if probe.skew is not None]
    if not skews:
        return
    worst = max(skews, key=abs)
    if abs(worst) <= MAX_SKEW_SECONDS:
        yield ok("clock", "agrees with the services'")
        return
    way = "ahead of" if worst > 0 else "behind"
    text = (
        f"this machine is {abs(worst) / 60:.0f} minutes {way} the services: the ages and ends shown are off"
    )
    yield remark("clock", text, "timedatectl set-ntp true")


def _skew(answer: Response) -> float | None:
    try:
        told = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
    told = told if told.tzinfo else told.replace(tzinfo=UTC)
    return (datetime.now(UTC) - told).total_seconds()


def _look(address: str) -> str:
    """What serves at an address of this machine; at any other, what shows how it answers."""
    parts = urlsplit(address)
    return f"jumpseat simulate --port {parts.port}" if parts.hostname in LOOPBACK else f"curl -sSI {address}/"


def _host(address: str) -> str:
    return urlsplit(address).netloc
