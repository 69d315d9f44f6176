"""The sentences for wires that fail, the same for every network library."""

from __future__ import annotations

from jumpseat.model.errors import UpstreamTimeout
from jumpseat.transport.headers import place
from jumpseat.transport.wire import MAX_BODY_BYTES, WireFailed


def too_slow(url: str, timeout: float, *, may_be_delivered: bool) -> UpstreamTimeout:
    """The error for an opening or an exchange that took more than `timeout` seconds."""
    return UpstreamTimeout(
        f"{place(url)} did not answer within {timeout:g} seconds (connect timeout). "
        "Try again, or raise the limit with Timeouts(connect=...).",
        which="connect",
        may_be_delivered=may_be_delivered,
    )


def broken(url: str, cause: str, *, may_be_delivered: bool = True) -> WireFailed:
    """The error for a connection that could not be opened, or broke once the request was on its way."""
    if may_be_delivered:
        return WireFailed(f"the connection to {place(url)} broke: {cause}.", may_be_delivered=True)
    return WireFailed(f"no connection to {place(url)}: {cause}. Check the address and the network.")


def closed(url: str) -> WireFailed:
    """The error for a call over a transport that was closed."""
    return WireFailed(f"no connection to {place(url)}: the client was closed. Make a new one.")


def too_long(url: str) -> WireFailed:
    """The error for a body beyond `MAX_BODY_BYTES`."""
    return WireFailed(
        f"{place(url)} answered with more than {MAX_BODY_BYTES} bytes: not what was asked for.",
        may_be_delivered=True,
    )
