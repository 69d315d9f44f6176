"""The settings file: what it may say, who counts more, and how it is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jumpseat.gateway.settings import GatewaySettings
from jumpseat.model.errors import InvalidRequest
from jumpseat.settings import GATEWAY_VARIABLES, VARIABLES, Settings
from jumpseat.settings_file import load, load_settings


def write(home: Path, text: str) -> dict[str, str]:
    """The environment of a home with this settings file."""
    (home / "settings.toml").write_text(text, encoding="utf-8")
    return {"JUMPSEAT_HOME": str(home)}


def refused(home: Path, text: str) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        load_settings(write(home, text))
    assert str(home / "settings.toml") in caught.value.message
    return caught.value


def test_where_the_environment_says_nothing_the_file_holds(tmp_path: Path) -> None:
    environ = write(
        tmp_path,
        """\ufeff# what I always want
        github_client_id = "Iv1.0123"
        microsoft_per_minute = 6
        idle_timeout = 45.5
        total_timeout = 600
        store_messages = false
        recognise = "off"
        vault_key = "file:/keys/vault"
        microsoft_dialect = "server-first"
        """,
    )

    settings = load_settings(environ)

    assert settings.github_client_id == "Iv1.0123"
    assert settings.microsoft_per_minute == 6
    assert (settings.idle_timeout, settings.total_timeout) == (45.5, 600.0)
    assert (settings.store_messages, settings.recognise) == (False, False)
    assert settings.vault_key == "file:/keys/vault"
    assert settings.microsoft_dialect == "server-first"
    assert settings.home == tmp_path


def test_the_environment_counts_more_unless_it_is_empty(tmp_path: Path) -> None:
    environ = write(tmp_path, "idle_timeout = 45\nqueue_limit = 7\n")

    settings = load_settings(environ | {"JUMPSEAT_IDLE_TIMEOUT": "9", "JUMPSEAT_QUEUE_LIMIT": " "})

    assert (settings.idle_timeout, settings.queue_limit) == (9.0, 7)


def test_without_a_file_the_environment_alone_holds(tmp_path: Path) -> None:
    assert load_settings({"JUMPSEAT_HOME": str(tmp_path)}) == Settings(home=tmp_path)
    assert load_settings({"JUMPSEAT_HOME": str(tmp_path / "settings.toml")}).queue_limit == 32


def test_a_home_that_is_not_named_is_the_usual_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    (tmp_path / ".jumpseat").mkdir()
    write(tmp_path / ".jumpseat", "queue_limit = 7")

    assert load_settings({}).queue_limit == 7


def test_the_gateway_is_set_there_too(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("hush\n")
    (tmp_path / "keys").chmod(0o600)
    environ = write(
        tmp_path,
        """
        host = "0.0.0.0"
        port = 8080
        api_key_file = "keys"
        allowed_hosts = ["box.lan", "box.lan:8080"]
        max_body = 0.5
        queue_limit = 7
        """,
    )

    settings = load(environ, GatewaySettings.from_environment)

    assert (settings.host, settings.port) == ("0.0.0.0", 8080)  # noqa: S104 - with a key.
    assert settings.allowed_hosts == ("box.lan", "box.lan:8080")
    assert settings.max_body == 512 * 1024
    assert [key.secret.reveal() for key in settings.api_keys] == ["hush"]
    assert load_settings(environ).queue_limit == 7


def test_files_lie_beside_it_unless_their_path_says_otherwise(tmp_path: Path) -> None:
    settings = load_settings(
        write(tmp_path, 'microsoft_cookies = "m.json"\ngithub_cookies = "/g.json"\nbrowser = "chromium"\n')
    )

    assert settings.microsoft_cookies == tmp_path / "m.json"
    assert settings.github_cookies == Path("/g.json")
    assert settings.browser == Path("chromium")


def test_a_simulator_of_the_environment_is_asked_whatever_addresses_the_file_has(tmp_path: Path) -> None:
    environ = write(tmp_path, 'microsoft_url = "https://other.example"\nsimulator = "http://127.0.0.1:1"\n')

    assert load_settings(environ).microsoft_url == "https://other.example"
    assert load_settings(environ).github_url == "http://127.0.0.1:1"
    simulated = load_settings(environ | {"JUMPSEAT_SIMULATOR": "http://127.0.0.1:2"})
    assert {simulated.microsoft_url, simulated.github_url} == {"http://127.0.0.1:2"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("idle_timeout = 0", "idle_timeout must be a number above 0"),
        ('idle_timeout = "soon"', "idle_timeout must be a number"),
        ("idle_timeout = inf", "idle_timeout must be a number"),
        ("idle_timeout = true", "idle_timeout must be a number"),
        ("queue_limit = 1.5", "queue_limit must be a whole number"),
        ("queue_limit = -1", "queue_limit must be a whole number above 0"),
        ("recognise = 1", "recognise must be true or false"),
        ("default_model = 4", "default_model must be text"),
        ("home = 1979-05-27", "only the variable JUMPSEAT_HOME"),
        ("browser = 1979-05-27", "browser must be text"),
        ('allowed_hosts = ["a.lan", 1]', "allowed_hosts must be a list of texts"),
        ("[port]\nx = 1", "port must be a whole number"),
        ('vault = "drawer"', "vault must be auto, keyring or encrypted"),
        ('vault_key = "hunter2"', "vault_key says where the key is"),
        ('microsoft_url = "http://copilot.microsoft.com"', "microsoft_url uses plain http"),
        ("pace = false", "pace=off is only for a simulator"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    error = refused(tmp_path, text)

    assert said in error.message
    assert error.param == text.split(maxsplit=1)[0].strip("[]")
    assert "hunter2" not in error.message


def test_what_the_gateway_refuses_names_file_and_key_too(tmp_path: Path) -> None:
    for text, said in (
        ("port = 70000", "port must be a number between 0 and 65535"),
        ('allowed_hosts = "*"', "allowed_hosts: '*' is no name"),
    ):
        with pytest.raises(InvalidRequest, match=r"settings\.toml: ") as caught:
            load(write(tmp_path, text), GatewaySettings.from_environment)
        assert said in caught.value.message


def test_what_the_environment_says_wrong_is_not_laid_to_the_file(tmp_path: Path) -> None:
    environ = write(tmp_path, "queue_limit = 7") | {"JUMPSEAT_QUEUE_LIMIT": "many"}

    with pytest.raises(InvalidRequest) as caught:
        load_settings(environ)
    assert caught.value.param == "JUMPSEAT_QUEUE_LIMIT"
    assert "settings.toml" not in caught.value.message


@pytest.mark.parametrize(
    ("key", "advice"),
    [
        ("microsoft_token", "`jumpseat login microsoft --token-stdin`"),
        ("github_web_token", "`jumpseat login github-web --token-stdin`"),
        ("github_token", "`jumpseat login github --token-stdin`"),
        ("api_key", "api_key_file"),
    ],
)
def test_a_secret_is_refused_by_name_and_not_shown(tmp_path: Path, key: str, advice: str) -> None:
    error = refused(tmp_path, f'{key} = "canary"')

    assert advice in error.message
    assert key in error.message
    assert "canary" not in error.message


def test_every_secret_is_told_where_it_belongs(tmp_path: Path) -> None:
    for variable in (*VARIABLES, *GATEWAY_VARIABLES):
        if variable.kind == "secret":
            refused(tmp_path, f'{variable.name.removeprefix("JUMPSEAT_").lower()} = "x"')


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("github_clientid", "the nearest is github_client_id"),
        ("JUMPSEAT_PORT", "the nearest is port"),
        ("gateway", "docs/settings.md lists them"),
    ],
)
def test_a_key_that_nobody_knows_is_refused_with_the_nearest(tmp_path: Path, key: str, hint: str) -> None:
    text = "[gateway]\nhost = 1" if key == "gateway" else f'{key} = "x"'

    assert hint in refused(tmp_path, text).message


@pytest.mark.parametrize(
    "content", [b"port = ", b"port 1337", b"\xff\xfe", b"x = " + b"[" * 50_000, b"x = " + b"9" * 5000]
)
def test_what_is_no_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "settings.toml").write_bytes(content)

    with pytest.raises(InvalidRequest, match=r"settings\.toml is no TOML file"):
        load_settings({"JUMPSEAT_HOME": str(tmp_path)})


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_change_is_refused(tmp_path: Path, mode: int) -> None:
    environ = write(tmp_path, "port = 1")
    (tmp_path / "settings.toml").chmod(mode)

    with pytest.raises(InvalidRequest, match="chmod go-w"):
        load_settings(environ)


def test_a_file_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = write(tmp_path, "port = 1")
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    if (tmp_path / "settings.toml").stat().st_uid == 0:
        os.chown(tmp_path / "settings.toml", 4243, -1)

    with pytest.raises(InvalidRequest, match="belongs to another user"):
        load_settings(environ)


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "settings.toml")
    with pytest.raises(InvalidRequest, match="is no file"):
        load_settings({"JUMPSEAT_HOME": str(tmp_path)})
    (tmp_path / "settings.toml").unlink()
    (tmp_path / "settings.toml").symlink_to("settings.toml")
    with pytest.raises(InvalidRequest, match="cannot be read"):
        load_settings({"JUMPSEAT_HOME": str(tmp_path)})


def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="far too large"):
        load_settings(write(tmp_path, "#" * (64 * 1024 + 1)))


def test_a_number_of_thousands_of_digits_is_refused(tmp_path: Path) -> None:
    for number in ("0x" + "f" * 5000, "0b" + "1" * 65):
        with pytest.raises(InvalidRequest, match="sign_in_timeout is far too large a number"):
            load_settings(write(tmp_path, f"sign_in_timeout = {number}"))
