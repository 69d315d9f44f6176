"""
The encrypted file: what is in it, how it is sealed and opened.

One line of JSON, then a line with its SHA-256. The header says how the key is made of the passphrase
(scrypt); each secret is sealed by itself (AES-256-GCM) with a nonce of its own, together with the header and
its id. So a secret can be dropped without the key. `check` is a sealed nothing: what opens it is the right
key.
"""

from __future__ import annotations

import hashlib

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from msgspec import Struct, structs

from jumpseat.model.credentials import Secret

VERSION = 1
COST = (2**15, 8, 3)
"""n, r and p of scrypt: 32 MiB, a fifth of a second; one of the settings that OWASP names as equally good."""
MIN_N, MAX_N = 2**14, 2**20
MAX_R, MAX_P = 32, 4
MAX_BLOCKS = 2**21
"""Of n times r: 256 MiB. A file that asks for more means harm."""
SALT_BYTES, NONCE_BYTES, TAG_BYTES = 16, 12, 16
CHECK_ID = ""


class Damaged(ValueError):
    """This is no encrypted file of ours, or it was changed since it was written."""


class TooNew(ValueError):
    """A newer version wrote this file."""


class Header(Struct, frozen=True, kw_only=True):
    """How the key is made. All of it is authenticated with each secret."""

    version: int
    n: int
    r: int
    p: int
    salt: bytes


class Sealed(Struct, frozen=True, kw_only=True):
    """The file: header, check, and the sealed secrets by id."""

    header: Header
    check: bytes
    secrets: dict[str, bytes]


def new_header(salt: bytes) -> Header:
    n, r, p = COST
    return Header(version=VERSION, n=n, r=r, p=p, salt=salt)


def derive(header: Header, text: Secret) -> bytes:
    """The key for this header. Takes its time and memory, as it is meant to."""
    # Key files may hold any bytes; what is no UTF-8 of them came here as surrogates.
    said = text.reveal().encode("utf-8", "surrogateescape")
    return Scrypt(salt=header.salt, length=32, n=header.n, r=header.r, p=header.p).derive(said)


def begin(header: Header, key: bytes, nonce: bytes) -> Sealed:
    """A file without secrets."""
    return Sealed(header=header, check=_seal(header, CHECK_ID, b"", key, nonce), secrets={})


def is_key(sealed: Sealed, key: bytes) -> bool:
    try:
        _open(sealed.header, CHECK_ID, sealed.check, key)
    except InvalidTag:
        return False
    return True


def put(sealed: Sealed, secret_id: str, text: Secret, key: bytes, nonce: bytes) -> Sealed:
    """The file with one secret more. No nonce may come twice with one key."""
    box = _seal(sealed.header, secret_id, text.reveal().encode(), key, nonce)
    return structs.replace(sealed, secrets=sealed.secrets | {secret_id: box})


def get(sealed: Sealed, secret_id: str, key: bytes) -> Secret | None:
    """Raises `Damaged` for a secret that the right key does not open."""
    box = sealed.secrets.get(secret_id)
    if box is None:
        return None
    try:
        return Secret(_open(sealed.header, secret_id, box, key).decode())
    except InvalidTag:
        raise Damaged from None


def without(sealed: Sealed, secret_id: str) -> Sealed:
    rest = {other: box for other, box in sealed.secrets.items() if other != secret_id}
    return structs.replace(sealed, secrets=rest)


def encode(sealed: Sealed) -> bytes:
    body = msgspec.json.encode(sealed)
    return body + b"\n" + hashlib.sha256(body).hexdigest().encode() + b"\n"


class _Version(Struct):
    version: int


class _AnyVersion(Struct):
    header: _Version


def parse(data: bytes) -> Sealed:
    """
    Read a file. Raises `Damaged` and `TooNew`.

    The sum at its end tells a damaged file from a wrong key; it proves nothing else, and need not.
    """
    body, _, rest = data.partition(b"\n")
    try:
        if msgspec.json.decode(body, type=_AnyVersion).header.version > VERSION:
            raise TooNew
        if rest.strip() != hashlib.sha256(body).hexdigest().encode():
            raise Damaged
        sealed = msgspec.json.decode(body, type=Sealed)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Damaged from None
    if not _is_sane(sealed.header) or any(
        len(box) < NONCE_BYTES + TAG_BYTES for box in (sealed.check, *sealed.secrets.values())
    ):
        raise Damaged
    return sealed


def _is_sane(header: Header) -> bool:
    """Whether making the key takes neither next to nothing nor all there is."""
    n, r, p = header.n, header.r, header.p
    if header.version != VERSION or n & (n - 1) or len(header.salt) < SALT_BYTES:
        return False
    return MIN_N <= n <= MAX_N and 1 <= r <= MAX_R and 1 <= p <= MAX_P and n * r <= MAX_BLOCKS


def _bound(header: Header, secret_id: str) -> bytes:
    return msgspec.json.encode(header) + b"\n" + secret_id.encode()


def _seal(header: Header, secret_id: str, data: bytes, key: bytes, nonce: bytes) -> bytes:
    return nonce + AESGCM(key).encrypt(nonce, data, _bound(header, secret_id))


def _open(header: Header, secret_id: str, box: bytes, key: bytes) -> bytes:
    nonce, rest = box[:NONCE_BYTES], box[NONCE_BYTES:]
    return AESGCM(key).decrypt(nonce, rest, _bound(header, secret_id))
