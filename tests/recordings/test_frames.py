"""What WebSocket frames tell, without the words of the chat."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jumpseat.recordings.entries import Frame
from jumpseat.recordings.frames import PageOptions, Signs, page_options, signs_in
from tests.recordings.hars import QUESTION, final, invocation


def received(text: str, *, is_chathub: bool = False) -> list[str]:
    return list(signs_in(Frame(False, text, 0), is_chathub=is_chathub))


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ('{"event":"challenge","method":null}', ["challenge"]),
        ('{"event":"done"}{"event" : "challenge"}', ["good-turn", "challenge"]),
        ('{"event":"error","errorCode":"chat-service-unavailable"}', ["not-served"]),
        ('{"event":"appendText","text":"say {\\"event\\":\\"challenge\\"}"}', []),
        ('{"event":"challenges"}', []),
    ],
)
def test_the_classic_chat_tells_by_its_events(text: str, signs: list[str]) -> None:
    assert received(text) == signs


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        (final("Success"), ["good-turn"]),
        ('{"type":6}\x1e' + final("CaptchaChallenge"), ["challenge"]),
        (final("Throttled"), []),
        ('{"type":1,"result":{"value":"Success"}}\x1e', []),
        ('{"type":2,"item":{}}\x1e', []),
        ('{"event":"challenge"}', []),
    ],
)
def test_the_chathub_tells_by_its_last_record(text: str, signs: list[str]) -> None:
    assert received(text, is_chathub=True) == signs


def test_what_the_page_sent_tells_nothing() -> None:
    assert list(signs_in(Frame(True, '{"event":"challenge"}', 0), is_chathub=False)) == []


def test_of_signs_the_newest_counts_and_of_two_at_once_the_later_told() -> None:
    signs = Signs()
    signs.note("challenge", 5)
    signs.note("good-turn", 3)

    assert signs.has("challenge", unless_later=("good-turn", "never-seen"))
    signs.note("good-turn", 5)
    assert not signs.has("challenge", unless_later=("good-turn",))
    assert signs.has("challenge")
    signs.note("challenge", 4)
    assert not signs.has("challenge", unless_later=("good-turn",))
    assert not signs.has("not-served")


def test_what_the_page_sends_with_a_question_is_read_and_the_question_is_not() -> None:
    text = '{"protocol":"json","version":1}\x1e{"type":6}\x1e' + invocation()
    sent = [Frame(True, text[:90], 0), Frame(False, final("Success"), 1), Frame(True, text[90:], 2)]
    found = page_options(sent)

    assert found == PageOptions(
        options_sets=("enterprise_flux", "cwc_fileupload"),
        allowed_message_types=("Chat", "Suggestion"),
        client_info=(("clientPlatform", "mcmcopilot-web"), ("clientAppName", "Office")),
        tone="Magic",
    )
    assert QUESTION not in repr(found)


def test_the_last_question_counts() -> None:
    found = page_options([Frame(True, invocation("Magic"), 0), Frame(True, invocation("Reasoning"), 1)])

    assert found is not None
    assert found.tone == "Reasoning"


@pytest.mark.parametrize(
    "record",
    [
        "",
        '{"type":6}',
        '{"optionsSets"',
        '{"arguments":[{"optionsSets":3}]}',
        '{"optionsSets":[]}',
        '{"arguments":' + "[" * 100_000 + '"optionsSets"',
    ],
)
def test_what_is_no_question_is_passed_over(record: str) -> None:
    assert page_options([Frame(True, record, 0)]) is None


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"allowedMessageTypes": "x", "clientInfo": [1], "tone": 3}, PageOptions(options_sets=("a",))),
        (
            {"allowedMessageTypes": ["b", None]},
            PageOptions(options_sets=("a",), allowed_message_types=("b",)),
        ),
    ],
)
def test_odd_types_in_a_question_are_left_out(more: Any, found: PageOptions) -> None:
    record = json.dumps({"arguments": [{"optionsSets": ["a", 3]} | more]})

    assert page_options([Frame(True, record, 0)]) == found
