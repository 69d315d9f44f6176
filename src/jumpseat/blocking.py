"""The client for code without an event loop, over one background loop; works inside Jupyter too."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import weakref
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from concurrent.futures import CancelledError as FutureCancelled
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

from jumpseat.client import Client
from jumpseat.client.client import Options, Said
from jumpseat.client.conversations import RememberedConversation
from jumpseat.model.catalog import ModelCard
from jumpseat.model.events import ChatEvent
from jumpseat.model.reply import Reply
from jumpseat.settings import Settings
from jumpseat.store.archive import StoredConversation
from jumpseat.stream import ReplyStream

T = TypeVar("T")

EXIT_SECONDS = 2.0
"""How long a program that ends waits for what it left open."""


class Background:
    """One event loop in a daemon thread, and the clients that live on it."""

    def __init__(self) -> None:
        self.clients: weakref.WeakSet[Client] = weakref.WeakSet()
        self._loop = asyncio.new_event_loop()
        self._ending: set[asyncio.Task[None]] = set()
        self._is_over = False
        self._thread = threading.Thread(target=self._loop.run_forever, name="jumpseat-loop", daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """
        Run `coroutine` on the loop and wait for it; Ctrl-C cancels it there.

        Raises `RuntimeError` where that would wait for ever.
        """
        if (why := self._why_not()) is not None:
            coroutine.close()
            raise RuntimeError(why)
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except FutureCancelled:
            raise
        except BaseException:
            future.cancel()
            raise

    def finish(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """
        Run the end of an iteration, which may come at any moment and in any thread.

        The garbage collector ends iterations wherever it happens to run, and so does the end of the program.
        """
        if self._why_not() is None:
            self.run(coroutine)
        elif self._is_here():
            task = self._loop.create_task(coroutine)
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
        else:
            coroutine.close()

    def shut_down(self) -> None:
        """
        End what a program left open, as it ends itself.

        Later the thread stands still, and whoever waited for it would wait for ever.
        """
        with suppress(Exception):
            asyncio.run_coroutine_threadsafe(self._end_everything(), self._loop).result(EXIT_SECONDS)
        self._is_over = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(EXIT_SECONDS)

    async def _end_everything(self) -> None:
        for client in list(self.clients):
            await client.aclose()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._loop.shutdown_asyncgens()

    def _why_not(self) -> str | None:
        if self is not _background:
            return "this was made before the process was forked: make a new one in the new process"
        if self._is_over:
            return "the program is ending: nothing can be asked any more"
        if self._is_here():
            return "this would wait for itself on jumpseat's own event loop: use jumpseat.Client there"
        return None

    def _is_here(self) -> bool:
        return threading.current_thread() is self._thread


_lock = threading.Lock()
_background: Background | None = None


def background() -> Background:
    """The one loop of this process, made when first needed."""
    global _background  # noqa: PLW0603 - one loop for the process is the point
    with _lock:
        if _background is None:
            _background = Background()
            atexit.register(_background.shut_down)
        return _background


def _forget() -> None:
    """In a process that was forked off: its parent's thread is not here."""
    global _background, _lock
    if _background is not None:
        atexit.unregister(_background.shut_down)
    _background, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):  # Not on Windows, which does not fork.
    os.register_at_fork(after_in_child=_forget)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run `coroutine` on the background loop and wait for it; see `Background.run`."""
    return background().run(coroutine)


class BlockingReplyStream:
    """A `ReplyStream` that blocks; use it as a `with`."""

    def __init__(self, stream: ReplyStream, home: Background) -> None:
        self._stream = stream
        self._home = home

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[ChatEvent]:
        batches = self._stream.batches()
        while (events := self._home.run(_next(batches))) is not None:
            yield from events

    @property
    def text_stream(self) -> Iterator[str]:
        """Text as it comes; see `ReplyStream.text_stream`."""
        texts = self._stream.text_stream
        while (text := self._home.run(_next(texts))) is not None:
            yield text

    @property
    def conversation_id(self) -> str:
        return self._stream.conversation_id

    @property
    def model(self) -> str:
        return self._stream.model

    def reply(self) -> Reply:
        """Read to the end and return the whole reply."""
        return self._home.run(self._stream.reply())

    def close(self) -> None:
        """Leave: the wire is closed within a second. Idempotent."""
        self._home.run(self._stream.aclose())


async def _next(items: AsyncIterator[T]) -> T | None:
    """The next item of an async iterator, None at its end."""
    return await anext(items, None)


class BlockingClient:
    """
    `Client` for code without an event loop: the same methods, blocking.

    Use it as a `with`, or call `close()` at the end. Several threads may share one; a process that is forked
    off makes its own.
    """

    def __init__(self, settings: Settings | None = None, *, proxy: str | None = None) -> None:
        self._home = background()
        self._client = self._home.run(_make(settings, proxy))
        self._home.clients.add(self._client)
        self.conversations = BlockingConversations(self._client, self._home)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection. Idempotent."""
        self._home.run(self._client.aclose())

    def stream(self, model: str, said: Said, **options: Unpack[Options]) -> BlockingReplyStream:
        """Put a question and give its reply as it comes, as a `with`; see `Client.stream`."""
        return BlockingReplyStream(self._home.run(self._client.open(model, said, **options)), self._home)

    def ask(self, model: str, said: Said, **options: Unpack[Options]) -> Reply:
        """Put a question and return the whole reply; see `Client.ask`."""
        return self._home.run(self._client.ask(model, said, **options))

    def models(self) -> Sequence[ModelCard]:
        """The models that can be asked; see `Client.models`."""
        return self._home.run(self._client.models())


class BlockingConversations:
    """`Conversations`, blocking."""

    def __init__(self, client: Client, home: Background) -> None:
        self._conversations = client.conversations
        self._home = home

    def list(
        self, owner: str = "local", *, limit: int = 50, before: float | None = None
    ) -> Sequence[StoredConversation]:
        return self._home.run(self._conversations.list(owner, limit=limit, before=before))

    def show(self, conversation_id: str, owner: str = "local") -> RememberedConversation:
        return self._home.run(self._conversations.show(conversation_id, owner))

    def search(self, text: str, owner: str = "local", *, limit: int = 50) -> Sequence[StoredConversation]:
        return self._home.run(self._conversations.search(text, owner, limit=limit))

    def delete(self, conversation_id: str, owner: str = "local") -> None:
        self._home.run(self._conversations.delete(conversation_id, owner))


async def _make(settings: Settings | None, proxy: str | None) -> Client:
    # Made on the loop it will live on.
    return Client(settings, proxy=proxy)
