"""What a whole answer looks like."""

from __future__ import annotations

import base64
import json
from typing import Any

from jumpseat.dialects.openai_chat import Identity, encode_reply
from jumpseat.dialects.openai_chat.reply import MAX_PREVIEW_BYTES, picture, picture_text
from jumpseat.model.events import Citation, ImageMade, Usage
from jumpseat.model.messages import Image, Message, Sampling, Text, ToolCall, ToolResult, Turn, user
from jumpseat.model.reply import Reply

IDENTITY = Identity(id="chatcmpl-1", created=5, model="github/gpt-4o", conversation_id="c")
PNG = b"\x89PNG\r\n\x1a\nrest"


def encoded(reply: Reply, turn: Turn | None = None) -> Any:
    return json.loads(encode_reply(IDENTITY, turn or Turn(model="", messages=(user("Hi"),)), reply))


def test_a_whole_reply_is_a_chat_completion() -> None:
    assert encoded(Reply(text="Hello!", finish_reason="stop")) == {
        "object": "chat.completion",
        "id": "chatcmpl-1",
        "created": 5,
        "model": "github/gpt-4o",
        "provider": "GithubCopilot",
        "conversation_id": "c",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hello!", "refusal": None},
                "finish_reason": "stop",
                "logprobs": None,
            }
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "estimated": True},
    }


def test_thinking_pictures_and_remarks_stand_beside_the_text() -> None:
    body = encoded(
        Reply(
            text="Look:",
            reasoning="hmm",
            images=(ImageMade(url="u", prompt="cat"),),
            citations=(Citation(url="c"),),
            title="Cats",
            followups=("More?",),
            usage=Usage(input_tokens=1, output_tokens=2, estimated=False),
            finish_reason="stop",
        )
    )

    message = body["choices"][0]["message"]
    assert message["content"] == "Look:\n\n![cat](u)"
    assert message["reasoning_content"] == "hmm"
    assert message["images"] == [{"type": "image_url", "image_url": {"url": "u"}}]
    assert body["jumpseat"]["title"] == "Cats"
    assert body["jumpseat"]["followups"] == ["More?"]
    assert body["jumpseat"]["citations"][0]["url"] == "c"
    assert body["usage"]["estimated"] is False


def test_a_reply_is_cut_as_asked() -> None:
    turn = Turn(model="", messages=(user("Hi"),), sampling=Sampling(stop=("STOP",)))

    choice = encoded(Reply(text="one STOP two", images=(ImageMade(url="u"),)), turn)["choices"][0]

    assert choice["message"]["content"] == "one "
    assert choice["finish_reason"] == "stop"


def test_everything_readable_in_the_question_counts() -> None:
    parts = (
        Text("abcd"),
        ToolCall(id="1", name="f", arguments="abcd"),
        ToolResult(call_id="1", text="abcd"),
        Image(data=PNG, media_type="image/png"),
    )

    usage = encoded(Reply(), Turn(model="", messages=(Message("user", parts),)))["usage"]

    assert usage["prompt_tokens"] == 3


def test_a_preview_is_handed_over_only_where_it_is_all_there_is() -> None:
    unfinished = ImageMade(url=None, prompt="a\n[cat]", preview=PNG)

    assert picture_text(unfinished) == "[unfinished picture: a (cat)]"
    assert picture(unfinished) == [
        {
            "type": "image_url",
            "image_url": {"url": "data:image/png;base64," + base64.b64encode(PNG).decode()},
        }
    ]
    assert picture(ImageMade(url=None)) == []
    assert picture(ImageMade(url=None, preview=PNG + bytes(MAX_PREVIEW_BYTES))) == []
    assert "octet-stream" in str(picture(ImageMade(url=None, preview=b"what is it")))
