"""The script of document 004, as it stands there, against `jumpseat serve` as a process of its own."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jumpseat.simulator import SimulatorThread
from tests.programs import USUAL_PORT, ServeProgram, clean_environment, usual_or_free_port
from tests.providers.documents import examples

SECOND = "# Отправляем второе сообщение"
PROVIDERS = pytest.mark.parametrize("provider", ["Copilot", "GithubCopilot"])
STOPS = pytest.mark.parametrize(
    "stop", [ServeProgram.terminate, ServeProgram.kill], ids=["restarted", "killed"]
)


@pytest.fixture
def serve(simulator: SimulatorThread, tmp_path: Path) -> Callable[[], ServeProgram]:
    """Makes gateways one after the other, all with one home and on one port."""
    port = usual_or_free_port()
    environ = clean_environment(JUMPSEAT_SIMULATOR=simulator.url, JUMPSEAT_HOME=str(tmp_path / "home"))
    return lambda: ServeProgram(tmp_path, environ, port=port)


def script(provider: str, address: str) -> str:
    """The document's own program; the port is changed only if somebody else has it."""
    [code] = examples("004")
    port = address.rpartition(":")[2]
    assert f":{USUAL_PORT}/" in code
    code = code.replace(f":{USUAL_PORT}/", f":{port}/")
    return code.replace('"provider": "Copilot"', f'"provider": "{provider}"')


@PROVIDERS
def test_the_second_answer_remembers_the_first(
    provider: str, serve: Callable[[], ServeProgram], tmp_path: Path
) -> None:
    with serve() as gateway:
        program = tmp_path / "document_004.py"
        program.write_text(script(provider, gateway.address), encoding="utf-8")
        ran = subprocess.run(
            [sys.executable, str(program)], capture_output=True, text=True, timeout=30, check=False
        )

    assert ran.returncode == 0, ran.stderr
    first, second = ran.stdout.split("\n\n\n")
    assert first.strip()
    assert "error" not in ran.stdout
    assert "Heiner" in second


@PROVIDERS
@STOPS
def test_the_second_answer_remembers_the_first_across_two_processes(
    provider: str, stop: Callable[[ServeProgram], object], serve: Callable[[], ServeProgram]
) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    with serve() as gateway:
        first, second = script(provider, gateway.address).split(SECOND)
        printed_first = printed(first, names)
        code = stop(gateway)
    with serve():
        printed_second = printed(second, names)

    assert code in {0, None}
    assert printed_first.strip()
    assert "error" not in printed_second
    assert "Heiner" in printed_second


def printed(code: str, names: dict[str, Any]) -> str:
    """Run a part of the script; what it printed."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(code, "document 004", "exec"), names)  # noqa: S102 - the document is ours
    return out.getvalue()
