"""Keeps: where the secrets of accounts rest, by an id of each. One file per keep."""

from __future__ import annotations

from typing import Protocol

from jumpseat.model.credentials import Secret


class Keep(Protocol):
    """
    Where secrets rest. Whoever writes or drops holds the vault's lock; reading needs none.

    What is written under an id is never changed, only dropped. Every method raises `VaultLocked` where
    somebody must give a key or unlock something, and `StoreUnavailable` for what cannot be read or written.
    """

    def open(self) -> None:
        """Get ready to write: whoever must be asked for a key is asked here, while no lock is held."""
        ...

    def write(self, secret_id: str, text: Secret) -> None:
        """Keep `text` (ASCII) durably. One that fails may leave some of it: `drop` takes that away."""
        ...

    def read(self, secret_id: str) -> Secret | None:
        """What was kept; None if it is not there, or not whole."""
        ...

    def drop(self, secret_id: str) -> None:
        """Take away whatever is there, durably. Nothing being there is as good."""
        ...
