"""What is new in a request, and digests."""

import pytest

from jumpseat.model.messages import Image, Message, Text, ToolCall, ToolResult, assistant, user
from jumpseat.threads import digest, heard_part, lineage, new_part

SYSTEM = Message("system", (Text("be brief"),))
CALL = ToolCall(id="1", name="weather", arguments="{}")
RESULT = ToolResult(call_id="1", text="rain")


def test_all_after_the_last_answer_is_new() -> None:
    history = (SYSTEM, user("one"), assistant("two"), user("three"), user("four"))

    assert new_part(history) == (user("three"), user("four"))


def test_before_the_first_answer_everything_but_the_instructions_is_new() -> None:
    assert new_part((SYSTEM, user("one"))) == (user("one"),)
    assert new_part([user("one")]) == (user("one"),)


def test_instructions_repeated_later_are_not_new() -> None:
    assert new_part((user("one"), assistant("two"), SYSTEM, user("three"))) == (user("three"),)


def test_what_the_tools_answered_is_new() -> None:
    tool = Message("tool", (RESULT,))

    assert new_part((user("one"), Message("assistant", (CALL,)), tool)) == (tool,)


def test_nothing_is_new_after_the_assistant() -> None:
    assert new_part((user("one"), assistant("two"))) == ()
    assert new_part(()) == ()


def test_a_digest_is_the_same_however_the_text_is_cut() -> None:
    whole = Message("user", (Text("hello world"),))
    cut = Message("user", (Text("hello "), Text("world")))

    assert digest(whole) == digest(cut)
    assert len(digest(whole)) == 64


@pytest.mark.parametrize(
    "other",
    [
        assistant("hello"),
        user("Hello"),
        user("hello", Image(data=b"x", media_type="image/png")),
        user("hello", Image(data=b"y", media_type="image/png")),
        Message("user", (Text("hello"), CALL)),
        Message("user", (Text("hello"), RESULT)),
        Message("user", (Text("hello"), ToolResult(call_id="1r", text="ain"))),
        user("hello\ud800"),
    ],
)
def test_every_difference_shows_in_the_digest(other: Message) -> None:
    calling = Message("user", (Text("hello"), ToolCall(id="1w", name="eather", arguments="{}")))

    assert digest(other) not in {digest(user("hello")), digest(calling)}


def test_what_was_heard_ends_with_the_last_answer() -> None:
    history = (SYSTEM, user("one"), assistant("two"), user("three"))

    assert heard_part(history) == history[:3]
    assert heard_part(history[:2]) == ()


def test_the_same_history_has_the_same_lineage_whatever_its_blanks() -> None:
    assert lineage([user("a  b"), assistant("c")]) == lineage([user(" a b\n"), assistant("c ")])


@pytest.mark.parametrize(
    "other",
    [
        [user("a"), assistant("d")],
        [assistant("c"), user("a")],
        [user("a")],
        [user("ac")],
        [SYSTEM, user("a"), assistant("c")],
        [user("a"), Message("assistant", (Text("c"), CALL))],
    ],
)
def test_another_history_has_another_lineage(other: list[Message]) -> None:
    assert lineage(other) != lineage([user("a"), assistant("c")])


def test_a_lineage_goes_on_where_it_ended() -> None:
    first, then = [user("a"), assistant("b")], [user("c"), assistant("d")]

    assert lineage(then, lineage(first)) == lineage([*first, *then])
