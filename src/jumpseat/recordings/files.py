"""Files that a person hands over: told apart, guarded against size, and read whole."""

from __future__ import annotations

from pathlib import Path

import msgspec

from jumpseat.model.credentials import Credential
from jumpseat.recordings.cookie_exports import read_cookies
from jumpseat.recordings.har import read_har
from jumpseat.recordings.problems import BadRecording

MAX_RECORDING_BYTES = 256 * 1024 * 1024
"""Largest file that is read. Recordings of 30 MB are usual (HAR page, section 4)."""


def read_file(path: Path, host: str) -> Credential:
    """
    The credential for `host` in a recording or cookie export.

    Raises `BadRecording`, a kind of `NoValidHarFileError`, which says what is wrong and what to do.
    """
    if path.suffix in {".harp", ".zip", ".gz"}:
        raise BadRecording(
            "NotAHar", f"{path.name} is packed or wrapped. Unpack it, or export from the Network tab as HAR."
        )
    try:
        size = path.stat().st_size
        if size > MAX_RECORDING_BYTES:
            raise BadRecording(
                "TooLarge",
                f"{path.name} has {size} bytes; at most {MAX_RECORDING_BYTES} are read. "
                "Record less: open the developer tools, reload, send one message, export.",
            )
        data = path.read_bytes()
    except OSError as exc:
        raise BadRecording(
            "NoFile", f"{path} cannot be read: {exc.strerror or type(exc).__name__}. Check the path."
        ) from exc
    return read_bytes(data, host, is_har=path.suffix == ".har")


def read_bytes(data: bytes, host: str, *, is_har: bool = False) -> Credential:
    """The same, for what was read already; `is_har` where the file's name says so."""
    if is_har or _has_log(data):
        return read_har(data, host).credential
    return Credential(cookies=read_cookies(data, host))


def _has_log(data: bytes) -> bool:
    try:
        top = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
    return bytes(top.get("log", msgspec.Raw())).startswith(b"{")
