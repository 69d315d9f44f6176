"""Where an answer is cut: `stop` and `max_tokens`, which no upstream here takes, honoured by us."""

from __future__ import annotations

from typing import Literal

from jumpseat.model.messages import Sampling

BYTES_PER_TOKEN = 4
"""
Rule of thumb: a token is four bytes of UTF-8.

That is four Latin letters, two Cyrillic ones, one and a third Chinese signs: within a third of what the usual
tokenizers count, and the same for a text however it was cut into pieces.
"""


def estimate_tokens(text: str) -> int:
    """About how many tokens `text` is."""
    return -(-_length(text) // BYTES_PER_TOKEN)


class Cutter:
    """
    Takes text as it comes and gives what may be said of it.

    A stop sequence ends the answer where it begins, even if it comes in pieces: what could become one is held
    back until it is clear. The sequence that is complete first counts, so that the cut does not depend on the
    pieces. Once `reason` is set nothing more is said, and the upstream can be closed.
    """

    def __init__(self, sampling: Sampling) -> None:
        self._stops = sampling.stop
        self._left = None if sampling.max_tokens is None else sampling.max_tokens * BYTES_PER_TOKEN
        self._held = ""
        self.reason: Literal["stop", "length"] | None = None

    def feed(self, text: str) -> str:
        """Take more text; return what may be said now."""
        if self.reason:
            return ""
        text = self._held + text
        end = self._stop_at(text)
        if end is not None:
            self.reason, self._held = "stop", ""
            return self._spend(text[:end])
        keep = self._could_begin_a_stop(text)
        self._held = text[len(text) - keep :]
        return self._spend(text[: len(text) - keep])

    def finish(self) -> str:
        """What was held back, now that no more comes (or something else than text comes)."""
        held, self._held = self._held, ""
        return "" if self.reason else self._spend(held)

    def take_back(self) -> None:
        """Forget what was held back: the upstream withdrew it."""
        self._held = ""

    def _stop_at(self, text: str) -> int | None:
        found = [(at + len(stop), at) for stop in self._stops if (at := text.find(stop)) >= 0]
        return min(found)[1] if found else None

    def _could_begin_a_stop(self, text: str) -> int:
        """Length of the longest end of `text` with which a stop sequence begins."""
        return max((_overlap(text, stop) for stop in self._stops), default=0)

    def _spend(self, text: str) -> str:
        if self._left is None:
            return text
        length = _length(text)
        if length <= self._left:
            self._left -= length
            return text
        self.reason, self._held = "length", ""
        return text.encode("utf-8", "surrogatepass")[: self._left].decode("utf-8", "ignore")


def _overlap(text: str, stop: str) -> int:
    for size in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:size]):
            return size
    return 0


def _length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
