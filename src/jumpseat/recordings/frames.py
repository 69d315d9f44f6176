"""What the WebSocket frames of a recording tell: never the words of the chat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from jumpseat.recordings.entries import NEVER, UNREADABLE, Frame

Sign = Literal["challenge", "good-turn", "not-served"]
"""A human check asked for; an answer that came to its end; a refusal because of the region."""

# In a text within the JSON, quotation marks are escaped: what people and models write does not match.
_CLASSIC = re.compile(r'"event"\s*:\s*"(challenge|done)"|"errorCode"\s*:\s*"(chat-service-unavailable)"')
_FINAL = re.compile(r'"type"\s*:\s*2\b')
_RESULT = re.compile(r'"result"\s*:\s*\{[^{}]*?"value"\s*:\s*"(CaptchaChallenge|Success)"')
_SIGNS: Mapping[str, Sign] = {
    "challenge": "challenge",
    "done": "good-turn",
    "chat-service-unavailable": "not-served",
    "CaptchaChallenge": "challenge",
    "Success": "good-turn",
}
_RECORD_END = "\x1e"  # Chathub page, section 4.


class PageOptions(Struct, frozen=True, kw_only=True):
    """What the page of the chathub sends with every question, without the question."""

    options_sets: tuple[str, ...] = ()
    allowed_message_types: tuple[str, ...] = ()
    client_info: tuple[tuple[str, str], ...] = ()
    tone: str | None = None


class _Argument(Struct):
    optionsSets: list[Any]  # noqa: N815 - the name on the wire
    allowedMessageTypes: Any = None  # noqa: N815 - the name on the wire
    clientInfo: Any = None  # noqa: N815 - the name on the wire
    tone: Any = None


class _Invocation(Struct):
    arguments: list[_Argument]


_INVOCATIONS = msgspec.json.Decoder(_Invocation)


class Signs:
    """The newest moment of each sign. Of two at one moment the later told counts as newer."""

    def __init__(self) -> None:
        self._count = 0
        self._newest: dict[str, tuple[float, int]] = {}

    def note(self, name: str, at: float) -> None:
        self._count += 1
        self._newest[name] = max((at, self._count), self._newest.get(name, (NEVER, 0)))

    def has(self, name: str, *, unless_later: Iterable[str] = ()) -> bool:
        """Whether it was noted, and none of the others after it."""
        moment = self._newest.get(name)
        others = [self._newest[other] for other in unless_later if other in self._newest]
        return moment is not None and all(other < moment for other in others)


def signs_in(frame: Frame, *, is_chathub: bool) -> Iterator[Sign]:
    """What a frame that came tells, in its order (classic page, section 6; chathub page, section 6)."""
    if frame.is_sent:
        return
    if not is_chathub:
        for found in _CLASSIC.finditer(frame.text):
            yield _SIGNS[found[1] or found[2]]
        return
    for record in frame.text.split(_RECORD_END):
        if _FINAL.search(record) and (result := _RESULT.search(record)):
            yield _SIGNS[result[1]]


def page_options(frames: Iterable[Frame]) -> PageOptions | None:
    """What went with the last question on a chathub socket; None if no question can be read."""
    sent = "".join(frame.text for frame in frames if frame.is_sent)
    found = None
    for record in sent.split(_RECORD_END):
        if '"optionsSets"' not in record:
            continue
        try:
            arguments = _INVOCATIONS.decode(record).arguments
        except UNREADABLE:
            continue
        for argument in arguments:
            found = _options(argument)
    return found


def _options(argument: _Argument) -> PageOptions:
    info = argument.clientInfo if isinstance(argument.clientInfo, dict) else {}
    return PageOptions(
        options_sets=_texts(argument.optionsSets),
        allowed_message_types=_texts(argument.allowedMessageTypes),
        client_info=tuple((str(name), value) for name, value in info.items() if isinstance(value, str)),
        tone=argument.tone if isinstance(argument.tone, str) else None,
    )


def _texts(values: object) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str)) if isinstance(values, list) else ()
