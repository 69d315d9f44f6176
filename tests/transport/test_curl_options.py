"""Curl's failures are told in words, and without the addresses that its own text may quote."""

from __future__ import annotations

import pytest
from curl_cffi import CurlECode, CurlError

from jumpseat.transport.curl_options import cause


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (CurlECode.COULDNT_RESOLVE_HOST, "the name of the host could not be resolved"),
        (CurlECode.COULDNT_CONNECT, "it could not be reached"),
        (CurlECode.SSL_CONNECT_ERROR, "ssl connect error"),
        (9999, "curl error 9999"),
    ],
)
def test_a_failure_is_told_in_words(code: CurlECode, said: str) -> None:
    assert cause(CurlError("https://host/?token=canary", code)) == said
