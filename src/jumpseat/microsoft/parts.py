"""What one answer gathers while its frames come: parts of text, pictures, suggestions."""

from __future__ import annotations

import base64
import re
from urllib.parse import urljoin

from msgspec import Struct

from jumpseat.microsoft.frames import Incoming
from jumpseat.model.events import ImageMade

MAX_PREVIEW_CHARS = 4 * 1024 * 1024
"""Longest preview kept, in base64 characters; real ones reach 600 KB."""

MAX_SUGGESTIONS = 20

_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")


def text_of(value: object) -> str:
    """`value` if it is text, else nothing: the types of fields are not ours to trust."""
    return value if isinstance(value, str) else ""


def key_of(value: object) -> str:
    """An opaque identifier; a missing one is an identifier as well."""
    return value if isinstance(value, str) else repr(value)


def web_address(base_url: str, value: object) -> str | None:
    """The absolute form of an address the server gave; None if it is no web address."""
    text = text_of(value).strip()
    if not text:
        return None
    try:
        address = urljoin(base_url, text)
    except ValueError:
        return None
    return address if address.startswith(("https://", "http://")) else None


class TextParts:
    """The text of one answer, in parts that may grow side by side; their order is that of appearance."""

    def __init__(self) -> None:
        self._parts: dict[str, list[str]] = {}
        self._newest = ""

    @property
    def whole(self) -> str:
        """The text of the answer as it now stands."""
        return "".join("".join(part) for part in self._parts.values())

    def append(self, part_id: str, text: str) -> bool:
        """Add `text` to a part; False if text stands behind it, so that the whole has to be said anew."""
        part = self._parts.get(part_id)
        if part is None:
            self._newest = part_id
            self._parts[part_id] = [text]
            return True
        part.append(text)
        return part_id == self._newest

    def replace(self, part_id: str, text: str) -> None:
        """Put `text` in the place of all that the part held."""
        if part_id not in self._parts:
            self._newest = part_id
        self._parts[part_id] = [text]

    def newest(self) -> list[str] | None:
        """The pieces of the part that grows at the end, for the quick way; None before any text."""
        return self._parts.get(self._newest)


class _Picture(Struct):
    prompt: str = ""
    preview: bytes | None = None
    is_made: bool = False


class Pictures:
    """The pictures of one answer, and the best previews of those that are not finished."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._pictures: dict[str, _Picture] = {}

    def _of(self, frame: Incoming) -> _Picture:
        return self._pictures.setdefault(key_of(frame.part_id), _Picture())

    def announce(self, frame: Incoming) -> str:
        """Take `generatingImage`; return its prompt."""
        picture = self._of(frame)
        picture.prompt = text_of(frame.prompt)
        return picture.prompt

    def preview(self, frame: Incoming) -> None:
        """Take `partialImageGenerated`: a preview, each better than the one before."""
        content = decode_preview(frame.content)
        if content:
            self._of(frame).preview = content

    def make(self, frame: Incoming) -> ImageMade | None:
        """Take `imageGenerated`; None if it holds no address, or says the same again."""
        url = web_address(self._base_url, frame.url)
        picture = self._of(frame)
        if url is None or picture.is_made:
            return None
        picture.is_made = True
        return ImageMade(
            url=url,
            prompt=picture.prompt or text_of(frame.prompt),
            preview=picture.preview,
            thumbnail_url=web_address(self._base_url, frame.thumbnail_url),
        )

    @property
    def has_any(self) -> bool:
        """Whether there is something to see: a finished picture or a preview."""
        return any(picture.is_made or picture.preview for picture in self._pictures.values())

    def take_previews(self) -> list[ImageMade]:
        """The last preview of every picture that was never finished: it is the picture (section 10)."""
        kept = []
        for picture in self._pictures.values():
            if picture.preview and not picture.is_made:
                picture.is_made = True
                kept.append(ImageMade(url=None, prompt=picture.prompt, preview=picture.preview))
        return kept


def decode_preview(content: object) -> bytes | None:
    """The bytes of a preview; a damaged end costs only the end. None if nothing can be read."""
    if not isinstance(content, str) or len(content) > MAX_PREVIEW_CHARS:
        return None
    try:
        return base64.b64decode(content, validate=True) or None
    except ValueError:
        # Blanks, a data: prefix or missing padding are no reason to lose the only picture there is.
        letters = _NOT_BASE64.sub("", content.rpartition(",")[2])
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        return base64.b64decode(letters + "=" * (-len(letters) % 4)) or None


class Suggestions:
    """
    Suggestions of the 2026 form, put together from their pieces.

    Choice: the exact fields are unknown (section 18). One suggestion runs from `startSuggestion` to
    `suggestionCompleted`, and pieces that carry a `partId` may be mixed.
    """

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._open: dict[str, int] = {}
        self.has_whole = False
        """Whether one was completed."""

    def start(self, frame: Incoming) -> None:
        if len(self._texts) < MAX_SUGGESTIONS:
            self._open[key_of(frame.part_id)] = len(self._texts)
            self._texts.append(text_of(frame.text))

    def append(self, frame: Incoming) -> None:
        at = self._open.get(key_of(frame.part_id))
        if at is None:
            self.start(frame)
        else:
            self._texts[at] += text_of(frame.text)

    def complete(self, frame: Incoming) -> None:
        self._open.pop(key_of(frame.part_id), None)
        self.has_whole = self.has_whole or bool(self._texts)

    def take(self) -> tuple[str, ...]:
        """The suggestions that have words."""
        texts = tuple(text.strip() for text in self._texts if text.strip())
        self._texts.clear()
        self._open.clear()
        return texts
