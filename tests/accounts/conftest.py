"""What the tests of the vault share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from jumpseat.accounts import sealing
from jumpseat.accounts.register import KeepName
from tests.accounts.keyrings import MemoryKeyring, chosen
from tests.accounts.vaulting import Kept


@pytest.fixture(autouse=True)
def _cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least that is taken for a key: 16 MiB, some 30 ms."""
    monkeypatch.setattr(sealing, "COST", (2**14, 8, 1))


@pytest.fixture
def keyring_backend() -> Iterator[MemoryKeyring]:
    """A good keyring, and it is the system's."""
    backend = MemoryKeyring()
    with chosen(backend):
        yield backend


@pytest.fixture(params=get_args(KeepName))
def kept(request: pytest.FixtureRequest, tmp_path: Path, keyring_backend: MemoryKeyring) -> Kept:
    """A vault of each keep."""
    return Kept(tmp_path / "home", request.param)


@pytest.fixture
def encrypted(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "home", "encrypted")


@pytest.fixture
def plain(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "home", "plaintext")
