"""Rows for a person (a table) or for a program (columns between tabs)."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from jumpseat.cli.output import is_terminal, say
from jumpseat.cli.plain import one_line

if TYPE_CHECKING:
    from rich.console import OverflowMethod

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


_LAST = 253402128000.0
"""In the last days of the year 9999, in every zone: a page's cache may say whatever it likes."""

LEAST = 8
"""Columns that are left to what gives way."""

ENOUGH = 24
"""Columns with which the last one, which may be of any length, is content while others are to be spared."""


def show(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    fixed: int = 1,
    is_cut: bool = False,
    spare: Sequence[str] = (),
) -> None:
    """
    Print `rows`: a table on a terminal, else one line a row with a tab between columns and no headings.

    The first `fixed` columns stay on one line, for they are copied; with `is_cut` the last one does too, and
    is shortened. Where there is no room for all columns, those named in `spare` are left out, the first of
    them first, and a column that is empty in every row has none. Cells may hold anything; they are made
    harmless here.
    """
    cells = [[one_line(cell) for cell in row] for row in rows]
    if not is_terminal(sys.stdout):
        for row in cells:
            say("\t".join(row))
        return
    from rich import box
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    columns = [[row[number] for row in (headings, *cells)] for number in range(len(headings))]
    natural = [max(cell_len(text) for text in column) for column in columns]
    shown = [number for number, column in enumerate(columns) if number < fixed or any(column[1:])]
    content = [*natural[:-1], min(natural[-1], ENOUGH)]
    for heading in spare:
        if sum(content[number] for number in shown) <= room_for(shown, console.width):
            break
        shown = [number for number in shown if headings[number] != heading]
    widths = fitted(
        [natural[number] for number in shown],
        room_for(shown, console.width),
        sum(number < fixed for number in shown),
    )
    for number, width in zip(shown, widths, strict=True):
        is_short = is_cut and number == len(headings) - 1
        overflow: OverflowMethod = "ellipsis" if is_short else "fold"
        table.add_column(headings[number], width=width, overflow=overflow, no_wrap=is_short)
    for row in cells:
        # As `Text`, so that square brackets in a title are no markup.
        table.add_row(*(Text(row[number]) for number in shown))
    console.print(table)


def room_for(columns: Sequence[int], width: int) -> int:
    """What `width` leaves to these columns: each costs three more than it holds, and the edge one."""
    return width - 1 - 3 * len(columns)


def fitted(natural: Sequence[int], room: int, fixed: int) -> list[int]:
    """
    The widths of columns that hold `natural`; after the `fixed` ones, the last gives way first.

    Where that is not enough the widest of all does, so that none vanishes.
    """
    widths = list(natural)
    widest = max(range(len(widths)), key=natural.__getitem__)
    for number in (*range(len(widths) - 1, fixed - 1, -1), widest):
        excess = sum(widths) - room
        if excess > 0:
            widths[number] = max(min(LEAST, widths[number]), widths[number] - excess)
    return widths


def moment(at: float) -> str:
    """A moment (seconds since 1970) in local time; one that no calendar has is that of its nearest end."""
    return datetime.fromtimestamp(min(max(at, 0.0), _LAST)).astimezone().strftime("%Y-%m-%d %H:%M")


def short_id(conversation_id: str) -> str:
    """An identifier as a person types it: of one that we made up, the beginning is enough."""
    if is_terminal(sys.stdout) and UUID.fullmatch(conversation_id):
        return conversation_id[:8]
    return conversation_id
