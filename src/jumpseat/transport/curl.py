"""The transport over curl_cffi: Microsoft's wires. Only using it imports curl_cffi."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from jumpseat.model.errors import MissingRequirementsError
from jumpseat.transport.failures import closed
from jumpseat.transport.headers import checked_proxy, refuse_line_breaks
from jumpseat.transport.wire import Response

if TYPE_CHECKING:
    from jumpseat.transport.curl_engine import CurlStream, Engine
    from jumpseat.transport.curl_socket import CurlSocket


class CurlTransport:
    """
    A `Transport` over curl_cffi. Environment proxies are ignored; see `proxy_for`.

    `impersonate` names a browser profile of curl_cffi for TLS and HTTP/2; headers stay our own in any case.
    The first use loads curl_cffi: every call raises `MissingRequirementsError` without it, and
    `InvalidRequest` for a profile it does not know.
    """

    def __init__(self, proxy: str | None = None, impersonate: str | None = None) -> None:
        self._proxy = checked_proxy(proxy)
        self._impersonate = impersonate
        self._engine: Engine | None = None
        self._is_closed = False

    def _running(self, url: str) -> Engine:
        if self._is_closed:
            raise closed(url)
        if self._engine is None:
            try:
                from jumpseat.transport.curl_engine import Engine
            except ImportError as exc:
                raise MissingRequirementsError(
                    "Microsoft Copilot needs curl_cffi, which is not installed: "
                    "pip install 'jumpseat[microsoft]'"
                ) from exc
            self._engine = Engine(self._proxy, self._impersonate)
        return self._engine

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        timeout: float,
    ) -> Response:
        refuse_line_breaks(url, headers)
        return await self._running(url).request(method, url, headers, body, timeout)

    async def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        timeout: float,
        connect: float | None = None,
    ) -> CurlStream:
        refuse_line_breaks(url, headers)
        return await self._running(url).stream(method, url, headers, body, timeout, connect)

    async def socket(self, url: str, *, headers: Mapping[str, str], timeout: float) -> CurlSocket:
        refuse_line_breaks(url, headers)
        return await self._running(url).socket(url, headers, timeout)

    async def aclose(self) -> None:
        self._is_closed = True
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.aclose()
