"""A streamed Markdown text, cut into its blocks (paragraphs, lists, code) as soon as each is complete."""

from __future__ import annotations

from itertools import pairwise

from markdown_it import MarkdownIt


def parser() -> MarkdownIt:
    """How we read Markdown: with tables, and with HTML as text, for a terminal would show nothing of it."""
    return MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])


class Blocks:
    """
    Gives each block once, when the next one has begun: nothing that comes later can change it then.

    The blocks, joined, are the text as it came.
    """

    def __init__(self) -> None:
        self._parser = parser()
        self.open = ""
        """What belongs to the block that may go on."""

    def feed(self, text: str) -> list[str]:
        """Take more text; return the blocks that this completes."""
        self.open += text
        if "\n" not in text:
            return []
        # The last line may be a half one, and half a line says little about its block.
        whole, _, rest = self.open.rpartition("\n")
        starts = [
            token.map[0]
            for token in self._parser.parse(whole)
            if token.level == 0 and token.nesting >= 0 and token.map
        ]
        if len(starts) < 2:
            return []
        lines = whole.split("\n")
        blocks = ["\n".join(lines[start:end]) + "\n" for start, end in pairwise((0, *starts[1:]))]
        self.open = "\n".join((*lines[starts[-1] :], rest))
        return blocks

    def end(self) -> str:
        """The rest, when no more text comes."""
        rest, self.open = self.open, ""
        return rest
