"""A gateway that runs follows the accounts: a sign-in, a switch, a removal, without a restart."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from jumpseat.accounts.vault import Vault
from jumpseat.model.credentials import Credential, Secret
from jumpseat.settings import Settings
from jumpseat.simulator import SimulatorThread
from tests.programs import JUMPSEAT, ServeProgram, clean_environment


@pytest.fixture
def environ(fresh: SimulatorThread, tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    return clean_environment(
        HOME=str(tmp_path), JUMPSEAT_HOME=str(home), JUMPSEAT_SIMULATOR=fresh.url, JUMPSEAT_PACE="off"
    )


@pytest.fixture
def vault(environ: dict[str, str]) -> Vault:
    """The vault of the same home, as another program has it."""
    return Vault(Settings.from_environment(environ))


@pytest.fixture
def gateway(environ: dict[str, str], tmp_path: Path) -> Iterator[ServeProgram]:
    with ServeProgram(tmp_path, environ) as program:
        yield program


def save(vault: Vault, name: str, **fields: float) -> None:
    credential = Credential(token=Secret(f"sim-{name}"), **fields)  # type: ignore[arg-type]
    vault.save("microsoft", name, credential, way="token", plaintext=True)


def ask(gateway: ServeProgram, model: str = "microsoft/copilot") -> str:
    """The text of an answer, or the message of an error."""
    body = {"model": model, "messages": [{"role": "user", "content": "%%SAY hello%%"}]}
    request = urllib.request.Request(  # noqa: S310 - ours
        f"{gateway.address}/v1/chat/completions",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - ours
            content: str = json.load(answer)["choices"][0]["message"]["content"]
            return content
    except urllib.error.HTTPError as refused:
        with refused:
            message: str = json.load(refused)["error"]["message"]
            return message


def who_asked(simulator: SimulatorThread) -> str | None:
    """The token that the last chat socket was opened with; None for nobody's."""
    sockets = [entry for entry in simulator.log() if str(entry.get("path", "")).endswith("/c/api/chat")]
    token: str | None = sockets[-1]["query"].get("accessToken")
    return token


def test_a_sign_in_a_switch_and_a_removal_hold_from_the_next_question_on(
    gateway: ServeProgram, vault: Vault, fresh: SimulatorThread
) -> None:
    asked = []
    for change in (
        lambda: None,
        lambda: save(vault, "alice"),
        lambda: save(vault, "bob"),
        lambda: vault.use("bob"),
    ):
        change()
        assert ask(gateway) == "hello"
        asked.append(who_asked(fresh))
    assert asked == [None, "sim-alice", "sim-alice", "sim-bob"]

    vault.remove("bob")
    assert "`jumpseat accounts use alice`" in ask(gateway)
    vault.use("alice")
    assert (ask(gateway), who_asked(fresh)) == ("hello", "sim-alice")
    vault.remove("alice")
    assert (ask(gateway), who_asked(fresh)) == ("hello", None)


def test_a_sign_in_renewed_under_the_same_name_is_followed(
    gateway: ServeProgram, vault: Vault, fresh: SimulatorThread
) -> None:
    for token in ("sim-alice", "sim-alice.2"):
        credential = Credential(token=Secret(token))
        vault.save("microsoft", "me", credential, way="token", plaintext=True)
        assert (ask(gateway), who_asked(fresh)) == ("hello", token)


def test_githubs_web_chat_is_followed_too(
    gateway: ServeProgram, vault: Vault, fresh: SimulatorThread
) -> None:
    assert ask(gateway, "github/gpt-4o") == "hello"
    cookies = Credential(cookies={"user_session": Secret("sim-1")})
    vault.save("github-web", "octocat", cookies, way="cookies", plaintext=True)
    assert ask(gateway, "github/gpt-4o") == "hello"

    tokens = [entry for entry in fresh.log() if str(entry.get("path", "")).endswith("/chat/token")]
    assert len(tokens) == 1


def test_a_login_in_another_program_answers_the_next_question(
    environ: dict[str, str], tmp_path: Path, fresh: SimulatorThread
) -> None:
    environ |= {"JUMPSEAT_VAULT_KEY": "env:KEY", "KEY": "open sesame"}

    with ServeProgram(tmp_path, environ) as gateway:
        assert (ask(gateway), who_asked(fresh)) == ("hello", None)
        done = subprocess.run(
            [JUMPSEAT, "login", "microsoft", "--token-stdin"],
            env=environ,
            input=b"sim-alice",
            check=True,
            capture_output=True,
            timeout=20,
        )
        assert b"an encrypted file" in done.stdout
        assert (ask(gateway), who_asked(fresh)) == ("hello", "sim-alice")
        subprocess.run([JUMPSEAT, "logout"], env=environ, check=True, capture_output=True, timeout=20)
        assert (ask(gateway), who_asked(fresh)) == ("hello", None)


def test_the_gateways_log_tells_of_a_sign_in_that_ends_once(gateway: ServeProgram, vault: Vault) -> None:
    save(vault, "alice", expires_at=time.time() + 300)

    for _ in range(3):
        assert ask(gateway) == "hello"

    said = gateway.said()
    assert said.count("will presumably end in 5 minutes") == 1
    assert "`jumpseat login microsoft`" in said
    assert "sim-alice" not in said


def test_without_its_key_a_gateway_runs_and_says_what_is_locked(
    environ: dict[str, str], tmp_path: Path
) -> None:
    locked = Settings.from_environment(environ | {"JUMPSEAT_VAULT": "encrypted"})
    save_encrypted(locked)

    with ServeProgram(tmp_path, environ) as gateway:
        assert "warning: nobody gave the key" in gateway.said()
        assert "nobody gave the key" in ask(gateway)
        assert ask(gateway, "github/gpt-4o") == "hello"


def test_with_its_key_named_nobody_is_asked(
    environ: dict[str, str], tmp_path: Path, fresh: SimulatorThread
) -> None:
    save_encrypted(Settings.from_environment(environ | {"JUMPSEAT_VAULT": "encrypted"}))

    with ServeProgram(tmp_path, environ | {"JUMPSEAT_VAULT_KEY": "env:KEY", "KEY": "open sesame"}) as gateway:
        assert (ask(gateway), who_asked(fresh)) == ("hello", "sim-alice")


def save_encrypted(settings: Settings) -> None:
    vault = Vault(settings, ask=lambda _is_new: Secret("open sesame"))
    vault.save("microsoft", "alice", Credential(token=Secret("sim-alice")), way="token")
