"""The last lines of a terminal, repainted in place; what is finished stays above as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence


class Pane:
    """
    A few lines that still change, below lines that do not.

    Only lines that differ are written anew, each over the old one, so that nothing flickers. The cursor
    rests at the beginning of the line below. Of more than `height() - 1` lines the first are left out: what
    has scrolled off the screen cannot be painted over. When `width()` changes, terminals break the lines
    anew, and all are written again; `cells` says how many columns a line takes.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        height: Callable[[], int],
        width: Callable[[], int] = lambda: 0,
        cells: Callable[[str], int] = len,
    ) -> None:
        self._write = write
        self._height = height
        self._width = width
        self._cells = cells
        self._painted_width = width()
        self._lines: list[str] = []

    def paint(self, lines: Sequence[str], *, keep: Sequence[str] = ()) -> None:
        """Show `lines` in place of those shown before; `keep` goes above them, for good."""
        shown = list(lines)[-max(1, self._height() - 1) :]
        wanted = [*keep, *shown]
        self._clear_if_resized()
        before = self._lines
        same = _common(before, wanted)
        self._lines = shown
        if same == len(before) == len(wanted):
            return
        up = len(before) - same
        move = f"\x1b[{up}A" if up else ""
        text = "".join(f"{line}\x1b[K\n" for line in wanted[same:])
        # The terminal itself may have written where the cursor rests: a pressed Ctrl-C shows as ^C.
        self._write(f"\r{move}{text}\x1b[J")

    def _clear_if_resized(self) -> None:
        width = self._width()
        if width == self._painted_width:
            return
        self._painted_width = width
        rows = sum(max(1, -(-self._cells(line) // width)) for line in self._lines)
        if up := min(rows, self._height() - 1):
            self._write(f"\r\x1b[{up}A\x1b[J")
        self._lines = []


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines are the same from the beginning."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
