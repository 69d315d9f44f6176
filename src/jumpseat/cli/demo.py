"""`jumpseat demo`: two questions through the gateway, to the stand-in; nothing leaves the machine."""

from __future__ import annotations

import signal
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from msgspec import Struct

from jumpseat.cli import exits, running
from jumpseat.cli.opening import Place, open_client
from jumpseat.cli.output import is_terminal, program_name, say
from jumpseat.cli.overhttp import stream_text
from jumpseat.cli.printing import Printer, Screen
from jumpseat.model.errors import AddressInUse, JumpseatError
from jumpseat.model.events import TextDelta
from jumpseat.settings import Settings

if TYPE_CHECKING:
    from jumpseat.gateway.server import ServerThread

QUESTIONS = ("Hello, i am Heiner. How are you?", "Tell me somethings about my name")
REMEMBERED = "Heiner"
PORT = 1337
PAUSE_SECONDS = 0.04
"""Between two words of the stand-in, so that one sees them come."""


class Stage(Struct, frozen=True):
    """What runs during a demonstration."""

    gateway: str
    """Its address."""
    settings: Settings
    remark: str | None
    """What is worth saying about it."""


def demo(*, chat: Annotated[bool | None, Parameter(negative="--no-chat")] = None) -> int:
    """
    Watch a conversation through the gateway; no account needed, nothing leaves this machine.

    Starts a stand-in for the services and the gateway in front of it, asks two questions over HTTP, and
    checks that the second answer remembers the first. In a terminal you may go on talking.

    Parameters
    ----------
    chat
        Whether to go on talking afterwards; by default where a person is there.
    """
    show = Show(is_rich=is_terminal(sys.stdout))
    wants_chat = is_terminal(sys.stdin) and is_terminal(sys.stdout) if chat is None else chat
    with set_stage() as stage:
        show.opening(stage)
        conversation_id = str(uuid.uuid4())
        answers = [_ask(show, stage, question, conversation_id) for question in QUESTIONS]
        if REMEMBERED not in answers[1]:
            raise JumpseatError(
                f"the second answer does not remember {REMEMBERED!r}: this should not happen."
            )
        show.success(f"The second answer remembers the first: it knows {REMEMBERED}.")
        if wants_chat:
            show.remark("Go on, if you like: the conversation remembers.")
            return running.run(_talk(stage, conversation_id))
        program = program_name()
        show.remark(f"Next: `{program} serve` runs the gateway, `{program} ask` asks the real thing.")
    return exits.OK


@contextmanager
def set_stage() -> Iterator[Stage]:
    """Run the stand-in and the gateway, with their state in a folder that is gone afterwards."""
    from jumpseat.simulator import SimulatorThread

    with ExitStack() as stack:
        stack.enter_context(_orderly_end())
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jumpseat-demo-")))
        simulator = stack.enter_context(SimulatorThread(pace_seconds=PAUSE_SECONDS))
        # Not the person's own settings: a demonstration touches no account and no remembered conversation.
        settings = Settings.from_environment(
            {"JUMPSEAT_SIMULATOR": simulator.url, "JUMPSEAT_HOME": str(home), "JUMPSEAT_PACE": "off"}
        )
        server, remark = _start_gateway(stack, settings)
        yield Stage(server.address, settings, remark)


@contextmanager
def _orderly_end() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end things in order, so that no folder stays behind."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    numbers = [signal.SIGTERM, *([signal.SIGHUP] if sys.platform != "win32" else [])]
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _start_gateway(stack: ExitStack, settings: Settings) -> tuple[ServerThread, str | None]:
    from jumpseat.gateway.server import ServerThread
    from jumpseat.gateway.settings import GatewaySettings

    try:
        return stack.enter_context(ServerThread(settings, GatewaySettings(port=PORT))), None
    except AddressInUse:
        server = stack.enter_context(ServerThread(settings, GatewaySettings(port=0)))
        return server, f"Port {PORT} is in use by another program, so the gateway took a free one."


def _ask(show: Show, stage: Stage, question: str, conversation_id: str) -> str:
    body = {
        "model": "",
        "provider": "Copilot",
        "stream": True,
        "messages": [{"role": "user", "content": question}],
        "conversation_id": conversation_id,
    }
    show.request(stage.gateway, body)
    return show.answer(stream_text(stage.gateway, body))


async def _talk(stage: Stage, conversation_id: str) -> int:
    from jumpseat.cli.chat import talk

    async with open_client(stage.settings) as client:
        place = Place(model="", provider="Copilot", conversation=conversation_id)
        return await talk(client, stage.settings, place)


class Show:
    """Tells what happens: with colours on a terminal, in plain lines elsewhere."""

    def __init__(self, *, is_rich: bool) -> None:
        self._is_rich = is_rich

    def opening(self, stage: Stage) -> None:
        self._line("jumpseat demo", "bold")
        self._line(
            "A stand-in plays Microsoft Copilot, on this machine: no account, nothing leaves it.", "dim"
        )
        if stage.remark:
            self._line(stage.remark, "yellow")
        self._line(f"The gateway listens on {stage.gateway}", "dim")

    def request(self, gateway: str, body: dict[str, Any]) -> None:
        say()
        self._line(f"POST {gateway}/v1/chat/completions", "cyan")
        # Two lines, for the identifier is long.
        self._line("stream: true, provider: {provider}".format_map(body), "dim")
        self._line("conversation_id: {conversation_id}".format_map(body), "dim")
        self._line(body["messages"][-1]["content"], "bold")
        say()

    def answer(self, texts: Iterator[str]) -> str:
        """Print the answer as it comes, and return it."""
        screen = self._screen()
        whole = ""
        try:
            for text in texts:
                whole += text
                screen.show([TextDelta(text)])
        finally:
            screen.end()
        return whole

    def _screen(self) -> Screen:
        if not self._is_rich:
            return Printer()
        from jumpseat.cli.markdown import MarkdownScreen

        return MarkdownScreen()

    def success(self, text: str) -> None:
        say()
        self._line(f"✓ {text}", "bold green")

    def remark(self, text: str) -> None:
        self._line(text, "")

    def _line(self, text: str, style: str) -> None:
        if not self._is_rich:
            say(text)
            return
        from rich.console import Console
        from rich.text import Text

        Console(highlight=False).print(Text(text, style=style), soft_wrap=True)
