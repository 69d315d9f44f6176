"""`jumpseat simulate`: the stand-in for the services."""

from __future__ import annotations

import errno
import os
from typing import Annotated, Literal

from cyclopts import Parameter

from jumpseat.cli import exits, tables
from jumpseat.cli.output import say
from jumpseat.cli.printing import to_json
from jumpseat.model.errors import AddressInUse, InvalidRequest, JumpseatError
from jumpseat.settings import LOOPBACK


def simulate(
    *,
    port: int = 8400,
    host: str = "127.0.0.1",
    dialect: Literal["server-first", "client-first"] = "server-first",
    pause: float = 0.0,
    list_: Annotated[bool, Parameter(name="--list", negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """
    Run a stand-in for Microsoft Copilot and GitHub Copilot, for tests and trials.

    Point any command at it with `JUMPSEAT_SIMULATOR=http://127.0.0.1:8400`. A question may direct it: `%%SAY
    text%%`, `%%REV text%%`, `%%IMAGE prompt%%`, `%%THINK text%%`, `%%SLOW ms%%`, `%%TOKENS n%%`, `%%FAULT
    name%%`.

    Parameters
    ----------
    port
        The port; 0 takes a free one.
    host
        The address to listen on; only this machine's own.
    dialect
        Who speaks first on Microsoft's chat socket.
    pause
        Milliseconds between two words of an answer.
    list_
        List the faults that can be asked for, and leave.
    json
        With --list: as JSON.
    """
    if list_:
        return _list(as_json=json)
    if host not in LOOPBACK:
        raise InvalidRequest(f"the simulator serves this machine only, not {host}. Leave --host out.")
    if not 0 <= port <= 65535:
        raise InvalidRequest(f"--port takes a number between 0 and 65535, not {port}.")
    if pause < 0:
        raise InvalidRequest("--pause takes milliseconds, 0 or more.")
    from jumpseat.simulator import run

    try:
        run(host, port, dialect, _announce, pause / 1000)
    except OSError as exc:
        raise port_error(exc, host, port) from exc
    return exits.OK


def port_error(error: OSError, host: str, port: int) -> JumpseatError:
    """What to say when an address cannot be listened on."""
    if error.errno == errno.EADDRINUSE:
        return AddressInUse(host, port)
    why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)
    return InvalidRequest(f"{host} port {port} cannot be listened on: {why}. Choose another with --port.")


def _announce(url: str) -> None:
    say(f"The simulator listens on {url}")
    say(f"Point jumpseat at it: export JUMPSEAT_SIMULATOR={url}")
    say("Ctrl-C stops it.")


def _list(*, as_json: bool) -> int:
    from jumpseat.simulator import faults

    rows = faults()
    if as_json:
        say(to_json(rows))
    else:
        cells = [(row["service"], row["name"], row["strikes"], row["description"]) for row in rows]
        tables.show(("Service", "Fault", "Strikes", "What happens"), cells)
    return exits.OK
