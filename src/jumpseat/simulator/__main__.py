"""`python -m jumpseat.simulator`: serves, and prints one line with its URL when ready."""

from __future__ import annotations

import argparse
import sys

from jumpseat.simulator.server import DEFAULT_PORT, DIALECTS, run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m jumpseat.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one")
    parser.add_argument("--dialect", choices=DIALECTS, default=DIALECTS[0])
    parser.add_argument("--pace", type=float, default=0.0, help="seconds between two words")
    options = parser.parse_args()

    def announce(url: str) -> None:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()

    run(options.host, options.port, options.dialect, announce, options.pace)


if __name__ == "__main__":
    main()
