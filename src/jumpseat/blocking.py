"""The client for code without an event loop, over one background loop; works inside Jupyter too."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from concurrent.futures import CancelledError as FutureCancelled
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

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def _background_loop() -> asyncio.AbstractEventLoop:
    """The one loop, in a daemon thread, made when first needed."""
    global _loop  # noqa: PLW0603 - one loop for the process is the point
    with _lock:
        if _loop is None or _loop.is_closed():
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="jumpseat-loop", daemon=True).start()
        return _loop


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run `coroutine` on the background loop and wait for it; Ctrl-C cancels it there."""
    future = asyncio.run_coroutine_threadsafe(coroutine, _background_loop())
    try:
        return future.result()
    except FutureCancelled:
        raise
    except BaseException:
        future.cancel()
        raise


class BlockingReplyStream:
    """A `ReplyStream` that blocks; use it as a `with`."""

    def __init__(self, stream: ReplyStream) -> None:
        self._stream = stream

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[ChatEvent]:
        batches = self._stream.batches()
        while (events := run(_next(batches))) is not None:
            yield from events

    @property
    def text_stream(self) -> Iterator[str]:
        """Text as it comes; see `ReplyStream.text_stream`."""
        texts = self._stream.text_stream
        while (text := run(_next(texts))) is not None:
            yield text

    @property
    def conversation_id(self) -> str:
        return self._stream.conversation_id

    @property
    def model(self) -> str:
        return self._stream.model

    def reply(self) -> Reply:
        """Read to the end and return the whole reply."""
        return run(self._stream.reply())

    def close(self) -> None:
        """Leave: the wire is closed within a second. Idempotent."""
        run(self._stream.aclose())


async def _next(items: AsyncIterator[T]) -> T | None:
    """The next item of an async iterator, None at its end."""
    return await anext(items, None)


class BlockingClient:
    """
    `Client` for code without an event loop: the same methods, blocking.

    Use it as a `with`, or call `close()` at the end. Several threads may share one.
    """

    def __init__(self, settings: Settings | None = None, *, proxy: str | None = None) -> None:
        self._client = run(_make(settings, proxy))
        self.conversations = BlockingConversations(self._client)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection. Idempotent."""
        run(self._client.aclose())

    def stream(self, model: str, said: Said, **options: Unpack[Options]) -> BlockingReplyStream:
        """Put a question and give its reply as it comes, as a `with`; see `Client.stream`."""
        return BlockingReplyStream(run(self._client.open(model, said, **options)))

    def ask(self, model: str, said: Said, **options: Unpack[Options]) -> Reply:
        """Put a question and return the whole reply; see `Client.ask`."""
        return run(self._client.ask(model, said, **options))

    def models(self) -> Sequence[ModelCard]:
        """The models that can be asked; see `Client.models`."""
        return run(self._client.models())


class BlockingConversations:
    """`Conversations`, blocking."""

    def __init__(self, client: Client) -> None:
        self._conversations = client.conversations

    def list(
        self, owner: str = "local", *, limit: int = 50, before: float | None = None
    ) -> Sequence[StoredConversation]:
        return run(self._conversations.list(owner, limit=limit, before=before))

    def show(self, conversation_id: str, owner: str = "local") -> RememberedConversation:
        return run(self._conversations.show(conversation_id, owner))

    def search(self, text: str, owner: str = "local", *, limit: int = 50) -> Sequence[StoredConversation]:
        return run(self._conversations.search(text, owner, limit=limit))

    def delete(self, conversation_id: str, owner: str = "local") -> None:
        run(self._conversations.delete(conversation_id, owner))


async def _make(settings: Settings | None, proxy: str | None) -> Client:
    # Made on the loop it will live on.
    return Client(settings, proxy=proxy)
