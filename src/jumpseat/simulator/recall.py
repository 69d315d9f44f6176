"""Answers out of the conversation's own history: names, facts, and what was said."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jumpseat.simulator import lore
from jumpseat.simulator.question import Question, name_told, quoted

_KEEP = re.compile(
    r"(?:please |пожалуйста,? )?(?:remember|keep in mind|note|запомни(?:те)?|помни)"
    r"(?: that|,? что)?[:,]?\s+(.+)",
    re.IGNORECASE | re.DOTALL,
)
_MINE = re.compile(r"\bmy (?!name\b)([\w -]{2,40}?) (?:is|are|was) ([^.!?\n]{1,80})", re.IGNORECASE)
_MINE_RUSSIAN = re.compile(
    r"\bмо[йяеёи]\s+(?!имя\b)([\w ]{2,40}?)(?: —| –| -|:| это)\s*([^.!?\n]{1,80})", re.IGNORECASE
)
_AND_SO_ON = re.compile(r"[,;]? (?:and|but|и|а|но) (?:i|my|я|мо\w+)\b.*", re.IGNORECASE | re.DOTALL)
"""Where a fact ends and the next begins: `my cat is black and I live in Berlin`."""

_TOPICS = (
    # What is asked, and what an earlier message must hold to be the answer.
    (
        r"where (?:do|did) i live|where am i from|где я живу|откуда я\b",
        r"\bi (?:live|come from)|\bi(?: am|'m) from|\bя (?:живу|из)\b",
    ),
    (r"how old am i|(?:what is|what's) my age|сколько мне лет", r"\bi(?: am|'m) \d+|\bmy age is|\bмне \d+"),
    (r"where do i work|what do i do\b|(?:где|кем) я работаю", r"\bi work|\bя работаю"),
    (r"what do i (?:like|love)|что я люблю|что мне нравится", r"\bi (?:like|love)\b|\bя люблю|\bмне нрав"),
    (
        r"what do i have|what have i got|что у меня есть",
        r"\bi(?: have|'ve) (?:got )?\w|\bу меня (?:есть|живет)",
    ),
)
_THEIR_NAME = re.compile(
    r"(?:what(?:'s| is) my (\w+?)(?:'s|’s) name|what(?:'s| is) my (\w+) called|как зовут мо\w+ (\w+))"
)

_MOST_SUMMED = 12


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
        r"|что (?:ты|вы) (?:\w+ ){0,3}(?:сказал|ответил)|твой (?:перв|последн|предыдущ)\w+ ответ"
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


def _facts(texts: list[str]) -> Iterator[tuple[str, str]]:
    """What is told of, and what is told of it, in the person's own words, oldest first."""
    for text in texts:
        for pattern in (_MINE, _MINE_RUSSIAN):
            for what, value in pattern.findall(text):
                yield what.lower().strip(), _AND_SO_ON.sub("", value).strip()


def _spelt(what: str) -> str:
    """One spelling for those who write colour and those who write color."""
    return re.sub(r"(?<=[a-z]{3})our(?=s?\b|ite)", "or", what.lower().strip())


def my_fact(ask: Question) -> str | None:
    """`What is my favourite colour?`, if it was told."""
    match = re.search(
        r"(?:what|who|which|where)(?:'s| is| are| was)? my ([\w -]+)|как\w+ (?:у меня )?мо[йяеи]\s+([\w ]+)",
        ask.lower,
    )
    if not match:
        return None
    what = (match[1] or match[2]).strip()
    known = {_spelt(told): value for told, value in _facts(ask.earlier)}
    value = known.get(_spelt(what))
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
    fact = None if ask.text.endswith("?") else next(_facts([ask.text]), None)
    if fact is None:
        return None
    what, value = fact
    return ask.say(f"Good to know: your {what} is {value}.", f"Буду знать: {what} — {value}.")


def topic(ask: Question) -> str | None:
    """`Where do I live?`, `What is my dog's name?`: answered with the person's own words."""
    pattern = next((told for asked, told in _TOPICS if ask.has(asked)), None)
    if match := _THEIR_NAME.search(ask.lower):
        # The beginning of the word: in Russian its end changes with its place in the sentence.
        word = next(filter(None, match.groups()))
        pattern = rf"\b{re.escape(word[:3] if ask.is_russian else word)}"
    if pattern is None:
        return None
    told = [text for text in _statements(ask) if re.search(pattern, text.lower().replace("ё", "е"))]
    if not told:
        return ask.say("You have not told me that yet.", "Вы мне этого ещё не говорили.")
    return ask.say("You told me: ", "Вы говорили: ") + quoted(told[-1])


def _statements(ask: Question) -> list[str]:
    """What the person told, sentence by sentence, without the questions."""
    sentences = [part for text in [*ask.earlier, ask.text] for part in re.split(r"(?<=[.!?])\s+", text)]
    return [sentence for sentence in sentences if not sentence.endswith("?")]


def topic_told(ask: Question) -> str | None:
    """`I live in Berlin.`"""
    if ask.text.endswith("?") or name_told(ask.text) or not any(ask.has(told) for _, told in _TOPICS):
        return None
    return ask.say("Good to know: ", "Буду знать: ") + quoted(ask.text)


def summary(ask: Question) -> str | None:
    """`Summarize our conversation.`"""
    if not ask.has(
        r"(?:summari[sz]e|sum up|recap|summary of)\b.*"
        r"(?:conversation|chat|talk|discussion|said|far|this\b|it\b)"
        r"|(?:итог|резюм|кратко перескаж)\w*\b.*(?:разговор|бесед|диалог|чат|сказан)"
    ):
        return None
    if not ask.earlier:
        return ask.say("Nothing was said here before.", "До этого здесь ничего не говорили.")
    lines = [f"- {quoted(text, 80)}" for text in ask.earlier[-_MOST_SUMMED:]]
    left_out = len(ask.earlier) - len(lines)
    more = ask.say(f", the last {len(lines)}", f", последние {len(lines)}") if left_out else ""
    return ask.say(f"So far you said{more}:", f"До сих пор вы сказали{more}:") + "\n\n" + "\n".join(lines)
