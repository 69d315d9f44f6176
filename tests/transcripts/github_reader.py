"""
Reads the recorded bodies of GitHub's web chat in `tests/transcripts/github`.

A file begins with lines of `# ` up to the first line that is none: a remark, then what is expected, as
`# expect <what>: <JSON>`. From there on it is the body of the answer, byte for byte, line ends included.

    text         the text of the answer, up to its end or its error ("" if not named)
    citations    its sources, as "<address> <title>"
    error, code  the error that ends it: the name of its class, and its `code`
    says         a pattern that its message holds
    malformed, passed over   how many lines made no sense, and how many events said nothing to us (0)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

FOLDER = Path(__file__).parent / "github"


class Recording(Struct, frozen=True, kw_only=True):
    """One recorded body and what it amounts to."""

    name: str
    remark: str
    body: bytes
    text: str = ""
    citations: list[str] = []
    error: str | None = None
    code: str | None = None
    says: str = ""
    malformed: int = 0
    passed_over: int = 0


def read(path: Path) -> Recording:
    """Read one file. Raises `ValueError` for an expectation that nobody checks."""
    rest = path.read_bytes()
    fields: dict[str, Any] = {"name": path.stem}
    while rest.startswith(b"# "):
        line, _, rest = rest.partition(b"\n")
        what, colon, value = line[2:].decode().partition(": ")
        if what.startswith("expect ") and colon:
            fields[what.removeprefix("expect ").replace(" ", "_")] = msgspec.json.decode(value)
        else:
            fields["remark"] = line[2:].decode()
    unknown = fields.keys() - set(Recording.__struct_fields__)
    if unknown:
        raise ValueError(f"{path.name} expects what nobody checks: {sorted(unknown)}")
    return Recording(**fields, body=rest)


def recordings() -> list[Recording]:
    """All of them, by name."""
    return [read(path) for path in sorted(FOLDER.glob("*.txt"))]
