"""
The REST part of the classic protocol, as values: what a call looks like, and what its answer means.

Sections 3, 4, 10 and 12 of the protocol page.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import msgspec
from msgspec import Struct

from jumpseat._version import __version__
from jumpseat.microsoft import codes
from jumpseat.model.credentials import Credential, Secret
from jumpseat.model.errors import (
    InvalidRequest,
    JumpseatError,
    MissingAuthError,
    NotSignedIn,
    UpstreamBroke,
)
from jumpseat.model.messages import Image
from jumpseat.model.moments import parse_retry_after
from jumpseat.transport.wire import Response

USER_AGENT = f"jumpseat/{__version__}"

DEFAULT_QUESTION_CHARS = 10_240
"""`maxTextMessageLength`, where the service does not say (section 3)."""


class RestCall(Struct, frozen=True, kw_only=True):
    """One call, but for the headers that say who calls."""

    method: str
    url: str
    body: bytes | None = None
    content_type: str | None = None
    is_about_conversation: bool = False
    """Whether 404 means that the conversation is gone."""


class User(Struct, frozen=True, kw_only=True):
    """What the service says of who asks; anonymous without a first name."""

    first_name: str | None = None


def get_user(base_url: str) -> RestCall:
    """Who we are to the service."""
    return RestCall(method="GET", url=f"{base_url}/c/api/user?api-version=2")


def get_config(base_url: str) -> RestCall:
    """The limits of the service."""
    return RestCall(method="GET", url=f"{base_url}/c/api/config?api-version=2")


def post_conversation(base_url: str) -> RestCall:
    """Open a new conversation."""
    url = f"{base_url}/c/api/conversations"
    return RestCall(method="POST", url=url, body=b"{}", content_type="application/json")


def get_conversation(base_url: str, conversation_id: str) -> RestCall:
    """Ask for one conversation, to learn whether it is still there."""
    url = f"{base_url}/c/api/conversations/{quote(conversation_id, safe='')}"
    return RestCall(method="GET", url=url, is_about_conversation=True)


def post_attachment(base_url: str, image: Image) -> RestCall:
    """Upload a picture: its raw bytes, under the type that was sniffed from them (section 10)."""
    url = f"{base_url}/c/api/attachments"
    return RestCall(method="POST", url=url, body=image.data, content_type=image.media_type)


def socket_url(base_url: str, credential: Credential, client_session_id: str) -> str:
    """
    The address of the chat socket; it holds the token, so it is never shown.

    The token is percent-encoded whole: it contains `+` and `=` (section 4).
    """
    scheme, host, path, _, _ = urlsplit(base_url)
    query = ["api-version=2"]
    if credential.token is not None:
        query.append(f"accessToken={quote(credential.token.reveal(), safe='')}")
    query.append(f"clientSessionId={quote(client_session_id, safe='')}")
    if credential.identity_type:
        query.append(f"X-UserIdentityType={quote(credential.identity_type, safe='')}")
    socket_scheme = "wss" if scheme == "https" else "ws"
    return urlunsplit((socket_scheme, host, f"{path}/c/api/chat", "&".join(query), ""))


def headers_of(
    credential: Credential, cookies: Mapping[str, Secret], *, content_type: str | None = None
) -> dict[str, str]:
    """The headers of a REST call, revealed: cookies and token, as Microsoft's page does it (section 3)."""
    headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
    if credential.token is not None:
        headers["Authorization"] = f"Bearer {credential.token.reveal()}"
    if credential.identity_type:
        headers["X-UserIdentityType"] = credential.identity_type
    if content_type is not None:
        headers["Content-Type"] = content_type
    return headers | _cookie_header(cookies)


def socket_headers_of(cookies: Mapping[str, Secret]) -> dict[str, str]:
    """The headers of the socket's upgrade, revealed; the token travels in the address."""
    return {"User-Agent": USER_AGENT} | _cookie_header(cookies)


def _cookie_header(cookies: Mapping[str, Secret]) -> dict[str, str]:
    line = "; ".join(f"{name}={value.reveal()}" for name, value in cookies.items())
    return {"Cookie": line} if line else {}


def read_user(response: Response, *, now: datetime) -> User:
    """Who we are. Raises our errors."""
    return User(first_name=_text(_fields(response, now), "firstName"))


def not_accepted() -> MissingAuthError:
    """The error for a token that was sent, and did not make us anybody (section 3)."""
    return MissingAuthError(
        "Microsoft Copilot did not accept the chat token: it answers as if nobody were signed in. "
        f"{codes.SIGN_IN}."
    )


def other_generation() -> NotSignedIn:
    """The error for a sign-in of the newer chat: nothing was sent, for its token opens nothing here."""
    return NotSignedIn(
        "this sign-in is for Copilot's newer chat (chathub), which this version does not speak yet; nothing "
        "was sent. If Microsoft still serves you at https://copilot.microsoft.com, record a chat there: "
        "`jumpseat login microsoft --har FILE`",
        code="other_generation",
    )


def read_question_limit(response: Response, *, now: datetime) -> int:
    """Longest question in characters. Raises our errors."""
    limit = _fields(response, now).get("maxTextMessageLength")
    return limit if isinstance(limit, int) and 0 < limit < 2**31 else DEFAULT_QUESTION_CHARS


def read_conversation_id(response: Response, *, now: datetime) -> str:
    """The identifier of a conversation that was opened. Raises our errors."""
    found = _text(_fields(response, now), "id")
    if found is None:
        raise UpstreamBroke("Copilot opened a conversation without naming it. Try again later.")
    return found


def read_attachment_url(response: Response, *, now: datetime) -> str:
    """
    The address of an uploaded picture, as the service gave it. Raises our errors.

    Choice: it may be relative and goes into the question as it is, which is how the one recorded client does
    it. We never fetch it, so a foreign host in it never sees our credentials.
    """
    if response.status in {400, 413, 415}:
        raise InvalidRequest(
            f"Copilot does not take this picture (HTTP {response.status}). Use a smaller PNG or JPEG.",
            param="messages",
            code="image_refused",
        )
    found = _text(_fields(response, now), "url")
    if found is None:
        raise UpstreamBroke("Copilot took a picture without saying where it is. Try again later.")
    return found


def check(response: Response, *, now: datetime, is_about_conversation: bool = False) -> None:
    """Raise the error for a status that is not a success."""
    if 200 <= response.status < 300:
        return
    raise refusal(response, now=now, is_about_conversation=is_about_conversation)


def refusal(response: Response, *, now: datetime, is_about_conversation: bool = False) -> JumpseatError:
    """The error for an answer that refuses, of a call or of the socket's upgrade (section 12)."""
    wait = parse_retry_after(response.headers.get("retry-after", ""), now=now)
    if response.status == 404 and not is_about_conversation:
        return codes.make_error(codes.NOT_THERE, remark="HTTP 404")
    return codes.status_error(response.status, retry_after=wait)


def is_passing_trouble(response: Response) -> bool:
    """Whether asking once more, at once, may help: trouble of the service that names no time to wait."""
    return response.status >= 500 and "retry-after" not in response.headers


def _fields(response: Response, now: datetime) -> dict[str, Any]:
    """The object in a good answer."""
    check(response, now=now)
    try:
        fields = msgspec.json.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        fields = None
    if not isinstance(fields, dict):
        raise codes.make_error(codes.NOT_JSON)
    return fields


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and value else None
