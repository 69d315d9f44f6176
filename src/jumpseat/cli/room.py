"""A conversation under way: what is said goes to the client, what begins with a slash is for us."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from jumpseat.accounts.expiry import Reminder
from jumpseat.cli import exits, slash
from jumpseat.cli.opening import Place, meet
from jumpseat.cli.output import note
from jumpseat.cli.printing import Screen
from jumpseat.cli.reading import Reader
from jumpseat.cli.running import until_interrupted
from jumpseat.model.errors import JumpseatError
from jumpseat.model.messages import Image, user

if TYPE_CHECKING:
    from jumpseat.client import Client


class Room:
    """
    One chat.

    With `is_watched` a person sits there: an error ends a message and not the chat, Ctrl-C stops an answer
    and not the program. Without, both end it, so that a script hears of them.
    """

    def __init__(
        self, client: Client, place: Place, screen: Callable[[], Screen], *, is_watched: bool
    ) -> None:
        self.client = client
        self.place = place
        self.pictures: list[Image] = []
        """Go with the next message."""
        self._screen = screen
        self._is_watched = is_watched
        self._reminder = Reminder()

    async def greet(self) -> None:
        """Have the account ready before the first message; what is wrong with it is told."""
        try:
            await meet(self.client, self.place, self._reminder)
        except JumpseatError as error:
            exits.complain(exits.advised(error))

    async def run(self, reader: Reader) -> int:
        """Talk until the speaker leaves; returns the exit code."""
        while True:
            try:
                line = await reader.read()
            except KeyboardInterrupt:
                if not self._is_watched:
                    raise
                note("(Ctrl-D or /quit leaves.)")
                continue
            if line is None or not await self._take(line):
                return exits.OK

    async def _take(self, line: str) -> bool:
        """Do what a line asks for; False to leave."""
        if not self._is_watched:
            return await self._do(line)
        try:
            return await self._do(line)
        except JumpseatError as error:
            exits.complain(exits.advised(error))
        except exits.Stopped:
            note("\r(stopped)")  # Over the ^C that the terminal showed.
        return True

    async def _do(self, line: str) -> bool:
        if line.startswith("/"):
            return await slash.run(self, line)
        if question := line.strip():
            work = self._answer(question)
            await (until_interrupted(work) if self._is_watched else work)
        return True

    async def _answer(self, question: str) -> None:
        await meet(self.client, self.place, self._reminder)
        screen = self._screen()
        try:
            async with self.client.stream(
                self.place.model,
                (user(question, *self.pictures),),
                provider=self.place.provider,
                conversation=self.place.conversation,
            ) as stream:
                self.pictures = []
                self.place = Place(
                    model=stream.model, provider=None, conversation=stream.conversation_id, title=None
                )
                async for events in stream.batches():
                    screen.show(events)
        finally:
            screen.end()
