"""What a browser is started with."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from jumpseat.browser.arguments import arguments, environment, proxy_address
from jumpseat.browser.driver import Launch
from jumpseat.model.errors import InvalidRequest

VISIBLE = Launch(
    executable=Path("/usr/bin/chromium"), profile=Path("/p"), url="https://copilot.microsoft.com"
)
HEADLESS = Launch(executable=Path("/usr/bin/chromium"), profile=Path("/p"), url="https://x", is_headless=True)


def test_the_profile_is_the_one_that_was_asked_for() -> None:
    assert arguments(VISIBLE, is_root=False)[0] == "--user-data-dir=/p"


@pytest.mark.parametrize("is_root", [True, False])
def test_a_browser_for_a_person_keeps_its_sandbox_and_pretends_nothing(is_root: bool) -> None:
    told = " ".join(arguments(VISIBLE, is_root=is_root))

    for word in ("sandbox", "headless", "automation", "isolation", "user-agent", "disable-features", "port"):
        assert word not in told


def test_only_a_test_as_root_goes_without_a_sandbox() -> None:
    assert "--no-sandbox" in arguments(HEADLESS, is_root=True)
    assert "--no-sandbox" not in arguments(HEADLESS, is_root=False)


def test_the_address_stays_out_of_the_command_line() -> None:
    assert "copilot" not in " ".join(arguments(VISIBLE, is_root=False))


def test_a_proxy_is_handed_on_without_its_password() -> None:
    launch = Launch(executable=Path("c"), profile=Path("/p"), url="", proxy="http://me:secret@proxy:3128")

    assert arguments(launch, is_root=False)[-1] == "--proxy-server=http://proxy:3128"


@pytest.mark.parametrize(
    ("proxy", "address"),
    [
        ("proxy:3128", "http://proxy:3128"),
        ("https://proxy", "https://proxy"),
        ("socks5h://127.0.0.1:1080", "socks5://127.0.0.1:1080"),
        ("http://[::1]:3128", "http://[::1]:3128"),
    ],
)
def test_proxies_in_the_words_of_the_browser(proxy: str, address: str) -> None:
    assert proxy_address(proxy) == address


@pytest.mark.parametrize(
    "proxy",
    [
        "ftp://proxy:21",
        "http://",
        "http://proxy:99999",
        "http://proxy:x",
        "http://me:s3cret/more@proxy:3128",
        "http://m\u2100:s3cret@proxy",
        "http://[",
    ],
)
def test_what_is_no_proxy_is_refused_and_not_quoted(proxy: str) -> None:
    with pytest.raises(InvalidRequest, match="proxy") as refused:
        proxy_address(proxy)
    assert "s3cret" not in "".join(traceback.format_exception(refused.value))


def test_the_browser_does_not_get_our_settings() -> None:
    environ = {"PATH": "/bin", "JUMPSEAT_MICROSOFT_TOKEN": "secret", "DISPLAY": ":0", "KEY": "secret"}
    launch = Launch(executable=Path("c"), profile=Path("/p"), url="", withheld=("KEY",))

    assert environment(environ, launch) == {
        "PATH": "/bin",
        "DISPLAY": ":0",
        "BREAKPAD_DUMP_LOCATION": "/p/Crash Reports",
    }
