"""The named errors, in their order, and what each tells the person to do."""

from __future__ import annotations

from typing import Any

import pytest

from jumpseat.model.credentials import Secret
from jumpseat.recordings import BadRecording
from jumpseat.recordings.problems import Remark
from jumpseat.recordings.tokens import Token
from jumpseat.recordings.verdict import MAX_HOSTS_SHOWN, SAFARI, Evidence, judge

MICROSOFT, GITHUB = "copilot.microsoft.com", "github.com"
PAGES: Any = frozenset({"classic-page"})
SOCKETS: Any = frozenset({"classic-page", "classic-socket"})
GITHUB_PAGES: Any = frozenset({"github"})
TOKEN = Token(secret=Secret("t"), generation="classic", place=2, at=0, host=MICROSOFT)
CHATHUB = Token(secret=Secret("t"), generation="chathub", place=2, at=0, host="substrate.office.com")
MICROSOFT_LOGIN, GITHUB_LOGIN = "jumpseat login microsoft --har FILE", "jumpseat login github-web --har FILE"


def judged(**evidence: Any) -> tuple[Remark, ...]:
    return judge(Evidence(**{"host": MICROSOFT, "places": SOCKETS, "token": TOKEN} | evidence))


def refused(**evidence: Any) -> BadRecording:
    with pytest.raises(BadRecording) as caught:
        judged(**evidence)
    return caught.value


@pytest.mark.parametrize(
    ("evidence", "reason", "words"),
    [
        (
            {"places": frozenset(), "token": None},
            "NoCopilotTraffic",
            ("hosts in it are: none", MICROSOFT_LOGIN),
        ),
        ({"places": GITHUB_PAGES, "token": None}, "WrongCopilot", ("GitHub Copilot", GITHUB_LOGIN)),
        (
            {"places": frozenset({"studio"}), "token": None},
            "WrongCopilot",
            ("Copilot Studio", MICROSOFT_LOGIN),
        ),
        ({"host": GITHUB}, "WrongCopilot", ("holds Microsoft Copilot", MICROSOFT_LOGIN)),
        ({"host": GITHUB, "places": frozenset()}, "NoCopilotTraffic", ("https://github.com", GITHUB_LOGIN)),
        ({"token": None, "other_account": "work"}, "WrongCopilot", ("work or school", MICROSOFT_LOGIN)),
        ({"token": None, "other_account": "personal"}, "WrongCopilot", ("your work", MICROSOFT_LOGIN)),
        ({"is_refused_region": True}, "RegionNotServed", ("not offered where this", MICROSOFT_LOGIN)),
        ({"is_challenged": True}, "ChallengeSeen", ("Finish the check in the browser", MICROSOFT_LOGIN)),
        (
            {"token": None, "signed_out": "anonymous-cookie"},
            "SignedOut",
            ("anonymous visitor", "Sign in in the browser", MICROSOFT_LOGIN, "--anonymous"),
        ),
        ({"token": None, "signed_out": "sent-to-sign-in"}, "SignedOut", ("sent the browser to sign in",)),
        ({"token": None, "signed_out": "no-token-shown"}, "SignedOut", ("opened without a token",)),
        ({"token": None, "is_sanitized": True}, "SanitizedHar", ("sensitive data", MICROSOFT_LOGIN)),
        ({"token": None, "token_was_taken_out": True}, "SanitizedHar", ("took the token out",)),
        (
            {"token": None, "places": PAGES},
            "NoChatSocket",
            ("Open the developer tools first", "send one message", "In Safari", MICROSOFT_LOGIN),
        ),
        (
            {"token": None, "places": PAGES, "other_audience": "graph.microsoft.com"},
            "WrongAudience",
            ("graph.microsoft.com", "Send one message while recording", MICROSOFT_LOGIN),
        ),
        ({"host": GITHUB, "places": GITHUB_PAGES}, "SignedOut", ("no cookie user_session", GITHUB_LOGIN)),
        (
            {"host": GITHUB, "places": GITHUB_PAGES, "session_ended": True},
            "SignedOut",
            ("its cookie user_session has ended", GITHUB_LOGIN),
        ),
        (
            {"host": GITHUB, "places": GITHUB_PAGES, "is_sanitized": True},
            "SanitizedHar",
            ("sensitive data", GITHUB_LOGIN),
        ),
    ],
)
def test_what_stops_says_what_to_do_next(evidence: Any, reason: str, words: tuple[str, ...]) -> None:
    problem = refused(**evidence)

    assert problem.reason == reason
    for word in words:
        assert word in problem.message


