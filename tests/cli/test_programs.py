"""The program between pipes, against the simulator over real sockets."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from jumpseat.simulator import SimulatorThread
from tests.cli import programs
from tests.cli.programs import Piped

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c626001000000050001a5f645400000000049454e44ae426082"
)


def test_ask_prints_the_answer_and_nothing_else(env: dict[str, str], simulator: SimulatorThread) -> None:
    assert programs.run(env, "ask", "%%SAY Good day.%%") == (0, "Good day.\n", "")
    assert simulator.violations() == []


@pytest.mark.parametrize("provider", ["Copilot", "GithubCopilot"])
def test_a_conversation_goes_on_in_another_process(env: dict[str, str], provider: str) -> None:
    code, _, err = programs.run(env, "ask", "-p", provider, "Hello, I am Heiner.")
    assert (code, err) == (0, "")

    code, out, err = programs.run(env, "ask", "-c", "What is my name?")

    assert (code, err) == (0, "")
    assert "Heiner" in out


def test_what_is_piped_in_is_read(env: dict[str, str]) -> None:
    assert programs.run(env, "ask", given=b"%%SAY from a pipe%%\n") == (0, "from a pipe\n", "")


def test_json_says_where_to_go_on(env: dict[str, str]) -> None:
    code, out, err = programs.run(env, "ask", "--json", "I am Heiner.")
    assert (code, err) == (0, "")
    first = json.loads(out)
    assert first["model"] == "microsoft/copilot"
    assert first["finish_reason"] == "stop"
    assert first["usage"] is None or first["usage"]["output_tokens"] > 0

    code, out, _ = programs.run(env, "ask", "--json", "-C", first["conversation_id"][:8], "What is my name?")

    second = json.loads(out)
    assert code == 0
    assert second["conversation_id"] == first["conversation_id"]
    assert "Heiner" in second["text"]


def test_a_picture_is_shown_and_a_picture_comes_back(env: dict[str, str], tmp_path: Path) -> None:
    picture = tmp_path / "pixel.png"
    picture.write_bytes(PIXEL)

    code, out, err = programs.run(env, "ask", "-a", str(picture), "What is this?")
    assert (code, err) == (0, "")
    assert out.strip()

    code, out, err = programs.run(env, "ask", "%%IMAGE a red cat%%")
    assert (code, err) == (0, "")
    assert "![a red cat](" in out


def test_a_file_that_is_no_picture_is_refused_before_anything_is_sent(
    env: dict[str, str], simulator: SimulatorThread, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("no picture")

    code, out, err = programs.run(env, "ask", "-a", str(tmp_path / "notes.txt"), "What is this?")

    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert simulator.log() == []


def test_an_answer_cannot_move_the_terminal(env: dict[str, str]) -> None:
    code, out, _ = programs.run(env, "ask", "%%SAY a\x1b]0;title\x07b\x1b[2Jc%%")

    assert (code, out) == (0, "abc\n")


@pytest.mark.parametrize(
    ("fault", "code"),
    [("handshake-401", 3), ("challenge-hashcash", 3), ("handshake-429", 4), ("handshake-403", 1)],
)
def test_a_fault_of_the_service_decides_the_exit_code(
    env: dict[str, str], simulator: SimulatorThread, fault: str, code: int
) -> None:
    names = {row["name"] for row in simulator.faults() if row["service"] == "microsoft"}
    if fault not in names:
        fault = next(name for name in sorted(names) if name.startswith(fault.partition("-")[0]))
    simulator.arm(fault, "microsoft", times=9)

    found, out, err = programs.run(env, "ask", "hi")

    assert (found, out) == (code, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_a_reader_that_leaves_early_is_no_trouble(env: dict[str, str]) -> None:
    with Piped(env, "ask", "%%SLOW 5%% %%TOKENS 2000%%") as asked:
        os.read(asked.stdout.fileno(), 10)
        asked.stdout.close()

        assert asked.wait() == 0
        assert asked.stderr.read() == b""


def test_ctrl_c_closes_the_wire_and_is_130(env: dict[str, str], simulator: SimulatorThread) -> None:
    with Piped(env, "ask", "%%SLOW 20%% %%TOKENS 100000%%") as asked:
        os.read(asked.stdout.fileno(), 10)
        asked.interrupt()

        assert asked.wait() == 130
        assert asked.stderr.read() == b""
    code, out, _ = programs.run(env, "conversations", "list", "--json")
    assert code == 0
    (kept,) = json.loads(out)
    _, out, _ = programs.run(env, "conversations", "show", "--json", kept["conversation_id"])
    assert json.loads(out)["messages"][-1]["state"] == "interrupted"


def test_models_are_listed_for_programs(env: dict[str, str]) -> None:
    code, out, err = programs.run(env, "models")
    assert (code, err) == (0, "")
    assert "microsoft/copilot\tCopilot\t" in out

    code, out, _ = programs.run(env, "models", "--json")
    assert "microsoft/copilot" in {card["id"] for card in json.loads(out)}


def test_a_chat_in_a_pipe_takes_a_line_for_a_message(env: dict[str, str]) -> None:
    code, out, err = programs.run(env, "chat", given=b"I am Heiner.\n\n/help\nWhat is my name?\n")

    assert code == 0
    assert "Heiner" in out.splitlines()[-1]
    assert "/quit" in err
    assert "\x1b" not in out + err


def test_a_chat_in_a_pipe_ends_with_the_first_error(env: dict[str, str]) -> None:
    code, _, err = programs.run(env, "chat", given=b"/nonsense\nhi\n")

    assert code == 2
    assert "/help" in err


def test_serve_says_where_and_stops_when_told(env: dict[str, str]) -> None:
    with Piped(env, "serve", "--port", "0") as served:
        out = served.read_until(b"Ctrl-C stops it.\n").decode()
        assert "http://127.0.0.1:" in out
        assert "base_url" in out
        served.terminate()
        assert served.wait() == 0


def test_serve_refuses_to_be_open_to_everybody(env: dict[str, str]) -> None:
    code, out, err = programs.run(env, "serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104 - it is refused

    assert (code, out) == (2, "")
    assert "JUMPSEAT_API_KEY" in err


def test_serve_warns_of_a_key_that_all_can_see(env: dict[str, str], tmp_path: Path) -> None:
    with Piped(env, "serve", "--port", "0", "--api-key", "canary-key") as served:
        out = served.read_until(b"Ctrl-C stops it.\n").decode()
        served.interrupt()
        assert served.wait() == 0
        err = served.stderr.read().decode()
    assert "other users" in err
    assert "canary-key" not in out + err

    keys = tmp_path / "keys"
    keys.write_text("canary-key\n")
    keys.chmod(0o600)
    with Piped(env, "serve", "--port", "0", "--api-key-file", str(keys)) as served:
        assert "one of your keys" in served.read_until(b"Ctrl-C stops it.\n").decode()
        served.interrupt()
        assert served.wait() == 0
        assert "warning" not in served.stderr.read().decode()


def test_simulate_says_how_to_use_it(env: dict[str, str]) -> None:
    with Piped(env, "simulate", "--port", "0") as simulated:
        assert "export JUMPSEAT_SIMULATOR=http://127.0.0.1:" in simulated.read_until(b"stops it.\n").decode()
        simulated.interrupt()
        assert simulated.wait() == 0


def test_simulate_lists_its_faults_and_names_a_taken_port(
    env: dict[str, str], simulator: SimulatorThread
) -> None:
    code, out, _ = programs.run(env, "simulate", "--list")
    assert code == 0
    assert len(out.splitlines()) == len(simulator.faults())
    code, out, _ = programs.run(env, "simulate", "--list", "--json")
    assert [row["name"] for row in json.loads(out)] == [row["name"] for row in simulator.faults()]

    for command in ("simulate", "serve"):
        code, out, err = programs.run(env, command, "--port", str(simulator.port))
        assert (code, out) == (1, "")
        assert err == (
            f"error: port {simulator.port} on 127.0.0.1 is in use. Stop the program that has it, or choose "
            "another with --port.\n"
        )
    code, out, err = programs.run(env, "simulate", "--port", "99999")
    assert (code, out) == (2, "")
    assert "between 0 and 65535" in err


def test_the_demo_shows_a_memory_and_ends(tmp_path: Path) -> None:
    code, out, err = programs.run(programs.environment(tmp_path), "demo")

    assert (code, err) == (0, "")
    first, second = out.split("POST ")[1:]
    assert "Hello, i am Heiner. How are you?" in first
    assert "Heiner" in second.partition("✓")[0]
    assert "✓ The second answer remembers the first" in second
    assert "\x1b" not in out
    assert not (tmp_path / "state").exists()


def test_a_demo_that_is_ended_leaves_no_folder_behind(tmp_path: Path) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    with Piped(programs.environment(tmp_path, TMPDIR=str(folder)), "demo") as shown:
        shown.read_until(b"POST ")
        assert list(folder.iterdir())
        shown.terminate()
        assert shown.wait() == 143

    assert list(folder.iterdir()) == []


def test_output_that_cannot_be_written_is_an_error(env: dict[str, str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*programs.PROGRAM, "ask", "%%SAY hi%%"],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert done.returncode == 1
    assert done.stderr == b"error: No space left on device.\n"


def test_streams_that_are_closed_are_no_trouble(env: dict[str, str]) -> None:
    shell = f"exec {' '.join(programs.PROGRAM)} ask '%%SAY hi%%' <&- >&- 2>&-"

    assert subprocess.run(["sh", "-c", shell], env=env, check=False).returncode == 0
