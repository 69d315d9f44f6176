"""Tests of what only the curl transport does."""

from __future__ import annotations

import sys

import msgspec
import pytest

from jumpseat.model.errors import InvalidRequest, MissingRequirementsError
from jumpseat.transport.curl import CurlTransport


async def test_without_curl_cffi_the_install_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "jumpseat.transport.curl_engine", raising=False)
    monkeypatch.delitem(sys.modules, "jumpseat.transport.curl_options", raising=False)
    monkeypatch.setitem(sys.modules, "curl_cffi", None)
    transport = CurlTransport()
    with pytest.raises(MissingRequirementsError, match=r"pip install 'jumpseat\[microsoft\]'"):
        await transport.request("GET", "https://copilot.microsoft.com/", headers={}, timeout=1)
    await transport.aclose()


async def test_an_unknown_browser_profile_is_refused(server: str) -> None:
    transport = CurlTransport(impersonate="netscape4")
    try:
        with pytest.raises(InvalidRequest, match="netscape4") as caught:
            await transport.request("GET", f"{server}/echo", headers={}, timeout=1)
        assert caught.value.param == "JUMPSEAT_MICROSOFT_TLS"
    finally:
        await transport.aclose()


async def test_a_browser_profile_leaves_the_headers_our_own(server: str) -> None:
    transport = CurlTransport(impersonate="chrome")
    try:
        answer = await transport.request(
            "GET", f"{server}/echo", headers={"User-Agent": "jumpseat/test"}, timeout=5
        )
        wire = await transport.socket(
            server.replace("http", "ws") + "/hello", headers={"User-Agent": "jumpseat/test"}, timeout=5
        )
        assert await wire.receive() == ["/hello|None|jumpseat/test"]
        await wire.aclose()
    finally:
        await transport.aclose()
    names = {name for name, _ in msgspec.json.decode(answer.body)["headers"]}

    assert names <= {"host", "user-agent", "accept", "accept-encoding"}
