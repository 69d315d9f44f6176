"""Which conversation a turn belongs to, when two look alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jumpseat.client.memory import Memory
from jumpseat.model.catalog import ModelCard
from jumpseat.model.events import ImageMade
from jumpseat.model.messages import Image, Message, Text, assistant, user
from jumpseat.model.reply import Reply
from jumpseat.settings import Settings
from jumpseat.store.sql import SqlArchive, open_archive

CARD = ModelCard(id="microsoft/copilot", service="microsoft", mode="chat", name="Copilot")


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[SqlArchive]:
    archive = open_archive(Settings(home=tmp_path / "home"))
    yield archive
    await archive.aclose()


def memory_of(archive: SqlArchive, *messages: Message, name: str | None = None) -> Memory:
    return Memory(
        archive,
        owner="local",
        card=CARD,
        messages=messages,
        conversation_id=name,
        recognises=True,
        now=lambda: 1.0,
    )


async def turn(memory: Memory, answer: str) -> Memory:
    await memory.identify()
    await memory.recall()
    await memory.remember("u1")
    await memory.record(Reply(text=answer), "finished")
    return memory


async def test_a_history_that_somebody_went_on_with_meanwhile_is_not_ours(archive: SqlArchive) -> None:
    await turn(memory_of(archive, user("Hi")), "Hello.")
    history = (user("Hi"), assistant("Hello."))
    ours, theirs = (memory_of(archive, *history, user(text)) for text in ("ours", "theirs"))
    await ours.identify()
    await turn(theirs, "Well.")
    await ours.recall()

    assert theirs.was_recognised
    assert not ours.was_recognised
    assert ours.conversation_id != theirs.conversation_id


async def test_pictures_are_kept_as_a_line_each(archive: SqlArchive) -> None:
    picture = Image(data=b"12345", media_type="image/png", name="cat.png")
    memory = memory_of(archive, Message("user", (picture, Text("What is it?"))), name="c")
    await memory.recall()
    await memory.remember("u1")
    drawn = (ImageMade(url="https://x/1.png", prompt="a cat"), ImageMade(url=None, preview=b"x"))
    await memory.record(Reply(text="A cat.", images=drawn), "finished")

    kept = [message.text for message in await archive.messages("local", "microsoft", "c")]
    assert kept == ["[picture: cat.png, 5 bytes]\nWhat is it?", "A cat.\n\n![a cat](https://x/1.png)"]


async def test_a_conversation_is_called_by_its_first_question_in_short(archive: SqlArchive) -> None:
    memory = memory_of(archive, user("word " * 40), name="c")
    await memory.recall()
    await memory.remember("u1")

    kept = await archive.recall("local", "microsoft", "c")
    assert kept is not None
    assert kept.title is not None
    assert len(kept.title) == 60
    assert kept.title.endswith("…")
