"""How the gateway is set: where it listens, who may come in, and its limits."""

from __future__ import annotations

import ipaddress
import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from jumpseat.model.credentials import Secret
from jumpseat.model.errors import InvalidRequest
from jumpseat.settings import GATEWAY_VARIABLES, read_positive

LOCAL_OWNER = "local"
"""Whose conversations they are when nobody is told apart; the command line looks for the same."""

MEGABYTE = 1024 * 1024

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?", re.IGNORECASE)
# Not `null`: that is what every sandboxed frame and every file calls itself.
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/*\s]+/?", re.IGNORECASE)


class ApiKey(Struct, frozen=True, kw_only=True):
    """A key of this gateway, and whose conversations it opens."""

    secret: Secret
    owner: str = LOCAL_OWNER


class GatewaySettings(Struct, frozen=True, kw_only=True):
    """
    The settings of one gateway; sizes are bytes and times are seconds.

    Raises `InvalidRequest` (with the variable's name as `param`) for values that make no sense, and for an
    address that others can reach without a key to keep them out.
    """

    host: str = "127.0.0.1"
    port: int = 1337
    """0 takes any free port."""
    api_keys: tuple[ApiKey, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    """Names by which the gateway may be called, besides this machine's own: `name` or `name:port`."""
    allowed_origins: tuple[str, ...] = ()
    """Web pages (`https://app.example`) whose scripts may call the gateway."""
    max_body: int = 32 * MEGABYTE
    max_head: int = 64 * 1024
    max_headers: int = 100
    head_seconds: float = 10.0
    """From the first byte of a request (or from the opening of the connection) to the end of its headers."""
    body_seconds: float = 60.0
    stall_seconds: float = 60.0
    """A reader that takes nothing for this long is given up."""
    drain_seconds: float = 10.0
    """How long open answers may go on after the gateway was told to stop."""
    max_connections: int = 1000

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise InvalidRequest(
                f"the port must be between 0 and 65535, not {self.port}", param="JUMPSEAT_PORT"
            )
        _check_names(self)
        if not self.api_keys and not is_loopback(self.host):
            raise InvalidRequest(
                f"{self.host or 'every address'} can be reached by others: set a key with --api-key or "
                "JUMPSEAT_API_KEY, or listen on 127.0.0.1",
                param="JUMPSEAT_API_KEY",
            )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], **given: object) -> GatewaySettings:
        """
        Read `JUMPSEAT_*`; unset and empty variables mean the default.

        What is in `given` (the fields of this class) counts more than the environment.
        """
        values: dict[str, object] = {}
        for variable in GATEWAY_VARIABLES:
            if text := environ.get(variable.name, "").strip():
                read = _READERS[variable.kind](text, variable.name)
                # A key and a file of keys add up.
                before = values.get(variable.field)
                values[variable.field] = (
                    (*before, *read) if isinstance(before, tuple) and isinstance(read, tuple) else read
                )
        return cls(**(values | given))  # type: ignore[arg-type]  # each reader gives its field's type


def is_loopback(host: str) -> bool:
    """Whether only this machine itself can reach `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _check_names(settings: GatewaySettings) -> None:
    if not all(_could_be_shown(key.secret.reveal()) for key in settings.api_keys):
        # An empty one would let everybody in who sends an empty header.
        raise InvalidRequest(
            "a key of the gateway must be of printable characters without blanks, and not empty",
            param="JUMPSEAT_API_KEY",
        )
    for host in settings.allowed_hosts:
        if not _HOST.fullmatch(host):
            raise InvalidRequest(
                f"JUMPSEAT_ALLOWED_HOSTS: {host!r} is no name like box.lan or box.lan:8080",
                param="JUMPSEAT_ALLOWED_HOSTS",
            )
    for origin in settings.allowed_origins:
        if not _ORIGIN.fullmatch(origin):
            raise InvalidRequest(
                f"JUMPSEAT_ALLOW_ORIGIN: {origin!r} is no page like https://app.example; "
                "there is no way to allow all",
                param="JUMPSEAT_ALLOW_ORIGIN",
            )


def _could_be_shown(key: str) -> bool:
    return bool(key) and key.isprintable() and not any(map(str.isspace, key))


def read_key_file(path: Path, name: str) -> tuple[ApiKey, ...]:
    """The keys in the file at `path`, which nobody else may read."""
    try:
        mode = path.stat().st_mode
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise InvalidRequest(f"{name}: the file {path} cannot be read: {exc}", param=name) from exc
    if stat.S_IMODE(mode) & 0o077:
        raise InvalidRequest(f"{name}: others may read {path}. Run: chmod 600 {path}", param=name)
    entries = [line.split() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not entries or any(len(entry) > 2 for entry in entries):
        raise InvalidRequest(f"{name}: {path} must hold `key` or `owner key` on each line", param=name)
    return tuple(
        ApiKey(secret=Secret(entry[-1]), owner=entry[0] if len(entry) == 2 else LOCAL_OWNER)
        for entry in entries
    )


def _port(text: str, name: str) -> int:
    if text.isdecimal() and int(text) <= 65535:
        return int(text)
    raise InvalidRequest(f"{name} must be a number between 0 and 65535, not {text!r}", param=name)


_READERS: Mapping[str, Callable[[str, str], object]] = {
    "text": lambda text, _name: text,
    "port": _port,
    "secret": lambda text, _name: (ApiKey(secret=Secret(text)),),
    "key file": lambda text, name: read_key_file(Path(text).expanduser(), name),
    "list": lambda text, _name: tuple(entry.strip() for entry in text.split(",") if entry.strip()),
    "megabytes": lambda text, name: int(read_positive(text, name) * MEGABYTE),
    "seconds": read_positive,
}
