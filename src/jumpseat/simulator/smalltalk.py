"""Small talk, poems, code and the other things a stand-in is asked for."""

from __future__ import annotations

import re

from jumpseat.simulator import arithmetic
from jumpseat.simulator.question import Question, name_told, quoted

SPRING = (
    """Растаял снег, звенит капель,
На ветках солнце, как в апрель,
Грачи вернулись в старый сад,
И каждый лужам снова рад.""",
    """Подснежник вышел из земли,
По речке льдинки поплыли,
И тёплый ветер у окна
Сказал негромко: «Вот, весна».""",
)
POEMS = (
    """A wire is stretched from me to you,
And word by word the words come through;
No cloud is far, no wind is here,
The answer's small, but it is near.""",
    """The second verse is like the first:
It wants no drink, it knows no thirst,
It counts its rhymes, it takes a bow,
And ends itself precisely now.""",
)
HAIKU = (
    """Loopback in the dawn—
a packet returns to where
it had never left.""",
    """Тихий порт внизу.
Пакет уходит в себя
и приходит вновь.""",
)
HELLO = """```python
print("Hello, World!")
```"""
ADD = """```python
def add(a: float, b: float) -> float:
    return a + b
```"""
FACTORIAL = """```python
def factorial(n: int) -> int:
    if n < 0:
        raise ValueError("n must not be negative")
    result = 1
    for factor in range(2, n + 1):
        result *= factor
    return result
```"""
MARKDOWN = """# A heading

A paragraph with **bold**, *italic* and `code`.

- one
- two
  - two and a half

1. first
2. second

> A quotation.

| left | right |
|---|---|
| 1 | 2 |

```python
print("fenced")
```

[A link](https://example.org)"""
MOST_COUNTED = 1000


def images(ask: Question) -> str | None:
    """What came attached; the simulator knows type and size, and says so."""
    if not ask.images:
        return None
    described = ", ".join(f"{image.mime} ({image.size} bytes)" for image in ask.images)
    count = len(ask.images)
    return ask.say(
        f"I received {count} image{'s' if count > 1 else ''}: {described}. "
        "I am a simulator and cannot see what they show.",
        f"Получено изображений: {count} ({described}). Я симулятор и не вижу, что на них.",
    )


def greeting(ask: Question) -> str | None:
    """Hello, how are you, and being introduced."""
    told = name_told(ask.text)
    greets = ask.has(
        r"^\W*(?:hello|hi|hey|good (?:morning|evening|day|afternoon)|greetings)\b"
        r"|^\W*(?:привет|здравствуй|добр\w+ (?:день|утро|вечер))"
    )
    wonders = ask.has(
        r"how are you|how(?:'s| is) it going|how do you do|как (?:у тебя |у вас )?дела|как (?:ты|вы)\b"
    )
    if not (told or greets or wonders):
        return None
    name = f", {told}" if told else ""
    # Nobody says hello twice, unless greeted twice.
    is_first = told or greets or not ask.earlier
    parts = [ask.say(f"Hello{name}!", f"Здравствуйте{name}!")] if is_first else []
    if told:
        parts.append(ask.say("Nice to meet you.", "Приятно познакомиться."))
    if wonders:
        parts.append(ask.say("I am fine, thank you.", "У меня всё хорошо, спасибо."))
    parts.append(ask.say("What can I do for you?", "Чем могу помочь?"))
    return " ".join(parts)


def thanks(ask: Question) -> str | None:
    if ask.has(r"^\W*(?:many )?(?:thanks|thank you|thx|спасибо|благодарю)"):
        return ask.say("You are welcome!", "Пожалуйста!")
    if ask.has(
        r"^\W*(?:bye|goodbye|good night|see you|пока|до свидания|до встречи|(?:спокойн|добр)ой ночи)\b"
    ):
        return ask.say("Goodbye!", "До свидания!")
    if ask.has(r"^\W*(?:ok|okay|fine|great|good|nice|cool|got it|i see|well done|(?:ha)+|lol)\W*$"):
        return "All right. What is next?"
    if ask.has(r"^\W*(?:ок|окей|хорошо|ладно|понятно|ясно|отлично|здорово|класс|супер|(?:ха)+)\W*$"):
        return "Хорошо. Что дальше?"
    return None


def abilities(ask: Question) -> str | None:
    """`What can you do?`, and pleas for help with anything."""
    if not ask.has(
        r"what can you do|can you help|^\W*(?:please )?help\b|what do you know|how can you help"
        r"|(?:что|чем) (?:ты |вы )?(?:умее|може)|^\W*помоги|(?:можешь|можете) помочь"
    ):
        return None
    return ask.say(
        "I am a simulator, not a model. I remember what you tell me here, do sums, count, tell jokes and "
        "poems, and make stand-in pictures. `jumpseat simulate --help` shows how to direct my answers.",
        "Я симулятор, а не модель. Я помню, что вы мне здесь сказали, решаю примеры, считаю, рассказываю "
        "шутки и стихи, рисую условные картинки. Как управлять ответами, скажет `jumpseat simulate --help`.",
    )


