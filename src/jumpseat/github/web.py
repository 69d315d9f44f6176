"""The threads API behind github.com/copilot, as values: the calls to make, and their answers read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import UNSET, Struct, UnsetType

from jumpseat._version import __version__
from jumpseat.github.lifetimes import seconds_told
from jumpseat.github.reading import object_in, rows_in, tidy
from jumpseat.github.statuses import api_refusal, is_html, token_refusal
from jumpseat.model.catalog import ModelCard
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import InvalidRequest, NotSignedIn, UpstreamBroke
from jumpseat.transport.wire import Response

AUTH_SCHEME = "GitHub-Bearer"
"""Neither `Bearer` nor `token` (section 2)."""

TOKEN_SECONDS = 50 * 60.0
"""How long a web token is used whose end was not told. Choice: it lives for "about 1 h" (section 3)."""

MAX_QUESTION_CHARS = 100_000
"""Choice: the limit is unknown (section 9). This fits the smallest window of today's models."""

# Choice: the page's own `copilot-integration-id` is not borrowed, and its API version belongs to it. The
# seed client sends neither (section 2).
_HEADERS = {
    "Accept": "application/json",
    "Content-Type": "application/json",
    "User-Agent": f"jumpseat/{__version__}",
}

# Choice: ids seen are UUIDs. What could climb out of its place in a path is none.
_THREAD_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._:~@=-]{0,199}")


def _card(name: str, title: str) -> ModelCard:
    return ModelCard(
        id=f"github/{name}",
        service="github",
        mode=name,
        name=title,
        max_question_chars=MAX_QUESTION_CHARS,
    )


CARDS = (
    _card("gpt-4o", "GPT-4o"),
    _card("o1-mini", "o1-mini"),
    _card("o1-preview", "o1-preview"),
    _card("claude-3.5-sonnet", "Claude 3.5 Sonnet"),
)
"""The models of the reference documents, the default first; an account's own list says what else there is."""


