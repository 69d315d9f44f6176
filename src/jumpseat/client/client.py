"""`Client`: ask, stream, and remember, over whichever upstream the model belongs to."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypedDict, Unpack

from msgspec import Struct, structs

from jumpseat import media
from jumpseat.accounts.addresses import check_addresses
from jumpseat.accounts.overriding import advice
from jumpseat.accounts.pacer import Pacer
from jumpseat.accounts.refusals import note_refusal
from jumpseat.accounts.roster import ENVIRONMENT, Roster
from jumpseat.accounts.vault import Vault
from jumpseat.client.conversations import Conversations
from jumpseat.client.models import Catalog
from jumpseat.client.naming import DEFAULT_MODELS, resolve
from jumpseat.client.turn import Asked, TurnRunner
from jumpseat.client.upstream import Upstream
from jumpseat.client.wiring import open_upstreams
from jumpseat.deadlines import Deadlines, Timeouts
from jumpseat.dialects.openai_chat import read_messages
from jumpseat.model.catalog import ModelCard, Service, service_of
from jumpseat.model.credentials import Account, Kind
from jumpseat.model.errors import InvalidRequest, JumpseatError, NotSignedIn
from jumpseat.model.messages import Message, Text, Turn
from jumpseat.model.reply import Reply
from jumpseat.settings import Settings
from jumpseat.settings_file import load_settings
from jumpseat.store.archive import Archive
from jumpseat.store.sql import open_archive
from jumpseat.store.switchboard import LocalSwitchboard
from jumpseat.stream import ReplyStream

Said = str | Sequence[Message | Mapping[str, object]]
"""A question: text, or messages, oldest first: `Message` values, or dicts as OpenAI's clients have them."""

_SERVICES: Mapping[Kind, Service] = {"microsoft": "microsoft", "github-web": "github"}
"""Who is asked as an account of each kind."""

MAX_CONVERSATION_CHARS = 1024
"""Longest name of a conversation: enough for any identifier, and no place to keep a book in."""


class Direct(Struct, frozen=True, kw_only=True):
    """
    A question past our memory: nothing of it is kept.

    `thread` goes on in an upstream conversation by the upstream's own identifier; `account` asks with these
    credentials instead of the signed-in ones.
    """

    thread: str | None = None
    account: Account | None = None


class StartOptions(TypedDict, total=False):
    """What may be said about a question beside the question itself."""

    conversation: str | None
    """Any identifier of the caller's: what was said under it before is remembered, across processes too, and
    only what is new is sent."""
    provider: str | None
    """`Copilot` or `GithubCopilot` (`microsoft`, `github`); without it the model decides."""
    owner: str
    """Whose conversation it is; `local` unless given."""
    wants_extras: bool
    """Wait up to 1.5 s after the answer for its title and suggested follow-ups."""


class Options(StartOptions, total=False):
    """The options of `Client.stream` and `Client.ask`."""

    images: Iterable[media.ImageSource]
    """Go with the last message: bytes, paths, file objects or data URIs; jpeg, png, gif or webp."""
    timeout: float | Timeouts | None
    """Seconds for the whole turn, or `Timeouts`."""


