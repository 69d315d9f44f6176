"""The gateway: how it is set up here, and whether one runs."""

from __future__ import annotations

import http.client
from collections.abc import Mapping

from jumpseat.cli.doctor.check import Check, failed, ok, remark, wrong
from jumpseat.gateway.settings import GatewaySettings, is_loopback
from jumpseat.model.errors import JumpseatError
from jumpseat.settings_file import load

PATIENCE_SECONDS = 2.0


def gateway(environ: Mapping[str, str]) -> Check:
    """Bind address, keys and names by which it may be called, and who answers there now."""
    try:
        settings = load(environ, GatewaySettings.from_environment)
    except JumpseatError as error:
        return failed("gateway", error)
    text = f"{settings.host}:{settings.port}, {_keys(settings)}, called by {_names(settings)}"
    state = _state(settings)
    if state == "ok":
        return ok("gateway", f"runs at {text}")
    if state is None:
        return remark("gateway", f"does not run; it would at {text}", "jumpseat serve")
    return wrong(
        "gateway",
        f"another program answers at {settings.host}:{settings.port} ({state})",
        "jumpseat serve --port N",
    )


def _keys(settings: GatewaySettings) -> str:
    count = len(settings.api_keys)
    return "without keys" if not count else f"{count} key{'' if count == 1 else 's'}"


def _names(settings: GatewaySettings) -> str:
    own = "this machine's own names" if is_loopback(settings.host) else "its address"
    return ", ".join([own, *settings.allowed_hosts])


def _state(settings: GatewaySettings) -> str | None:
    """`ok` for a gateway of ours, None where nobody listens, else what came instead."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - it is asked, not bound
    connection = http.client.HTTPConnection(host, settings.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/health/live")
        answer = connection.getresponse()
        body = answer.read(1000)
    except ConnectionRefusedError:
        return None
    except (OSError, http.client.HTTPException) as exc:
        return type(exc).__name__
    finally:
        connection.close()
    return "ok" if answer.status == 200 and body == b'{"status":"ok"}' else f"HTTP {answer.status}"
