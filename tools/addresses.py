"""What no file of the project may carry: the address of a package registry, or a path of one machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Written in two halves, so that this page does not find itself.
FORBIDDEN = tuple(
    head + tail
    for head, tail in (
        ("pypi.", "org"),
        ("python", "hosted"),
        ("npm", "js."),
        ("--index", "-url"),
        ("--extra-index", "-url"),
        ("/ro", "ot/"),
        ("/wo", "rk/"),
        ("/ho", "me/"),
        ("/opt/", "pypi"),
    )
)


def tracked(root: Path) -> Iterator[Path]:
    """Yield every file that is, or could be, committed."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, cwd=root, check=True, capture_output=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (path := root / name).is_file():
            yield path


def slips(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line number and the forbidden words, for every line that carries some."""
    for number, line in enumerate(text.split("\n"), start=1):
        for words in FORBIDDEN:
            if words in line:
                yield number, words


def faults(root: Path) -> list[str]:
    found = []
    for path in tracked(root):
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{path.relative_to(root)}:{number}: says {words!r}" for number, words in slips(text)]
    return found


def main() -> int:
    found = faults(ROOT)
    print("\n".join(found) or "addresses: no registry and no machine is named")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
