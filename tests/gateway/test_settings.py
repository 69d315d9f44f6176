"""How the gateway is set, and what it refuses to be set to."""

from __future__ import annotations

from pathlib import Path

import pytest

from jumpseat.gateway.settings import ApiKey, GatewaySettings
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import InvalidRequest
from jumpseat.settings import GATEWAY_VARIABLES

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what has to be refused without a key.


def read(**environ: str) -> GatewaySettings:
    return GatewaySettings.from_environment({f"JUMPSEAT_{name}": value for name, value in environ.items()})


def test_the_defaults_are_this_machine_alone() -> None:
    settings = read()

    assert (settings.host, settings.port) == ("127.0.0.1", 1337)
    assert settings == GatewaySettings()
    assert settings.max_body >= 20 * 1024 * 1024


def test_everything_can_be_set_from_the_environment() -> None:
    settings = read(
        HOST=EVERYWHERE,
        PORT="0",
        API_KEY="secret",
        ALLOWED_HOSTS="a.lan, b.lan:80,",
        ALLOW_ORIGIN="https://x.example",
        MAX_BODY="0.5",
        HEAD_TIMEOUT="1",
        BODY_TIMEOUT="2.5",
        STALL_TIMEOUT="3",
        DRAIN="4",
    )

    assert settings == GatewaySettings(
        host=EVERYWHERE,
        port=0,
        api_keys=(ApiKey(secret=Secret("secret")),),
        allowed_hosts=("a.lan", "b.lan:80"),
        allowed_origins=("https://x.example",),
        max_body=512 * 1024,
        head_seconds=1,
        body_seconds=2.5,
        stall_seconds=3,
        drain_seconds=4,
    )
    assert {variable.field for variable in GATEWAY_VARIABLES} <= set(GatewaySettings.__struct_fields__)


def test_what_is_given_counts_more() -> None:
    assert GatewaySettings.from_environment({"JUMPSEAT_PORT": "1"}, port=2).port == 2


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "192.168.1.5", "box.lan", ""])
def test_an_address_that_others_reach_needs_a_key(host: str) -> None:
    with pytest.raises(InvalidRequest, match="set a key") as caught:
        GatewaySettings(host=host)
    assert caught.value.param == "JUMPSEAT_API_KEY"

    GatewaySettings(host=host, api_keys=(ApiKey(secret=Secret("k")),))


@pytest.mark.parametrize("key", ["", " ", "a b", "a\tb", "a\n", "\x00", "\udcff\udcfe"])
def test_a_key_that_nobody_could_show_or_everybody_does_is_refused(key: str) -> None:
    with pytest.raises(InvalidRequest, match="printable") as caught:
        GatewaySettings(host=EVERYWHERE, api_keys=(ApiKey(secret=Secret("good")), ApiKey(secret=Secret(key))))

    assert caught.value.param == "JUMPSEAT_API_KEY"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "LOCALHOST"])
def test_this_machine_alone_needs_none(host: str) -> None:
    assert GatewaySettings(host=host).api_keys == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "65536"),
        ("PORT", "http"),
        ("DRAIN", "soon"),
        ("MAX_BODY", "0"),
        ("BODY_TIMEOUT", "inf"),
        ("API_KEY_FILE", "/nowhere/at/all"),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "box.lan, https://box.lan"),
        ("ALLOW_ORIGIN", "*"),
        ("ALLOW_ORIGIN", "null"),
        ("ALLOW_ORIGIN", "https://*.example"),
        ("ALLOW_ORIGIN", "app.example"),
    ],
)
def test_nonsense_is_refused_by_the_variables_name(name: str, value: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(**{name: value})

    assert caught.value.param == f"JUMPSEAT_{name}"


def test_a_port_out_of_range_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="port"):
        GatewaySettings(port=-1)


def key_file(folder: Path, text: str, mode: int = 0o600) -> str:
    path = folder / "keys"
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_a_file_of_keys_adds_to_the_key(tmp_path: Path) -> None:
    path = key_file(tmp_path, "# team\n\nanna key-1\nkey-2\n")

    assert read(API_KEY="key-0", API_KEY_FILE=path).api_keys == (
        ApiKey(secret=Secret("key-0")),
        ApiKey(secret=Secret("key-1"), owner="anna"),
        ApiKey(secret=Secret("key-2")),
    )


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_of_keys_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(InvalidRequest, match="chmod 600"):
        read(API_KEY_FILE=key_file(tmp_path, "key", mode))


@pytest.mark.parametrize("text", ["", "# nothing\n", "three words here\n"])
def test_a_file_without_keys_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidRequest, match="must hold"):
        read(API_KEY_FILE=key_file(tmp_path, text))


def test_keys_do_not_show_themselves() -> None:
    assert "hush" not in repr(read(API_KEY="hush"))
