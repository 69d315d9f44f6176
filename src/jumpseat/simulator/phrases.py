"""What the simulator knows by heart: jokes, and a few phrases in two languages."""

from __future__ import annotations

import re

from jumpseat.simulator.question import Question

JOKES = (
    (
        "Why did the packet cross the loopback? To get to the same side.",
        "Зачем пакет перешёл через loopback? Чтобы оказаться на той же стороне.",
    ),
    (
        "There are 10 kinds of people: those who read binary, and those who do not.",
        "Людей на свете 10 видов: одни понимают двоичную систему, другие нет.",
    ),
    (
        "I would tell you a joke about UDP, but you might not get it.",
        "Я рассказал бы шутку про UDP, но неизвестно, дойдёт ли она.",
    ),
)

_PHRASES = (
    ("good morning", "доброе утро"),
    ("good evening", "добрый вечер"),
    ("good night", "спокойной ночи"),
    ("goodbye", "до свидания"),
    ("hello", "привет"),
    ("how are you", "как дела"),
    ("thank you", "спасибо"),
    ("please", "пожалуйста"),
    ("yes", "да"),
    ("no", "нет"),
    ("cat", "кот"),
    ("dog", "собака"),
)
_DICTIONARY = {one: other for pair in _PHRASES for one, other in (pair, pair[::-1])}
_TRANSLATE = re.compile(
    r"(?:translate|how do you say|переведи(?:те)?|как (?:будет|сказать))\b[\s:,]*(.*)", re.DOTALL
)
_LANGUAGE = re.compile(
    r"\b(?:(?:in)?to|into|from|in|на|с|по)[\s-]+"
    r"(?:english|russian|английск\w+|русск\w+)(?: язык\w*)?|\b(?:the word|phrase|слово|фраз[ау])\b"
)


def joke(ask: Question) -> str | None:
    """A joke, and another one for who asks again."""
    told = {joke for joke in ask.answers if any(joke in pair for pair in JOKES)}
    asks_again = bool(ask.answers) and ask.answers[-1] in told
    another = r"^\W*(?:and |tell me )?(?:another|one more|more\b|еще\b)"
    if not ask.has(r"\bjoke|анекдот|шутк|пошути") and not (asks_again and ask.has(another)):
        return None
    left = [pair for pair in JOKES if told.isdisjoint(pair)]
    if not left:
        return ask.say("Those were all the jokes that a simulator knows.", "Больше шуток симулятор не знает.")
    return ask.say(*left[0])


def translation(ask: Question) -> str | None:
    """A phrase of the little dictionary; for any other an honest no."""
    match = _TRANSLATE.search(ask.lower)
    if not match:
        return None
    wanted = _LANGUAGE.sub(" ", match[1]).strip(" \t\n.,:;!?\"'«»“”„`")
    if found := _DICTIONARY.get(wanted):
        return f"“{wanted}” — “{found}”"
    return ask.say(
        "I am a simulator and translate a few phrases only, like “good morning”, “thank you” or “cat”.",
        "Я симулятор и перевожу лишь несколько фраз: «доброе утро», «спасибо», «кот».",
    )