@pytest.mark.parametrize(
    ("evidence", "names"),
    [
        ({}, []),
        ({"was_refused_region": True}, ["RegionNotServed"]),
        ({"was_challenged": True}, ["ChallengeSeen"]),
        ({"is_sanitized": True}, ["SanitizedHar"]),
        ({"has_expired": True}, ["TokenExpired"]),
        ({"has_both_chats": True}, ["BothChats"]),
        ({"token": CHATHUB, "has_both_chats": True}, ["NewerChat"]),
        ({"has_notifications": True, "other_audience": "graph.microsoft.com"}, []),
        ({"host": GITHUB, "places": GITHUB_PAGES, "cookie_names": frozenset({"user_session"})}, []),
    ],
)
def test_what_does_not_stop_is_remarked(evidence: Any, names: list[str]) -> None:
    assert [remark.name for remark in judged(**evidence)] == names


def test_a_sanitized_recording_with_a_token_says_that_it_is_no_safe_one() -> None:
    (remark,) = judged(is_sanitized=True)

    assert "token found in the socket URL, continuing without cookies" in remark.message
    assert "A sanitized HAR still holds the chat token: do not share it" in remark.message


@pytest.mark.parametrize("signed_out", ["anonymous-cookie", "sent-to-sign-in", "no-token-shown"])
def test_nobody_may_be_signed_in_where_that_will_do(signed_out: str) -> None:
    found = judged(
        token=None,
        places=PAGES,
        signed_out=signed_out,
        allow_anonymous=True,
        is_sanitized=True,
        other_audience="graph.microsoft.com",
    )

    assert [remark.name for remark in found] == ["SignedOut", "SanitizedHar"]


def test_allowing_nobody_does_not_excuse_a_recording_that_tells_nothing() -> None:
    assert refused(token=None, places=PAGES, allow_anonymous=True).reason == "NoChatSocket"


def test_the_first_in_order_is_reported_and_the_others_are_remarks() -> None:
    problem = refused(
        token=None, places=PAGES, is_challenged=True, is_sanitized=True, was_refused_region=True,
        has_notifications=True, has_expired=True,
    )  # fmt: skip

    assert problem.reason == "ChallengeSeen"
    assert [remark.name for remark in problem.remarks] == [
        "RegionNotServed",
        "SanitizedHar",
        "NoChatSocket",
        "WrongAudience",
    ]
    assert not any(MICROSOFT_LOGIN in remark.message for remark in problem.remarks), "one advice is enough"


def test_of_a_recording_of_another_site_nothing_else_is_told() -> None:
    assert refused(places=frozenset(), token=None, is_sanitized=True, has_notifications=True).remarks == ()


@pytest.mark.parametrize(("exporter", "is_told"), [(SAFARI, True), ("", True), ("WebInspector", False)])
def test_safari_is_told_that_it_leaves_open_sockets_out(exporter: str, is_told: bool) -> None:
    assert ("In Safari" in refused(token=None, places=PAGES, exporter=exporter).message) == is_told


def test_the_hosts_seen_are_listed_and_none_that_a_terminal_would_obey() -> None:
    hosts = frozenset({"b.example", "a.example", "\x1b[31mred", "", *(f"z{n}.example" for n in range(50))})
    message = refused(places=frozenset(), token=None, hosts=hosts).message

    assert "a.example, b.example, z0.example" in message
    assert message.count(".example") == MAX_HOSTS_SHOWN
    assert "\x1b" not in message


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (90 * 60, "it is 90 minutes old and lives about 60 minutes"),
        (5 * 3600, "it is 5 hours old"),
        (9 * 86400, "it is 9 days old"),
        (None, "expired: it lives about"),
    ],
)
def test_an_old_token_is_told_with_its_age(age: float | None, words: str) -> None:
    (remark,) = judged(has_expired=True, age=age)

    assert words in remark.message
    assert MICROSOFT_LOGIN in remark.message


def test_a_site_of_ones_own_is_named() -> None:
    assert "https://127.0.0.1" in refused(host="127.0.0.1", places=PAGES, token=None).message
