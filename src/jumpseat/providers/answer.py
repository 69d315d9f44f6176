"""From a question in the documents' form to the items of its answer."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import os
import weakref
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, assert_never

from msgspec import Struct

from jumpseat import media as pictures
from jumpseat.accounts.pacer import Pacer
from jumpseat.accounts.roster import Roster
from jumpseat.client import Client
from jumpseat.client.client import Direct, messages_of
from jumpseat.dialects.openai_chat import read_messages
from jumpseat.model.catalog import Service
from jumpseat.model.credentials import NO_COOKIES, Account, Credential, Secret
from jumpseat.model.events import (
    ChatEvent,
    Citation,
    Finished,
    FollowupsSuggested,
    ImageMade,
    ImageStarted,
    ReasoningDelta,
    Started,
    TextDelta,
    TextReplaced,
    TitleGiven,
    Usage,
)
from jumpseat.model.messages import Message, Turn, user
from jumpseat.providers.items import (
    Conversation,
    FinishReason,
    ImageResponse,
    Item,
    Reasoning,
    ReplacedText,
    RequestLogin,
    Sources,
    SuggestedFollowups,
    TitleGeneration,
)
from jumpseat.providers.signin import sign_in_and_keep, window_for
from jumpseat.settings import Settings
from jumpseat.settings_file import load_settings

if TYPE_CHECKING:
    from jumpseat.browser.finding import Ready

Messages = Sequence[Mapping[str, object]]
MediaListType = Iterable[pictures.ImageSource]
Cookies = Mapping[str, str]

_pacers: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[int, ...], Pacer]]
_pacers = weakref.WeakKeyDictionary()


class Call(Struct, frozen=True, kw_only=True):
    """One question in the documents' form."""

    service: Service
    model: str
    messages: Messages
    stream: bool
    proxy: str | None
    timeout: float
    prompt: str | None
    media: MediaListType
    thread: str | None
    return_conversation: bool
    account: Account | None
    label: str | None = None
    """What the service is called when the person is asked to sign in; None asks nobody."""


async def items_of(call: Call) -> AsyncGenerator[Item, None]:
    """The items of the answer as they come; with `stream` off, each kind once and the text in one piece."""
    settings = load_settings(os.environ)
    turn = Turn(model=call.model, messages=_messages(call))
    roster, pacer = roster_of(settings), _pacer(settings)
    async with Client(settings, proxy=call.proxy, pacer=pacer, roster=roster) as client:
        account = call.account
        if call.label and account is None and (window := await _window(client, call)) is not None:
            yield RequestLogin(call.label, window.launch.url)
            account = await sign_in_and_keep(settings, window)
        stream = await client.start(
            turn,
            provider=call.service,
            direct=Direct(thread=call.thread, account=account),
            timeouts=call.timeout,
            wants_extras=True,
        )
        async with stream:
            held: list[Item] = []
            async for event in stream:
                item = _item(event, call)
                if item is None:
                    continue
                if call.stream:
                    yield item
                else:
                    held.append(item)
            for item in joined(held):
                yield item


async def _window(client: Client, call: Call) -> Ready | None:
    """Where the person can be asked to sign in; None if somebody is signed in, or no window can be opened."""
    if not (await client.account(call.service)).credential.is_anonymous:
        return None
    return window_for(client.settings, call.proxy)


def joined(items: Iterable[Item]) -> list[Item]:
    """`items` with their text, their reasoning and their sources each in one piece, where it first stood."""
    result: list[Item] = []
    at: dict[type, int] = {}
    for item in items:
        kind = str if isinstance(item, str) else type(item)
        if kind not in at or kind not in (str, Reasoning, Sources):
            at[kind] = len(result)
            result.append(item)
        else:
            result[at[kind]] = _merged(result[at[kind]], item)
    return result


def _merged(before: Item, item: Item) -> Item:
    if isinstance(before, Reasoning) and isinstance(item, Reasoning):
        return Reasoning(before.token + item.token)
    if isinstance(before, Sources) and isinstance(item, Sources):
        return Sources([*before.sources, *item.sources])
    # The folded answer never holds both: what replaces stands alone.
    return str(item) if isinstance(item, ReplacedText) else f"{before}{item}"


def _item(event: ChatEvent, call: Call) -> Item | None:
    match event:
        case TextDelta(text):
            return text
        case TextReplaced(text):
            return ReplacedText(text)
        case ReasoningDelta(text):
            return Reasoning(text)
        case ImageMade():
            return ImageResponse(url=event.url, alt=event.prompt, preview=event.preview)
        case _:
            return _remark(event, call)


def _remark(
    event: Started | ImageStarted | Citation | TitleGiven | FollowupsSuggested | Usage | Finished, call: Call
) -> Item | None:
    match event:
        case Started():
            return Conversation(event.conversation_id) if call.return_conversation else None
        case Citation():
            return Sources([{"title": event.title, "url": event.url}])
        case TitleGiven(title):
            return TitleGeneration(title)
        case FollowupsSuggested(suggestions):
            return SuggestedFollowups(list(suggestions))
        case Finished(reason):
            return FinishReason(reason)
        case ImageStarted() | Usage():
            return None
        case _:
            assert_never(event)


def _messages(call: Call) -> tuple[Message, ...]:
    if call.prompt is not None:
        return messages_of((user(call.prompt),), call.media)
    return messages_of(read_messages(call.messages), call.media)


def account_of(service: Service, api_key: str | None, cookies: Cookies | None) -> Account | None:
    """
    An account made of what the caller hands over for this one call; None when it hands over nothing.

    It is named by a digest, so that one caller's key is paced, and remembered, apart from every other.
    """
    if not api_key and not cookies:
        return None
    secrets = {name: Secret(value) for name, value in (cookies or {}).items()}
    handed = "\n".join((api_key or "", *(f"{name}={value}" for name, value in (cookies or {}).items())))
    return Account(
        kind="microsoft" if service == "microsoft" else "github-web",
        name=f"call-{hashlib.sha256(handed.encode()).hexdigest()[:16]}",
        credential=Credential(token=Secret(api_key) if api_key else None, cookies=secrets or NO_COOKIES),
    )


@functools.lru_cache(maxsize=4)
def roster_of(settings: Settings) -> Roster:
    """One roster for all calls: each call has its own client, the accounts are looked up when they change."""
    return Roster(settings)


if hasattr(os, "register_at_fork"):  # Not on Windows, which does not fork.
    # The threads that look something up are the parent's: a child would wait for them for ever.
    os.register_at_fork(after_in_child=roster_of.cache_clear)


def _pacer(settings: Settings) -> Pacer:
    """One pacer for all calls on this loop: each call has its own client, an account has one pace."""
    by_pace = _pacers.setdefault(asyncio.get_running_loop(), {})
    key = (
        settings.pace,
        settings.microsoft_concurrency,
        settings.microsoft_per_minute,
        settings.github_concurrency,
        settings.queue_limit,
    )
    return by_pace.setdefault(key, Pacer.of(settings))
