"""The commands of a chat: lines that begin with a slash."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from jumpseat.cli.export import to_markdown
from jumpseat.cli.models import show_cards
from jumpseat.cli.opening import Place
from jumpseat.cli.output import note
from jumpseat.cli.plain import one_line
from jumpseat.cli.saving import save
from jumpseat.model.errors import InvalidRequest

if TYPE_CHECKING:
    from jumpseat.client import Client
    from jumpseat.model.messages import Image


class Talk(Protocol):
    """The chat that a command is typed in, as far as commands change it."""

    client: Client
    place: Place
    pictures: list[Image]


class Slash(NamedTuple):
    """One command: its name, what may follow it, what it does, and who does it."""

    name: str
    argument: str
    meaning: str
    run: Callable[[Talk, str], Awaitable[None]] | None
    """None leaves the chat."""


async def run(room: Talk, line: str) -> bool:
    """Do what `line` says; False to leave. Raises `InvalidRequest` where that makes no sense."""
    name, _, argument = line.strip().partition(" ")
    command = next((command for command in SLASHES if command.name == name), None)
    if command is None:
        near = difflib.get_close_matches(name, names(), n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise InvalidRequest(
            f"there is no command {name!r}. {hint}/help lists them; "
            "put a blank before the slash to say it to Copilot."
        )
    if command.run is None:
        return False
    await command.run(room, argument.strip())
    return True


def names() -> list[str]:
    """The commands, as they are typed."""
    return [command.name for command in SLASHES]


async def _help(_room: Talk, _argument: str) -> None:
    for command in SLASHES:
        usage = f"{command.name} {command.argument}".strip()
        note(f"  {usage:<16} {command.meaning}")
    note(
        "  Ctrl-C stops an answer, Ctrl-D leaves, Alt-Enter begins a new line, Up brings back earlier lines."
    )


async def _new(room: Talk, _argument: str) -> None:
    room.place = msgspec.structs.replace(room.place, conversation=None, title=None)
    room.pictures = []
    note("A new conversation.")


async def _model(room: Talk, argument: str) -> None:
    place = room.place
    now = room.client.resolve(place.model, place.provider)
    if not argument:
        note(f"{now.id} answers. /model NAME asks another, /models lists them.")
        return
    card = room.client.resolve(argument)
    # Each service remembers its own conversations: the other knows nothing of this one.
    stays = card.service == now.service
    room.place = Place(model=card.id, provider=None, conversation=place.conversation if stays else None)
    note(f"{card.id} answers from now on{'' if stays else ', in a new conversation'}.")


async def _models(room: Talk, _argument: str) -> None:
    show_cards(await room.client.models())


async def _image(room: Talk, argument: str) -> None:
    from jumpseat.media import read_image

    if not argument:
        raise InvalidRequest("say which picture: /image PATH.")
    path = _path(argument)
    room.pictures.append(read_image(path))
    note(f"{one_line(path.name)} goes with your next message ({len(room.pictures)} in all).")


async def _save(room: Talk, argument: str) -> None:
    if room.place.conversation is None:
        raise InvalidRequest("there is nothing to save yet.")
    remembered = await room.client.conversations.show(room.place.conversation)
    name = argument or f"chat-{datetime.now().astimezone():%Y-%m-%d-%H%M%S}.md"
    path = _path(name)
    save(path, to_markdown(remembered))
    note(f"Written to {one_line(str(path))}")


def _path(typed: str) -> Path:
    """A path as a person types it, or drops it onto the terminal, quotes included."""
    return Path(typed.strip("'\"")).expanduser()


SLASHES = (
    Slash("/help", "", "Show this.", _help),
    Slash("/new", "", "Begin a new conversation.", _new),
    Slash("/model", "[NAME]", "Say which model answers, or ask another.", _model),
    Slash("/models", "", "List the models.", _models),
    Slash("/image", "PATH", "Show a picture along with the next message.", _image),
    Slash("/save", "[PATH]", "Write the conversation to a Markdown file.", _save),
    Slash("/quit", "", "Leave.", None),
)
