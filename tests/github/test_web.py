"""The calls of GitHub's web chat, and their answers."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from jumpseat._version import __version__
from jumpseat.github import web
from jumpseat.github.web import MessageBody
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import (
    InvalidRequest,
    JumpseatError,
    NotSignedIn,
    UpstreamBroke,
)
from jumpseat.transport.wire import Response

NOW = 1_800_000_000.0
SITE = "https://github.com"
API = "https://api.individual.githubcopilot.com"


def answer(fields: object, status: int = 200, content_type: str = "application/json") -> Response:
    return Response(status=status, headers={"content-type": content_type}, body=msgspec.json.encode(fields))


def test_the_token_call_shows_where_it_comes_from_and_holds_no_secret() -> None:
    call = web.token_call(SITE)

    assert (call.method, call.url, call.body) == (
        "POST",
        "https://github.com/github-copilot/chat/token",
        None,
    )
    assert call.headers["GitHub-Verified-Fetch"] == "true"
    assert call.headers["X-Requested-With"] == "XMLHttpRequest"
    assert call.headers["Origin"] == "https://github.com"
    assert call.headers["Referer"] == "https://github.com/copilot"
    assert not {"cookie", "authorization"} & {name.lower() for name in call.headers}


def test_the_origin_of_a_stand_in_under_a_path_is_its_host() -> None:
    assert web.token_call("http://127.0.0.1:8400/github").headers["Origin"] == "http://127.0.0.1:8400"


def test_every_call_names_this_product_and_borrows_no_other_name() -> None:
    calls = [web.token_call(SITE), web.thread_call(API), web.models_call(API)]
    calls.append(web.message_call(API, "t", MessageBody(content="x")))

    for call in calls:
        assert call.headers["User-Agent"] == f"jumpseat/{__version__}"
        assert "copilot-integration-id" not in {name.lower() for name in call.headers}


def test_threads_and_models_have_their_addresses() -> None:
    assert (web.thread_call(API).method, web.thread_call(API).url) == ("POST", f"{API}/github/chat/threads")
    assert (web.models_call(API).method, web.models_call(API).url) == ("GET", f"{API}/models")


def test_a_plain_message_is_the_nine_fields_of_the_documents_and_its_mode() -> None:
    call = web.message_call(API, "t-1", MessageBody(content="Hi", current_url=web.page_of(SITE, "t-1")))

    assert call.url == f"{API}/github/chat/threads/t-1/messages"
    assert msgspec.json.decode(call.body or b"") == {
        "content": "Hi",
        "intent": "conversation",
        "references": [],
        "context": [],
        "currentURL": "https://github.com/copilot/c/t-1",
        "streaming": True,
        "confirmations": [],
        "customInstructions": [],
        "model": "gpt-4o",
        "mode": "immersive",
    }


def test_the_newer_fields_have_their_names_on_the_wire() -> None:
    body = MessageBody(
        content="Hi",
        response_message_id="answer-1",
        parent_message_id="root",
        media_content=(),
        tools=(),
        custom_copilot_id=None,
        skill_options={"deepCodeSearch": False},
        request_trace=False,
    )

    sent = msgspec.json.decode(web.message_call(API, "t", body).body or b"")

    newer: dict[str, Any] = {
        "responseMessageID": "answer-1",
        "parentMessageID": "root",
        "mediaContent": [],
        "tools": [],
        "customCopilotID": None,
        "skillOptions": {"deepCodeSearch": False},
        "requestTrace": False,
    }
    assert newer.items() <= sent.items()
    assert MessageBody(content="Hi").tools is UNSET


@pytest.mark.parametrize(
    "thread_id", ["", ".", "..", "../../models", "a/b", "a?b", "a#b", "a b", "ä", "x" * 201, "a\n"]
)
def test_what_could_leave_its_place_in_the_path_is_no_thread(thread_id: str) -> None:
    with pytest.raises(InvalidRequest, match="no GitHub thread") as caught:
        web.message_call(API, thread_id, MessageBody(content="x"))
    assert caught.value.param == "conversation_id"


def test_a_thread_is_given_as_it_came() -> None:
    for thread_id in ("6c1f6b8e-0000-4000-8000-000000000000", "your_conversation_id", "a.b~c"):
        assert web.checked_thread_id(thread_id) == thread_id


@pytest.mark.parametrize("token", ["ghp_abc", "gho_abc", "ghu_abc", "ghs_abc", "ghr_abc", "github_pat_abc"])
def test_a_personal_access_token_is_not_even_sent(token: str) -> None:
    with pytest.raises(NotSignedIn, match="personal access token") as caught:
        web.checked_token(Secret(token))
    assert token not in str(caught.value)


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX: y", "tökén"])
def test_what_fits_no_header_is_no_token(token: str) -> None:
    with pytest.raises(NotSignedIn, match="no web-chat token"):
        web.checked_token(Secret(token))


def test_any_other_token_is_taken() -> None:
    assert web.checked_token(Secret("YOUR_GITHUB_API_KEY")) == Secret("YOUR_GITHUB_API_KEY")


@pytest.mark.parametrize(
    ("told", "seconds"),
    [({}, web.TOKEN_SECONDS), ({"expiration": 600}, 600), ({"expiration": "soon"}, web.TOKEN_SECONDS)],
)
def test_a_token_lives_as_long_as_github_says_or_for_a_while(told: dict[str, Any], seconds: float) -> None:
    token = web.read_token(answer({"token": "w", **told}), now=NOW)

    assert (token.token, token.seconds) == (Secret("w"), seconds)


def test_a_token_does_not_show_itself() -> None:
    assert "canary" not in repr(web.read_token(answer({"token": "canary"}), now=NOW))


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (answer({"message": "Requires authentication"}, 401), NotSignedIn),
        (answer({"token": "w"}, 500), UpstreamBroke),
        (answer({"token": ""}), UpstreamBroke),
        (answer({"token": "a\nb"}), UpstreamBroke),
        (answer({"token": 5}), UpstreamBroke),
        (answer([]), UpstreamBroke),
        (Response(status=302, headers={"location": "https://github.com/login"}), NotSignedIn),
        (Response(status=200, headers={"content-type": "text/html"}, body=b"<html>"), NotSignedIn),
    ],
)
def test_an_answer_without_a_token_is_an_error(given: Response, kind: type[JumpseatError]) -> None:
    with pytest.raises(kind):
        web.read_token(given, now=NOW)


@pytest.mark.parametrize(
    "fields",
    [
        {"thread_id": "t-1"},
        {"id": "t-1"},
        {"thread_id": "t-1", "id": "other"},
        {"thread_id": None, "id": "t-1"},
    ],
)
@pytest.mark.parametrize("status", [200, 201])
def test_the_thread_is_read_under_either_name(fields: dict[str, Any], status: int) -> None:
    assert web.read_thread_id(answer(fields, status), now=NOW) == "t-1"


@pytest.mark.parametrize("fields", [{}, {"id": 5}, {"id": "../x"}, []])
def test_a_thread_without_a_usable_name_is_an_error(fields: object) -> None:
    with pytest.raises(UpstreamBroke, match="without saying which"):
        web.read_thread_id(answer(fields, 201), now=NOW)


def test_a_refused_thread_is_the_error_of_its_status() -> None:
    with pytest.raises(NotSignedIn):
        web.read_thread_id(answer({"thread_id": "t-1"}, 401), now=NOW)


def test_the_list_begins_with_the_models_of_the_documents() -> None:
    cards = web.read_models(
        answer(
            {
                "data": [
                    {
                        "id": "gpt-5.4",
                        "name": "GPT-5.4",
                        "capabilities": {"type": "chat"},
                        "model_picker_enabled": False,
                    },
                    {"id": "gpt-4o", "name": "another name"},
                    {"id": "embed", "capabilities": {"type": "embeddings"}},
                    {"id": "bare", "name": None, "capabilities": {}},
                    {"id": "odd", "capabilities": 5},
                    {"id": ""},
                    {"id": 5},
                    7,
                ]
            }
        ),
        now=NOW,
    )

    assert [card.mode for card in cards] == [
        "gpt-4o",
        "o1-mini",
        "o1-preview",
        "claude-3.5-sonnet",
        "gpt-5.4",
        "bare",
        "odd",
    ]
    assert (cards[4].id, cards[4].name, cards[5].name) == ("github/gpt-5.4", "GPT-5.4", "bare")
    assert cards[: len(web.CARDS)] == web.CARDS


def test_a_list_that_is_none_is_an_error() -> None:
    with pytest.raises(NotSignedIn):
        web.read_models(answer({}, 401), now=NOW)
    with pytest.raises(UpstreamBroke):
        web.read_models(answer({}, content_type="text/html"), now=NOW)


def test_an_empty_list_leaves_the_models_of_the_documents() -> None:
    assert web.read_models(answer({}), now=NOW) == web.CARDS


def test_a_stream_is_known_by_status_and_headers() -> None:
    assert web.is_stream(Response(status=200, headers={"content-type": "text/event-stream"}))
    assert web.is_stream(Response(status=201, headers={}))
    assert not web.is_stream(Response(status=200, headers={"content-type": "text/html"}))
    assert not web.is_stream(Response(status=404, headers={"content-type": "text/event-stream"}))
