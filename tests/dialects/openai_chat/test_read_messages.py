"""Messages that are Python values already, as the library's providers take them."""

from __future__ import annotations

import pytest

from jumpseat.dialects.openai_chat import read_messages
from jumpseat.model.errors import InvalidRequest
from jumpseat.model.messages import Message, Text, ToolResult


def test_python_values_are_read_like_a_body() -> None:
    messages = read_messages(
        [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        ]
    )

    assert messages == (Message("system", (Text("Be brief."),)), Message("user", (Text("Hi"),)))


@pytest.mark.parametrize(
    "wrong", [[{"role": "king", "content": "x"}], [{"content": "x"}], ["x"], [{"role": "user"}]]
)
def test_what_is_no_message_is_refused(wrong: list[dict[str, object]]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_messages(wrong)
    assert str(refused.value.param).startswith("messages")


def test_a_tool_may_have_nothing_to_say() -> None:
    [message] = read_messages([{"role": "tool", "tool_call_id": "1", "content": None}])

    assert message == Message("tool", (ToolResult(call_id="1", text=""),))
