"""Why a recording cannot be used."""

from __future__ import annotations

from jumpseat.model.errors import NoValidHarFileError
from jumpseat.recordings.problems import BadRecording


def test_a_bad_recording_has_its_reason_and_is_what_the_documents_catch() -> None:
    problem = BadRecording("EmptyHar", "the file has no entries: record again")

    assert problem.reason == "EmptyHar"
    assert isinstance(problem, NoValidHarFileError)
    assert str(problem) == "the file has no entries: record again"
