"""Where a GitHub secret may go."""

from __future__ import annotations

import pytest

from jumpseat.github.hosts import Site, site_of
from jumpseat.model.errors import InvalidRequest
from jumpseat.settings import Settings

STAND_IN = Settings(github_url="http://127.0.0.1:8400", github_api_url="http://127.0.0.1:8400")


def test_without_a_word_it_is_github() -> None:
    assert site_of(Settings()) == Site(
        host="github.com", web="https://github.com", api="https://api.github.com"
    )


@pytest.mark.parametrize(
    "host", ["octo.ghe.com", " OCTO.ghe.com ", "https://octo.ghe.com", "https://octo.ghe.com/"]
)
def test_a_tenant_has_pages_and_an_api_of_its_own(host: str) -> None:
    octo = Site(host="octo.ghe.com", web="https://octo.ghe.com", api="https://api.octo.ghe.com")

    assert site_of(Settings(), host) == octo
    assert site_of(Settings(github_url="https://octo.ghe.com")) == octo
    assert site_of(Settings(github_url="https://octo.ghe.com"), "github.com").host == "github.com"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "ghe.com",
        ".ghe.com",
        "a.b.ghe.com",
        "-a.ghe.com",
        "a-.ghe.com",
        "octo.ghe.com.example.org",
        "octo.ghe.com:444",
        "octo.ghe.com/login",
        "me@octo.ghe.com",
        "http://octo.ghe.com",
        "evil.example",
        "githubXcom",
        "api.github.com",
        "127.0.0.1",
        "localhost",
        "octö.ghe.com",
    ],
)
def test_no_secret_goes_anywhere_else(host: str) -> None:
    with pytest.raises(InvalidRequest, match=r"github\.com or TENANT\.ghe\.com") as caught:
        site_of(Settings(), host)
    assert caught.value.param == "--host"


def test_an_address_in_the_settings_is_held_to_the_same_list() -> None:
    for url in ("https://github.example", "https://github.com:444", "https://github.com/x"):
        with pytest.raises(InvalidRequest) as caught:
            site_of(Settings(github_url=url))
        assert caught.value.param == "JUMPSEAT_GITHUB_URL"


def test_a_stand_in_on_this_machine_plays_every_tenant() -> None:
    assert site_of(STAND_IN).host == "127.0.0.1"
    octo = site_of(STAND_IN, "octo.ghe.com")
    assert (octo.host, octo.web, octo.api) == ("octo.ghe.com", STAND_IN.github_url, STAND_IN.github_api_url)
    with pytest.raises(InvalidRequest):
        site_of(STAND_IN, "evil.example")


def test_a_stand_in_is_never_mixed_with_the_real_one() -> None:
    for settings in (
        Settings(github_url="http://127.0.0.1:8400"),
        Settings(github_api_url="http://127.0.0.1:8400"),
    ):
        with pytest.raises(InvalidRequest, match="both on this machine"):
            site_of(settings)
