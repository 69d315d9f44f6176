"""A chat: what is said, what begins with a slash, and what stops."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from jumpseat.cli.opening import Place
from jumpseat.cli.printing import Printer
from jumpseat.cli.room import Room
from jumpseat.model.credentials import Account, Credential, Secret
from jumpseat.model.errors import InvalidRequest, NotSignedIn, UpstreamBroke
from jumpseat.model.events import ChatEvent, Started, TextDelta
from tests.cli.fakes import FakeClient, conversation, message, says

NEW = Place(model="", provider=None, conversation=None)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


class Lines:
    """What a person types; an exception stands for a key."""

    def __init__(self, *lines: str | BaseException) -> None:
        self._lines = list(lines)

    async def read(self) -> str | None:
        if not self._lines:
            return None
        line = self._lines.pop(0)
        if isinstance(line, BaseException):
            raise line
        return line


def room_of(client: FakeClient, *, is_watched: bool = True) -> Room:
    return Room(client, NEW, Printer, is_watched=is_watched)  # type: ignore[arg-type]  # a stand-in


async def chat(client: FakeClient, *lines: str | BaseException, is_watched: bool = True) -> Room:
    room = room_of(client, is_watched=is_watched)
    assert await room.run(Lines(*lines)) == 0
    return room


async def test_what_is_said_goes_on_in_one_conversation(capsys: pytest.CaptureFixture[str]) -> None:
    client = FakeClient(says("Hello"), says("Heiner"))

    await chat(client, "I am Heiner\n", "", "  \n", "Who am I?")

    assert [asked["said"] for asked in client.asked] == ["I am Heiner", "Who am I?"]
    assert [asked["conversation"] for asked in client.asked] == [None, "conversation-1"]
    assert client.asked[1]["model"] == "microsoft/copilot"
    assert capsys.readouterr().out == "Hello\nHeiner\n"


async def test_an_error_ends_the_message_and_not_the_chat(capsys: pytest.CaptureFixture[str]) -> None:
    client = FakeClient([UpstreamBroke("it broke")], says("Fine"))

    await chat(client, "one", "two")

    assert capsys.readouterr() == ("Fine\n", "error: it broke.\n")


async def test_what_is_wrong_with_the_account_is_told_before_the_first_message(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = FakeClient(says("Fine"))

    async def refused(provider: str) -> Account:
        raise NotSignedIn("say which one answers with `jumpseat accounts use alice`")

    with monkeypatch.context() as patch:
        patch.setattr(client, "account", refused)
        await room_of(client).greet()
    await chat(client, "one")

    assert capsys.readouterr() == (
        "Fine\n",
        "error: say which one answers with `jumpseat accounts use alice`.\n",
    )


async def test_the_end_of_a_sign_in_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    client = FakeClient(says("Fine"), says("Still fine"))
    client.credential = Credential(token=Secret("canary"), expires_at=time.time() + 100)

    await chat(client, "one", "two")

    assert capsys.readouterr().err.count("will presumably end in 2 minutes") == 1


async def test_in_a_pipe_an_error_ends_the_chat() -> None:
    client = FakeClient([UpstreamBroke("it broke")])

    with pytest.raises(UpstreamBroke):
        await chat(client, "one", "two", is_watched=False)


async def test_ctrl_c_stops_the_answer_and_closes_the_wire(capsys: pytest.CaptureFixture[str]) -> None:
    client = FakeClient([(Started(conversation_id="c"), TextDelta("Once upon")), None], says("Fine"))
    began = asyncio.Event()

    class Watched(Printer):
        def show(self, events: Sequence[ChatEvent]) -> None:
            super().show(events)
            began.set()

    room = Room(client, NEW, Watched, is_watched=True)  # type: ignore[arg-type]  # a stand-in
    talking = asyncio.create_task(room.run(Lines("tell", "again")))
    await began.wait()

    os.kill(os.getpid(), signal.SIGINT)
    assert await talking == 0

    assert client.answers[0].is_closed
    assert capsys.readouterr() == ("Once upon\nFine\n", "\r(stopped)\n")


async def test_ctrl_c_at_the_prompt_drops_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    await chat(FakeClient(says("Fine")), KeyboardInterrupt(), "hi")

    out, err = capsys.readouterr()
    assert out == "Fine\n"
    assert "Ctrl-D" in err


async def test_ctrl_c_ends_a_chat_that_nobody_watches() -> None:
    with pytest.raises(KeyboardInterrupt):
        await chat(FakeClient(), KeyboardInterrupt(), is_watched=False)


async def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    await chat(FakeClient(), "/help")

    err = capsys.readouterr().err
    for name in ("/help", "/new", "/model", "/models", "/image", "/save", "/quit", "Ctrl-C"):
        assert name in err


async def test_a_command_nobody_knows_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    client = FakeClient(says("A folder"))

    await chat(client, "/hepl", "/etc is what?", " /etc is what?")

    err = capsys.readouterr().err
    assert "Did you mean /help?" in err
    assert "there is no command '/etc'" in err
    assert client.asked[0]["said"] == "/etc is what?"


async def test_quit_leaves_and_new_forgets(capsys: pytest.CaptureFixture[str]) -> None:
    client = FakeClient(says("a"), says("b"))

    await chat(client, "one", "/new", "two", "/quit", "three")

    assert [asked["conversation"] for asked in client.asked] == [None, None]


async def test_another_model_of_the_service_goes_on_and_another_service_begins_anew(
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = FakeClient(says("a"), says("b"), says("c"))

    await chat(
        client,
        *("one", "/model", "/model Think Deeper", "two", "/model github/gpt-4o", "three"),
        *("/model nonsense", "/models"),
    )

    assert [(asked["model"], asked["conversation"]) for asked in client.asked] == [
        ("", None),
        ("microsoft/think-deeper", "conversation-1"),
        ("github/gpt-4o", None),
    ]
    out, err = capsys.readouterr()
    assert "microsoft/copilot answers." in err
    assert "in a new conversation" in err
    assert "no model 'nonsense'" in err
    assert "github/gpt-4o\tGPT-4o\tchat\t4o" in out


async def test_a_picture_goes_with_the_next_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "a cat.png"
    picture.write_bytes(PNG)
    client = FakeClient(says("A cat"), says("Yes"))

    await chat(client, f"/image '{picture}'", "What is it?", "Sure?", "/image", f"/image {tmp_path}/none.png")

    assert [len(pictures) for pictures in pictures_of(client)] == [1, 0]
    err = capsys.readouterr().err
    assert "a cat.png goes with your next message" in err
    assert err.count("error: ") == 2


def pictures_of(client: FakeClient) -> Sequence[Sequence[object]]:
    return [asked["images"] for asked in client.asked]


async def test_save_writes_a_new_private_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    client = FakeClient(says("Hello"))
    client.conversations.stored = [
        (conversation("conversation-1"), [message("user", "hi"), message("assistant", "Hello")])
    ]

    await chat(client, "/save", "hi", "/save talk.md", "/save talk.md", "/save")

    err = capsys.readouterr().err
    assert "nothing to save" in err
    assert "talk.md is there already" in err
    named, dated = sorted(tmp_path.iterdir(), reverse=True)
    assert "Hello" in named.read_text()
    assert named.stat().st_mode & 0o777 == 0o600
    assert dated.name.startswith("chat-")


async def test_a_model_that_is_unknown_is_an_error_of_its_own() -> None:
    with pytest.raises(InvalidRequest):
        await chat(FakeClient(), "/model nonsense", is_watched=False)
