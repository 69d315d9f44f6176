"""The entries of a HAR: the few fields we look at, read without trusting any of their types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Struct

from jumpseat.model.moments import parse_moment

EARLIEST = datetime.min.replace(tzinfo=UTC)


class _Request(Struct):
    url: Any = None
    headers: Any = None
    cookies: Any = None
    queryString: Any = None  # noqa: N815 - the name in the file


class _Response(Struct):
    status: Any = None
    headers: Any = None
    cookies: Any = None


class _Entry(Struct):
    """Bodies are not among the fields, so they are passed over without being kept."""

    startedDateTime: Any = None  # noqa: N815 - the name in the file
    request: _Request | None = None
    response: _Response | None = None
    _webSocketMessages: Any = None  # noqa: N815 - the name in the file


_DECODER = msgspec.json.Decoder(_Entry)


class Entry:
    """One exchange. Its address is compared by parts, never as a string."""

    def __init__(self, raw: _Entry) -> None:
        self._request = raw.request or _Request()
        self._response = raw.response or _Response()
        self._frames = raw._webSocketMessages
        url = self._request.url if isinstance(self._request.url, str) else ""
        try:
            parts = urlsplit(url)
            self.host = (parts.hostname or "").rstrip(".")
        except ValueError:
            parts, self.host = urlsplit(""), ""
        self.scheme, self.path, self._query = parts.scheme, parts.path, parts.query
        self.started_at = parse_moment(raw.startedDateTime) or EARLIEST
        self.status = self._response.status if isinstance(self._response.status, int) else 0

    def is_under(self, schemes: frozenset[str], path: str) -> bool:
        """Whether the address has one of the schemes, and its path is `path` or below it."""
        below = self.path == path or self.path.startswith(path.rstrip("/") + "/")
        return self.scheme in schemes and below

    def parameter(self, name: str) -> str:
        """
        A query parameter: from the address, percent-decoded once and `+` kept, else from `queryString`.

        Exporters differ in whether they decode the latter (HAR page, section 4).
        """
        for pair in self._query.split("&"):
            key, _, value = pair.partition("=")
            if unquote(key) == name and value:
                return unquote(value)
        return next((unquote(value) for key, value in _pairs(self._request.queryString) if key == name), "")

    def header(self, name: str) -> str:
        """A header of the request, the last of that name."""
        return _last(self._request.headers, name)

    def answer_header(self, name: str) -> str:
        """A header of the answer, the last of that name."""
        return _last(self._response.headers, name)

    def cookies(self) -> Iterator[tuple[str, str]]:
        """Cookies the request showed and the answer set, in this order; blank ones are left out."""
        yield from ((name, value) for name, value in _pairs(self._request.cookies) if value)
        for key, value in _pairs(self._request.headers):
            if key.lower() == "cookie":
                for pair in value.split(";"):
                    yield from _cookie(pair)
        yield from ((name, value) for name, value in _pairs(self._response.cookies) if value)
        for key, value in _pairs(self._response.headers):
            if key.lower() == "set-cookie":
                # Firefox joins several into one value with line ends.
                for line in value.split("\n"):
                    yield from _cookie(line.partition(";")[0])

    def frames_received(self) -> Iterator[str]:
        """The WebSocket frames that came, where the exporter wrote them down (Chrome and kin)."""
        for frame in self._frames if isinstance(self._frames, list) else ():
            if isinstance(frame, dict) and frame.get("type") == "receive":
                data = frame.get("data")
                if isinstance(data, str):
                    yield data


def read_entry(raw: msgspec.Raw) -> Entry | None:
    """One entry; None for one of odd types."""
    try:
        return Entry(_DECODER.decode(raw))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _pairs(values: object) -> Iterator[tuple[str, str]]:
    """The name and value of each item of a list of `{name, value}`; what is not of that form is left out."""
    for item in values if isinstance(values, list) else ():
        if isinstance(item, Mapping):
            name, value = item.get("name"), item.get("value")
            if isinstance(name, str) and isinstance(value, str):
                yield name, value


def _last(headers: object, name: str) -> str:
    return ([""] + [value for key, value in _pairs(headers) if key.lower() == name])[-1]


def _cookie(pair: str) -> Iterator[tuple[str, str]]:
    name, _, value = pair.partition("=")
    if name.strip() and value.strip():
        yield name.strip(), value.strip()
