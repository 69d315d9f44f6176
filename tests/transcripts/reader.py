"""Reads the conversations of `tests/transcripts/microsoft`; `README.md` says what their lines mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

FOLDER = Path(__file__).parent / "microsoft"

Kind = Literal["said", "heard", "happened"]
_KINDS: dict[str, Kind] = {"> ": "said", "< ": "heard", "! ": "happened"}

SETTINGS = frozenset({"dialect", "extras", "mode", "new conversation", "now", "question"})
EXPECTATIONS = frozenset(
    {
        *("text", "reasoning", "images", "citations", "title", "followups", "finish", "message", "replaced"),
        *("error", "code", "says", "retry after", "resets at", "delivered", "wrong dialect"),
        *("dialect", "unknown", "skipped"),
    }
)


class Line(Struct, frozen=True):
    """One line: what we `said` (JSON), what we `heard` (the text frame), or what `happened`."""

    kind: Kind
    text: str


class Transcript(Struct, frozen=True, kw_only=True):
    """One recorded or imagined conversation over the classic socket."""

    name: str
    remark: str
    settings: dict[str, Any]
    expected: dict[str, Any]
    lines: tuple[Line, ...]

    def server_frames(self) -> list[str]:
        """The text frames of the server, in order."""
        return [line.text for line in self.lines if line.kind == "heard"]

    @property
    def question(self) -> str:
        text: str = self.settings.get("question", "Hello")
        return text

    @property
    def ending(self) -> str | None:
        """How the server ended the wire: `close 1000`, `bare close`, or None if it left it open."""
        last = self.lines[-1] if self.lines else None
        return last.text if last and last.kind == "happened" and "close" in last.text else None


def read(name: str) -> Transcript:
    """Read one transcript. Raises `ValueError` for a line or an expectation that nobody understands."""
    remarks: list[str] = []
    settings: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    lines: list[Line] = []
    for row in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").split("\n"):
        if row.startswith("# "):
            _read_remark(name, row[2:], remarks, settings, expected)
        elif row[:2] in _KINDS:
            lines.append(_read_line(row))
        elif row:
            raise ValueError(f"{name}: a line is `> `, `< `, `! ` or `# `: {row!r}")
    return Transcript(
        name=name, remark=" ".join(remarks), settings=settings, expected=expected, lines=tuple(lines)
    )


def _read_remark(
    name: str, text: str, remarks: list[str], settings: dict[str, Any], expected: dict[str, Any]
) -> None:
    what, colon, value = text.partition(": ")
    wanted = what.removeprefix("expect ")
    if colon and what in SETTINGS:
        settings[what] = msgspec.json.decode(value)
    elif colon and wanted != what:
        if wanted not in EXPECTATIONS:
            raise ValueError(f"{name} expects what nobody checks: {wanted}")
        expected[wanted] = msgspec.json.decode(value)
    else:
        remarks.append(text)


def _read_line(row: str) -> Line:
    text = row[2:]
    if row.startswith('< "'):
        # Control characters, line ends, blanks at an end: the frame stands there as a JSON string.
        text = msgspec.json.decode(text, type=str)
    return Line(_KINDS[row[:2]], text)


def names() -> list[str]:
    """The names of all transcripts."""
    return sorted(path.stem for path in FOLDER.glob("*.txt"))