def identity(ask: Question) -> str | None:
    """Who is speaking: plainly not a model."""
    if not ask.has(
        r"(?:who|what) are you|are you (?:an?|real|human|gpt|copilot|chatgpt)|your name"
        r"|about yourself|what model"
        r"|кто (?:ты|вы)\b|ты (?:кто|настоящ|человек|бот)|как тебя зовут|как вас зовут|какая (?:ты|вы) модель"
        r"|расскажи\w* о себе"
    ):
        return None
    return ask.say(
        "I am jumpseat's simulator: a stand-in for Copilot on this computer. There is no real model here.",
        "Я симулятор из jumpseat: заменяю Copilot на этом компьютере. Настоящей модели здесь нет.",
    )


def arithmetics(ask: Question) -> str | None:
    solved = arithmetic.go_on(ask.answers[-1], ask.text) if ask.answers else None
    solved = solved or arithmetic.solve(ask.text)
    return f"{solved[0]} = {solved[1]}" if solved else None


def counting(ask: Question) -> str | None:
    match = re.search(r"(?:count|посчитай|считай|досчитай)\b.*?\b(?:(\d+)\D+)?(\d+)", ask.lower)
    if not match:
        return None
    first, last = int(match[1] or 1), int(match[2])
    if last < first:
        first, last = 1, first
    return ", ".join(str(number) for number in range(first, min(last, first + MOST_COUNTED - 1) + 1))


def poem(ask: Question) -> str | None:
    if ask.has(r"haiku|хайку|хокку"):
        return ask.say(*HAIKU)
    if ask.has(r"\bpoem|\bverse|\brhyme|\bстих|поэм|четверостиш"):
        return ask.say(POEMS[0], SPRING[0])
    return None


def code(ask: Question) -> str | None:
    if ask.has(r"hello,? world"):
        return ask.say("Here it is:\n\n", "Вот так:\n\n") + HELLO
    if ask.has(r"factorial|факториал"):
        return (
            ask.say("A function for the factorial:\n\n", "Функция, которая вычисляет факториал:\n\n")
            + FACTORIAL
        )
    if ask.has(r"adds? (?:up )?two|sum of two|склад\w+ (?:два|двух)|сумм\w+ двух"):
        return ask.say("A function that adds:\n\n", "Функция, которая складывает:\n\n") + ADD
    if ask.has(r"markdown|маркдаун"):
        return MARKDOWN
    if ask.has(
        r"\b(?:write|show|give|make|create)\b.*\b(?:code|function|program|script|class)\b"
        r"|(?:напиши|покажи|сделай|дай)\w*\b.*(?:код|функци|программ|скрипт|класс)"
    ):
        return ask.say(
            "I am a simulator and know three programs by heart: Hello World, the factorial, and the sum of "
            "two numbers. Ask for one of them.",
            "Я симулятор и знаю наизусть три программы: Hello World, факториал и сумму двух чисел. "
            "Попросите одну из них.",
        )
    return None


def weather(ask: Question) -> str | None:
    """Honest about what a simulator cannot know: weather, news, the time."""
    if ask.has(r"weather|погод"):
        return ask.say(
            "I am a simulator and know no weather; look out of the window or at a weather service.",
            "Я симулятор и погоды не знаю: посмотрите в окно или на сайт с прогнозом.",
        )
    if ask.has(r"what time|what day|what(?:'s| is) the date|news\b|который час|какое сегодня|новости"):
        return ask.say(
            "I am a simulator and know neither the time nor the news.",
            "Я симулятор и не знаю ни времени, ни новостей.",
        )
    return None


def more(ask: Question) -> str | None:
    """`Continue, please`: the next verse, the next numbers, or an honest nothing."""
    if not ask.has(r"^\W*(?:please,? )?(?:continue|go on|more\b|продолж|дальше|еще\b)"):
        return None
    if not ask.answers:
        return ask.say("There is nothing yet to go on from.", "Пока нечего продолжать.")
    last = ask.answers[-1]
    for verses in (POEMS, SPRING):
        if last == verses[0]:
            return verses[1]
    numbers = re.fullmatch(r"(?:\d+, )*(\d+)", last)
    if numbers:
        return ", ".join(str(int(numbers[1]) + step) for step in range(1, 11))
    ending = ask.say(": that was all I had.", " — это было всё.")
    return ask.say("To go on from ", "Продолжаю: ") + quoted(last, 80) + ending
