"""What is written down holds no secret of a stranger."""

from __future__ import annotations

from jumpseat.simulator.journal import MASK, Journal, masked_header, masked_query, shown


def test_the_simulators_own_credentials_are_shown() -> None:
    for ours in ("simulator-token", "sim-alice", "expired", "wrong-audience", "simulator-web-token", ""):
        assert shown(ours) == ours


def test_a_strangers_secret_is_masked_everywhere() -> None:
    assert masked_header("Authorization", "Bearer canary") == f"Bearer {MASK}"
    assert masked_header("Authorization", "canary") == MASK
    assert masked_header("Cookie", "user_session=canary; x=canary2") == f"user_session={MASK}; x={MASK}"
    assert masked_query({"accessToken": "canary", "api-version": "2"}) == {
        "accessToken": MASK,
        "api-version": "2",
    }


def test_entries_can_be_asked_for_by_kind() -> None:
    journal = Journal()
    seen = {"method": "GET", "path": "/", "query": {}, "headers": {"Authorization": "Bearer canary"}}
    journal.request("microsoft", "user", seen, None)
    journal.request("microsoft", "chat", seen, None)
    journal.frame(1, "c", {"event": "send"})
    journal.violation("oh")

    report = journal.report(["frame"])

    assert [entry["kind"] for entry in report["entries"]] == ["frame"]
    assert report["violations"] == ["oh"]
    assert [entry["kind"] for entry in journal.report()["entries"]] == ["request", "handshake", "frame"]
    assert "canary" not in str(journal.report())
