"""`jumpseat ask`: one question, its answer as it comes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from jumpseat.cli import exits, running
from jumpseat.cli.opening import Place, Whom, find_place, meet, open_client
from jumpseat.cli.output import Waiting, is_terminal, say
from jumpseat.cli.printing import Printer, reply_json
from jumpseat.model.errors import InvalidRequest

if TYPE_CHECKING:
    from jumpseat.client import Client


def ask(
    *text: str,
    attach: Annotated[list[Path] | None, Parameter(name=["--attach", "-a"], negative="")] = None,
    whom: Whom | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """
    Ask one question and print the answer as it comes.

    What comes on standard input is the question, or, beside a question on the command line, goes along below
    it: `git diff | jumpseat ask "What does this change?"`. Quote your question, for the shell's sake.

    Parameters
    ----------
    text
        The question; several words are joined.
    attach
        A picture to show: jpeg, png, gif or webp. May be given several times.
    json
        Print one JSON object when the answer is complete: text, model, conversation_id, images, citations,
        usage, finish_reason and more.
    """
    question = compose(" ".join(text), read_piped())
    return running.run(_ask(question, attach or [], whom or Whom(), wants_json=json))


def read_piped() -> str:
    """What was piped in; empty when a person sits there. Raises `InvalidRequest` for what is no text."""
    if is_terminal(sys.stdin):
        return ""
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise InvalidRequest(
            "standard input holds no UTF-8 text. Show a picture with -a, and pipe text only."
        ) from exc


def compose(text: str, piped: str) -> str:
    """
    The question: what was typed, and below it what was piped in.

    Raises `InvalidRequest` if both are empty.
    """
    question = "\n\n".join(part for part in (text.strip(), piped.strip()) if part)
    if not question:
        raise InvalidRequest(
            'there is nothing to ask. Write a question: jumpseat ask "How are you?", or pipe one in.'
        )
    try:
        # Where the locale knows no UTF-8, Python hands over the bytes in disguise.
        return question.encode("utf-8", "surrogateescape").decode()
    except UnicodeError as exc:
        raise InvalidRequest("the question is no UTF-8 text. Write it in the terminal's UTF-8.") from exc


async def _ask(question: str, pictures: list[Path], whom: Whom, *, wants_json: bool) -> int:
    from jumpseat.accounts.expiry import Reminder

    async with open_client() as client:
        place = await find_place(client, whom)
        await meet(client, place, Reminder())
        if wants_json:
            await _print_json(client, place, question, pictures)
        else:
            await _print_text(client, place, question, pictures)
    return exits.OK


async def _print_json(client: Client, place: Place, question: str, pictures: list[Path]) -> None:
    with Waiting("waiting for the answer ..."):
        async with client.stream(
            place.model,
            question,
            provider=place.provider,
            conversation=place.conversation,
            images=pictures,
        ) as stream:
            reply = await stream.reply()
    say(reply_json(reply, model=stream.model, conversation_id=stream.conversation_id))


async def _print_text(client: Client, place: Place, question: str, pictures: list[Path]) -> None:
    with Waiting("waiting for the answer ...") as waiting:
        async with client.stream(
            place.model,
            question,
            provider=place.provider,
            conversation=place.conversation,
            images=pictures,
        ) as stream:
            printer = Printer(before_first=waiting.over)
            try:
                async for events in stream.batches():
                    printer.show(events)
            finally:
                printer.end()
