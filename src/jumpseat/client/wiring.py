"""Which upstream speaks over which wire. Libraries are imported when the first question needs them."""

from __future__ import annotations

from jumpseat.client.upstream import Memo, Upstream
from jumpseat.model.catalog import Service
from jumpseat.settings import Settings


def open_upstreams(settings: Settings, memo: Memo, proxy: str | None) -> dict[Service, Upstream]:
    """The upstreams of a client; no connection is made, no network library is loaded yet."""
    return {
        "microsoft": _microsoft(settings, memo, proxy),
        "github": _github(settings, memo, proxy),
    }


def _microsoft(settings: Settings, memo: Memo, proxy: str | None) -> Upstream:
    from jumpseat.microsoft.upstream import MicrosoftUpstream
    from jumpseat.transport.curl import CurlTransport

    profile = None if settings.microsoft_tls == "plain" else settings.microsoft_tls
    return MicrosoftUpstream(settings, CurlTransport(proxy=proxy, impersonate=profile), memo)


def _github(settings: Settings, memo: Memo, proxy: str | None) -> Upstream:
    from jumpseat.github.upstream import GithubUpstream
    from jumpseat.transport.aio import AioTransport

    return GithubUpstream(settings, AioTransport(proxy=proxy), memo)
