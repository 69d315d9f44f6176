"""`jumpseat conversations`: what was said, and is remembered on this machine."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from jumpseat.cli import exits, running, tables
from jumpseat.cli.export import listed, to_markdown, to_values
from jumpseat.cli.opening import read_settings
from jumpseat.cli.output import is_terminal, note, say, write
from jumpseat.cli.plain import one_line
from jumpseat.cli.printing import to_json
from jumpseat.cli.saving import save
from jumpseat.model.errors import InvalidRequest

if TYPE_CHECKING:
    from jumpseat.client.conversations import Conversations, RememberedConversation
    from jumpseat.store.archive import StoredConversation

app = App(
    name="conversations",
    help="List, show, search, export and delete what was said, as it is remembered on this machine.",
    help_epilogue="",
)

Json = Annotated[bool, Parameter(negative="")]


@app.command(name="list")
def list_(*, limit: int = 50, json: Json = False) -> int:
    """
    List the conversations, the newest first.

    Parameters
    ----------
    limit
        How many at most.
    json
        Print a JSON array.
    """
    _check(limit)

    async def fetch() -> Sequence[StoredConversation]:
        async with _remembered() as conversations:
            return await conversations.list(limit=limit)

    return _show_list(
        running.run(fetch()),
        as_json=json,
        nothing="There is no conversation yet. `jumpseat chat` begins one.",
    )


@app.command
def search(*text: str, limit: int = 50, json: Json = False) -> int:
    """
    List the conversations in which something was said, in any letter case.

    Parameters
    ----------
    text
        What was said.
    limit
        How many at most.
    json
        Print a JSON array.
    """
    _check(limit)
    if not text:
        raise InvalidRequest("say what to look for: jumpseat conversations search WORDS.")

    async def fetch() -> Sequence[StoredConversation]:
        async with _remembered() as conversations:
            return await conversations.search(" ".join(text), limit=limit)

    return _show_list(
        running.run(fetch()),
        as_json=json,
        nothing="Nothing was found. `jumpseat conversations list` shows them all.",
    )


def _check(limit: int) -> None:
    if limit < 1:
        raise InvalidRequest("--limit takes a number above 0.")


@app.command
def show(conversation: str, /, *, json: Json = False) -> int:
    """
    Show a conversation.

    Parameters
    ----------
    conversation
        Its identifier, or the beginning of it.
    json
        Print a JSON object.
    """
    remembered = running.run(_fetch(conversation))
    if json:
        say(to_json(to_values(remembered)))
    elif is_terminal(sys.stdout):
        from jumpseat.cli.markdown import print_markdown

        print_markdown(to_markdown(remembered))
    else:
        write(to_markdown(remembered))
    return exits.OK


@app.command
def export(
    conversation: str,
    /,
    *,
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
    json: Json = False,
) -> int:
    """
    Write a conversation as Markdown, or as JSON.

    Parameters
    ----------
    conversation
        Its identifier, or the beginning of it.
    output
        The file to write, which must not be there yet; without it, standard output.
    json
        JSON in place of Markdown.
    """
    remembered = running.run(_fetch(conversation))
    text = to_json(to_values(remembered)) + "\n" if json else to_markdown(remembered)
    if output is None:
        write(text)
    else:
        save(output, text)
        note(f"Written to {output}")
    return exits.OK


@app.command
def delete(*conversation: str, yes: Annotated[bool, Parameter(alias="-y", negative="")] = False) -> int:
    """
    Forget conversations on this machine. The service keeps what it has.

    Parameters
    ----------
    conversation
        Their identifiers, or the beginnings of them.
    yes
        Do not ask. Needed where nobody can be asked.
    """
    if not conversation:
        raise InvalidRequest("say which conversation: `jumpseat conversations list` shows them.")
    return running.run(_delete(conversation, sure=yes))


async def _delete(names: Sequence[str], *, sure: bool) -> int:
    async with _remembered() as conversations:
        for name in names:
            found = (await conversations.show(name)).conversation
            if not sure and not _agrees(found):
                note("Not deleted.")
                return exits.FAILED
            await conversations.delete(found.conversation_id)
            note(f"Deleted: {one_line(found.title or found.conversation_id)}")
    return exits.OK


def _agrees(conversation: StoredConversation) -> bool:
    if not is_terminal(sys.stdin):
        raise InvalidRequest("nobody is there to ask whether to delete. Say --yes if you are sure.")
    title = one_line(conversation.title or conversation.conversation_id)
    try:
        return input(f"Delete “{title}”? [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


@asynccontextmanager
async def _remembered() -> AsyncIterator[Conversations]:
    # Not through a client: looking at what was said needs no wire to any service.
    from jumpseat.client.conversations import Conversations
    from jumpseat.store.sql import open_archive

    archive = open_archive(read_settings())
    try:
        yield Conversations(archive)
    finally:
        await archive.aclose()


async def _fetch(name: str) -> RememberedConversation:
    async with _remembered() as conversations:
        return await conversations.show(name)


def _show_list(conversations: Sequence[StoredConversation], *, as_json: bool, nothing: str) -> int:
    if as_json:
        say(to_json([listed(conversation) for conversation in conversations]))
    elif not conversations:
        note(nothing)
    else:
        rows = [
            (
                tables.short_id(item.conversation_id),
                tables.moment(item.updated_at),
                item.model,
                item.title or "",
            )
            for item in conversations
        ]
        headings = ("Conversation", "Last said", "Model", "Title")
        tables.show(headings, rows, fixed=2, is_cut=True, spare=("Model", "Last said"))
    return exits.OK
