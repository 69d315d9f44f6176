"""No secret gets to another program, or lies about: processes looked at while a sign-in is held open."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from jumpseat.browser.places import NAMES
from jumpseat.simulator import SimulatorThread, microsoft_signin
from tests.browser.processes import using
from tests.cli.programs import Terminal, run
from tests.faults import planting
from tests.faults.planting import Planted, everything_in
from tests.faults.secret_places import hide_at_github, put_gh
from tests.faults.test_canaries_of_sign_in import DEVICE
from tests.programs import ServeProgram, clean_environment
from tests.waiting import until

HEADLESS = (sys.executable, "-m", "tests.browser.headless")
PROFILES = "browser"
LINUX = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="only /proc shows environments")


@pytest.fixture
def env(full: Mapping[str, str], planted: Planted, tmp_path: Path) -> dict[str, str]:
    """The environment of a program, with credentials of accounts in it too."""
    return clean_environment(**full, **planting.credentials(planted, tmp_path), TERM="xterm")


def family(pid: int) -> list[psutil.Process]:
    """A process and all that it started."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def shown_by(pid: int) -> tuple[str, list[str]]:
    """What everybody sees of a process and its children (arguments), and the children's environments."""
    arguments, environments = [], []
    for process in family(pid):
        folder = Path(f"/proc/{process.pid}")
        try:
            arguments.append((folder / "cmdline").read_text("utf-8", "replace"))
            if process.pid != pid:
                environments.append((folder / "environ").read_text("utf-8", "replace"))
        except OSError:  # It has just ended, or is a zombie.
            continue
    return "\n".join(arguments), environments


def without_proxy(env: Mapping[str, str], environments: list[str]) -> list[str]:
    """
    Environments without the proxy of the person's own, which every program may look for.

    Ours does not ask anybody through it, and neither starts nor stops anybody else from doing so.
    """
    return [environment.replace(env["HTTPS_PROXY"], "") for environment in environments]


def crash(pid: int) -> None:
    """Let a process die as it does of a fault of its own, without a file of its memory."""
    process = psutil.Process(pid)
    process.rlimit(psutil.RLIMIT_CORE, (0, 0))
    process.send_signal(signal.SIGABRT)


def waiting_script(folder: Path) -> str:
    """Lines of a shell script that say that it has begun, and wait until the test lets it go on."""
    os.mkfifo(folder / "gate")
    return f": > {folder}/begun; read line < {folder}/gate"


@LINUX
def test_neither_gh_nor_anybody_else_sees_a_secret(
    env: dict[str, str], planted: Planted, tmp_path: Path
) -> None:
    put_gh(planted, tmp_path, waiting_script(tmp_path))
    with Terminal(env, "login", "github", "--from-gh") as terminal:
        until((tmp_path / "begun").exists, 20)
        arguments, environments = shown_by(terminal.pid)
        (tmp_path / "gate").write_text("go\n")
        assert terminal.wait() == 0, terminal.text

    assert len(environments) == 1
    assert "auth\0token" in arguments
    assert f"HTTPS_PROXY={env['HTTPS_PROXY']}" in environments[0].split("\0"), "gh may need it"
    assert planted.found_in(arguments, *without_proxy(env, environments), terminal.raw) == {}


