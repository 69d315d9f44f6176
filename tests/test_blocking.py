"""The client for code without an event loop: threads, loops of others, forks, and the end of the program."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path
from textwrap import dedent

import pytest

from jumpseat import BlockingClient, blocking
from jumpseat.errors import UpstreamInterrupted
from jumpseat.simulator import SimulatorThread
from tests.waiting import until

ENDLESS = "%%TOKENS 200%% %%SLOW 50%%"


def run_program(code: str, folder: Path) -> str:
    """What a program says; it must end by itself, well, and without a complaint."""
    program = folder / "program.py"
    program.write_text(dedent(code))
    done = subprocess.run(
        [sys.executable, "-W", "always", program],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "PYTHONPATH": "src", "ENDLESS": ENDLESS},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def open_wires(simulated: SimulatorThread) -> int:
    return sum(simulated.stats()["open"].values())


def test_several_threads_share_a_client(simulated: SimulatorThread) -> None:
    said: list[str] = []
    with BlockingClient() as client:

        def ask(number: int) -> None:
            model = ("copilot", "github/gpt-4o")[number % 2]
            with client.stream(model, f"%%SAY number {number}%%") as stream:
                said.append("".join(stream.text_stream))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(said) == [f"number {number}" for number in range(8)]


async def test_it_works_inside_the_loop_of_another(simulated: SimulatorThread) -> None:
    with BlockingClient() as client:
        assert str(client.ask("copilot", "%%SAY hello%%")) == "hello"


def test_another_thread_may_close_a_stream_that_is_being_read(simulated: SimulatorThread) -> None:
    with BlockingClient() as client:
        stream = client.stream("copilot", ENDLESS)
        texts = iter(stream.text_stream)
        next(texts)
        closing = threading.Thread(target=stream.close)
        closing.start()
        with pytest.raises(UpstreamInterrupted, match="closed before its end"):
            list(texts)
        closing.join()
        until(lambda: not open_wires(simulated), 1.0)


@pytest.mark.parametrize("model", ["copilot", "github/gpt-4o"])
def test_closing_the_client_ends_its_streams(simulated: SimulatorThread, model: str) -> None:
    client = BlockingClient()
    stream = client.stream(model, ENDLESS)
    texts = iter(stream.text_stream)
    next(texts)
    client.close()
    client.close()

    with pytest.raises(UpstreamInterrupted):
        list(texts)
    stream.close()
    until(lambda: not open_wires(simulated), 1.0)


def test_on_its_own_loop_it_says_that_it_would_wait_for_itself(simulated: SimulatorThread) -> None:
    with BlockingClient() as client:

        async def ask() -> object:
            await asyncio.sleep(0)
            return client.ask("copilot", "Hi")

        with pytest.raises(RuntimeError, match="would wait for itself"):
            blocking.run(ask())
        assert str(client.ask("copilot", "%%SAY fine%%")) == "fine"


@pytest.mark.parametrize("model", ["copilot", "github/gpt-4o"])
def test_a_program_ends_although_it_left_everything_open(
    simulated: SimulatorThread, tmp_path: Path, model: str
) -> None:
    said = run_program(
        f"""
        import os, jumpseat
        client = jumpseat.BlockingClient()
        print(client.ask("{model}", "%%SAY whole%%"))
        stream = client.stream("{model}", os.environ["ENDLESS"])
        texts = iter(stream.text_stream)
        print(next(texts))
        """,
        tmp_path,
    )

    assert said.startswith("whole\n")
    until(lambda: not open_wires(simulated), 1.0)


@pytest.mark.parametrize("provider", ["Copilot.create_completion", "GithubCopilot.create_async_generator"])
def test_a_program_ends_in_the_middle_of_an_iteration(
    simulated: SimulatorThread, tmp_path: Path, provider: str
) -> None:
    said = run_program(
        f"""
        import os
        from jumpseat.providers import Copilot, GithubCopilot
        messages = [{{"role": "user", "content": os.environ["ENDLESS"]}}]
        items = iter({provider}("", messages, stream=True))
        print(next(items))
        """,
        tmp_path,
    )

    assert said
    until(lambda: not open_wires(simulated), 1.0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_process_that_is_forked_off_makes_a_client_of_its_own(
    simulated: SimulatorThread, tmp_path: Path
) -> None:
    said = run_program(
        """
        import os, sys, jumpseat
        old = jumpseat.BlockingClient()
        print(old.ask("copilot", "%%SAY parent%%"), flush=True)
        child = os.fork()
        if not child:
            try:
                old.ask("copilot", "Hi")
            except RuntimeError as error:
                print("forked" in str(error))
            with jumpseat.BlockingClient() as new:
                print(new.ask("copilot", "%%SAY child%%"), flush=True)
            os._exit(0)
        os.waitpid(child, 0)
        print(old.ask("copilot", "%%SAY parent again%%"))
        """,
        tmp_path,
    )

    assert said.split("\n") == ["parent", "True", "child", "parent again", ""]
