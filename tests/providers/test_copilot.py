"""`Copilot` and `GithubCopilot` over real sockets: what they yield, and in which order."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jumpseat.errors import InvalidRequest, JumpseatError, MissingAuthError, NotSignedIn
from jumpseat.providers import (
    Conversation,
    Copilot,
    FinishReason,
    GithubCopilot,
    ImageResponse,
    Reasoning,
    ReplacedText,
    Sources,
    SuggestedFollowups,
    TitleGeneration,
)
from jumpseat.simulator import SimulatorThread
from tests.waiting import until, until_async

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
JPEG = b"\xff\xd8\xff\xe0" + bytes(32)


def ask(text: str, **options: Any) -> list[Any]:
    return list(Copilot.create_completion("Copilot", [{"role": "user", "content": text}], **options))


def open_wires(simulated: SimulatorThread) -> int:
    return sum(simulated.stats()["open"].values())


def text_of(items: list[Any]) -> str:
    text = ""
    for item in items:
        if isinstance(item, ReplacedText):
            text = str(item)
        elif isinstance(item, str):
            text += item
    return text


def frames(simulated: SimulatorThread, event: str) -> list[str]:
    return [
        json.dumps(entry) for entry in simulated.log() if f'"{event}"' in json.dumps(entry).replace("\\", "")
    ]


def test_text_comes_in_pieces_and_the_end_is_told(simulated: SimulatorThread) -> None:
    items = ask("%%SAY one two three%%", stream=True)

    assert text_of(items) == "one two three"
    assert len([item for item in items if type(item) is str]) > 1
    assert FinishReason("stop") in items


def test_without_streaming_each_thing_comes_once(simulated: SimulatorThread) -> None:
    items = ask("%%THINK let me see%% %%SAY one two three%%")

    assert [item for item in items if isinstance(item, str)] == ["one two three"]
    assert len([item for item in items if isinstance(item, Reasoning)]) == 1
    assert items.count(FinishReason("stop")) == 1


def test_the_conversation_comes_first_and_goes_on(simulated: SimulatorThread) -> None:
    items = ask("Hello, i am Heiner.", stream=True, return_conversation=True)
    conversation = items[0]
    assert isinstance(conversation, Conversation)
    again = ask("Tell me something about my name", conversation=conversation)

    assert "Heiner" in text_of(again)


@pytest.mark.usefixtures("full_stay")
def test_title_and_followups_come_after_the_answer(simulated: SimulatorThread) -> None:
    kinds = [type(item) for item in ask("Hello", stream=True)]

    assert TitleGeneration in kinds
    assert SuggestedFollowups in kinds


def test_a_citation_is_a_source(simulated: SimulatorThread) -> None:
    [sources] = [item for item in ask("%%SAY see%% %%CITE https://x.example/%%") if isinstance(item, Sources)]

    assert sources.sources[0]["url"] == "https://x.example/"


def test_words_taken_back_are_replaced(simulated: SimulatorThread) -> None:
    name = next(row["name"] for row in simulated.simulator.faults() if "contradict" in row["name"])
    streamed = ask(f"%%FAULT {name}%%", stream=True)
    whole = ask(f"%%FAULT {name}%%")

    assert any(isinstance(item, ReplacedText) for item in streamed)
    assert text_of(whole) == text_of(streamed)
    assert [item for item in whole if isinstance(item, str)] == [text_of(streamed)]


def test_a_picture_alone_is_a_good_answer(simulated: SimulatorThread) -> None:
    [picture] = [item for item in ask("%%IMAGE a red apple%%") if isinstance(item, ImageResponse)]

    assert picture.url is not None
    assert picture.alt == "a red apple"


def test_all_pictures_go_up_in_order(simulated: SimulatorThread) -> None:
    before = len(simulated.log())
    answer = text_of(ask("What is on these?", media=[PNG, (JPEG, "photo.jpg")]))

    uploads = [e for e in simulated.log()[before:] if "/attachments" in str(e.get("path"))]
    assert len(uploads) == 2
    assert "image/png" in json.dumps(uploads[0])
    assert "image/jpeg" in json.dumps(uploads[1])
    assert "2" in answer


def test_a_file_that_is_no_picture_is_refused_before_anything_is_sent(simulated: SimulatorThread) -> None:
    before = len(simulated.log())
    with pytest.raises(InvalidRequest):
        ask("What is this?", media=[b"%PDF-1.7"])
    assert len(simulated.log()) == before


def test_nothing_is_sent_before_the_first_item_is_asked_for(simulated: SimulatorThread) -> None:
    before = len(simulated.log())
    result = Copilot.create_completion("Copilot", [{"role": "user", "content": "Hi"}])
    assert len(simulated.log()) == before
    assert text_of(list(result))


async def test_the_plain_for_works_inside_a_running_loop(simulated: SimulatorThread) -> None:
    assert text_of(ask("%%SAY still works%%")) == "still works"


async def test_a_result_may_be_awaited_and_then_read_either_way(simulated: SimulatorThread) -> None:
    messages = [{"role": "user", "content": "%%SAY hello%%"}]
    result = await Copilot.create_completion("Copilot", messages)

    assert "hello" in [item async for item in result]
    assert "hello" in list(result)


async def test_leaving_early_closes_the_wire(simulated: SimulatorThread) -> None:
    messages = [{"role": "user", "content": "%%TOKENS 100%% %%SLOW 50%%"}]
    result = Copilot.create_completion("Copilot", messages, stream=True)
    async for _ in result:
        break
    await result.aclose()
    await until_async(lambda: not open_wires(simulated), 1.0)


def test_leaving_a_plain_for_early_closes_the_wire(simulated: SimulatorThread) -> None:
    messages = [{"role": "user", "content": "%%TOKENS 100%% %%SLOW 50%%"}]
    result = Copilot.create_completion("Copilot", messages, stream=True)
    for _ in result:
        break
    result.close()
    until(lambda: not open_wires(simulated), 1.0)


def test_a_refused_token_says_so(simulated: SimulatorThread) -> None:
    with pytest.raises(MissingAuthError):
        ask("Hi", api_key="expired")


def test_one_callers_key_is_not_left_behind_for_the_next(simulated: SimulatorThread) -> None:
    ask("%%SAY x%%", api_key="simulator-token")

    assert Copilot._access_token is None
    assert Copilot._cookies == {}
    with pytest.raises(AttributeError):
        Copilot._access_token = "x"  # type: ignore[misc]  # that it cannot be set is the point


def test_the_signed_in_account_can_be_seen(
    simulated: SimulatorThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUMPSEAT_MICROSOFT_TOKEN", "simulator-token")

    assert Copilot._access_token == "simulator-token"


def test_an_upstreams_error_is_a_runtime_error_with_a_next_step(simulated: SimulatorThread) -> None:
    with pytest.raises(RuntimeError) as refused:
        ask("%%FAULT throttled%%")
    assert isinstance(refused.value, JumpseatError)


def test_a_prompt_replaces_the_messages(simulated: SimulatorThread) -> None:
    assert text_of(ask("ignored", prompt="%%SAY only this%%")) == "only this"


def test_the_documented_timeout_is_in_seconds(simulated: SimulatorThread) -> None:
    with pytest.raises(RuntimeError, match="timeout"):
        ask("%%FAULT silence%%", timeout=0.3)


def test_github_without_a_sign_in_says_so(
    simulated: SimulatorThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MICROSOFT", "GITHUB_CHAT", "GITHUB", "GITHUB_API"):
        monkeypatch.setenv(f"JUMPSEAT_{name}_URL", simulated.url)
    monkeypatch.delenv("JUMPSEAT_SIMULATOR")
    with pytest.raises(NotSignedIn):
        list(GithubCopilot.create_async_generator("", [{"role": "user", "content": "Hi"}]))


def test_github_takes_cookies_for_a_token(simulated: SimulatorThread) -> None:
    items = list(
        GithubCopilot.create_async_generator(
            "gpt-4o",
            [{"role": "user", "content": "%%SAY hello%%"}],
            cookies={"user_session": "mine"},
            return_conversation=True,
        )
    )

    assert isinstance(items[0], Conversation)
    assert items[1:] == ["hello", FinishReason("stop")]


def test_githubs_models_are_the_documents_and_then_the_live_lists(simulated: SimulatorThread) -> None:
    documented = ["gpt-4o", "o1-mini", "o1-preview", "claude-3.5-sonnet"]
    assert GithubCopilot.models[:4] == documented

    live = GithubCopilot.get_models()
    assert live[:4] == documented
    assert len(live) > 4
    assert GithubCopilot.models == live
