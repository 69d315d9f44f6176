"""The promises of the surface that take several parts to keep: who asks, what is sent, what comes."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest

from jumpseat.errors import (
    ConversationLost,
    InvalidRequest,
    JumpseatError,
    MissingRequirementsError,
    NotSignedIn,
)
from jumpseat.providers import Conversation, Copilot, FinishReason, GithubCopilot, ImageResponse
from jumpseat.simulator import SimulatorThread


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def ask(text: str, **options: Any) -> list[Any]:
    return list(Copilot.create_completion("Copilot", [user(text)], **options))


def ask_github(text: str, **options: Any) -> list[Any]:
    return list(GithubCopilot.create_async_generator("gpt-4o", [user(text)], **options))


def record(home: Path, token: str, name: str = "copilot.har") -> None:
    """Put a recording of a signed-in browser where recordings are looked for."""
    folder = home / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    entry = {
        "startedDateTime": "2026-11-01T10:00:00Z",
        "request": {
            "method": "GET",
            "url": f"wss://copilot.microsoft.com/c/api/chat?api-version=2&accessToken={token}",
            "headers": [{"name": "Cookie", "value": "MUID=m1"}],
        },
        "response": {"status": 101},
    }
    (folder / name).write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}))


def shown(simulated: SimulatorThread) -> str:
    """What the last question's socket was opened with."""
    return json.dumps([entry for entry in simulated.log() if entry["kind"] == "request"])


def sent(simulated: SimulatorThread) -> list[str]:
    """The texts of the questions that were put to Microsoft Copilot, in order."""
    frames = [entry["frame"] for entry in simulated.log() if entry["kind"] == "frame"]
    return [
        "".join(part.get("text", "") for part in frame["content"])
        for frame in frames
        if isinstance(frame, dict) and frame.get("event") == "send"
    ]


@pytest.fixture
def fresh(simulated: SimulatorThread) -> SimulatorThread:
    """A simulator whose journal is empty."""
    simulated.reset()
    return simulated


# Who asks: the key of the call, else the account of the settings, else a recording, else nobody.


def test_nobody_asks_where_nobody_is_signed_in(fresh: SimulatorThread) -> None:
    assert ask("%%SAY hello%%")
    assert "sim-" not in shown(fresh)


def test_a_recording_asks_where_nobody_is_signed_in(fresh: SimulatorThread, tmp_path: Path) -> None:
    record(tmp_path / "home", "sim-recorded")
    assert ask("%%SAY hello%%")
    assert "sim-recorded" in shown(fresh)


