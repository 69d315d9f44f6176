"""Answers out of the conversation's own history: names, facts, and what was said."""

from __future__ import annotations

import re

from jumpseat.simulator import lore
from jumpseat.simulator.question import Question, name_told, quoted

_KEEP = re.compile(
    r"(?:please |пожалуйста,? )?(?:remember|keep in mind|note|запомни(?:те)?|помни)"
    r"(?: that|,? что)?[:,]?\s+(.+)",
    re.IGNORECASE | re.DOTALL,
)
_MINE = re.compile(r"\bmy ([\w -]{2,40}?) (?:is|are|was) ([^.!?\n]{1,80})", re.IGNORECASE)
_MINE_RUSSIAN = re.compile(
    r"\bмо[йяеёи]\s+([\w ]{2,40}?)(?: —| –| -|:| это)\s*([^.!?\n]{1,80})", re.IGNORECASE
)


def my_name(ask: Question) -> str | None:
    """`What is my name?`"""
    if not ask.has(
        r"what(?:'s| is| was)? my name|who am i|(?:remember|know|recall|say|tell me|repeat) my name"
        r"|как (?:же )?меня зовут|кто я\b|какое (?:у меня|мое) имя|помнишь,? как меня"
        r"|(?:назови|скажи|повтори) мое имя"
    ):
        return None
    if ask.name is None:
        return ask.say("You have not told me your name yet.", "Вы ещё не говорили мне, как вас зовут.")
    return ask.say(f"Your name is {ask.name}.", f"Вас зовут {ask.name}.")


def about_my_name(ask: Question) -> str | None:
    """`Tell me something about my name.`"""
    if not ask.has(r"\bmy (?:first )?name\b|(?:мое|моего|моем|моему) имен|мое имя") or name_told(ask.text):
        return None
    if ask.name is None:
        return ask.say(
            "You have not told me your name yet. What is it?",
            "Вы ещё не назвали своего имени. Как вас зовут?",
        )
    english, russian = lore.about(ask.name)
    return ask.say(
        f"Your name is {ask.name}. {english}.",
        f"Вас зовут {ask.name}. {russian}.",
    )


def _pick(texts: list[str], ask: Question) -> str:
    return texts[0] if ask.has(r"\bfirst\b|перв") else texts[-1]


def what_i_said(ask: Question) -> str | None:
    """`What did I say before?`, first or last."""
    if not ask.has(
        r"what (?:did|have|was it that) i (?:just )?(?:say|said|ask|asked|write|written|tell|told)"
        r"|my (?:very )?(?:first|last|previous|earlier) (?:message|question|words?)"
        r"|что я (?:тебе |вам |только что )?(?:\w+ )?(?:сказал|говорил|спросил|спрашивал|писал|написал)"
        r"|(?:перв|последн|предыдущ)\w+ (?:мое |мой )?(?:сообщени|вопрос)"
    ):
        return None
    if not ask.earlier:
        return ask.say("This is the first thing you have said here.", "Это первое, что вы здесь сказали.")
    said = quoted(_pick(ask.earlier, ask))
    which = (
        ("First you said", "Сначала вы сказали") if ask.has(r"\bfirst\b|перв") else ("You said", "Вы сказали")
    )
    return ask.say(f"{which[0]}: {said}", f"{which[1]}: {said}")


def what_you_said(ask: Question) -> str | None:
    """`What did you say before?`"""
    if not ask.has(
        r"what (?:did|have) you (?:just )?(?:say|said|answer)"
        r"|your (?:first|last|previous) (?:answer|reply|message)|repeat (?:that|your|yourself)"
        r"|что (?:ты|вы) (?:\w+ )?(?:сказал|ответил)|твой (?:перв|последн|предыдущ)\w+ ответ"
    ):
        return None
    if not ask.answers:
        return ask.say("I have not said anything yet.", "Я ещё ничего не говорил.")
    return ask.say("I said: ", "Я сказал: ") + quoted(_pick(ask.answers, ask))


def keep(ask: Question) -> str | None:
    """`Remember that …`"""
    match = _KEEP.match(ask.text)
    if not match or ask.text.endswith("?"):
        return None
    what = match[1].strip().rstrip(".!")
    return ask.say(f"I will remember: {what}.", f"Запомню: {what}.")


def kept(ask: Question) -> str | None:
    """`What did I ask you to remember?`"""
    if not ask.has(
        r"\bremember|\bwhich number|\bwhat (?:was|is) the (?:number|word|code)"
        r"|запомн|какое (?:было )?(?:число|слово)"
    ):
        return None
    found = [m[1].strip().rstrip(".!") for m in map(_KEEP.match, ask.earlier) if m]
    if not found:
        return None
    return ask.say("You asked me to remember: ", "Вы просили запомнить: ") + "; ".join(found) + "."


def _facts(texts: list[str]) -> dict[str, str]:
    facts: dict[str, str] = {}
    for text in texts:
        for pattern in (_MINE, _MINE_RUSSIAN):
            for what, value in pattern.findall(text):
                facts[what.lower().strip()] = value.strip()
    return facts


def my_fact(ask: Question) -> str | None:
    """`What is my favourite colour?`, if it was told."""
    match = re.search(
        r"(?:what|who|which|where)(?:'s| is| are| was)? my ([\w -]+)|как\w+ (?:у меня )?мо[йяеи]\s+([\w ]+)",
        ask.lower,
    )
    if not match:
        return None
    what = (match[1] or match[2]).strip()
    value = _facts(ask.earlier).get(what)
    if value is None:
        return ask.say(f"You have not told me your {what} yet.", f"Вы ещё не говорили мне про это: {what}.")
    return ask.say(f"Your {what} is {value}.", f"Вы говорили: {what} — {value}.")


def how_many(ask: Question) -> str | None:
    """`How many messages have I sent?`"""
    if not ask.has(r"how many (?:messages|questions|things)|сколько (?:сообщений|вопросов)"):
        return None
    number = len(ask.earlier) + 1
    return ask.say(f"This is message number {number} from you.", f"Это ваше сообщение номер {number}.")


def fact_told(ask: Question) -> str | None:
    """`My favourite colour is blue.`"""
    facts = {} if ask.text.endswith("?") else _facts([ask.text])
    if not facts:
        return None
    what, value = next(iter(facts.items()))
    return ask.say(f"Good to know: your {what} is {value}.", f"Буду знать: {what} — {value}.")
