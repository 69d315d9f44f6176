"""The simulator answers from the history, in the language of the question."""

from __future__ import annotations

import pytest

from jumpseat.simulator import brain
from jumpseat.simulator.history import Attached, Said


def conversation(*questions: str) -> list[str]:
    """The answers to these questions, asked one after the other in one conversation."""
    history: list[Said] = []
    answers = []
    for question in questions:
        history.append(Said("user", question))
        answers.append(brain.answer(history).text)
        history.append(Said("assistant", answers[-1]))
    return answers


def test_it_remembers_the_name_it_was_told() -> None:
    first, second = conversation("Hello, i am Heiner. How are you?", "Tell me somethings about my name")

    assert "Heiner" in first
    assert "I am fine" in first
    assert "Heiner" in second
    assert "Heinrich" in second


@pytest.mark.parametrize(
    ("told", "asked", "name"),
    [
        ("My name is bob", "What is my name?", "Bob"),
        ("I'm Ann-Marie.", "who am I", "Ann-Marie"),
        ("call me Ishmael", "do you remember my name?", "Ishmael"),
        ("Привет! Меня зовут Анна.", "Как меня зовут?", "Анна"),
        ("Моё имя Пётр", "кто я?", "Пётр"),
        ("Hi, this is Zoë", "say my name", "Zoë"),
    ],
)
def test_names_are_understood_however_they_are_told(told: str, asked: str, name: str) -> None:
    assert name in conversation(told, asked)[1]


def test_any_name_has_something_to_it() -> None:
    assert "backwards" in conversation("I am Zebulon", "Tell me something about my name")[1]
    assert "What is it?" in conversation("Tell me something about my name")[0]


@pytest.mark.parametrize("said", ["I am fine", "I am Not amused", "Я хочу спать", "I'm here", "I am GitHub"])
def test_what_is_no_name_is_not_taken_for_one(said: str) -> None:
    assert "not told" in conversation(said, "What is my name?")[1]


def test_the_name_told_last_counts() -> None:
    assert "Eve" in conversation("I am Adam", "No, I am Eve", "What's my name?")[2]


def test_what_was_said_before_and_first_can_be_asked() -> None:
    answers = conversation(
        "Bananas are yellow.", "Grass is green.", "What did I say before?", "What was my first message?"
    )

    assert "Grass is green." in answers[2]
    assert "Bananas are yellow." in answers[3]


def test_in_a_new_conversation_nothing_was_said_before() -> None:
    assert "first" in conversation("What did I say before?")[0]
    assert "первое" in conversation("Что я сказал?")[0]
    assert "not said anything" in conversation("What did you say before?")[0]


def test_its_own_last_answer_can_be_asked_for() -> None:
    assert "1, 2, 3" in conversation("count to 3", "What did you say before?")[1]


def test_things_to_remember_are_remembered() -> None:
    answers = conversation(
        "Please remember the number 4711.", "Which number?", "How many messages have I sent?"
    )

    assert "4711" in answers[1]
    assert "3" in answers[2]


def test_what_nobody_asked_to_remember_is_not_made_up() -> None:
    assert "do you remember the code?" in conversation("Well, do you remember the code?")[0]


def test_facts_are_remembered() -> None:
    told, asked = conversation("My favourite colour is dark blue.", "What is my favourite colour?")

    assert "dark blue" in told
    assert asked == "Your favourite colour is dark blue."
    assert "not told" in conversation("what is my shoe size?")[0]
    assert "синий" in conversation("Мой любимый цвет — синий", "Какой у меня мой любимый цвет?")[1]


@pytest.mark.parametrize(
    ("question", "result"),
    [
        ("2+2*3", "= 8"),
        ("What is 17 times 23?", "= 391"),
        ("сколько будет 12 плюс 30?", "= 42"),
        ("(1 + 2) * 3 - 4 =", "= 5"),
        ("how much is 7 divided by 2", "= 3.5"),
        ("2^10?", "= 1024"),
        ("1/0", "undefined"),
        ("1,000 + 1", "= 1001"),
        ("(-5 + 3) * 2", "= -4"),
    ],
)
def test_sums_are_done(question: str, result: str) -> None:
    assert result in conversation(question)[0]


@pytest.mark.parametrize(
    "question",
    ["9**9**9", "2026-11-20", "2 * (+3)", "call 555-1234-99999999999999999 + 9999999999999999"],
)
def test_what_is_no_sum_or_too_big_is_left_alone(question: str) -> None:
    assert conversation(question)[0]


def test_poems_go_on_when_asked() -> None:
    first, second = conversation("Напиши короткий стих о весне.", "Продолжи, пожалуйста.")

    assert first.count("\n") == 3
    assert "весна" in second
    assert conversation("write a poem", "continue please")[1] != conversation("write a poem")[0]


def test_counting_goes_on_when_asked() -> None:
    first, second = conversation("count to 20", "go on")

    assert first == ", ".join(map(str, range(1, 21)))
    assert second.startswith("21, 22")
    assert "nothing" in conversation("Continue")[0]
    assert "all I had" in conversation("tell me a joke", "go on")[1]


