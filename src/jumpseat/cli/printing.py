"""A reply as plain text or as JSON."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from jumpseat.cli.output import is_terminal, note, write
from jumpseat.cli.plain import Harmless, one_line, visible_json
from jumpseat.model.events import ChatEvent, Citation, ImageMade, TextDelta, TextReplaced
from jumpseat.model.reply import Reply


class Screen(Protocol):
    """Shows one reply."""

    def show(self, events: Sequence[ChatEvent]) -> None:
        """Show what `events` add."""

    def end(self) -> None:
        """The reply has ended, however it did."""


class Printer:
    """
    Prints a reply as it comes: its text, then its pictures, and for a person its sources.

    Words that the upstream takes back are on the screen already: where the new text goes on from the old one,
    the rest is printed, else a note says so and the new text follows whole.
    """

    def __init__(self, *, before_first: Callable[[], None] = lambda: None) -> None:
        self._before_first = before_first
        self._harmless = Harmless()
        self._said = ""
        self._shown = ""
        """The end of what was printed, for the line break at the end."""
        self._images: list[ImageMade] = []
        self._citations: list[Citation] = []

    def show(self, events: Sequence[ChatEvent]) -> None:
        """Print what `events` add."""
        text = ""
        for event in events:
            match event:
                case TextDelta(more):
                    self._said += more
                    text += more
                case TextReplaced(instead):
                    text += self._replace(instead)
                case ImageMade():
                    self._images.append(event)
                case Citation():
                    self._citations.append(event)
                case _:
                    pass
        self._write(self._harmless.feed(text))

    def _replace(self, instead: str) -> str:
        said, self._said = self._said, instead
        if instead.startswith(said):
            return instead[len(said) :]
        note("\nnote: the service took back what it had said; this is what it says instead.")
        return ("" if self._shown.endswith("\n") else "\n") + instead

    def _write(self, text: str) -> None:
        if text:
            self._before_first()
            write(text)
            self._shown = text

    def end(self) -> None:
        """Print what belongs below the text. Nothing more comes."""
        if self._shown and not self._shown.endswith("\n"):
            self._write("\n")
        for image in self._images:
            if image.url:
                self._write(f"![{one_line(image.prompt)}]({one_line(image.url)})\n")
            else:
                note("note: the picture ended as a preview; `--json` holds it.")
        if is_terminal(sys.stdout):
            for number, citation in enumerate(self._citations, 1):
                self._write(f"[{number}] {source_line(citation)}\n")


def source_line(citation: Citation) -> str:
    """A source on one line."""
    return " ".join(filter(None, (one_line(citation.title), one_line(citation.url))))


def reply_json(reply: Reply, *, model: str, conversation_id: str) -> str:
    """The whole reply as one JSON object on one line."""
    return to_json(
        {
            "text": reply.text,
            "model": model,
            "conversation_id": conversation_id,
            "images": [_image(image) for image in reply.images],
            "citations": reply.citations,
            "usage": reply.usage,
            "finish_reason": reply.finish_reason,
            "reasoning": reply.reasoning,
            "title": reply.title,
            "followups": reply.followups,
        }
    )


def to_json(value: object) -> str:
    """JSON on one line, which says the same and cannot move a terminal."""
    return visible_json(msgspec.json.encode(value).decode())


def _image(image: ImageMade) -> dict[str, str | None]:
    fields = {"url": image.url, "prompt": image.prompt, "thumbnail_url": image.thumbnail_url}
    if image.url is None and image.preview is not None:
        kind = "png" if image.preview.startswith(b"\x89PNG") else "jpeg"
        data = base64.b64encode(image.preview).decode()
        return {**fields, "preview": f"data:image/{kind};base64,{data}"}
    return fields