class WebCall(Struct, frozen=True, kw_only=True):
    """A call, but for its secret: who sends it adds the cookies or the token in that line."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


class MessageBody(
    Struct,
    frozen=True,
    kw_only=True,
    rename={
        "current_url": "currentURL",
        "custom_instructions": "customInstructions",
        "response_message_id": "responseMessageID",
        "parent_message_id": "parentMessageID",
        "media_content": "mediaContent",
        "custom_copilot_id": "customCopilotID",
        "skill_options": "skillOptions",
        "request_trace": "requestTrace",
    },
):
    """The body of a message (section 4). What is UNSET is left out: the older fields are enough."""

    content: str
    intent: str = "conversation"
    references: tuple[Mapping[str, Any], ...] = ()
    context: tuple[Mapping[str, Any], ...] = ()
    current_url: str = ""
    streaming: bool = True
    confirmations: tuple[Mapping[str, Any], ...] = ()
    custom_instructions: tuple[str, ...] = ()
    model: str = CARDS[0].mode
    mode: str = "immersive"
    response_message_id: str | UnsetType = UNSET
    parent_message_id: str | UnsetType = UNSET
    """`root`, "" or the id of an answer. Left out, the thread goes on where it is."""
    media_content: tuple[Mapping[str, Any], ...] | UnsetType = UNSET
    tools: tuple[Mapping[str, Any], ...] | UnsetType = UNSET
    custom_copilot_id: str | UnsetType | None = UNSET
    skill_options: Mapping[str, Any] | UnsetType = UNSET
    request_trace: bool | UnsetType = UNSET


def token_call(site: str) -> WebCall:
    """Ask `site` (`https://github.com`) for a web token; the sender adds the cookies."""
    parts = urlsplit(site)
    return WebCall(
        method="POST",
        url=f"{site}/github-copilot/chat/token",
        headers={
            **_HEADERS,
            "GitHub-Verified-Fetch": "true",
            "X-Requested-With": "XMLHttpRequest",
            "Origin": f"{parts.scheme}://{parts.netloc}",
            "Referer": f"{site}/copilot",
        },
    )


def thread_call(api: str) -> WebCall:
    """Open a thread at `api` (`https://api.individual.githubcopilot.com`)."""
    return WebCall(method="POST", url=f"{api}/github/chat/threads", headers=_HEADERS, body=b"{}")


def models_call(api: str) -> WebCall:
    """Ask for the models of the account."""
    return WebCall(method="GET", url=f"{api}/models", headers=_HEADERS)


def message_call(api: str, thread_id: str, body: MessageBody) -> WebCall:
    """Put `body` into a thread. Raises `InvalidRequest` for an id that is none."""
    return WebCall(
        method="POST",
        url=f"{api}/github/chat/threads/{quote(checked_thread_id(thread_id), safe='')}/messages",
        headers=_HEADERS,
        body=msgspec.json.encode(body),
    )


def page_of(site: str, thread_id: str) -> str:
    """The page on which a person finds the thread."""
    return f"{site}/copilot/c/{quote(thread_id, safe='')}"


def checked_thread_id(text: str) -> str:
    """`text` if it can be the id of a thread, else `InvalidRequest`."""
    if not _THREAD_ID.fullmatch(text):
        raise InvalidRequest(
            f"{tidy(text)!r} is no GitHub thread: give the conversation_id as it was returned.",
            param="conversation_id",
        )
    return text


def checked_token(token: Secret) -> Secret:
    """`token` if it can be a web token, else `NotSignedIn`; nothing has been sent then."""
    text = token.reveal()
    if text.startswith(("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_")):
        raise NotSignedIn(
            "this is a personal access token, or another one for GitHub's API; the web chat takes none of "
            f"them, so it was not sent. Use the web chat's own short-lived token, or cookies. {_COOKIES}"
        )
    if not is_token(text):
        raise NotSignedIn(
            f"this is no web-chat token: it is empty, or holds blanks or letters that none has. {_COOKIES}"
        )
    return token


def is_token(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


_COOKIES = "With cookies jumpseat gets tokens by itself: `jumpseat login github-web --cookies FILE`."


class WebToken(Struct, frozen=True):
    """A web token, and for how many seconds it lives."""

    token: Secret
    seconds: float


def read_token(answer: Response, *, now: float) -> WebToken:
    """The token of an answer to `token_call`, or the error it amounts to."""
    fields = object_in(answer.body)
    token = fields.get("token")
    if answer.status not in {200, 201} or not isinstance(token, str) or not is_token(token):
        raise token_refusal(answer, now=now)
    # Choice: the form of `expiration` is unknown, so each usual one is understood.
    return WebToken(Secret(token), seconds_told(fields.get("expiration"), answer) or TOKEN_SECONDS)


def read_thread_id(answer: Response, *, now: float) -> str:
    """The id of the thread that was opened, or the error the answer amounts to."""
    if answer.status not in {200, 201}:
        raise api_refusal(answer, "thread", now=now)
    fields = object_in(answer.body)
    found = fields.get("thread_id") or fields.get("id")  # Some captures show the one, some the other.
    if not isinstance(found, str) or not _THREAD_ID.fullmatch(found):
        raise UpstreamBroke(
            "GitHub opened a thread without saying which. Try again; if it stays so, GitHub has changed its "
            "web chat and jumpseat needs an update."
        )
    return found


def read_models(answer: Response, *, now: float) -> tuple[ModelCard, ...]:
    """
    The models of the reference documents, then what else the account may use, in the order of its list.

    Raises the error that another answer than a list amounts to.
    """
    if answer.status != 200 or is_html(answer):
        raise api_refusal(answer, "models", now=now)
    cards = {card.mode: card for card in CARDS}
    for row in rows_in(object_in(answer.body).get("data")):
        name = row.get("id")
        if isinstance(name, str) and name and name not in cards and _is_for_chat(row):
            title = row.get("name")
            cards[name] = _card(name, title if isinstance(title, str) and title else name)
    return tuple(cards.values())


def is_stream(answer: Response) -> bool:
    """Whether status and headers promise the stream of an answer. Choice: no content type is insisted on."""
    return answer.status in {200, 201} and not is_html(answer)


def _is_for_chat(row: Mapping[str, Any]) -> bool:
    # `model_picker_enabled` may be false for everything on a healthy account: it hides nothing here.
    capabilities = row.get("capabilities")
    return not isinstance(capabilities, dict) or capabilities.get("type", "chat") == "chat"