class Client:
    """
    One person's way to their Copilots, for code with an event loop.

    Use it as an `async with`, or `await aclose()` at the end. Settings come from the environment and the
    settings file (`docs/settings.md`) unless given. `proxy` is an address like `http://host:port` for all
    connections. `vault` has the accounts that are kept; give one that can ask a person for its passphrase.
    `roster` is for several clients of the same settings, so that they look accounts up once.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        archive: Archive | None = None,
        upstreams: dict[Service, Upstream] | None = None,
        proxy: str | None = None,
        pacer: Pacer | None = None,
        vault: Vault | None = None,
        roster: Roster | None = None,
    ) -> None:
        self.settings = settings or load_settings(os.environ)
        self._archive = archive or open_archive(self.settings)
        self._upstreams = upstreams or open_upstreams(self.settings, self._archive, proxy)
        self._roster = roster or Roster(self.settings, vault)
        self._catalog = Catalog(self._upstreams, self._roster)
        self._timeouts = Timeouts(
            connect=self.settings.connect_timeout,
            first_event=self.settings.first_event_timeout,
            idle=self.settings.idle_timeout,
            total=self.settings.total_timeout,
        )
        switchboard, pacer = LocalSwitchboard(), pacer or Pacer.of(self.settings)
        self._remembering = TurnRunner(
            self.settings, archive=self._archive, switchboard=switchboard, pacer=pacer
        )
        self._forgetting = TurnRunner(self.settings, archive=None, switchboard=switchboard, pacer=pacer)
        self.conversations = Conversations(self._archive)
        self._is_closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """
        Close every stream that is open, every connection and the archive, one it was given too. Idempotent.

        Whoever still waits for an answer hears an error.
        """
        self._is_closed = True
        async with AsyncExitStack() as stack:
            # The last one pushed is closed first; whatever goes wrong with one, the others are closed.
            stack.push_async_callback(self._archive.aclose)
            for upstream in self._upstreams.values():
                stack.push_async_callback(upstream.aclose)
            for runner in (self._forgetting, self._remembering):
                stack.push_async_callback(runner.aclose)

    @asynccontextmanager
    async def stream(self, model: str, said: Said, **options: Unpack[Options]) -> AsyncIterator[ReplyStream]:
        """
        Put a question and give its reply as it comes; leaving closes the wire within a second.

        `model` may be empty (the default model); `options` are those of `Options`.
        Raises any `JumpseatError`, here or while the reply is read.
        """
        async with await self.open(model, said, **options) as stream:
            yield stream

    async def ask(self, model: str, said: Said, **options: Unpack[Options]) -> Reply:
        """Like `stream`, but return the whole reply."""
        async with await self.open(model, said, **options) as stream:
            return await stream.reply()

    async def open(
        self,
        model: str,
        said: Said,
        *,
        images: Iterable[media.ImageSource] = (),
        timeout: float | Timeouts | None = None,
        **options: Unpack[StartOptions],
    ) -> ReplyStream:
        """Like `stream`, for code that closes the stream itself."""
        turn = Turn(model=model, messages=messages_of(said, images))
        return await self.start(turn, timeouts=timeout, **options)

    async def start(
        self,
        turn: Turn,
        *,
        owner: str = "local",
        provider: str | None = None,
        conversation: str | None = None,
        direct: Direct | None = None,
        timeouts: float | Timeouts | None = None,
        wants_extras: bool = False,
        unknown_model: Literal["refuse", "default"] = "refuse",
    ) -> ReplyStream:
        """
        Put a question and return its stream once the first event is there; the caller closes it.

        `direct` asks past our memory. `unknown_model="default"` lets the provider's default model answer to
        a name nobody knows. `turn.sampling` is for those who pass the answer on: it is not applied here.
        """
        if self._is_closed:
            raise InvalidRequest("this client is closed: make a new one", code="client_closed")
        if conversation is not None and len(conversation) > MAX_CONVERSATION_CHARS:
            raise InvalidRequest(
                f"the name of a conversation may have {MAX_CONVERSATION_CHARS} characters, not "
                f"{len(conversation)}",
                param="conversation_id",
            )
        if not turn.messages:
            raise InvalidRequest("there is no message: give at least one", param="messages")
        card = self.resolve(turn.model, provider, unknown_model=unknown_model)
        account = direct.account if direct else None
        asked = Asked(
            turn=turn,
            card=card,
            account=account or await self._roster.lend(card.service),
            owner=owner,
            conversation_id=conversation,
            thread=direct.thread if direct else None,
            timeouts=self._timeouts_of(timeouts),
            wants_extras=wants_extras,
        )
        runner = self._forgetting if direct else self._remembering
        try:
            return await runner.start(self._upstreams[card.service], asked)
        except JumpseatError as error:
            await note_refusal(self._archive, self.settings, asked.account, error, now=time.time())
            if isinstance(error, NotSignedIn) and asked.account.name == ENVIRONMENT:
                # Signing in alone would change nothing.
                error.add_advice(advice(self.settings, card.service))
            raise

    def _timeouts_of(self, timeout: float | Timeouts | None) -> Timeouts:
        if timeout is None or isinstance(timeout, Timeouts):
            return timeout or self._timeouts
        return structs.replace(self._timeouts, total=float(timeout))

    def resolve(
        self,
        model: str,
        provider: str | None = None,
        *,
        unknown_model: Literal["refuse", "default"] = "refuse",
    ) -> ModelCard:
        """The model that a name means; see `jumpseat.client.naming.resolve`."""
        cards, default = self._catalog.cards(), self.settings.default_model
        try:
            return resolve(model, provider, cards, default)
        except InvalidRequest as error:
            if unknown_model == "refuse" or error.code != "model_not_found":
                raise
            return resolve(
                DEFAULT_MODELS[service_of(provider)] if provider else default, None, cards, default
            )

    async def account(self, provider: str) -> Account:
        """
        The account that would answer now, for a provider as `start` takes it.

        Nothing is sent. Raises `NotSignedIn` and its kinds; see `jumpseat.accounts.roster.Roster`.
        """
        return await self._roster.lend(service_of(provider))

    async def identify(self, account: Account) -> str | None:
        """
        Ask the service whether it accepts `account`, and who it is: a first name, None where it does not say.

        No question is put. Raises `NotSignedIn` when it does not, and any other `JumpseatError` when that
        could not be found out; `InvalidRequest` for an account of GitHub's API, which no upstream here asks,
        and where a setting puts a stranger's address in the service's place: nothing is sent there.
        """
        service = _SERVICES.get(account.kind)
        if service is None:
            raise InvalidRequest(f"no upstream asks as an account of kind {account.kind}", param="account")
        check_addresses(self.settings, account.kind, account.credential.host)
        return await self._upstreams[service].identify(account, Deadlines(self._timeouts, service))

    async def models(self) -> Sequence[ModelCard]:
        """The models that can be asked; at GitHub the account's own list, if one is signed in."""
        return await self._catalog.live_cards()


def messages_of(said: Said, images: Iterable[media.ImageSource] = ()) -> tuple[Message, ...]:
    """
    The messages a caller means, `images` put before the text of the last one.

    Raises `InvalidRequest` for what is neither text nor messages, and for a picture without a list.
    """
    messages = (Message("user", (Text(said),)),) if isinstance(said, str) else tuple(_read(said))
    if isinstance(images, (str, bytes, bytearray, memoryview, Path)) or hasattr(images, "read"):
        raise InvalidRequest("images is a list, of one picture too: images=[picture]", param="images")
    pictures = tuple(media.read_image(source) for source in images)
    if not pictures or not messages:
        return messages
    last = messages[-1]
    return (*messages[:-1], Message(last.role, (*pictures, *last.parts)))


def _read(said: Sequence[Message | Mapping[str, object]]) -> Iterator[Message]:
    for index, message in enumerate(said):
        if isinstance(message, Message):
            yield message
        elif isinstance(message, Mapping):
            yield from read_messages([message], first=index)
        else:
            raise InvalidRequest(
                f"messages[{index}] is a {type(message).__name__}: say it as text, as "
                '{"role": "user", "content": "..."}, or as jumpseat.Message("user", (jumpseat.Text("..."),))',
                param=f"messages[{index}]",
            )
