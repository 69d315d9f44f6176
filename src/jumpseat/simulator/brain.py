"""What the simulator answers of its own accord: the first rule that has something to say."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jumpseat.simulator import phrases, recall, smalltalk
from jumpseat.simulator.history import Said
from jumpseat.simulator.question import Question, quoted

_DRAW = re.compile(
    r"(?:(?:draw|paint|sketch)|(?:generate|create|make)\s+(?:me\s+)?(?:an?\s+)?(?:image|picture|photo|drawing)"
    r"|нарисуй(?:те)?|(?:сгенерируй|создай|сделай)(?:те)?\s+(?:мне\s+)?(?:изображени\w+|картинк\w+|рисун\w+))"
    r"\s*(?:me\s+)?(?:of\s+)?(.*)",
    re.IGNORECASE | re.DOTALL,
)

RULES: Sequence[Callable[[Question], str | None]] = (
    smalltalk.images,
    recall.my_name,
    recall.about_my_name,
    recall.what_i_said,
    recall.what_you_said,
    recall.how_many,
    recall.keep,
    recall.kept,
    recall.topic,
    recall.my_fact,
    recall.fact_told,
    recall.summary,
    smalltalk.identity,
    smalltalk.abilities,
    phrases.translation,
    smalltalk.code,
    smalltalk.counting,
    smalltalk.arithmetics,
    smalltalk.poem,
    smalltalk.weather,
    phrases.joke,
    smalltalk.more,
    smalltalk.thanks,
    smalltalk.greeting,
    recall.topic_told,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A text, and what to draw before it."""

    text: str
    picture: str | None = None


def picture_wanted(text: str) -> str | None:
    """What a text asks to draw; None if it does not."""
    match = _DRAW.search(text)
    if not match:
        return None
    return match[1].strip().rstrip(".!?") or text.strip()


def cannot_draw(picture: str) -> str:
    """What a service or mode that makes no pictures says instead."""
    ask = Question([Said("user", picture)])
    return ask.say(
        f"I cannot draw here, so no picture of {picture}.",
        f"Здесь я не умею рисовать: {picture} останется без картинки.",
    )


def answer(history: Sequence[Said]) -> Answer:
    """The answer to the last message of a history, which is a user's."""
    ask = Question(history)
    picture = None if ask.images else picture_wanted(ask.text)
    if picture is not None:
        return Answer(ask.say(f"Here is {picture}.", f"Вот, пожалуйста: {picture}."), picture)
    for rule in RULES:
        text = rule(ask)
        if text is not None:
            return Answer(text)
    return Answer(
        ask.say(
            f"You wrote {quoted(ask.text)}. I am jumpseat's simulator and have no opinion of my own, "
            "but a real Copilot would answer in this place.",
            f"Вы написали {quoted(ask.text)}. Я симулятор из jumpseat, своего мнения у меня нет, "
            "но на этом месте ответил бы настоящий Copilot.",
        )
    )
