"""Why a recording cannot be used."""

from __future__ import annotations

from jumpseat.model.errors import NotSignedIn, NoValidHarFileError
from jumpseat.recordings.problems import BadRecording, Remark


def test_a_bad_recording_has_its_reason_and_is_what_the_documents_catch() -> None:
    problem = BadRecording("EmptyHar", "the file has no entries: record again")

    assert problem.reason == "EmptyHar"
    assert isinstance(problem, NoValidHarFileError)
    assert isinstance(problem, NotSignedIn)
    assert str(problem) == "the file has no entries: record again"
    assert problem.remarks == ()


def test_it_tells_what_else_was_noticed() -> None:
    remark = Remark("SanitizedHar", "the recording is sanitized")

    assert BadRecording("NoChatSocket", "no chat", (remark,)).remarks == (remark,)
