"""The token of GitHub's own command line, `gh`, asked for once and only on request."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterable, Mapping

from jumpseat.model.credentials import Secret
from jumpseat.model.errors import MissingRequirementsError, SignInFailed
from jumpseat.settings import environment_of_others

SECONDS = 10.0
MAX_TOKEN_CHARS = 4096


async def token_of_gh(host: str, *, withheld: Iterable[str] = (), seconds: float = SECONDS) -> Secret:
    """
    The token that `gh auth token --hostname HOST` prints.

    What gh says is never shown: it may hold the token. It gets neither our own settings nor the variables
    that are `withheld`. Raises `MissingRequirementsError` where there is no
    gh, and `SignInFailed` where it has no login for `host` or gives none within `seconds`.
    """
    program = shutil.which("gh")
    if program is None:
        raise MissingRequirementsError(
            "GitHub's command line gh is not installed here. Install it (https://cli.github.com) and run "
            "`gh auth login`, or sign in without it: `jumpseat login github --client-id ID`."
        )
    try:
        async with asyncio.timeout(seconds):
            environ = environment_of_others(os.environ, withheld)
            code, text = await _said(environ, program, "auth", "token", "--hostname", host)
    except TimeoutError as exc:
        raise SignInFailed(
            f"gh gave no token within {seconds:g} seconds. See whether `gh auth status` answers, then try "
            "again."
        ) from exc
    if code != 0:
        raise SignInFailed(
            f"gh has no login for {host}. Run `gh auth login --hostname {host}`, then this again."
        )
    words = text.split()
    if len(words) != 1 or not words[0].isascii() or not words[0].isprintable():
        raise SignInFailed("gh answered with something that is no token. Update gh, then try again.")
    return Secret(words[0])


async def _said(environ: Mapping[str, str], program: str, *words: str) -> tuple[int, str]:
    """Run a program without a shell; its exit code and what it printed. It is gone when this returns."""
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            *words,
            env=environ,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as exc:
        raise SignInFailed(
            f"gh cannot be started ({exc.strerror}). See whether `gh auth status` works, then try again."
        ) from exc
    try:
        assert process.stdout is not None  # noqa: S101 - it was asked for above
        text = b""
        while len(text) <= MAX_TOKEN_CHARS and (more := await process.stdout.read(MAX_TOKEN_CHARS)):
            text += more
        code = await process.wait() if len(text) <= MAX_TOKEN_CHARS else 0
        return code, text.decode("utf-8", "replace")
    finally:
        if process.returncode is None:
            process.kill()
            # What is left in the pipe is read too: unread, it would keep the pipe open.
            await asyncio.shield(process.communicate())
