"""Vaults for tests: one of each keep, and credentials that are easy to tell apart."""

from __future__ import annotations

from pathlib import Path

from jumpseat.accounts.register import AccountRecord, KeepName, Way
from jumpseat.accounts.vault import Vault
from jumpseat.model.credentials import ChatSocket, Credential, Kind, Secret
from jumpseat.settings import Settings

PASSPHRASE = Secret("correct horse battery staple")


def settings_for(home: Path, keep: KeepName) -> Settings:
    return Settings(home=home, vault="auto" if keep == "plaintext" else keep)


class Kept:
    """A vault whose credentials go to one keep."""

    def __init__(self, home: Path, keep: KeepName, settings: Settings | None = None) -> None:
        self.home = home
        self.keep = keep
        self.asked: list[bool] = []
        self.vault = Vault(settings or settings_for(home, keep), ask=self._ask)

    def _ask(self, is_new: bool) -> Secret | None:
        self.asked.append(is_new)
        return PASSPHRASE

    def save(
        self,
        kind: Kind,
        name: str,
        credential: Credential | None = None,
        *,
        way: Way = "har",
        person: str | None = None,
    ) -> AccountRecord:
        return self.vault.save(
            kind,
            name,
            credential or credential_of(name),
            way=way,
            person=person,
            plaintext=self.keep == "plaintext",
        )

    def another(self) -> Kept:
        """The same as another process would open it."""
        return Kept(self.home, self.keep)


def credential_of(name: str, *, length: int = 3000) -> Credential:
    """All fields, and longer than one entry of a keyring."""
    return Credential(
        token=Secret(f"token of {name} " + "t" * length),
        cookies={"_C_Auth": Secret(f"cookie of {name}"), "other": Secret("ü" * 40)},
        identity_type="google",
        generation="chathub",
        host="m365.cloud.microsoft",
        obtained_at=1_700_000_000.5,
        expires_at=1_700_003_600.0,
        refresh_token=Secret(f"refresh of {name}"),
        client_id="Iv1.abc",
        socket=ChatSocket(
            host="substrate.office.com",
            client_session_id="s-1",
            api_version="2",
            object_id="o",
            tenant_id="t",
            parameters={"chatsessionid": "1"},
            options_sets=("a", "b"),
            allowed_message_types=("Chat",),
            client_info={"clientPlatform": "web"},
            tone="Magic",
        ),
    )


def everything_in(folder: Path) -> str:
    """Names and contents of all files of a folder as one text."""
    return "\n".join(
        f"{path}\n{path.read_bytes().decode('latin-1')}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    )
