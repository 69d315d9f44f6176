"""`jumpseat chat`: talk, in the terminal."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from jumpseat.cli import running
from jumpseat.cli.opening import Place, Whom, find_place, open_client, read_settings, stand_in_of
from jumpseat.cli.output import is_terminal, note
from jumpseat.cli.plain import one_line

if TYPE_CHECKING:
    from jumpseat.client import Client
    from jumpseat.settings import Settings


def chat(*, whom: Whom | None = None) -> int:
    """
    Talk with Copilot. Answers are remembered: `jumpseat chat -c` goes on where you left.

    In the chat, /help lists what else there is. Ctrl-C stops an answer, Ctrl-D leaves. Where standard input
    is no terminal, every line of it is a message.
    """
    return running.run(_chat(whom or Whom()))


async def _chat(whom: Whom) -> int:
    settings = read_settings()
    async with open_client(settings) as client:
        place = await find_place(client, whom)
        if place.title is not None and is_terminal(sys.stderr):
            note(f"Going on with “{one_line(place.title)}”.")
        return await talk(client, settings, place)


async def talk(client: Client, settings: Settings, place: Place) -> int:
    """Talk until the person leaves, or the pipe ends; returns the exit code."""
    from jumpseat.cli.printing import Printer, Screen
    from jumpseat.cli.reading import PipeReader, TerminalReader
    from jumpseat.cli.room import Room
    from jumpseat.cli.slash import names

    def screen() -> Screen:
        # Rich text where a person looks, and nowhere else.
        if is_terminal(sys.stdout):
            from jumpseat.cli.markdown import MarkdownScreen

            return MarkdownScreen(later=asyncio.get_running_loop().call_later)
        return Printer()

    is_watched = is_terminal(sys.stdin) and is_terminal(sys.stdout)
    room = Room(client, place, screen, is_watched=is_watched)
    if not is_watched:
        return await room.run(PipeReader())
    card = client.resolve(place.model, place.provider)
    stand_in = stand_in_of(settings, card.service)
    played = f", played by the stand-in at {stand_in}" if stand_in else ""
    await room.greet()
    note(f"You talk with {one_line(card.name)} ({card.id}){played}. /help helps, Ctrl-D leaves.")
    return await room.run(TerminalReader(settings.home, names()))
