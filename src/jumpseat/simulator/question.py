"""A question as the brain sees it: its words, its language, and what was said before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from jumpseat.simulator.history import Attached, Said

_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_NAME = r"([A-ZÀ-ÖØ-ÞА-ЯЁ][\w'’-]{1,30})"
_ANY_NAME = r"([^\W\d_][\w'’-]{1,30})"
_INTRODUCTIONS = (
    re.compile(
        r"(?i:\bmy name is|\bcall me|\bich heiße|\bменя зовут|\bмо[её] имя(?: —| -|:)?|\bзови(?:те)? меня)\s+"
        + _ANY_NAME
    ),
    re.compile(
        r"(?i:\bi am|\bi'm|\bi’m|\bim|\bthis is|\bich bin|(?<!\w)я —|(?<!\w)я -|(?<!\w)это|(?<!\w)я)\s+"
        + _NAME
    ),
)
_ENGLISH_WORDS = {"not", "the", "your", "you", "fine", "good", "here", "sorry", "happy", "glad", "ok", "what"}
_THINGS = {"microsoft", "github", "copilot", "russian", "english", "python", "javascript"}
_RUSSIAN_WORDS = {"не", "хочу", "могу", "что", "как", "кто", "называется"}
_NOT_NAMES = frozenset(_ENGLISH_WORDS | _THINGS | _RUSSIAN_WORDS)


def name_told(text: str) -> str | None:
    """The name by which the writer of this text introduces themselves, if they do."""
    for pattern in _INTRODUCTIONS:
        for match in pattern.finditer(text):
            if match[1].lower() not in _NOT_NAMES:
                return match[1][0].upper() + match[1][1:]
    return None


@dataclass(frozen=True)
class Question:
    """The last message of a history, which is a user's."""

    history: Sequence[Said]

    @cached_property
    def text(self) -> str:
        return self.history[-1].text.strip()

    @cached_property
    def lower(self) -> str:
        return self.text.lower().replace("ё", "е")

    @property
    def images(self) -> tuple[Attached, ...]:
        return self.history[-1].images

    @cached_property
    def is_russian(self) -> bool:
        """Whether most of its letters are Cyrillic; without any letters, whether the history's are."""
        for text in (self.text, *(m.text for m in reversed(self.history[:-1]))):
            cyrillic, latin = len(_CYRILLIC.findall(text)), len(_LATIN.findall(text))
            if cyrillic or latin:
                return cyrillic * 2 >= latin
        return False

    def say(self, english: str, russian: str) -> str:
        """The one that fits the question's language."""
        return russian if self.is_russian else english

    @cached_property
    def earlier(self) -> list[str]:
        """The person's earlier messages, oldest first."""
        return [m.text for m in self.history[:-1] if m.role == "user"]

    @cached_property
    def answers(self) -> list[str]:
        """The earlier answers, oldest first."""
        return [m.text for m in self.history[:-1] if m.role == "assistant" and m.text]

    @cached_property
    def name(self) -> str | None:
        """The person's name as told last, in this message or before."""
        for text in reversed([*self.earlier, self.text]):
            found = name_told(text)
            if found:
                return found
        return None

    def has(self, pattern: str) -> bool:
        """Whether the question, in lower case and with every ё as е, matches anywhere."""
        return re.search(pattern, self.lower) is not None


def quoted(text: str, most: int = 200) -> str:
    """A text in quotation marks, shortened."""
    flat = " ".join(text.split())
    return f"“{flat[:most]}{'…' if len(flat) > most else ''}”"
