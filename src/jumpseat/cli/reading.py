"""Where a chat's lines come from: a person at a terminal, or a pipe."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from jumpseat.store.home import make_private_file, make_private_folder

if TYPE_CHECKING:
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion
    from prompt_toolkit.document import Document
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent


class Reader(Protocol):
    """Gives what is said, one message at a time."""

    async def read(self) -> str | None:
        """
        The next message; None when the speaker leaves.

        Raises `KeyboardInterrupt` when a half-written message was dropped with Ctrl-C.
        """


class PipeReader:
    """Every line of standard input is a message."""

    async def read(self) -> str | None:
        line = await asyncio.to_thread(sys.stdin.buffer.readline)
        return line.decode("utf-8", "replace") if line else None


class TerminalReader:
    """A line editor, with the history of earlier chats under the arrow keys."""

    def __init__(self, home: Path, words: Sequence[str]) -> None:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.history import FileHistory
        from prompt_toolkit.shortcuts import CompleteStyle

        make_private_folder(home)
        history = home / "chat-history"
        # Made before it is first written to, or it would be as open as the umask lets it.
        make_private_file(history)
        self._session: PromptSession[str] = PromptSession(
            history=FileHistory(str(history)),
            completer=_completer(words),
            complete_while_typing=False,
            # A menu would keep lines free below the prompt, always.
            complete_style=CompleteStyle.READLINE_LIKE,
            reserve_space_for_menu=0,
            key_bindings=_keys(),
            prompt_continuation="  ",
        )

    async def read(self) -> str | None:
        try:
            return await self._session.prompt_async("\n> ")
        except EOFError:
            return None


def _completer(words: Sequence[str]) -> Completer:
    from prompt_toolkit.completion import Completer, Completion

    class SlashCompleter(Completer):
        def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
            typed = document.text_before_cursor
            if typed.startswith("/"):
                for word in words:
                    if word.startswith(typed):
                        yield Completion(word, start_position=-len(typed))

    return SlashCompleter()


def _keys() -> KeyBindings:
    from prompt_toolkit.key_binding import KeyBindings

    keys = KeyBindings()

    @keys.add("escape", "enter")
    def new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys
