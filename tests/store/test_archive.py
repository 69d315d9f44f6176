"""What every archive promises. Another store joins the contract by one more entry in `OPENERS`."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from jumpseat.model.errors import InvalidRequest, StoreUnavailable
from jumpseat.store.archive import MAX_SEARCH_CHARS, Archive, StoredConversation, StoredMessage
from jumpseat.store.sql import SqlArchive

Opener = Callable[[bool], Archive]


def open_sqlite(folder: Path) -> Opener:
    return lambda store_messages: SqlArchive(folder / "home" / "test.db", store_messages=store_messages)


OPENERS: dict[str, Callable[[Path], Opener]] = {"sqlite": open_sqlite}


@pytest.fixture(params=list(OPENERS))
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens the same archive each time it is called."""
    return OPENERS[request.param](tmp_path)


@pytest.fixture
async def archive(opener: Opener) -> AsyncIterator[Archive]:
    archive = opener(True)
    yield archive
    await archive.aclose()


def conversation(
    name: str = "c1",
    *,
    owner: str = "local",
    service: str = "microsoft",
    title: str | None = None,
    at: float = 1.0,
) -> StoredConversation:
    return StoredConversation(
        conversation_id=name,
        owner=owner,
        service=service,
        upstream_id=f"up-{name}",
        model="microsoft/copilot",
        title=title,
        created_at=at,
        updated_at=at,
    )


def message(text: str | None, role: str = "user", *, at: float = 1.0) -> StoredMessage:
    return StoredMessage(role=role, text=text, digest=f"digest of {role}", created_at=at)


async def test_what_was_remembered_is_recalled(archive: Archive) -> None:
    kept = conversation(title="Names", at=12.25)

    await archive.remember(kept, [message("My name is Heiner")])

    assert await archive.recall("local", "microsoft", "c1") == kept
    assert await archive.messages("local", "microsoft", "c1") == [message("My name is Heiner")]


async def test_an_unknown_conversation_is_none_and_has_no_messages(archive: Archive) -> None:
    assert await archive.recall("local", "microsoft", "c1") is None
    assert await archive.messages("local", "microsoft", "c1") == []


async def test_owner_and_service_are_part_of_the_name(archive: Archive) -> None:
    await archive.remember(conversation(), [message("hers")])

    assert await archive.recall("someone else", "microsoft", "c1") is None
    assert await archive.recall("local", "github", "c1") is None
    assert await archive.search("someone else", "hers") == []
    assert await archive.find("someone else", "c1") is None
    assert not await archive.delete("someone else", "c1")
    assert await archive.messages("someone else", "microsoft", "c1") == []


async def test_messages_are_appended_in_order(archive: Archive) -> None:
    await archive.remember(conversation(), [message("be brief", "system"), message("one")])
    await archive.record_reply("local", "microsoft", "c1", message("two", "assistant"))
    await archive.remember(conversation(), [message("three"), message("four")])

    kept = await archive.messages("local", "microsoft", "c1")

    assert [m.text for m in kept] == ["be brief", "one", "two", "three", "four"]
    assert [m.role for m in kept] == ["system", "user", "assistant", "user", "user"]


async def test_a_conversation_remembered_again_moves_on_but_keeps_its_beginning(archive: Archive) -> None:
    await archive.remember(conversation(title="Names", at=1.0), [])
    later = msgspec.structs.replace(
        conversation(at=9.0), upstream_id="up-2", model="microsoft/think-deeper", title=None
    )

    await archive.remember(later, [])

    assert await archive.recall("local", "microsoft", "c1") == msgspec.structs.replace(
        later, title="Names", created_at=1.0
    )


async def test_a_reply_is_kept_with_its_state_and_title(archive: Archive) -> None:
    await archive.remember(conversation(), [message("hi")])
    reply = StoredMessage(role="assistant", text="Hel", digest="d", state="interrupted", created_at=5.0)

    await archive.record_reply("local", "microsoft", "c1", reply, "Greeting")

    kept = await archive.recall("local", "microsoft", "c1")
    assert kept is not None
    assert (kept.title, kept.updated_at) == ("Greeting", 5.0)
    assert (await archive.messages("local", "microsoft", "c1"))[-1] == reply


async def test_a_reply_without_a_title_keeps_the_old_one(archive: Archive) -> None:
    await archive.remember(conversation(title="Greeting"), [])

    await archive.record_reply("local", "microsoft", "c1", message("x", "assistant"), None)

    kept = await archive.recall("local", "microsoft", "c1")
    assert kept is not None
    assert kept.title == "Greeting"


async def test_a_reply_to_a_deleted_conversation_does_not_bring_it_back(archive: Archive) -> None:
    await archive.remember(conversation(), [message("hi")])
    await archive.delete("local", "c1")

    await archive.record_reply("local", "microsoft", "c1", message("hello", "assistant"))

    assert await archive.recall("local", "microsoft", "c1") is None
    assert await archive.messages("local", "microsoft", "c1") == []


async def test_conversations_are_listed_newest_first_in_pages(archive: Archive) -> None:
    for number in range(5):
        await archive.remember(conversation(f"c{number}", at=float(number)), [])

    first = await archive.conversations("local", limit=2)
    rest = await archive.conversations("local", before=first[-1].updated_at)

    assert [c.conversation_id for c in first] == ["c4", "c3"]
    assert [c.conversation_id for c in rest] == ["c2", "c1", "c0"]
    assert await archive.conversations("nobody") == []
    assert await archive.conversations("local", limit=0) == []
    assert await archive.conversations("local", limit=-1) == []


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        ("My name is HEINER", "heiner"),
        ("Меня зовут Хайнер", "ХАЙНЕР"),
        ("ПРИВЕТ, МИР", "привет"),
        ("Die Straße", "STRASSE"),
        ("cafe\u0301 au lait", "CAF\u00c9"),
        ("ΟΔΟΣ", "οδος"),
        ("it is 100% sure", "100% s"),
        ("snake_case!", "e_case!"),
        ("back\\slash", "\\s"),
    ],
)
async def test_search_finds_text_in_any_letter_case(archive: Archive, kept: str, asked: str) -> None:
    await archive.remember(conversation("in-a-message"), [message("other"), message(kept), message(kept)])
    await archive.remember(conversation("in-the-title", title=kept, at=2.0), [])
    await archive.remember(conversation("elsewhere", title="nothing"), [message("at all")])

    found = await archive.search("local", asked)

    assert [c.conversation_id for c in found] == ["in-the-title", "in-a-message"]
    assert await archive.search("local", asked, limit=1) == found[:1]


@pytest.mark.parametrize("asked", ["%", "_", "a_c", "!", "a%"])
async def test_search_takes_no_character_for_a_wildcard(archive: Archive, asked: str) -> None:
    await archive.remember(conversation(title="abc"), [message("abc")])

    assert await archive.search("local", asked) == []


@pytest.mark.parametrize("asked", ["", "x" * (MAX_SEARCH_CHARS + 1)])
async def test_search_refuses_an_empty_and_an_endless_text(archive: Archive, asked: str) -> None:
    with pytest.raises(InvalidRequest, match="1 to 1000 characters") as refused:
        await archive.search("local", asked)

    assert refused.value.param == "text"


async def test_the_longest_text_can_be_searched_for(archive: Archive) -> None:
    await archive.remember(conversation(), [message("%" * MAX_SEARCH_CHARS)])

    assert len(await archive.search("local", "%" * MAX_SEARCH_CHARS)) == 1


async def test_a_conversation_is_found_by_its_name_or_the_beginning_of_it(archive: Archive) -> None:
    await archive.remember(conversation("abc"), [])
    await archive.remember(conversation("abcdef"), [])
    await archive.remember(conversation("x_yz"), [])

    for asked, expected in [("abc", "abc"), ("abcd", "abcdef"), ("x_", "x_yz")]:
        found = await archive.find("local", asked)
        assert found is not None
        assert found.conversation_id == expected
    assert await archive.find("local", "ABC") is None
    assert await archive.find("local", "a%") is None
    assert await archive.find("local", "") is None


async def test_a_beginning_that_fits_several_names_them(archive: Archive) -> None:
    await archive.remember(conversation("abc", service="github"), [])
    await archive.remember(conversation("abd"), [])

    with pytest.raises(InvalidRequest, match=r"github abc.*Give more") as refused:
        await archive.find("local", "ab")

    assert refused.value.code == "ambiguous_conversation"
    assert await archive.find("local", "abc") is not None


async def test_deleting_takes_the_messages_too(archive: Archive) -> None:
    await archive.remember(conversation(), [message("secret plan")])
    await archive.remember(conversation("c2"), [message("kept")])

    assert await archive.delete("local", "c1")
    assert not await archive.delete("local", "c1")

    assert await archive.search("local", "secret") == []
    assert await archive.messages("local", "microsoft", "c1") == []
    await archive.remember(conversation(), [])
    assert await archive.messages("local", "microsoft", "c1") == []
    assert len(await archive.messages("local", "microsoft", "c2")) == 1


async def test_notes_are_kept_and_replaced(archive: Archive) -> None:
    assert await archive.get("dialect host") is None

    await archive.set("dialect host", "client-first")
    await archive.set("dialect host", "server-first")

    assert await archive.get("dialect host") == "server-first"


async def test_everything_survives_closing(opener: Opener) -> None:
    first = opener(True)
    await first.remember(conversation(title="Кто я"), [message("Heiner")])
    await first.set("key", "value")
    await first.aclose()

    second = opener(True)

    assert await second.recall("local", "microsoft", "c1") == conversation(title="Кто я")
    assert await second.messages("local", "microsoft", "c1") == [message("Heiner")]
    assert await second.get("key") == "value"
    await second.aclose()