@LINUX
def test_the_browser_that_shows_where_to_enter_a_code_gets_none(
    env: dict[str, str],
    planted: Planted,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hide_at_github(planted, monkeypatch, approved=False)
    browser = put_gh(planted, tmp_path) / "browser"
    browser.write_text(f"#!/bin/sh\n{waiting_script(tmp_path)}\n")
    browser.chmod(0o755)
    env |= {"DISPLAY": ":99", "BROWSER": str(browser), "PYTHONFAULTHANDLER": "1"}
    with Terminal(env, *DEVICE[:-1]) as terminal:
        until((tmp_path / "begun").exists, 20)
        arguments, environments = shown_by(terminal.pid)
        (tmp_path / "gate").write_text("go\n")
        crash(terminal.pid)
        assert terminal.wait() == -signal.SIGABRT

    assert len(environments) == 2, "Python's opener, and the browser"
    assert planted.found_in(arguments, *without_proxy(env, environments)) == {}
    # The crash report that Python itself writes.
    assert "Fatal Python error: Aborted" in terminal.text
    assert planted.found_in(terminal.raw, everything_in(tmp_path / "home")) == {}


def finish_what_is_late(simulator: SimulatorThread) -> bool:
    """Let the person have signed in; whether one was about to."""
    request = urllib.request.Request(f"{simulator.url}/_simulator/sign-in", method="POST")  # noqa: S310 - ours
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - ours
        return bool(json.load(answer)["finished"])


@pytest.fixture
def browsing(
    env: dict[str, str], planted: Planted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The same for a sign-in in a browser, whose page gets secrets."""
    chromium = next(filter(None, map(shutil.which, NAMES)), None)
    if chromium is None:
        pytest.skip("There is no Chromium: `tools/bootstrap.sh browser` installs Debian's.")

    def storage(name: str) -> dict[str, str]:
        plain = microsoft_signin._msal(name)
        return {key: value.replace(f"sim-{name}", planted["page_token"]) for key, value in plain.items()} | {
            "session": planted["local_storage"]
        }

    monkeypatch.setitem(microsoft_signin.WAYS, "late", storage)
    monkeypatch.setattr("secrets.token_hex", lambda _: planted["page_cookie"])
    # Not what a person says: whoever sets one of these is signed in already.
    kept = {name: value for name, value in env.items() if name != "JUMPSEAT_GITHUB_COOKIES"}
    return kept | {"JUMPSEAT_BROWSER": chromium, "DEBUG": "pw:*", "WISH": "do=late&name=alice"}


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder for temporary files with a short path, for Chromium puts a socket there."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


@LINUX
@pytest.mark.parametrize("driver", ["playwright", "nodriver"])
def test_neither_the_browser_nor_what_drives_it_gets_a_secret(
    browsing: dict[str, str],
    planted: Planted,
    secretive: SimulatorThread,
    tmp_path: Path,
    short: Path,
    driver: str,
) -> None:
    home = tmp_path / "home"
    profile = home / PROFILES / "microsoft"
    env = {**browsing, "JUMPSEAT_BROWSER_DRIVER": driver, "TMPDIR": str(short)}
    with Terminal(env, "login", "microsoft", program=HEADLESS) as terminal:
        terminal.expect("waiting for your sign-in")
        until(lambda: len(family(terminal.pid)) > 3, 20)
        arguments, environments = shown_by(terminal.pid)
        until(lambda: finish_what_is_late(secretive), 30)
        arguments += shown_by(terminal.pid)[0]
        assert terminal.wait() == 0, terminal.text
    until(lambda: not using(profile), 10)

    assert "Signed in to Microsoft Copilot as Alice." in terminal.text
    assert len(environments) > 3, "the driver, the browser, and what it starts"
    assert planted.found_in(arguments, *without_proxy(env, environments), terminal.raw) == {}
    assert planted.found_in(everything_in(home, but=[PROFILES])) == {}
    assert everything_in(short) == ""


def test_what_is_typed_is_not_shown(full: dict[str, str], planted: Planted, tmp_path: Path) -> None:
    passphrase = planted.core("passphrase")
    env = clean_environment(**full, TERM="xterm")
    del env["JUMPSEAT_VAULT_KEY"]
    with Terminal(env, "login", "microsoft", "--token-stdin") as terminal:
        terminal.expect("Token (it is not shown): ")
        terminal.press(f"{planted['typed']}\r")
        terminal.expect("Choose a passphrase")
        terminal.press(f"{passphrase}\r")
        terminal.expect("The same again: ")
        terminal.press(f"{passphrase}\r")
        assert terminal.wait() == 0, terminal.text
    said = [terminal.raw]
    for words, code in ((("ask", "Hi"), 0), (("ask", "Hi"), 3)):
        with Terminal(env, *words) as terminal:
            terminal.expect("Passphrase of your sign-ins")
            terminal.press(f"{passphrase if not code else planted.core('misplaced')}\r")
            assert terminal.wait() == code, terminal.text
        said.append(terminal.raw)

    assert planted.found_in(*said, everything_in(tmp_path / "home")) == {}
    assert everything_in(tmp_path / "tmp") == ""


def test_a_gateway_that_follows_a_sign_in_logs_none(
    full: dict[str, str], planted: Planted, tmp_path: Path
) -> None:
    file = planting.sources(planted, tmp_path)
    env = clean_environment(**full)
    with ServeProgram(tmp_path, env, "--log", "debug") as gateway:
        told = [ask(gateway.address, planted)]
        for words in (
            ("login", "microsoft", "--har", file["copilot"]),
            ("login", "github-web", "--cookies", file["cookies"]),
        ):
            code, out, err = run(env, *words)
            assert code == 0, err
            told += [out, err, ask(gateway.address, planted), ask(gateway.address, planted, "gpt-4o")]
        run(env, "logout", "--all")
        told.append(ask(gateway.address, planted))
        arguments, _ = shown_by(gateway.process.pid)
        assert gateway.terminate() == 0

    assert told[-1].count("choices") == 1
    assert planted.found_in(*told, arguments, gateway.said(), everything_in(tmp_path / "home")) == {}
    assert everything_in(tmp_path / "tmp") == ""


def ask(address: str, planted: Planted, model: str = "copilot") -> str:
    """Put a question to the gateway; what it answers, whatever that is."""
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": "Hi"}]}).encode()
    headers = {"Authorization": f"Bearer {planted.core('api_key')}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/v1/chat/completions", body, headers)  # noqa: S310 - ours
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - ours
            return str(answer.read().decode())
    except urllib.error.HTTPError as refused:
        return refused.read().decode()
