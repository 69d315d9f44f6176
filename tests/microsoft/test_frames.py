"""What we say on the classic socket."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from jumpseat.microsoft.frames import encode_opening, encode_pong, encode_send

FIXTURES = Path(__file__).parents[1] / "fixtures" / "classic"


def sent(fixture: str) -> list[dict[str, Any]]:
    lines = (FIXTURES / fixture).read_text().splitlines()
    rows = [msgspec.json.decode(line) for line in lines]
    return [row["frame"] for row in rows if row["dir"] == "send"]


def opening(*, server_first: bool) -> list[dict[str, Any]]:
    frames = encode_opening(server_first=server_first)
    said = [msgspec.json.decode(frame) for _, frame in frames]
    assert [name for name, _ in frames] == [frame["event"] for frame in said]
    return said


def test_the_opening_has_the_fields_of_the_recorded_one() -> None:
    recorded = sent("classic-opening-frames-server-first.jsonl")

    assert [frame.keys() for frame in opening(server_first=True)] == [frame.keys() for frame in recorded]


def test_the_older_opening_is_the_options_alone() -> None:
    recorded = sent("classic-text-turn-client-first.jsonl")

    assert [frame.keys() for frame in opening(server_first=False)] == [recorded[0].keys()]


def test_the_question_is_sent_as_it_was_recorded() -> None:
    [_, recorded] = sent("classic-text-turn-client-first.jsonl")
    frame = encode_send(recorded["conversationId"], recorded["content"][0]["text"], recorded["mode"], ())

    assert msgspec.json.decode(frame) == recorded


def test_pictures_go_before_the_text_in_order() -> None:
    frame = encode_send(
        "c", "What is this?", "smart", [("/images/1", None), ("https://x.invalid/2", "cat.png")]
    )

    assert msgspec.json.decode(frame)["content"] == [
        {"type": "image", "url": "/images/1"},
        {"type": "image", "url": "https://x.invalid/2", "fileName": "cat.png"},
        {"type": "text", "text": "What is this?"},
    ]


def test_a_pong_repeats_the_id_of_its_ping() -> None:
    assert encode_pong("7") == '{"event":"pong","id":"7"}'
    assert encode_pong(None) == '{"event":"pong"}'
