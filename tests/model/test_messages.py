"""Messages and their parts."""

from __future__ import annotations

from jumpseat.model.messages import Image, Message, Text, ToolCall, assistant, user

IMAGE = Image(data=b"secret picture", media_type="image/png")


def test_the_text_of_a_message_is_its_text_parts_as_they_stand() -> None:
    call = ToolCall(id="1", name="look", arguments="{}")

    assert Message("assistant", (Text("one "), call, Text("two"))).text == "one two"
    assert Message("assistant", (Text("one"),)).text == "one"
    assert Message("assistant", (call,)).text == ""


def test_a_user_shows_pictures_before_the_text() -> None:
    message = user("What is this?", IMAGE)

    assert message == Message("user", (IMAGE, Text("What is this?")))
    assert message.images == (IMAGE,)


def test_an_assistant_says_text() -> None:
    assert assistant("Hello") == Message("assistant", (Text("Hello"),))
    assert assistant("Hello").images == ()


def test_a_picture_handed_over_does_not_spill_its_bytes() -> None:
    assert repr(IMAGE) == "Image(image/png, 14 bytes)"
