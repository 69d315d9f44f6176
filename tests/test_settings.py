"""Settings, read from the environment."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from jumpseat.model.credentials import Secret
from jumpseat.model.errors import InvalidRequest
from jumpseat.settings import SIMULATOR_WEB_TOKEN, VARIABLES, Settings, Variable, environment_of_others


def test_nothing_set_means_the_real_services_and_nobody_signed_in() -> None:
    settings = Settings.from_environment({})

    assert settings.microsoft_url == "https://copilot.microsoft.com"
    assert settings.github_url == "https://github.com"
    assert settings.github_chat_url == "https://api.individual.githubcopilot.com"
    assert (settings.microsoft_token, settings.github_web_token) == (None, None)
    assert settings.home == Path.home() / ".jumpseat"
    assert settings.pace


def test_the_simulator_stands_in_for_all_at_once() -> None:
    settings = Settings.from_environment({"JUMPSEAT_SIMULATOR": "http://127.0.0.1:8400/"})

    assert {settings.microsoft_url, settings.github_url, settings.github_chat_url} == {
        "http://127.0.0.1:8400"
    }
    assert settings.github_web_token == Secret(SIMULATOR_WEB_TOKEN)


def test_cookies_given_for_the_simulator_are_used_instead_of_its_token() -> None:
    settings = Settings.from_environment(
        {"JUMPSEAT_SIMULATOR": "http://127.0.0.1:8400", "JUMPSEAT_GITHUB_COOKIES": "/tmp/c.json"}  # noqa: S108
    )

    assert settings.github_web_token is None


def test_one_address_may_differ_from_the_simulators() -> None:
    settings = Settings.from_environment(
        {"JUMPSEAT_SIMULATOR": "http://127.0.0.1:1", "JUMPSEAT_GITHUB_URL": "http://localhost:2"}
    )

    assert (settings.microsoft_url, settings.github_url) == ("http://127.0.0.1:1", "http://localhost:2")


@pytest.mark.parametrize(
    "address",
    [
        "http://copilot.microsoft.com",
        "http://127.0.0.1.evil.example",
        "ftp://127.0.0.1",
        "copilot.microsoft.com",
        "https://",
        "https://host/?q=1",
        "https://host/#f",
        "https://user:s3cret@host",
        "https://user:s3cret@host/?q=1",
        "https://user:s3cret/more@host",
        "https://us\u2100er:s3cret@host",
        "https://[",
        "https://user:s3cret",
    ],
)
def test_an_address_that_would_bare_secrets_is_refused(address: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        Settings.from_environment({"JUMPSEAT_MICROSOFT_URL": address})
    assert refused.value.param == "JUMPSEAT_MICROSOFT_URL"
    assert "s3cret" not in "".join(traceback.format_exception(refused.value))


def test_other_programs_get_neither_our_settings_nor_the_key_of_the_vault() -> None:
    environ = {
        "PATH": "/bin",
        "JUMPSEAT_API_KEY": "k",
        "jumpseat_github_token": "t",
        "JUMPSEAT_VAULT_KEY": "env:KEY",
        "KEY": "s",
    }
    settings = Settings.from_environment({**environ, "jumpseat_github_token": ""})

    assert settings.withheld == ("KEY",)
    assert environment_of_others(environ, settings.withheld) == {"PATH": "/bin"}
    assert environment_of_others({"KEY": "s"}) == {"KEY": "s"}
    assert Settings(vault_key="file:KEY").withheld == Settings().withheld == ()


@pytest.mark.parametrize("address", ["http://[::1]:8400", "https://copilot.example/c"])
def test_https_anywhere_and_http_to_this_machine_are_fine(address: str) -> None:
    assert Settings.from_environment({"JUMPSEAT_GITHUB_URL": address}).github_url == address


GOOD = {
    "url": "https://host.example",
    "path": "~/x",
    "secret": "s3cret",
    "text": "chrome",
    "switch": "off",
    "count": "3",
    "seconds": "1.5",
    "limit": "2.5",
    "dialect": "client-first",
    "vault": "encrypted",
    "driver": "nodriver",
    "key": "env:KEY",
}


@pytest.mark.parametrize("variable", [each for each in VARIABLES if each.field], ids=lambda each: each.name)
def test_every_variable_sets_its_field(variable: Variable) -> None:
    simulator = {"JUMPSEAT_SIMULATOR": "http://127.0.0.1:1"} if variable.name == "JUMPSEAT_PACE" else {}
    settings = Settings.from_environment(simulator | {variable.name: GOOD[variable.kind]})

    assert getattr(settings, variable.field) != getattr(Settings(), variable.field)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JUMPSEAT_PACE", "maybe"),
        ("JUMPSEAT_QUEUE_LIMIT", "0"),
        ("JUMPSEAT_QUEUE_LIMIT", "many"),
        ("JUMPSEAT_CONVERSATION_WAIT", "-1"),
        ("JUMPSEAT_CONVERSATION_WAIT", "soon"),
        ("JUMPSEAT_CONVERSATION_WAIT", "inf"),
        ("JUMPSEAT_IDLE_TIMEOUT", "0"),
        ("JUMPSEAT_MICROSOFT_DIALECT", "polite"),
        ("JUMPSEAT_VAULT", "drawer"),
        ("JUMPSEAT_VAULT_KEY", "hunter2"),
        ("JUMPSEAT_VAULT_KEY", "env:"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        Settings.from_environment({name: value})
    assert refused.value.param == name


def test_switches_are_read_in_the_usual_words() -> None:
    simulator = {"JUMPSEAT_SIMULATOR": "http://127.0.0.1:8400"}
    assert not Settings.from_environment({**simulator, "JUMPSEAT_PACE": "off"}).pace
    assert Settings.from_environment({"JUMPSEAT_PACE": "On"}).pace


def test_settings_never_show_a_secret() -> None:
    settings = Settings.from_environment({"JUMPSEAT_MICROSOFT_TOKEN": "canary"})

    assert "canary" not in repr(settings)
    assert settings.microsoft_token == Secret("canary")


def test_real_services_are_always_paced() -> None:
    with pytest.raises(InvalidRequest, match="only for a simulator"):
        Settings.from_environment({"JUMPSEAT_PACE": "off"})
