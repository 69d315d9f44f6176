"""The entries of a HAR: the few fields we look at, read without trusting any of their types."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import unquote

import msgspec
from msgspec import Raw, Struct

from jumpseat.model.moments import parse_moment
from jumpseat.recordings.problems import BadRecording
from jumpseat.recordings.scanning import Scanner
from jumpseat.recordings.sites import Address, parse_address

NEVER = float("-inf")
"""The moment of an entry that does not say when it was: before all others."""

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What reading JSON of any kind may raise; the last where it is nested too deeply."""

_NOTHING = Raw(b"null")
_EMPTY_LIST = re.compile(rb"\s*(?:\[\s*\]|null)?\s*")
_SENSITIVE = re.compile(rb'"name"\s*:\s*"(?:authorization|cookie|set-cookie)"', re.IGNORECASE)
_COOKIE_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 6265, 4.1.1
# As lenient as browsers are, short of what would end the header or the cookie.
_COOKIE_VALUE = re.compile(r"[\x20-\x3a\x3c-\x7e]*")
_END_OF_TIME = 253402300800.0  # The year 10000, where moments of Python end too.
_MAX_AGE = re.compile(r"-?[0-9]{1,12}")


class _Request(Struct):
    url: Any = None
    headers: Raw = _NOTHING
    cookies: Raw = _NOTHING
    queryString: Raw = _NOTHING  # noqa: N815 - the name in the file


class _Entry(Struct):
    """What is `Raw` is passed over unless it is asked for."""

    request: _Request
    startedDateTime: Any = None  # noqa: N815 - the name in the file
    response: Raw = _NOTHING
    _webSocketMessages: Raw = _NOTHING  # noqa: N815 - the name in the file


class _Response(Struct):
    status: Any = None
    headers: Raw = _NOTHING
    cookies: Raw = _NOTHING
    redirectURL: Any = None  # noqa: N815 - the name in the file
    content: Raw = _NOTHING


class _Content(Struct):
    mimeType: Any = None  # noqa: N815 - the name in the file
    text: Raw = _NOTHING
    encoding: Any = None


class _Pair(Struct):
    name: str
    value: str


class _Cookie(_Pair):
    domain: Any = None
    expires: Any = None


class _Frame(Struct):
    type: str
    data: str
    time: Any = None


class Cookie(Struct, frozen=True):
    """A cookie as an entry has it. Without a domain it belongs to the entry's host."""

    name: str
    value: str
    domain: str = ""
    expires_at: float | None = None

    def __repr__(self) -> str:
        return f"Cookie({self.name})"


class Frame(Struct, frozen=True):
    """A WebSocket frame; `at` is in seconds since 1970, that of the entry where the frame does not say."""

    is_sent: bool
    text: str
    at: float

    def __repr__(self) -> str:
        return f"Frame({'sent' if self.is_sent else 'received'}, {len(self.text)} characters)"


class Entry:
    """One exchange. `at` is when it began, in seconds since 1970."""

    def __init__(self, raw: _Entry, address: Address) -> None:
        self.address = address
        self._raw = raw
        self._request = raw.request
        self._known_response: _Response | None = None

    @property
    def at(self) -> float:
        return _seconds(self._raw.startedDateTime) or NEVER

    @property
    def status(self) -> int:
        status = self._response.status
        return status if isinstance(status, int) else 0

    @property
    def has_frames(self) -> bool:
        """Whether the exporter wrote WebSocket frames down."""
        return _EMPTY_LIST.fullmatch(self._raw._webSocketMessages) is None

    @property
    def is_bare(self) -> bool:
        """Whether it has no cookie and no header that sanitizing takes out."""
        places = (self._request, self._response)
        return all(
            _EMPTY_LIST.fullmatch(one.cookies) and not _SENSITIVE.search(one.headers) for one in places
        )

    @property
    def _response(self) -> _Response:
        if self._known_response is None:
            self._known_response = _read(self._raw.response, _Response) or _Response()
        return self._known_response

    def parameters(self) -> Iterator[tuple[str, str]]:
        """The query of the address, percent-decoded once; `+` stays, the usual parsers make it a blank."""
        for pair in self.address.query.split("&"):
            name, _, value = pair.partition("=")
            yield unquote(name), unquote(value)

    def parameter(self, name: str) -> str:
        """
        A query parameter that is not blank, or ``; from the address, else from `queryString`.

        Exporters differ in whether they decode the latter (HAR page, section 4).
        """
        found = next((value for key, value in self.parameters() if key == name and value), "")
        listed = () if found else _list(self._request.queryString, _Pair)
        return found or next((unquote(pair.value) for pair in listed if pair.name == name), "")

    def header(self, name: str) -> str:
        """A header of the request, the last of that name (in lower case)."""
        return _last(self._request.headers, name)

    def answer_header(self, name: str) -> str:
        """A header of the answer, the last of that name (in lower case)."""
        return _last(self._response.headers, name)

    def redirected_to(self) -> Address | None:
        """Where the answer sent the browser to; None if it did not, or stayed at the same host."""
        if not 300 <= self.status < 400:
            return None
        return parse_address(self.answer_header("location")) or parse_address(self._response.redirectURL)

    def shown_cookies(self) -> Iterator[Cookie]:
        """Cookies that the request showed, blank ones too: its list, and then its headers, which win."""
        yield from _cookies(self._request.cookies)
        for pair in _list(self._request.headers, _Pair):
            if pair.name.lower() == "cookie":
                for one in pair.value.split(";"):
                    yield from _cookie(one)

    def set_cookies(self) -> Iterator[Cookie]:
        """Cookies that the answer set, blank ones too; from its list only those that no header has."""
        told: set[str] = set()
        for pair in _list(self._response.headers, _Pair):
            # Firefox joins several into one value with line ends.
            for line in pair.value.split("\n") if pair.name.lower() == "set-cookie" else ():
                for cookie in _set_cookie(line, self.at):
                    told.add(cookie.name)
                    yield cookie
        # Firefox's list has neither domains nor ends.
        yield from (cookie for cookie in _cookies(self._response.cookies) if cookie.name not in told)

    def frames(self) -> Iterator[Frame]:
        """The WebSocket frames in the order of the file, where the exporter wrote them (Chrome and kin)."""
        at = self.at
        for frame in _list(self._raw._webSocketMessages, _Frame):
            if isinstance(frame.time, int | float) and 0 < frame.time < _END_OF_TIME:
                at = float(frame.time)
            yield Frame(frame.type == "send", frame.data, at)

    def body(self, mime_type: str) -> str:
        """The answer's body as text, if its type has that word in it; `` if there is none."""
        content = _read(self._response.content, _Content) or _Content()
        if not isinstance(content.mimeType, str) or mime_type not in content.mimeType.lower():
            return ""
        text = _read(content.text, str) or ""
        if content.encoding != "base64":
            return text
        try:
            return base64.b64decode(text).decode("utf-8", "replace")
        except ValueError:
            return ""


