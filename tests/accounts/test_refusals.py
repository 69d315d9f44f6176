"""What is noted of an account that its service refused, and when it no longer counts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jumpseat.accounts.refusals import Refusal, concerns_account, last_refusal, note_refusal
from jumpseat.accounts.register import AccountRecord
from jumpseat.model.credentials import Account, Credential, Secret
from jumpseat.model.errors import (
    ConversationLost,
    HumanCheckRequired,
    JumpseatError,
    MissingAuthError,
    QuotaExceeded,
    RateLimited,
    StoreUnavailable,
    UpstreamBroke,
    UpstreamRefused,
    VaultLocked,
)
from jumpseat.settings import Settings
from jumpseat.store.sql import SqlArchive

ALICE = Account(kind="microsoft", name="alice", credential=Credential(token=Secret("canary")), is_kept=True)
REFUSED = MissingAuthError("the token has expired")


def record(name: str = "alice", *, added_at: float = 100.0, is_simulated: bool = False) -> AccountRecord:
    return AccountRecord(
        kind="microsoft",
        name=name,
        is_used=True,
        keep="keyring",
        secret_id="1",
        way="har",
        added_at=added_at,
        is_simulated=is_simulated,
    )


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[SqlArchive]:
    archive = SqlArchive(tmp_path / "jumpseat.db")
    yield archive
    await archive.aclose()


async def test_a_refusal_is_noted_with_its_code(archive: SqlArchive) -> None:
    assert await last_refusal(archive, record()) is None

    await note_refusal(archive, Settings(), ALICE, REFUSED, now=200.0)

    assert await last_refusal(archive, record()) == Refusal(at=200.0, code="missing_auth")
    assert await last_refusal(archive, record("bob")) is None


async def test_a_new_sign_in_makes_an_older_refusal_moot(archive: SqlArchive) -> None:
    await note_refusal(archive, Settings(), ALICE, REFUSED, now=200.0)

    assert await last_refusal(archive, record(added_at=300.0)) is None


async def test_a_simulators_refusal_is_not_the_real_services(archive: SqlArchive) -> None:
    simulated = Settings(microsoft_url="http://127.0.0.1:8400")
    await note_refusal(archive, simulated, ALICE, REFUSED, now=200.0)

    assert await last_refusal(archive, record()) is None
    assert await last_refusal(archive, record(is_simulated=True)) is not None


async def test_nothing_is_noted_of_who_is_not_kept(archive: SqlArchive) -> None:
    passer_by = Account(kind="microsoft", name="alice", credential=ALICE.credential)
    await note_refusal(archive, Settings(), passer_by, REFUSED, now=200.0)

    assert await last_refusal(archive, record()) is None


async def test_a_note_of_another_making_is_none(archive: SqlArchive) -> None:
    await archive.set("refusal microsoft/alice", "what is this?")

    assert await last_refusal(archive, record()) is None


async def test_a_store_that_cannot_be_used_is_no_second_trouble(tmp_path: Path) -> None:
    (tmp_path / "jumpseat.db").mkdir()
    broken = SqlArchive(tmp_path / "jumpseat.db")
    try:
        with pytest.raises(StoreUnavailable):
            await broken.get("anything")

        await note_refusal(broken, Settings(), ALICE, REFUSED, now=200.0)
        assert await last_refusal(broken, record()) is None
    finally:
        await broken.aclose()


@pytest.mark.parametrize(
    ("error", "concerns"),
    [
        (REFUSED, True),
        (HumanCheckRequired("a check"), True),
        (QuotaExceeded("used up"), True),
        (UpstreamRefused("blocked", code="account_blocked"), True),
        (UpstreamRefused("your words", code="content_filter"), False),
        (UpstreamRefused("HTTP 422", code="http_422"), False),
        (ConversationLost("gone"), False),
        (VaultLocked("no key"), False),
        (RateLimited("slow down"), False),
        (UpstreamBroke("away"), False),
    ],
)
def test_only_what_concerns_the_account_is_one(error: JumpseatError, concerns: bool) -> None:
    assert concerns_account(error) is concerns