async def test_two_archives_on_the_same_store_see_each_other(opener: Opener, archive: Archive) -> None:
    other = opener(True)
    await archive.remember(conversation(), [message("from one")])
    await other.remember(conversation(), [message("from the other")])

    kept = await archive.messages("local", "microsoft", "c1")

    assert [m.text for m in kept] == ["from one", "from the other"]
    await other.aclose()


async def test_many_at_once_lose_nothing(archive: Archive) -> None:
    async def turn(number: int) -> None:
        name = f"c{number % 7}"
        await archive.remember(conversation(name), [message(f"question {number}")])
        await archive.record_reply("local", "microsoft", name, message(f"answer {number}", "assistant"))

    await asyncio.gather(*(turn(number) for number in range(300)))

    texts = [m.text for n in range(7) for m in await archive.messages("local", "microsoft", f"c{n}")]
    expected = [f"{word} {number}" for number in range(300) for word in ("question", "answer")]
    assert sorted(str(text) for text in texts) == sorted(expected)


async def test_without_messages_no_text_is_kept(opener: Opener, tmp_path: Path) -> None:
    archive = opener(False)
    await archive.remember(conversation(title="canary-title"), [message("canary-question")])
    reply = StoredMessage(
        role="assistant", text="canary-answer", digest="d", state="interrupted", created_at=2
    )
    await archive.record_reply("local", "microsoft", "c1", reply, "canary-other")

    kept = await archive.messages("local", "microsoft", "c1")

    assert [(m.role, m.text, m.digest, m.state) for m in kept] == [
        ("user", None, "digest of user", "complete"),
        ("assistant", None, "d", "interrupted"),
    ]
    found = await archive.recall("local", "microsoft", "c1")
    assert found is not None
    assert found.title is None
    assert await archive.search("local", "canary") == []
    for file in tmp_path.rglob("*"):
        assert file.is_dir() or b"canary" not in file.read_bytes()
    await archive.aclose()


async def test_text_that_is_no_unicode_is_kept_as_far_as_it_goes(archive: Archive) -> None:
    await archive.remember(conversation(), [message("half \ud83d pair \ud83d\ude00")])

    assert (await archive.messages("local", "microsoft", "c1"))[0].text == "half \ufffd pair \U0001f600"


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
async def test_a_name_that_is_no_text_is_refused(archive: Archive, name: str) -> None:
    with pytest.raises(InvalidRequest, match="is no name"):
        await archive.remember(conversation(name), [])
    with pytest.raises(InvalidRequest):
        await archive.recall("local", "microsoft", name)
    with pytest.raises(InvalidRequest):
        await archive.set(name, "x")


async def test_a_closed_archive_says_so(opener: Opener) -> None:
    archive = opener(True)
    await archive.get("key")
    await archive.aclose()
    await archive.aclose()

    with pytest.raises(StoreUnavailable, match="closed"):
        await archive.get("key")


async def test_closing_finishes_what_was_asked_for(opener: Opener) -> None:
    archive = opener(True)
    asked = asyncio.ensure_future(archive.set("key", "value"))
    await asyncio.sleep(0)
    await archive.aclose()
    await asked

    again = opener(True)
    assert await again.get("key") == "value"
    await again.aclose()


async def test_one_who_gives_up_waiting_disturbs_nobody(archive: Archive) -> None:
    impatient = asyncio.ensure_future(archive.set("a", "1"))
    patient = asyncio.ensure_future(archive.set("b", "2"))
    await asyncio.sleep(0)
    impatient.cancel()
    await patient

    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert await archive.get("b") == "2"


async def test_a_conversation_is_recognised_by_what_was_said_in_it(archive: Archive) -> None:
    await archive.remember(conversation(), [message("Hi")])
    await archive.record_reply("local", "microsoft", "c1", message("Hello", "assistant"), None, "said")

    found = await archive.recognise("local", "microsoft", "said")
    assert found is not None
    assert (found.conversation_id, found.lineage) == ("c1", "said")
    assert await archive.recognise("local", "github", "said") is None
    assert await archive.recognise("other", "microsoft", "said") is None
    assert await archive.recognise("local", "microsoft", "something else") is None


async def test_a_conversation_that_goes_on_is_not_recognised_meanwhile(archive: Archive) -> None:
    await archive.remember(conversation(), [message("Hi")])
    await archive.record_reply("local", "microsoft", "c1", message("Hello", "assistant"), None, "said")
    await archive.remember(conversation(at=2.0), [message("And now?")])

    assert await archive.recognise("local", "microsoft", "said") is None


async def test_of_two_alike_the_newest_is_recognised(archive: Archive) -> None:
    for name, at in (("c1", 1.0), ("c2", 3.0), ("c3", 2.0)):
        await archive.remember(conversation(name, at=at), [])
        reply = message("Hello", "assistant", at=at)
        await archive.record_reply("local", "microsoft", name, reply, None, "said")

    found = await archive.recognise("local", "microsoft", "said")
    assert found is not None
    assert found.conversation_id == "c2"
