"""
The files of `corpus/`, each of which was or could be trouble. A name begins with what comes of the file.

`make fuzz` starts from them, and what it finds is put beside them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from jumpseat.recordings import BadRecording, read_recording

CORPUS = sorted((Path(__file__).parent / "corpus").iterdir())
LIMIT = 1024 * 1024


def outcome(path: Path) -> str:
    try:
        credential = read_recording(
            path, "copilot.microsoft.com", limit=LIMIT, now=1_795_000_000.0
        ).credential
    except BadRecording as problem:
        return problem.reason
    return "token" if credential.token is not None else "cookies"


@pytest.mark.parametrize("path", CORPUS, ids=[path.name for path in CORPUS])
def test_a_file_of_the_corpus_is_what_its_name_says(path: Path) -> None:
    assert outcome(path) == path.name.partition("--")[0]