def test_the_signed_in_account_comes_before_a_recording(
    fresh: SimulatorThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(tmp_path / "home", "sim-recorded")
    monkeypatch.setenv("JUMPSEAT_MICROSOFT_TOKEN", "sim-signed-in")
    assert ask("%%SAY hello%%")
    assert "sim-signed-in" in shown(fresh)
    assert "sim-recorded" not in shown(fresh)


def test_the_key_of_the_call_comes_first(
    fresh: SimulatorThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(tmp_path / "home", "sim-recorded")
    monkeypatch.setenv("JUMPSEAT_MICROSOFT_TOKEN", "sim-signed-in")
    assert ask("%%SAY hello%%", api_key="sim-of-the-call")
    assert "sim-of-the-call" in shown(fresh)
    assert "sim-signed-in" not in shown(fresh)


def test_a_recording_that_cannot_be_read_is_told_to_the_log(
    fresh: SimulatorThread, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    folder = tmp_path / "home" / "recordings"
    folder.mkdir(parents=True)
    (folder / "broken.har").write_text("{")
    assert ask("%%SAY hello%%")
    assert "broken.har" in caplog.text


# What is needed.


@pytest.mark.parametrize("stream", [False, True])
def test_without_curl_cffi_the_line_that_installs_it_is_told(
    fresh: SimulatorThread, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    for name in ("curl_engine", "curl_options", "curl_socket"):
        monkeypatch.delitem(sys.modules, f"jumpseat.transport.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "curl_cffi", None)
    with pytest.raises(MissingRequirementsError, match=r"pip install 'jumpseat\[microsoft\]'"):
        ask("Hello", stream=stream)
    assert fresh.log() == []


# What is sent.


def test_a_new_conversation_is_told_everything(fresh: SimulatorThread) -> None:
    messages = [user("I am Heiner."), {"role": "assistant", "content": "Hello."}, user("%%SAY x%%")]
    list(Copilot.create_completion("Copilot", messages))

    assert sent(fresh) == ["User: I am Heiner.\nAssistant: Hello.\nUser: %%SAY x%%\nAssistant:"]


def test_a_conversation_that_goes_on_is_told_what_is_new(fresh: SimulatorThread) -> None:
    conversation = ask("%%SAY a%%", return_conversation=True)[0]
    messages = [user("I am Heiner."), {"role": "assistant", "content": "Hello."}, user("%%SAY x%%")]
    list(Copilot.create_completion("Copilot", messages, conversation=conversation))

    assert sent(fresh)[-1] == "%%SAY x%%"


def test_a_prompt_alone_is_told_in_a_conversation_that_goes_on(fresh: SimulatorThread) -> None:
    conversation = ask("%%SAY a%%", return_conversation=True)[0]
    ask("not this", prompt="%%SAY x%%", conversation=conversation)

    assert sent(fresh)[-1] == "%%SAY x%%"


def test_a_long_transcript_is_cut_in_the_middle_and_never_in_its_last_question(
    fresh: SimulatorThread,
) -> None:
    filler = [user(f"message {number} " + "x" * 900) for number in range(30)]
    question = "%%SAY done%% " + "q" * 5000
    items = list(Copilot.create_completion("Copilot", [*filler, user(question)]))

    [text] = sent(fresh)
    assert len(text) <= 10_240
    assert question in text
    assert "message 0 " in text
    assert "message 15 " not in text
    assert "done" in items


def test_a_last_question_that_is_too_long_is_refused_before_anything_is_sent(fresh: SimulatorThread) -> None:
    with pytest.raises(InvalidRequest, match="shorten it") as long:
        list(Copilot.create_completion("Copilot", [user("short"), user("x" * 20_000)]))
    assert long.value.code == "context_length_exceeded"
    assert sent(fresh) == []
    assert "/conversations" not in shown(fresh)


# What comes back.


@pytest.mark.parametrize("stream", [False, True])
def test_a_picture_of_which_only_previews_came_is_kept(fresh: SimulatorThread, stream: bool) -> None:
    items = ask("%%FAULT image-partials-then-close%%", stream=stream)
    [picture] = [item for item in items if isinstance(item, ImageResponse)]

    assert picture.url is None
    assert picture.preview
    assert items[-1] == FinishReason("stop")


@pytest.mark.parametrize(
    ("fault", "code", "next_step"),
    [
        ("error-blocked", "content_filter", "."),
        ("throttled", "throttled", "again"),
        ("error-chat-service-unavailable", "chat-service-unavailable", "[Ss]ign in"),
        ("error-text-too-long", "text-too-long", "[Ss]horten"),
    ],
)
def test_an_error_says_its_code_what_it_means_and_what_to_do(
    fresh: SimulatorThread, fault: str, code: str, next_step: str
) -> None:
    with pytest.raises(RuntimeError, match=next_step) as refused:
        ask(f"%%FAULT {fault}%%")
    assert isinstance(refused.value, JumpseatError)
    assert code.removesuffix("_filter") in f"{refused.value.code} {refused.value}"
    assert len(str(refused.value).split()) > 6


def test_a_wire_that_ends_early_raises_and_what_was_said_stays_said(fresh: SimulatorThread) -> None:
    result = iter(
        Copilot.create_completion("Copilot", [user("%%SAY one two%% %%FAULT eof-amid-text%%")], stream=True)
    )
    first = next(result)

    assert first
    with pytest.raises(RuntimeError, match="middle of its answer"):
        list(result)


# GitHub.


def test_github_refreshes_a_refused_token_once(fresh: SimulatorThread) -> None:
    fresh.arm("github-messages-401")
    assert "hello" in ask_github("%%SAY hello%%", cookies={"user_session": "mine"})


def test_github_says_that_a_thread_is_gone_and_opens_no_other(fresh: SimulatorThread) -> None:
    with pytest.raises(ConversationLost, match="thread"):
        ask_github("Hello", conversation=Conversation("0f0f0f0f-0000-4000-8000-000000000000"))
    assert not [entry for entry in fresh.log() if str(entry.get("path")).endswith("/threads")]


def test_github_takes_no_personal_access_token(fresh: SimulatorThread) -> None:
    with pytest.raises(NotSignedIn, match="personal access token"):
        ask_github("Hello", api_key="ghp_" + "a" * 36)
    assert fresh.log() == []


def test_github_tells_a_new_thread_everything(fresh: SimulatorThread) -> None:
    messages = [user("I am Heiner."), {"role": "assistant", "content": "Hello."}, user("%%SAY x%%")]
    items = list(GithubCopilot.create_async_generator("gpt-4o", messages, return_conversation=True))
    again = ask_github("What is my name?", conversation=items[0])

    assert isinstance(items[0], Conversation)
    assert "Heiner" in "".join(map(str, again))
