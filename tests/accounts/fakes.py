"""A vault in memory, which counts how often it is read and may be slow or fail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence

from msgspec import structs

from jumpseat.accounts.register import AccountRecord, Way
from jumpseat.accounts.vault import Vault
from jumpseat.model.credentials import Credential, Kind


class FakeVault(Vault):
    """Keeps accounts as long as it lives."""

    def __init__(self) -> None:  # None of the real one's parts are needed.
        self.kept: dict[str, tuple[AccountRecord, Credential]] = {}
        self.changes = 0
        self.reads = 0
        self.threads: set[int] = set()
        self.before_read: Callable[[], object] = lambda: None

    def records(self) -> Sequence[AccountRecord]:
        return [record for record, _ in self.kept.values()]

    def stamp(self) -> Hashable:
        return self.changes

    def credential(self, record: AccountRecord) -> Credential:
        self.reads += 1
        self.threads.add(threading.get_ident())
        self.before_read()
        return self.kept[record.secret_id][1]

    def save(
        self,
        kind: Kind,
        name: str,
        credential: Credential,
        *,
        way: Way = "har",
        person: str | None = None,
        plaintext: bool = False,
    ) -> AccountRecord:
        mine = [record for record in self.records() if record.kind == kind]
        record = AccountRecord(
            kind=kind,
            name=name,
            is_used=not mine,
            keep="plaintext" if plaintext else "keyring",
            secret_id=f"{kind}/{name}",
            way=way,
            added_at=1000.0,
            expires_at=credential.expires_at,
            person=person,
        )
        self.kept[record.secret_id] = record, credential
        self.changes += 1
        return record

    def use(self, name: str, kind: Kind | None = None) -> AccountRecord:
        for key, (record, credential) in self.kept.items():
            self.kept[key] = structs.replace(record, is_used=record.name == name), credential
        self.changes += 1
        return next(record for record in self.records() if record.name == name)

    def remove(self, name: str, kind: Kind | None = None) -> AccountRecord:
        key = next(key for key, (record, _) in self.kept.items() if record.name == name)
        self.changes += 1
        return self.kept.pop(key)[0]
