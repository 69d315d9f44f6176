"""
The generated pages: which there are, and who writes each.

`python -m tools.gendocs` writes them; with `--check` it only says which are out of date.
A page is a path below the project's root and "module:function"; the function takes nothing and returns
the text.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PAGES: tuple[tuple[str, str], ...] = (
    ("docs/command-line.md", "jumpseat.cli.helppages:render"),
    ("docs/settings.md", "tools.pages:settings"),
)


def render(writer: str) -> str:
    module, _, function = writer.partition(":")
    text: str = getattr(import_module(module), function)()
    return text if text.endswith("\n") else text + "\n"


def stale(root: Path, pages: tuple[tuple[str, str], ...]) -> dict[Path, str]:
    """Return the pages that do not say what they should, with what they should say."""
    wanted = {root / path: render(writer) for path, writer in pages}
    return {path: text for path, text in wanted.items() if not path.exists() or path.read_text() != text}


def main(arguments: list[str]) -> int:
    late = stale(ROOT, PAGES)
    if "--check" in arguments:
        for path in late:
            print(f"{path.relative_to(ROOT)} is out of date: run `make docs`")
        if not late:
            print(f"generated pages: {len(PAGES)} up to date")
        return 1 if late else 0
    for path, text in late.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
