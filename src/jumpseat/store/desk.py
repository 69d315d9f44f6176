"""A thread that does the work of a database, so that the event loop never waits for a disk."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Generic, Protocol, TypeVar

from jumpseat.model.errors import StoreUnavailable

T = TypeVar("T")

MAX_BATCH = 256
"""Most jobs in one transaction: bounds how long the first of them waits for the last."""


JOIN_SECONDS = 1.0
"""How long the end of a program waits for the thread to finish its work."""


class Connection(Protocol):
    """One connection to a database; it stays in the thread that opened it."""

    def begin(self) -> None:
        """Open a transaction that writes."""

    def commit(self) -> None:
        """End the transaction; when this returns, it is durable."""

    def close(self) -> None:
        """Close, and take back what was not committed."""


C = TypeVar("C", bound=Connection)
C_co = TypeVar("C_co", bound=Connection, covariant=True)


class Database(Protocol[C_co]):
    """What a desk needs of a database."""

    def connect(self) -> C_co:
        """A connection for this thread. Raises `StoreUnavailable`."""

    def explain(self, error: Exception) -> StoreUnavailable | None:
        """Put an error of the database into our words, with the error as its cause; None for other errors."""


class _Order:
    """One job, and who waits for it."""

    __slots__ = ("error", "future", "job", "loop", "result")

    def __init__(self, job: Callable[[Any], Any]) -> None:
        self.job = job
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.result: Any = None
        self.error: Exception | None = None


class Desk(Generic[C]):
    """
    One thread with one connection, which does jobs in the order they came.

    A desk that writes puts everything that waits into one transaction: many writers share the one flush of
    the disk that makes their work durable. A job must be repeatable: when another job of its transaction
    fails, it is done again by itself. The thread starts with the first job and opens the database then.
    """

    def __init__(self, open_database: Callable[[], Database[C]], name: str, *, writes: bool) -> None:
        self._open_database = open_database
        self._name = name
        self._writes = writes
        self._orders: SimpleQueue[_Order | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._connection: C | None = None
        self._is_closed = False
        self._lock = threading.Lock()

    async def do(self, job: Callable[[C], T]) -> T:
        """
        Do `job`; when this returns, what it wrote is durable.

        A caller that is cancelled meanwhile leaves the job to be done.
        """
        order = _Order(job)
        with self._lock:
            if self._is_closed:
                raise StoreUnavailable("the archive is closed: open a new one")
            self._orders.put(order)
            if self._thread is None:
                # A daemon, so that a program that forgets to close still ends; what is not committed by then
                # was not promised.
                self._thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
                self._thread.start()
        result: T = await order.future
        return result

    async def aclose(self) -> None:
        """Do what was asked for, close the connection, end the thread. Idempotent."""
        with self._lock:
            if not self._is_closed:
                self._orders.put(None)
            self._is_closed = True
        if self._thread is None:
            return
        try:
            await asyncio.to_thread(self._thread.join)
        except RuntimeError:
            # The program is ending, and starts no thread any more that could do the waiting.
            self._thread.join(JOIN_SECONDS)

    def _serve(self) -> None:
        while batch := self._next_batch():
            self._answer(batch)
            _deliver(batch)
        self._close()

    def _next_batch(self) -> list[_Order]:
        """What waits, at least one; empty once the desk is to close."""
        batch: list[_Order] = []
        try:
            order = self._orders.get()
            while order is not None:
                batch.append(order)
                if len(batch) == MAX_BATCH:
                    return batch
                order = self._orders.get_nowait()
            if batch:
                self._orders.put(None)
        except Empty:
            pass
        return batch

    def _answer(self, batch: list[_Order]) -> None:
        """Do the jobs. Whatever goes wrong goes to those who wait: this thread must live on."""
        try:
            database = self._open_database()
            connection = self._connection = self._connection or database.connect()
        except Exception as exc:  # noqa: BLE001
            _fail(batch, exc)
            return
        try:
            if self._writes:
                connection.begin()
            for order in batch:
                order.result = order.job(connection)
            connection.commit()
        except Exception as exc:  # noqa: BLE001
            self._recover(database, batch, exc)

    def _recover(self, database: Database[C], batch: list[_Order], error: Exception) -> None:
        explained = database.explain(error)
        if explained or self._writes:
            # A fresh connection for what follows: whatever state this one is in goes with it.
            self._close()
        if explained:
            _fail(batch, explained)
        elif len(batch) == 1:
            _fail(batch, error)
        else:
            # One job was at fault; the others must not suffer for it.
            for order in batch:
                self._answer([order])

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()


def _fail(batch: Iterable[_Order], error: Exception) -> None:
    for order in batch:
        order.error = error
        if isinstance(error, StoreUnavailable):
            # One for each: a shared one would gather the tracebacks of all who raise it.
            order.error = StoreUnavailable(error.message)
            order.error.__cause__ = error.__cause__


def _deliver(batch: list[_Order]) -> None:
    """Tell those who wait, with one wake-up for each event loop."""
    waiting: dict[asyncio.AbstractEventLoop, list[_Order]] = {}
    for order in batch:
        waiting.setdefault(order.loop, []).append(order)
    for loop, orders in waiting.items():
        try:
            loop.call_soon_threadsafe(_settle, orders)
        except RuntimeError:
            # The loop was closed meanwhile: nobody waits there any more.
            continue


def _settle(orders: list[_Order]) -> None:
    for order in orders:
        if order.future.done():
            continue
        if order.error is None:
            order.future.set_result(order.result)
        else:
            order.future.set_exception(order.error)
