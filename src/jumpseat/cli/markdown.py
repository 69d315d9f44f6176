"""A reply as Markdown on a terminal, while it comes."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.markdown import Heading, Markdown
from rich.segment import Segment
from rich.text import Text

from jumpseat.cli import output
from jumpseat.cli.blocks import Blocks, parser
from jumpseat.cli.pane import Pane
from jumpseat.cli.plain import Harmless, harmless, one_line
from jumpseat.cli.printing import source_line
from jumpseat.model.events import (
    ChatEvent,
    Citation,
    FollowupsSuggested,
    ImageMade,
    ImageStarted,
    ReasoningDelta,
    TextDelta,
    TextReplaced,
)

if TYPE_CHECKING:
    import asyncio

PAINT_SECONDS = 0.04
"""The screen changes at most this often: faster than an eye, slower than words come."""

MAX_WIDTH = 100
"""Longer lines are hard to read."""

_STYLES = re.compile(r"\x1b\[[0-9;]*m")


def _cells(line: str) -> int:
    return cell_len(_STYLES.sub("", line))


class _Heading(Heading):
    """A heading where the text begins, not in the middle of the screen."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        yield self.text


class _Markdown(Markdown):
    elements: ClassVar = {**Markdown.elements, "heading_open": _Heading}


class Answer:
    """Markdown from an upstream, rendered. What the parser unescapes (`&#x202e;`, `%1b`) is harmless too."""

    def __init__(self, source: str) -> None:
        # Addresses are shown, not hidden behind link texts that an answer chooses.
        self._markdown = _Markdown(source, hyperlinks=False)
        self._markdown.parsed = parser().parse(source)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._markdown, options):
            yield Segment(harmless(segment.text), segment.style, segment.control)


def print_markdown(source: str) -> None:
    """Print a whole Markdown text on the terminal."""
    console = make_console()
    console.print(Answer(source))


def make_console() -> Console:
    """The terminal, one column narrower: a full last column makes some terminals begin a new line."""
    console = Console(highlight=False)
    console.width = _fitting(console.width)
    return console


def _fitting(columns: int) -> int:
    return min(MAX_WIDTH, max(20, columns - 1))


def _columns() -> int:
    """How wide the terminal is now: it may be resized while an answer comes."""
    return shutil.get_terminal_size().columns


class MarkdownScreen:
    """
    Shows one reply: finished blocks for good, the one that still grows in the last lines of the screen.

    `end()` when the reply has ended, however it did. `later` is a loop's `call_later`, by which a change that
    came too soon after another is shown in time; without it every change is shown at once.
    """

    def __init__(
        self,
        console: Console | None = None,
        *,
        later: Callable[[float, Callable[[], None]], asyncio.TimerHandle] | None = None,
        clock: Callable[[], float] = time.monotonic,
        columns: Callable[[], int] = _columns,
    ) -> None:
        self._console = console or make_console()
        self._columns = columns
        self._seen_columns = columns()
        self._pane = Pane(output.write, lambda: self._console.height, lambda: self._seen_columns, _cells)
        self._clock = clock
        self._blocks = Blocks()
        self._harmless = Harmless()
        self._said = ""
        self._remark = "waiting ..."
        self._reasoning = ""
        self._below: list[str] = []
        self._is_first = True
        self._painted_at = -1.0
        self._pause = PAINT_SECONDS
        self._call_later = later
        self._timer: asyncio.TimerHandle | None = None
        self._paint()

    def show(self, events: Sequence[ChatEvent]) -> None:
        """Show what `events` add."""
        self._fit()
        text = ""
        for event in events:
            if type(event) is TextDelta:
                text += event.text
            elif isinstance(event, TextReplaced):
                self._add(text)
                text = self._replace(event.text)
            else:
                self._hear(event)
        self._add(text)
        self._paint_soon()

    def end(self) -> None:
        """Leave the whole reply on the screen, and the cursor below it."""
        self._cancel()
        self._fit()
        keep = self._finished([rest]) if (rest := self._blocks.end()).strip() else []
        if self._below:
            keep += ["", *(line for text in self._below for line in self._dim(text))]
        self._pane.paint([], keep=keep)

    def _add(self, text: str) -> None:
        self._said += text
        if blocks := self._blocks.feed(self._harmless.feed(text)):
            self._pane.paint(self._open_lines(), keep=self._finished(blocks))
            self._painted_at = self._clock()

    def _replace(self, instead: str) -> str:
        said, self._said = self._said, ""
        if instead.startswith(said):
            self._said = said
            return instead[len(said) :]
        keep = self._finished([self._blocks.end()])
        remark = self._dim("(The service took back what it had said. This is what it says instead.)")
        self._pane.paint([], keep=[*keep, "", *remark])
        return instead

    def _hear(self, event: ChatEvent) -> None:
        match event:
            case ReasoningDelta(text):
                self._reasoning = (self._reasoning + text)[-400:]
                self._remark = f"thinking: {one_line(self._reasoning)[-60:]}"
            case ImageStarted(prompt):
                self._remark = f"drawing: {one_line(prompt, 60)}"
            case ImageMade(url=str(url), prompt=prompt):
                self._below.append(f"Picture: {one_line(prompt)} {one_line(url)}")
            case ImageMade():
                self._below.append(
                    "Picture: it ended as a preview. `jumpseat ask --json` holds such pictures."
                )
            case Citation():
                self._below.append(f"Source: {source_line(event)}")
            case FollowupsSuggested(suggestions):
                self._below += [f"You could ask: {one_line(suggestion)}" for suggestion in suggestions]
            case _:
                pass

    def _paint_soon(self) -> None:
        due = self._painted_at + self._pause - self._clock()
        if due <= 0 or self._call_later is None:
            self._paint()
        elif self._timer is None:
            self._timer = self._call_later(due, self._paint)

    def _paint(self) -> None:
        self._cancel()
        self._fit()
        began = self._clock()
        self._pane.paint(self._open_lines())
        self._painted_at = self._clock()
        # A long block of code takes a while to draw: most of the time stays for reading the wire.
        self._pause = max(PAINT_SECONDS, 4 * (self._painted_at - began))

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fit(self) -> None:
        columns = self._columns()
        if columns != self._seen_columns:
            self._seen_columns = columns
            self._console.width = _fitting(columns)

    def _open_lines(self) -> list[str]:
        source = self._blocks.open
        if not source.strip():
            return self._dim(self._remark) if self._is_first else []
        gap = [] if self._is_first else [""]
        return [*gap, *self._rendered(Answer(source))]

    def _finished(self, blocks: Sequence[str]) -> list[str]:
        lines: list[str] = []
        for block in blocks:
            if rendered := self._rendered(Answer(block)):
                lines += rendered if self._is_first else ["", *rendered]
                self._is_first = False
        return lines

    def _dim(self, text: str) -> list[str]:
        return self._rendered(Text(text, style="dim"))

    def _rendered(self, what: RenderableType) -> list[str]:
        with self._console.capture() as capture:
            self._console.print(what)
        lines = [line.rstrip() for line in capture.get().split("\n")]
        full = [number for number, line in enumerate(lines) if _STYLES.sub("", line).strip()]
        return lines[full[0] : full[-1] + 1] if full else []
