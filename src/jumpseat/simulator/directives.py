"""The `%%NAME argument%%` marks by which a prompt tells the simulator what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

MAX_TOKENS = 1_000_000
MAX_PAUSE_MS = 60_000
DEFAULT_IMAGE = "a small test picture"

_MARK = re.compile(r"%%([A-Z]+)(?:[ \t\n]+(.*?))?%%", re.DOTALL)


class Directives(msgspec.Struct, frozen=True, kw_only=True):
    """What the marks of one message ask for; all empty means: answer as you like."""

    texts: tuple[str, ...] = ()
    image: str | None = None
    thoughts: tuple[str, ...] = ()
    pause_ms: float | None = None
    tokens: int | None = None
    stamps: int | None = None
    """So many deltas, each holding the nanoseconds of the monotonic clock at its sending."""
    citations: tuple[str, ...] = ()
    fault: str | None = None
    mistakes: tuple[str, ...] = ()
    """Marks that mean nothing, to be named in the answer."""

    @property
    def decides_text(self) -> bool:
        """Whether the answer's text comes from the marks and not from the brain."""
        return bool(self.texts or self.tokens or self.stamps or self.image or self.mistakes)


def _number(argument: str, most: int) -> int | None:
    text = argument.strip()
    return min(int(text), most) if text.isdecimal() and len(text) < 12 else None


_Apply = Callable[[Directives, str], "dict[str, object] | None"]


def _tokens(_: Directives, argument: str) -> dict[str, object] | None:
    number = _number(argument, MAX_TOKENS)
    return None if number is None else {"tokens": number}


def _stamps(_: Directives, argument: str) -> dict[str, object] | None:
    number = _number(argument, MAX_TOKENS)
    return None if number is None else {"stamps": number}


def _slow(_: Directives, argument: str) -> dict[str, object] | None:
    number = _number(argument, MAX_PAUSE_MS)
    return None if number is None else {"pause_ms": float(number)}


APPLY: Mapping[str, _Apply] = {
    "SAY": lambda so_far, text: {"texts": (*so_far.texts, text)},
    "REV": lambda so_far, text: {"texts": (*so_far.texts, text[::-1])},
    "IMAGE": lambda _, text: {"image": text.strip() or DEFAULT_IMAGE},
    "THINK": lambda so_far, text: {"thoughts": (*so_far.thoughts, text)},
    "SLOW": _slow,
    "TOKENS": _tokens,
    "CLOCK": _stamps,
    "CITE": lambda so_far, url: {"citations": (*so_far.citations, url.strip())},
    "FAULT": lambda _, name: {"fault": name.strip()},
}
NAMES = tuple(APPLY)


def parse(text: str) -> Directives | None:
    """Read the marks of one message; None if there are none."""
    found = None
    for name, argument in _MARK.findall(text):
        so_far = found or Directives()
        apply = APPLY.get(name)
        change = apply(so_far, argument) if apply else None
        if change is None:
            change = {"mistakes": (*so_far.mistakes, f"%%{name} {argument}%%")}
        found = msgspec.structs.replace(so_far, **change)
    return found


def of_messages(texts: Sequence[str]) -> Directives:
    """The marks that count among user messages in order: those of the last one that has any."""
    for text in reversed(texts):
        found = parse(text)
        if found is not None:
            return found
    return Directives()


def without_marks(text: str) -> str:
    """The text as if nobody had directed anything."""
    return _MARK.sub("", text).strip()
