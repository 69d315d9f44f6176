"""A terminal small enough to read: what the escape sequences that we write make of a screen."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"\x1b\[(?P<number>\d*)(?P<kind>[AJKm])|\x1b\[[\d;]*m|(?P<line>\n)|(?P<start>\r)|(?P<text>[^\x1b\n\r]+)"
)


class FakeTerminal:
    """Takes what is written; `lines` is what a person sees, scrollback included."""

    def __init__(self, height: int = 24) -> None:
        self.height = height
        self.written: list[str] = []
        self._lines = [""]
        self._row = 0
        self._column = 0

    def write(self, text: str) -> None:
        self.written.append(text)
        at = 0
        column = self._column
        while at < len(text):
            token = _TOKEN.match(text, at)
            assert token is not None, f"a sequence that nobody expected: {text[at : at + 10]!r}"
            column = self._obey(token, column)
            at = token.end()
        self._column = column

    def _obey(self, token: re.Match[str], column: int) -> int:
        if shown := token["text"]:
            line = self._lines[self._row]
            self._lines[self._row] = line[:column] + shown + line[column + len(shown) :]
            return column + len(shown)
        if token["start"]:
            return 0
        if token["line"]:
            self._row += 1
            if self._row == len(self._lines):
                self._lines.append("")
            return 0
        match token["kind"]:
            case "A":
                self._row -= int(token["number"])
                assert self._row > len(self._lines) - 1 - self.height, "painted over what had scrolled away"
            case "K":
                self._lines[self._row] = self._lines[self._row][:column]
            case "J":
                del self._lines[self._row + 1 :]
                self._lines[self._row] = ""
        return column

    @property
    def lines(self) -> list[str]:
        assert self._lines[-1] == "", "the cursor rests on a line of its own"
        return self._lines[:-1]
