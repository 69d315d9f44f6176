"""This machine: versions and extras, the state folder, the store, the vault, proxies."""

from __future__ import annotations

import os
import platform
import shutil
import stat
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from jumpseat._version import __version__
from jumpseat.accounts.vault import Vault
from jumpseat.cli.doctor.check import Check, failed, ok, remark, wrong
from jumpseat.cli.phrases import KEEPS
from jumpseat.model.errors import JumpseatError, VaultLocked
from jumpseat.settings import Settings
from jumpseat.store.archive import Archive

EXTRAS: Mapping[str, tuple[str, ...]] = {
    "microsoft": ("curl_cffi",),
    "gateway": ("starlette", "uvicorn", "httptools"),
    "cli": ("cyclopts", "rich", "prompt_toolkit"),
    "vault": ("cryptography", "keyring"),
    "browser": ("playwright",),
    "nodriver": ("nodriver",),
}
"""Each extra of the package, and the distributions that it brings."""

OPTIONAL = frozenset({"nodriver"})
"""Nobody misses it who did not ask for it."""

LEAST_FREE_BYTES = 100 * 1024 * 1024
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def versions() -> Iterator[Check]:
    """The program, Python, and the extras with the versions of what they bring."""
    system = f"{platform.system()} {platform.machine()}"
    yield ok("versions", f"jumpseat {__version__}, Python {platform.python_version()}, {system}")
    installed = {extra: [_version(name) for name in names] for extra, names in EXTRAS.items()}
    there = [
        ", ".join(f"{name} {version}" for name, version in zip(EXTRAS[extra], found, strict=True))
        for extra, found in installed.items()
        if all(found)
    ]
    lacking = [extra for extra, found in installed.items() if not all(found) and extra not in OPTIONAL]
    if lacking:
        advice = f'pip install "jumpseat[{",".join(lacking)}]"'
        yield remark("extras", f"not installed: {', '.join(lacking)}; there: {'; '.join(there)}", advice)
    else:
        yield ok("extras", "; ".join(there))


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def folder(settings: Settings) -> Iterator[Check]:
    """The state folder: there, ours, private, and with room to write."""
    home = settings.home
    try:
        mode = home.stat().st_mode
    except FileNotFoundError:
        yield remark("state folder", f"{home} is not there yet; it is made when something is kept")
        return
    except OSError as exc:
        yield wrong("state folder", f"{home} cannot be looked at: {exc.strerror}", "set JUMPSEAT_HOME")
        return
    open_files = _readable_by_others(home)
    if os.name == "posix" and mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield wrong("state folder", f"others may write to {home}", f"chmod 700 {home}")
    elif open_files:
        names = " ".join(str(path) for path in open_files)
        yield wrong("state folder", f"others may read files in {home}", f"chmod 600 {names}")
    elif not os.access(home, os.W_OK):
        yield wrong("state folder", f"{home} cannot be written to", "set JUMPSEAT_HOME to a folder of yours")
    elif (free := shutil.disk_usage(home).free) < LEAST_FREE_BYTES:
        yield wrong("state folder", f"{home} has only {free // 2**20} MB left", "make room on that disk")
    else:
        yield ok("state folder", f"{home}, mode {stat.S_IMODE(mode):04o}")


def _readable_by_others(home: Path) -> list[Path]:
    if os.name != "posix":
        return []
    files = [path for path in sorted(home.iterdir()) if path.is_file() and not path.is_symlink()]
    return [path for path in files if path.stat().st_mode & 0o077]


async def store(archive: Archive) -> Check:
    """Whether conversations can be read."""
    try:
        newest = await archive.conversations("local", limit=1)
    except JumpseatError as error:
        return failed("store", error)
    return ok("store", "conversations can be read" if newest else "no conversation is kept yet")


def keep(vault: Vault) -> Check:
    """Where the next sign-in would be kept."""
    try:
        chosen = vault.choose_keep()
    except VaultLocked as error:
        return remark("vault", error.message)
    except JumpseatError as error:
        return failed("vault", error)
    trouble = vault.keyring_trouble() if chosen != "keyring" else None
    without = f", for the system keyring cannot be used: {trouble}" if trouble else ""
    return ok("vault", f"sign-ins are kept in {KEEPS[chosen]}{without}")


def proxies(environ: Mapping[str, str]) -> Check:
    """Proxies of the environment, which are not used; a password in one is not shown."""
    found = []
    for name in PROXIES:
        address = environ.get(name) or environ.get(name.lower())
        if address:
            found.append(f"{name} ({host_of_proxy(address) or 'no address'})")
    if not found:
        return ok("proxies", "none in the environment")
    return remark(
        "proxies",
        f"{', '.join(found)} set, and not used: what the environment says does not reroute your account",
        "in a program: jumpseat.Client(proxy=...)",
    )


def host_of_proxy(proxy: str) -> str | None:
    """The host of a proxy. What stands before an @ is a password, or may be, however it was written."""
    scheme, _, rest = proxy.rpartition("://")
    try:
        return urlsplit(f"{scheme or 'http'}://{rest.rpartition('@')[2]}").hostname
    except ValueError:
        return None