MAX_ODD = 100
"""Items of another shape that are borne in one list; what follows them is left alone."""

_ENTRIES = msgspec.json.Decoder(_Entry)
_T = TypeVar("_T")


def read_entry(raw: bytes | Raw) -> Entry | None:
    """One entry from its JSON; None for one of odd types, or without an absolute address."""
    try:
        entry = _ENTRIES.decode(raw)
    except UNREADABLE:
        return None
    address = parse_address(entry.request.url)
    return Entry(entry, address) if address is not None else None


def _read(raw: bytes | Raw, shape: type[_T]) -> _T | None:
    try:
        return msgspec.json.decode(raw, type=shape)
    except UNREADABLE:
        return None


def _list(raw: bytes | Raw, shape: type[_T]) -> Iterator[_T]:
    """The items of that shape in what should be a list."""
    try:
        found: list[_T] | None = msgspec.json.decode(raw, type=list[shape])  # type: ignore[valid-type]
    except UNREADABLE:
        found = None
    yield from _patiently(raw, shape) if found is None else found


def _patiently(raw: bytes | Raw, shape: type[_T]) -> Iterator[_T]:
    """The same where some items are odd, one at a time: a list of nothing but odd ones could be endless."""
    text = bytes(raw)
    if not text.lstrip().startswith(b"["):
        return
    odd = 0
    with suppress(BadRecording):  # It was no JSON.
        for item in Scanner([text]).elements():
            if item is not None and (found := _read(item, shape)) is not None:
                yield found
            elif (odd := odd + 1) > MAX_ODD:
                return


def _last(headers: bytes | Raw, name: str) -> str:
    return ([""] + [pair.value for pair in _list(headers, _Pair) if pair.name.lower() == name])[-1]


def _cookies(raw: bytes | Raw) -> Iterator[Cookie]:
    for one in _list(raw, _Cookie):
        if _COOKIE_NAME.fullmatch(one.name) and _COOKIE_VALUE.fullmatch(one.value):
            yield Cookie(
                one.name, one.value, one.domain if isinstance(one.domain, str) else "", _seconds(one.expires)
            )


def _cookie(pair: str, domain: str = "", expires_at: float | None = None) -> Iterator[Cookie]:
    name, _, value = pair.partition("=")
    name, value = name.strip(), value.strip()
    if _COOKIE_NAME.fullmatch(name) and _COOKIE_VALUE.fullmatch(value):
        yield Cookie(name, value, domain, expires_at)


def _set_cookie(line: str, at: float) -> Iterator[Cookie]:
    """A `Set-Cookie` header (RFC 6265, 5.2): of an age and a date the age counts."""
    pair, *rest = line.split(";")
    attributes: dict[str, str] = {}
    for one in rest:
        name, _, value = one.partition("=")
        attributes[name.strip().lower()] = value.strip()
    expires_at = _http_date(attributes.get("expires", ""))
    if _MAX_AGE.fullmatch(age := attributes.get("max-age", "")) and at > NEVER:
        expires_at = at + int(age)
    yield from _cookie(pair, attributes.get("domain", ""), expires_at)


def _seconds(value: object) -> float | None:
    moment = parse_moment(value)
    return moment.timestamp() if moment is not None else None


def _http_date(value: str) -> float | None:
    try:
        moment: datetime = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
