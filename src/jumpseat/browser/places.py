"""Where browsers are on each system, and whether one can show itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

NAMES = (
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "chromium",
    "chromium-browser",
    "microsoft-edge",
    "microsoft-edge-stable",
    "brave-browser",
    "brave",
)
"""Of their programs, as a shell finds them; the first that is there is taken."""

_MAC = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Brave Browser.app/Contents/MacOS/Brave Browser",
)
_WINDOWS = (
    "Google\\Chrome\\Application\\chrome.exe",
    "Chromium\\Application\\chrome.exe",
    "Microsoft\\Edge\\Application\\msedge.exe",
    "BraveSoftware\\Brave-Browser\\Application\\brave.exe",
)
_WINDOWS_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")


def paths(platform: str, environ: Mapping[str, str]) -> Iterator[str]:
    """Where a browser may be that no shell finds by its name; `platform` is `sys.platform`."""
    if platform == "darwin":
        for folder in ("/Applications", f"{environ.get('HOME', '')}/Applications"):
            yield from (f"{folder}/{program}" for program in _MAC)
    if platform == "win32":
        for program in _WINDOWS:
            yield from (f"{environ[name]}\\{program}" for name in _WINDOWS_FOLDERS if environ.get(name))


def has_display(platform: str, environ: Mapping[str, str]) -> bool:
    """Whether a window can be shown. Choice: on macOS and Windows always, for there nothing tells."""
    if platform in {"darwin", "win32"}:
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def is_remote(environ: Mapping[str, str]) -> bool:
    """Whether this shell came over ssh."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))


def driver_name(wanted: str, installed: frozenset[str]) -> str | None:
    """
    Which driver opens the browser, by the setting and the libraries that are installed; None for none.

    Left to itself it is nodriver, as the documents name it (surface page, section 2): whoever has it
    installed asked for it by name.
    """
    order = ("nodriver", "playwright") if wanted == "auto" else (wanted,)
    return next((name for name in order if name in installed), None)
