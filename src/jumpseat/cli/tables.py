"""Rows for a person (a table) or for a program (columns between tabs)."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import datetime

from jumpseat.cli.output import is_terminal, say
from jumpseat.cli.plain import one_line

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def show(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """
    Print `rows`: a table on a terminal, else one line a row with a tab between columns and no headings.

    Cells may hold anything; they are made harmless here.
    """
    cells = [[one_line(cell) for cell in row] for row in rows]
    if not is_terminal(sys.stdout):
        for row in cells:
            say("\t".join(row))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in cells:
        # As `Text`, so that square brackets in a title are no markup.
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def moment(at: float) -> str:
    """A moment (seconds since 1970) in local time."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")


def short_id(conversation_id: str) -> str:
    """An identifier as a person types it: of one that we made up, the beginning is enough."""
    if is_terminal(sys.stdout) and UUID.fullmatch(conversation_id):
        return conversation_id[:8]
    return conversation_id
