"""The recordings that lie in the folder `recordings` under `JUMPSEAT_HOME`: the last resort before nobody."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from jumpseat import recordings
from jumpseat.model.credentials import Credential
from jumpseat.model.errors import NoValidHarFileError
from jumpseat.settings import Settings

RECORDED = "recording"
"""The name of the account whose credentials come from there."""

RECORDINGS_FOLDER = "recordings"
"""Folder under `JUMPSEAT_HOME`."""

NO_RECORDING = "no_recording"
"""The code of the error where there is no file at all."""

_SUFFIXES = (".har", ".har.gz", ".zip")


def newest_recording(settings: Settings, url: str) -> Credential:
    """
    The credential of the newest recording that has a token for `url`. Reads files, so it blocks.

    Raises `NoValidHarFileError`, which says what was wrong with each file.
    """
    host = urlsplit(url).hostname or ""
    files = _candidates(settings)
    if not files:
        raise NoValidHarFileError(
            f"no HAR file was found in {settings.home / RECORDINGS_FOLDER}. Open {url} in your browser with "
            "the developer tools on the Network tab, send one message, export as HAR, and give the file to "
            "`jumpseat login microsoft --har FILE`, or put it there.",
            code=NO_RECORDING,
        )
    wrong = []
    for path in files:
        try:
            credential = recordings.read_file(path, host, limit=settings.har_limit * 1024 * 1024)
        except NoValidHarFileError as error:
            wrong.append(f"{path.name}: {error.message}")
            continue
        if credential.token is not None:
            return credential
        wrong.append(f"{path.name}: it holds cookies, but no chat token")
    raise NoValidHarFileError("; ".join(wrong))


def stamp_of(settings: Settings) -> Hashable:
    """Something that changes whenever the recordings do."""
    return tuple((path, *stamp_of_file(path)) for path in _candidates(settings))


def stamp_of_file(path: Path) -> tuple[int, ...]:
    """A file's time of change, size and number; nothing for one that is not there."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _candidates(settings: Settings) -> Sequence[Path]:
    """Newest first."""
    named = settings.microsoft_cookies
    files = [named] if named is not None and _is_recording(named) else []
    with suppress(OSError):  # No folder, no recordings.
        files += [path for path in (settings.home / RECORDINGS_FOLDER).iterdir() if _is_recording(path)]
    return sorted(set(files), key=stamp_of_file, reverse=True)


def _is_recording(path: Path) -> bool:
    return path.name.lower().endswith(_SUFFIXES) and path.is_file()
