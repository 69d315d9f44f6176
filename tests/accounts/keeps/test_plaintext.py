"""The file as it is: for those who asked for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from jumpseat.accounts.keeps.plaintext import PlaintextKeep, _Contents
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import StoreUnavailable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plain"


def test_secrets_come_and_go(path: Path) -> None:
    keep = PlaintextKeep(path)
    keep.write("a", Secret("x"))
    keep.write("b", Secret("y"))
    keep.drop("a")
    keep.drop("never")

    assert PlaintextKeep(path).read("a") is None
    assert PlaintextKeep(path).read("b") == Secret("y")


def test_the_last_one_takes_the_file_along(path: Path) -> None:
    keep = PlaintextKeep(path)
    keep.drop("never")
    keep.write("a", Secret("x"))
    keep.drop("a")

    assert not path.exists()


def test_what_is_nested_absurdly_deep_is_damaged(path: Path) -> None:
    path.write_bytes(b'{"version": 1, "halo": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    path.chmod(0o600)

    with pytest.raises(StoreUnavailable, match="is damaged"):
        PlaintextKeep(path).read("a")


def test_what_is_read_of_it_does_not_show_itself() -> None:
    assert repr(_Contents(secrets={"a": "CANARY"})) == "_Contents(1 secrets)"
