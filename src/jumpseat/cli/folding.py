"""Long lines on a terminal, folded between words; a command to copy stays whole."""

from __future__ import annotations

import re

_WORD = re.compile(r"(?:`[^`]*`|\S)+")
"""What stands between backticks is one word, whatever blanks it has."""


def folded(line: str, columns: int, indent: str = "") -> list[str]:
    """
    The lines, of `columns` at most, that a line becomes; the further ones begin with `indent`.

    A word that is longer stands alone, and is left to the terminal. One that fits comes back as it is.
    """
    if len(line) <= columns:
        return [line]
    lines: list[str] = []
    shown = line[: len(line) - len(line.lstrip())]
    is_empty = True
    for word in _WORD.findall(line):
        if not is_empty and len(shown) + 1 + len(word) > columns:
            lines.append(shown)
            shown, is_empty = indent, True
        shown += word if is_empty else f" {word}"
        is_empty = False
    return [*lines, shown]
