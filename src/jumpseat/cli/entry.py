"""The entry point: `jumpseat`, and nothing imported that the command at hand does not need."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from jumpseat._version import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (without the program's name); returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words == ["--version"]:
        # Answered here: everything below costs start-up time, which is a promise with a test.
        print(f"jumpseat {__version__}")
        return 0
    from jumpseat.cli import crashes, exits, output

    output.prepare()
    crashes.install()
    return exits.guarded(lambda: _run(words))


def _run(words: list[str]) -> int:
    from jumpseat.cli.app import run

    return run(words)


if __name__ == "__main__":
    sys.exit(main())
