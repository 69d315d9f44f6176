"""Who may come in, decided on headers and the raw path alone."""

from __future__ import annotations

from typing import Any

import pytest

from jumpseat.gateway.access import Guard
from jumpseat.gateway.exchange import Exchange, Refused
from jumpseat.gateway.settings import ApiKey, GatewaySettings
from jumpseat.model.credentials import Secret

OPEN = GatewaySettings()
KEYED = GatewaySettings(
    api_keys=(ApiKey(secret=Secret("key-ä")), ApiKey(secret=Secret("anna's"), owner="anna"))
)
Headers = list[tuple[str, str]]


async def nothing(*_: Any) -> Any:
    raise AssertionError("the guard neither reads nor writes")


def judge(
    headers: Headers,
    *,
    settings: GatewaySettings = OPEN,
    method: str = "GET",
    path: bytes = b"/v1/models",
    server: tuple[str, int | None] = ("127.0.0.1", 1337),
) -> tuple[int, Exchange]:
    scope = {
        "method": method,
        "raw_path": path,
        "server": server,
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    exchange = Exchange(scope, nothing, nothing)
    try:
        return (200 if Guard(settings).admit(exchange) else 204), exchange
    except Refused as refused:
        return refused.status, exchange


HOST = ("host", "127.0.0.1:1337")


@pytest.mark.parametrize("host", ["127.0.0.1:1337", "localhost:1337", "LocalHost:1337", "[::1]:1337"])
def test_this_machine_has_three_names(host: str) -> None:
    assert judge([("host", host)])[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:1337",
        "localhost.evil.example:1337",
        "127.0.0.1.evil.example:1337",
        "localhost",
        "localhost:80",
        "localhost:1338",
        "localhost:13370",
        "localhost:",
        "localhost:1337:1337",
        "user@localhost:1337",
        "localhost:1337, evil.example",
        "localhost:1337/",
        " localhost:1337",
        "[::1",
        "127.1:1337",
        "0.0.0.0:1337",
        "",
    ],
)
def test_any_other_name_may_be_a_page_that_bound_its_own_to_our_address(host: str) -> None:
    for path in (b"/v1/models", b"/health/live", b"/docs", b"/nowhere"):
        assert judge([("host", host)], path=path)[0] == 403


def test_without_exactly_one_host_nobody_comes_in() -> None:
    assert judge([])[0] == 400
    assert judge([HOST, HOST])[0] == 400
    assert judge([HOST, ("host", "evil.example")])[0] == 400


def test_a_port_of_80_need_not_be_said() -> None:
    assert judge([("host", "localhost")], server=("127.0.0.1", 80))[0] == 200


def test_the_address_that_was_called_is_a_name_too() -> None:
    assert judge([("host", "192.168.1.5:8080")], server=("192.168.1.5", 8080))[0] == 200
    assert judge([("host", "[fe80::1]:8080")], server=("fe80::1", 8080))[0] == 200
    assert judge([("host", "192.168.1.6:8080")], server=("192.168.1.5", 8080))[0] == 403


@pytest.mark.parametrize(
    ("host", "name"),
    [("0.0.0.0", "0.0.0.0"), ("Box.lan", "box.lan"), ("::", "[::]")],  # noqa: S104
)
def test_the_name_it_was_told_to_listen_on_is_its_own(host: str, name: str) -> None:
    settings = GatewaySettings(host=host, api_keys=KEYED.api_keys)
    headers = [("x-api-key", "anna's")]

    assert judge([("host", f"{name}:1337"), *headers], settings=settings)[0] == 200
    assert judge([("host", f"{name}:1338"), *headers], settings=settings)[0] == 403


def test_further_names_can_be_allowed_with_or_without_a_port() -> None:
    settings = GatewaySettings(allowed_hosts=("Box.lan", "tight.lan:99"))

    assert judge([("host", "box.lan:5000")], settings=settings)[0] == 200
    assert judge([("host", "box.lan")], settings=settings, server=("", None))[0] == 200
    assert judge([("host", "tight.lan:99")], settings=settings)[0] == 200
    assert judge([("host", "tight.lan:98")], settings=settings)[0] == 403
    assert judge([HOST], settings=settings, server=("", None))[0] == 403


@pytest.mark.parametrize(
    "headers",
    [
        [("origin", "https://evil.example")],
        [("origin", "null")],
        [("origin", "http://127.0.0.1:3000")],
        [("origin", "http://localhost:1337")],
        [("origin", "http://127.0.0.1:1337"), ("origin", "https://evil.example")],
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("sec-fetch-site", "CROSS-SITE")],
        [("sec-fetch-site", "none"), ("sec-fetch-site", "cross-site")],
        [("origin", "http://127.0.0.1:1337"), ("sec-fetch-site", "cross-site")],
    ],
)
def test_a_page_of_another_site_is_refused(headers: Headers) -> None:
    assert judge([HOST, *headers])[0] == 403
    assert judge([HOST, *headers], method="OPTIONS")[0] == 403


