"""The page of the manual that is written from the command line itself."""

from __future__ import annotations

import sys

from jumpseat.cli.app import COMMANDS, build, epilogue


def render() -> str:
    """`docs/command-line.md`: every command with its options, and the exit codes."""
    # Not for the machine's own locale or terminal: the page is the same everywhere.
    argv, sys.argv = (
        sys.argv,
        ["jumpseat"],
    )  # The usage of a command in a group takes its first word from here.
    try:
        pages = build([name for name, _, _ in COMMANDS]).generate_docs()
    finally:
        sys.argv = argv
    first, rest = pages.split("\n", 1)
    head = "# The command line\n\n<!-- Written by `make docs` from src/jumpseat/cli; not by hand. -->\n"
    assert first == "# jumpseat", first  # noqa: S101 - what the line above replaces
    return f"{head}{rest.rstrip()}\n\n## How a command ends\n\n{epilogue()}\n"
