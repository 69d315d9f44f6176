"""What is known of the accounts that are kept, without their secrets: `accounts.json` in `JUMPSEAT_HOME`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct, structs

from jumpseat.model.credentials import KINDS, Generation, Kind
from jumpseat.model.errors import InvalidRequest
from jumpseat.settings import LOOPBACK, Settings

VERSION = 1
MAX_NAME_CHARS = 64
NAME_SIGNS = "-_.@"

KeepName = Literal["keyring", "encrypted", "plaintext"]
"""Where the secrets of an account are: the system keyring, the encrypted file, or a file as it is."""

Way = Literal["har", "browser", "device", "gh", "token", "cookies"]
"""How an account came here."""


class AccountRecord(Struct, frozen=True, kw_only=True):
    """One account that is kept; nothing in it is secret. Moments are in seconds since 1970."""

    kind: Kind
    name: str
    is_used: bool
    """Whether it is the one of its kind that answers."""
    keep: KeepName
    secret_id: str
    """Under which its credential is found in its keep. Another credential has another one."""
    way: Way
    added_at: float
    obtained_at: float | None = None
    expires_at: float | None = None
    generation: Generation = "classic"
    host: str | None = None
    person: str | None = None
    """Who the service says it is: a first name, or a login."""
    is_simulated: bool = False
    """Whether it is one of a simulator on this machine; those of the real services are apart from them."""


class Unsettled(Struct, frozen=True):
    """A secret that no account has: not yet, or no longer. The next one who writes takes it away."""

    keep: KeepName
    secret_id: str


class Register(Struct, frozen=True, kw_only=True):
    """The file: every account, of both worlds, and the secrets on their way in or out."""

    version: int = VERSION
    accounts: tuple[AccountRecord, ...] = ()
    unsettled: tuple[Unsettled, ...] = ()

    def with_account(self, record: AccountRecord, *, instead_of: AccountRecord | None) -> Register:
        """Put `record` in the place of another: if it is used, no other of its kind is any longer."""
        others = [other for other in self.accounts if other != instead_of]
        if record.is_used:
            others = [
                structs.replace(other, is_used=False) if is_beside(other, record) else other
                for other in others
            ]
        accounts = tuple(sorted((*others, record), key=_place))
        return structs.replace(self, accounts=accounts).without_secret_of(record, instead_of)

    def without_secret_of(self, new: AccountRecord | None, old: AccountRecord | None) -> Register:
        """The secret of `new` is settled now, and that of `old`, if it is another, no longer."""
        settled = new.secret_id if new else None
        left = [one for one in self.unsettled if one.secret_id != settled]
        if old is not None and old.secret_id != settled:
            left.append(Unsettled(old.keep, old.secret_id))
        return structs.replace(self, unsettled=tuple(left))

    def without_account(self, record: AccountRecord) -> Register:
        accounts = tuple(other for other in self.accounts if other != record)
        return structs.replace(self, accounts=accounts).without_secret_of(None, record)


class Damaged(ValueError):
    """This is no register of ours."""


class TooNew(ValueError):
    """A newer version wrote this register; it may know what we would lose."""


class _Version(Struct):
    version: int


def parse(data: bytes) -> Register:
    """Read the file. Raises `Damaged` and `TooNew`."""
    try:
        if msgspec.json.decode(data, type=_Version).version > VERSION:
            raise TooNew
        register = msgspec.json.decode(data, type=Register)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Damaged from None
    # Names are printed. Whoever wrote one that a terminal obeys was not us.
    if not all(one.name.isprintable() for one in register.accounts):
        raise Damaged
    return register


def encode(register: Register) -> bytes:
    return msgspec.json.format(msgspec.json.encode(register), indent=1) + b"\n"


def is_simulated(settings: Settings, kind: Kind) -> bool:
    """Whether the service of this kind is one on this machine. Its accounts and the real ones never mix."""
    addresses: dict[Kind, str] = {
        "microsoft": settings.microsoft_url,
        "github": settings.github_api_url,
        "github-web": settings.github_url,
    }
    return urlsplit(addresses[kind]).hostname in LOOPBACK


def checked_name(name: str) -> str:
    """
    A name as it is kept. Raises `InvalidRequest` for one that is none.

    Choice: letters and digits of every script. A name is shown, and typed again, and is never a file's.
    """
    name = unicodedata.normalize("NFC", name.strip())
    if not 0 < len(name) <= MAX_NAME_CHARS or not all(sign.isalnum() or sign in NAME_SIGNS for sign in name):
        raise InvalidRequest(
            f"that is no name for an account: it has 1 to {MAX_NAME_CHARS} letters, digits, and - _ . @",
            param="name",
        )
    return name


def is_beside(one: AccountRecord, other: AccountRecord) -> bool:
    """Whether both are of one kind and one world, so that only one of them is used."""
    return one.kind == other.kind and one.is_simulated == other.is_simulated


def called(records: Iterable[AccountRecord], name: str, kind: Kind | None) -> list[AccountRecord]:
    """Those that have this name; capitals make no difference."""
    wanted = _folded(name.strip())
    return [one for one in records if kind in {None, one.kind} and _folded(one.name) == wanted]


def the_one_called(records: Iterable[AccountRecord], name: str, kind: Kind | None) -> AccountRecord:
    """Raises `InvalidRequest` unless exactly one has this name."""
    match called(records, name, kind):
        case [record]:
            return record
        case []:
            where = f" of {kind}" if kind else ""
            raise InvalidRequest(
                f"there is no account {name!r}{where}: `jumpseat accounts` lists them", param="name"
            )
        case several:
            choice = " or ".join(f"--service {record.kind}" for record in several)
            raise InvalidRequest(f"several services have an account {name!r}: say {choice}", param="name")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _place(record: AccountRecord) -> tuple[int, str, bool]:
    return KINDS.index(record.kind), _folded(record.name), record.is_simulated
