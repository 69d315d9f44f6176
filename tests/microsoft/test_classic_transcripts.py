"""Every transcript of the classic socket, followed by the pure machine: whole, cut anywhere, and glued."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jumpseat.model.errors import QuotaExceeded, RateLimited
from jumpseat.model.events import Finished, Started
from tests.microsoft.following import Followed, follow, one_by_one
from tests.transcripts import reader
from tests.transcripts.reader import Transcript

TRANSCRIPTS = [reader.read(name) for name in reader.names()]

each = pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda transcript: transcript.name)


def told(followed: Followed) -> dict[str, Any]:
    """What came out, in the words of the expectations."""
    reply, error = followed.reply, followed.error
    return {
        "text": reply.text,
        "reasoning": reply.reasoning,
        "images": [[image.url, image.prompt, len(image.preview or b"")] for image in reply.images],
        "citations": [[source.url, source.title] for source in reply.citations],
        "title": reply.title,
        "followups": list(reply.followups),
        "message": reply.message_id,
        "finish": reply.finish_reason,
        "replaced": followed.replaced,
        "error": type(error).__name__ if error else None,
        "wrong dialect": followed.is_wrong_dialect,
    }


NOTHING: dict[str, Any] = {
    **dict.fromkeys(("text", "reasoning"), ""),
    **{name: [] for name in ("images", "citations", "followups")},
    **dict.fromkeys(("title", "message", "finish", "error")),
    "replaced": 0,
    "wrong dialect": False,
}


def of_the_error(followed: Followed) -> dict[str, Any]:
    """What the error says, in the words of the expectations."""
    error = followed.error
    if error is None:
        return {}
    fields: dict[str, Any] = {"code": error.code, "delivered": error.may_be_delivered}
    if isinstance(error, RateLimited):
        fields["retry after"] = error.retry_after
    if isinstance(error, QuotaExceeded):
        fields["resets at"] = msgspec.to_builtins(error.resets_at)
    return fields


@each
def test_a_transcript_comes_out_as_it_says(transcript: Transcript) -> None:
    followed = follow(transcript)

    wanted = transcript.expected
    assert told(followed) == NOTHING | {name: wanted[name] for name in NOTHING if name in wanted}
    fields = of_the_error(followed)
    assert {name: fields[name] for name in fields if name in wanted} == {
        name: wanted[name] for name in wanted if name in ("code", "delivered", "retry after", "resets at")
    }
    assert wanted.get("says", "") in (followed.error.message if followed.error else "")
    assert dict(followed.session.unknown_events) == wanted.get("unknown", {})
    assert followed.session.skipped == wanted.get("skipped", 0)
    if "dialect" in wanted:
        assert followed.session.dialect == wanted["dialect"]


@each
def test_a_transcript_keeps_the_grammar_of_a_reply(transcript: Transcript) -> None:
    followed = follow(transcript)
    kinds = [type(event) for event in followed.events]

    assert kinds.count(Started) <= 1
    assert kinds.count(Finished) == (followed.error is None)
    assert Finished not in kinds[:-1]
    assert followed.session.is_finished == (followed.error is None)
    assert not followed.session.wants_more


@each
def test_a_transcript_expects_one_end(transcript: Transcript) -> None:
    assert len({"finish", "error"} & transcript.expected.keys()) == 1


@each
def test_letter_by_letter_nothing_changes(transcript: Transcript) -> None:
    followed = follow(transcript, lambda frames: ([letter] for letter in "".join(frames)))

    assert told(followed) == told(follow(transcript))


@each
def test_all_in_one_frame_nothing_changes(transcript: Transcript) -> None:
    followed = follow(transcript, lambda frames: [["".join(frames)]])

    assert told(followed) == told(follow(transcript))


@each
def test_all_in_one_batch_nothing_changes(transcript: Transcript) -> None:
    followed = follow(transcript, lambda frames: [frames])

    assert told(followed) == told(follow(transcript))


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(transcript=st.sampled_from(TRANSCRIPTS), data=st.data())
def test_any_cut_in_any_batches_changes_nothing(transcript: Transcript, data: st.DataObject) -> None:
    def cut(text: str, what: str) -> list[str]:
        places = data.draw(st.lists(st.integers(0, len(text)), max_size=12), label=what)
        return [text[start:end] for start, end in pairwise((0, *sorted(places), len(text)))]

    def recut(frames: list[str]) -> Iterable[list[str]]:
        glue = data.draw(st.sampled_from(("", "\x1e", "\r\n", "  ")), label="glue")
        # Frames that are pieces of one object bear nothing between them.
        pieces = cut(("" if "cut" in transcript.name else glue).join(frames), "frames")
        batches = cut("x" * len(pieces), "batches")
        rest = iter(pieces)
        return [[next(rest) for _ in batch] for batch in batches]

    assert told(follow(transcript, recut)) == told(follow(transcript, one_by_one))
