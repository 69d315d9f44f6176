"""Why there is no window to sign in with, in words that help."""

from __future__ import annotations

from pathlib import Path

from jumpseat.model.errors import MissingRequirementsError, SignInFailed

OTHER_WAYS = (
    "Without a browser: `jumpseat login microsoft --har FILE` with a recording from any machine, or "
    "`jumpseat login microsoft --token-stdin`."
)

_KNOWN = (
    (("no-sandbox is not supported", "zygote_host_impl_linux"), "root"),
    (("Missing X server", "cannot open display", "Failed to connect to Wayland display"), "display"),
    (("ProcessSingleton", "profile appears to be in use", "existing browser session"), "profile"),
    (("error while loading shared libraries",), "libraries"),
    (("EACCES", "Permission denied", "ENOEXEC", "Exec format error"), "program"),
)
"""Phrases of Chromium, the linker and the drivers in what they say at the start."""


def closed() -> SignInFailed:
    """The person closed the window, or it crashed."""
    return SignInFailed(
        "the browser window was closed before the sign-in was done. Run `jumpseat login microsoft` again. "
        + OTHER_WAYS
    )


def no_display(*, is_remote: bool) -> SignInFailed:
    where = "you are connected by ssh, and " if is_remote else ""
    return SignInFailed(
        f"{where}there is no display to show a browser window on (DISPLAY and WAYLAND_DISPLAY are not set). "
        f"Sign in on a machine that has one, or take another way. {OTHER_WAYS}"
    )


def as_root() -> SignInFailed:
    return SignInFailed(
        "you are root, and Chromium does not run as root unless its sandbox is off, which jumpseat never "
        f"switches off for you. Run `jumpseat login microsoft` as yourself. {OTHER_WAYS}"
    )


def profile_in_use(profile: Path, by: str) -> SignInFailed:
    return SignInFailed(
        f"another sign-in window has the browser profile {profile} open ({by}). Close it, then run "
        "`jumpseat login microsoft` again."
    )


def no_driver(wanted: str) -> MissingRequirementsError:
    extra = "nodriver" if wanted == "nodriver" else "browser"
    return MissingRequirementsError(
        f'signing in with a browser needs the extra "{extra}": pip install "jumpseat[{extra}]". {OTHER_WAYS}'
    )


def no_node() -> MissingRequirementsError:
    """Playwright's own Node.js did not start; the linker has told the terminal what it misses."""
    return MissingRequirementsError(
        "Playwright, which opens the browser, did not start. On a small Debian it misses a library: "
        f"sudo apt-get install libatomic1. {OTHER_WAYS}"
    )


def no_browser() -> SignInFailed:
    return SignInFailed(
        "no Chrome, Chromium, Edge or Brave was found on this machine. Install one, or name yours: "
        f"JUMPSEAT_BROWSER=/path/to/it. {OTHER_WAYS}"
    )


def no_such_program(path: Path, problem: str) -> SignInFailed:
    return SignInFailed(
        f"JUMPSEAT_BROWSER names {path}, and {problem}. Set it to the program of a Chromium-family browser, "
        f"or unset it to have one found. {OTHER_WAYS}"
    )


def silent(executable: Path, seconds: float) -> SignInFailed:
    return SignInFailed(
        f"{executable} did not come up within {seconds:g} s. See that it opens by itself, or name another "
        f"with JUMPSEAT_BROWSER. {OTHER_WAYS}"
    )


def would_not_start(executable: Path, profile: Path, said: str) -> SignInFailed:
    """What it died of, as far as what it said tells. That itself is not repeated."""
    match _recognised(said):
        case "root":
            return as_root()
        case "display":
            return no_display(is_remote=False)
        case "profile":
            return profile_in_use(profile, "says the browser")
        case "libraries":
            why = "libraries that it needs are missing: install it with your system's package manager"
        case "program":
            why = "this system does not run it: is it a program, and may you run it?"
        case _:
            why = "it ended at once. See that it opens by itself, or name another with JUMPSEAT_BROWSER"
    return SignInFailed(f"{executable} did not start: {why}. {OTHER_WAYS}")


def _recognised(said: str) -> str | None:
    for phrases, what in _KNOWN:
        if any(phrase in said for phrase in phrases):
            return what
    return None