def test_counting_goes_up_whichever_number_comes_first() -> None:
    assert conversation("count to 4 in 1 go") == ["1, 2, 3, 4"]


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("Напиши Hello World на Python", 'print("Hello, World!")'),
        ("Напиши функцию на Python, которая вычисляет факториал числа.", "def factorial"),
        ("Как погода в Москве?", "погоды не знаю"),
        ("What's the weather?", "no weather"),
        ("what time is it", "neither the time"),
        ("who are you?", "simulator"),
        ("Кто ты?", "симулятор"),
        ("thanks a lot", "welcome"),
        ("пока", "До свидания"),
        ("write a haiku", "packet"),
        ("Show me markdown", "| left | right |"),
        ("tell me a joke", "loopback"),
        ("Hello, GitHub Copilot!", "Hello!"),
        ("Что такое любовь?", "Что такое любовь?"),
        ("How is bread baked?", "How is bread baked?"),
    ],
)
def test_small_talk_has_sensible_answers(question: str, part: str) -> None:
    assert part in conversation(question)[0]


def test_a_drawing_is_made_on_request() -> None:
    assert brain.answer([Said("user", "Сгенерируй изображение котика")]).picture == "котика"
    assert brain.answer([Said("user", "Please draw a red apple.")]).picture == "a red apple"
    assert brain.answer([Said("user", "generate an image of a boat")]).picture == "a boat"
    assert brain.answer([Said("user", "hello")]).picture is None
    assert "cannot draw" in brain.cannot_draw("a boat")


def test_attached_pictures_are_described_by_what_is_known() -> None:
    image = Attached("/images/1.png", "image/png", 1234)

    one = brain.answer([Said("user", "what is this?", images=(image,))]).text
    two = brain.answer([Said("user", "что это?", images=(image, image))]).text

    assert "1 image: image/png (1234 bytes)" in one
    assert "2" in two
    assert "изображений" in two


@pytest.mark.parametrize(
    ("told", "asked", "part"),
    [
        ("My name is Anna and I live in Berlin.", "Where do I live?", "I live in Berlin"),
        ("I have a dog called Rex.", "What is my dog's name?", "Rex"),
        ("I am 33.", "How old am I?", "33"),
        ("Меня зовут Анна, я живу в Казани.", "Где я живу?", "в Казани"),
        ("У меня есть кот Барсик.", "Как зовут моего кота?", "Барсик"),
        ("Мне 33 года.", "Сколько мне лет?", "33"),
        ("My favourite color is green, and I like tea.", "What is my favorite colour?", "is green."),
        ("Hello", "Where do I live?", "not told"),
        ("Where do I live?", "Где я живу?", "не говорили"),
    ],
)
def test_what_was_told_in_passing_can_be_asked_for(told: str, asked: str, part: str) -> None:
    assert part in conversation(told, asked)[1]


def test_being_introduced_with_more_is_still_being_introduced() -> None:
    assert conversation("My name is Anna and I live in Berlin.")[0].startswith("Hello, Anna!")
    assert conversation("I live in Berlin.")[0] == "Good to know: “I live in Berlin.”"


def test_nobody_is_greeted_twice() -> None:
    assert conversation("Hi!", "How are you?")[1].startswith("I am fine")
    assert conversation("Hi!", "Hi, how are you?")[1].startswith("Hello!")


def test_a_sum_goes_on_from_the_last_result() -> None:
    assert conversation("What is 7 times 12?", "and plus 5?", "times 2")[1:] == [
        "84 + 5 = 89",
        "89 * 2 = 178",
    ]
    assert conversation("7*12", "а теперь раздели на 2")[1] == "84 / 2 = 42"
    assert "plus 5" in conversation("Hi", "and plus 5?")[1]


@pytest.mark.parametrize(
    ("question", "result"),
    [
        ("what is the square root of 144?", "= 12"),
        ("корень из 2", "= 1.4142135624"),
        ("15% of 200", "= 30"),
        ("20 процентов от 50", "= 10"),
    ],
)
def test_roots_and_percentages_are_done(question: str, result: str) -> None:
    assert result in conversation(question)[0]


def test_each_joke_is_told_once() -> None:
    answers = conversation("Tell me a joke", "another one", "one more", "another joke", "ещё один")

    assert len(set(answers[:3])) == 3
    assert "all the jokes" in answers[3]
    assert "another one" in conversation("another one")[0]


def test_the_conversation_can_be_summed_up() -> None:
    assert conversation("Hi", "Bread is good.", "Summarize our conversation")[2] == (
        "So far you said:\n\n- “Hi”\n- “Bread is good.”"
    )
    assert "ничего" in conversation("Подведи итог нашего разговора")[0]
    assert "последние 12" in conversation(*["да"] * 15, "подведи итоги беседы")[15]


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ('Translate "good morning" to Russian', "доброе утро"),
        ("How do you say cat in Russian?", "кот"),
        ("Переведи «доброе утро» на английский", "good morning"),
        ("Переведи роман", "лишь несколько"),
        ("Write a Python function that adds two numbers", "def add"),
        ("Напиши программу сортировки", "наизусть"),
        ("What can you do?", "not a model"),
        ("Чем ты можешь помочь?", "а не модель"),
        ("Tell me about yourself", "simulator"),
        ("ok", "next"),
        ("Понятно.", "дальше"),
    ],
)
def test_what_it_cannot_do_it_says(question: str, part: str) -> None:
    assert part in conversation(question)[0]


def test_what_it_just_said_is_told_in_russian_too() -> None:
    assert "3*7 = 21" in conversation("3*7", "Что ты только что сказал?")[1]