@pytest.mark.parametrize(
    "headers",
    [
        [("origin", "http://127.0.0.1:1337"), ("sec-fetch-site", "same-origin")],
        [("sec-fetch-site", "none")],
    ],
)
def test_our_own_page_and_the_address_bar_may_come_in(headers: Headers) -> None:
    status, exchange = judge([HOST, *headers])

    assert status == 200
    assert all(not name.startswith(b"access-control") for name, _ in exchange.shared_headers)


@pytest.mark.parametrize(
    ("kinds", "status"),
    [
        ([], 415),
        (["text/plain"], 415),
        (["application/x-www-form-urlencoded"], 415),
        (["text/plain", "application/json"], 415),
        (["application/json"], 200),
        (["Application/JSON; charset=utf-8"], 200),
    ],
)
def test_a_page_must_send_json(kinds: list[str], status: int) -> None:
    headers = [HOST, ("sec-fetch-site", "same-origin"), *[("content-type", kind) for kind in kinds]]

    assert judge(headers, method="POST")[0] == status


def test_a_program_need_not_say_what_it_sends() -> None:
    assert judge([HOST, ("content-type", "application/x-www-form-urlencoded")], method="POST")[0] == 200


def test_an_allowed_page_is_answered_so_that_its_browser_lets_it_read() -> None:
    settings = GatewaySettings(allowed_origins=("https://App.example/",))
    page = [HOST, ("origin", "https://app.example"), ("sec-fetch-site", "cross-site")]

    status, exchange = judge(page, settings=settings)

    assert status == 200
    assert (b"access-control-allow-origin", b"https://app.example") in exchange.shared_headers
    assert judge([HOST, ("origin", "https://app.example.evil")], settings=settings)[0] == 403


def test_a_preflight_of_an_allowed_page_needs_no_key() -> None:
    settings = GatewaySettings(allowed_origins=("https://app.example",), api_keys=KEYED.api_keys)
    page = [HOST, ("origin", "https://app.example")]
    asked = [
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization"),
        ("access-control-request-private-network", "true"),
    ]

    status, exchange = judge([*page, *asked], settings=settings, method="OPTIONS")

    assert status == 204
    assert (b"access-control-allow-headers", b"authorization") in exchange.shared_headers
    assert (b"access-control-allow-private-network", b"true") in exchange.shared_headers
    assert judge([*page, *asked[:1]], settings=settings, method="OPTIONS")[0] == 204
    assert judge(page, settings=settings, method="OPTIONS")[0] == 401
    assert judge(page, settings=settings)[0] == 401


@pytest.mark.parametrize(
    ("headers", "owner"),
    [
        ([("authorization", "Bearer key-ä")], "local"),
        ([("authorization", "bearer   key-ä ")], "local"),
        ([("x-api-key", "key-ä")], "local"),
        ([("api-key", "anna's")], "anna"),
        ([("x-api-key", "Bearer anna's")], "anna"),
        ([("x-api-key", "dummy"), ("authorization", "Bearer anna's")], "anna"),
        ([("authorization", "Basic eDp5"), ("x-api-key", "anna's")], "anna"),
    ],
)
def test_a_key_is_read_from_any_of_three_headers_and_names_an_owner(headers: Headers, owner: str) -> None:
    status, exchange = judge([HOST, *headers], settings=KEYED)

    assert (status, exchange.owner) == (200, owner)


def test_keys_of_two_owners_in_one_request_are_refused() -> None:
    both = [HOST, ("x-api-key", "key-ä"), ("authorization", "Bearer anna's")]

    assert judge(both, settings=KEYED)[0] == 400


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("authorization", "key-ä")],
        [("authorization", "Bearer")],
        [("authorization", "Bearer ")],
        [("authorization", "Basic key-ä")],
        [("x-api-key", "")],
        [("x-api-key", "key-a")],
        [("x-api-key", "key-")],
        [("x-api-key", "KEY-ä")],
        [("x_api_key", "key-ä")],
        [("cookie", "api-key=key-ä")],
    ],
)
def test_without_a_key_that_fits_the_answer_is_401(headers: Headers) -> None:
    assert judge([HOST, *headers], settings=KEYED)[0] == 401


@pytest.mark.parametrize(
    "path",
    [
        b"/",
        b"/docs",
        b"/openapi.json",
        b"/nowhere",
        b"/health/live/",
        b"//health/live",
        b"/health//live",
        b"/health/%6cive",
        b"/v1/../health/live",
        b"/health/live%2f..%2f..%2fv1/models",
        b"/health/live/../../v1/models",
        b"/Health/Live",
        b"/health/live;x",
    ],
)
def test_only_two_paths_are_public_byte_for_byte(path: bytes) -> None:
    assert judge([HOST], settings=KEYED, path=path)[0] == 401
    assert judge([HOST], settings=KEYED, path=b"/health/live")[0] == 200
    assert judge([HOST], settings=KEYED, path=b"/health/ready")[0] == 200


def test_without_keys_everybody_on_this_machine_is_one_owner() -> None:
    assert judge([HOST, ("authorization", "Bearer whatever")])[1].owner == "local"
