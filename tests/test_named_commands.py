"""Every command that a page or a message tells people to type is one that the program has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
MANUAL = ROOT / "docs" / "command-line.md"
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
LEAST = 60
"""There are more; fewer would mean that they are no longer found."""


def manual() -> dict[tuple[str, ...], str]:
    """What the manual says of each command, by its words; `make check` sees that it is the program's own."""
    parts = re.split(r"^#+ jumpseat(.*)$", MANUAL.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {tuple(words.split()): text for words, text in zip(parts[1::2], parts[2::2], strict=True)}


def named(path: Path) -> Iterator[str]:
    """The commands in a page or a module: between backticks, in blocks of shell, or alone in a text."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        text = re.sub(r'"\s*\n\s*f?"', "", text)  # One message may stand on two lines.
        yield from re.findall(r'"jumpseat ((?:login|logout|accounts|serve|ask|doctor)\b[^"]*)"', text)
    else:
        for block in re.findall(r"```(?:sh|console)\n(.*?)```", text, re.DOTALL):
            yield from re.findall(r"^(?:[A-Z_]+=\S+ )?jumpseat ([a-z].*)$", block, re.MULTILINE)
    yield from re.findall(r"`jumpseat ([a-z][^`]*)`", text)


def trouble(command: str, known: dict[tuple[str, ...], str]) -> str | None:
    """What the program would not understand of it."""
    words = command.split()
    path: tuple[str, ...] = ()
    while len(path) < len(words) and (*path, words[len(path)]) in known:
        path = (*path, words[len(path)])
    if not path:
        return f"no command {words[0]}"
    rest, below = words[len(path) :], [other for other in known if other[: len(path)] == path]
    if below != [path] and rest and rest[0].isalpha() and rest[0].islower():
        return f"no command {' '.join(path)} {rest[0]}"
    # Where the message fills a command in, any of them may have the option.
    text = " ".join(known[other] for other in (below if rest and rest[0].startswith("{") else [path]))
    options = {re.sub(r"[^a-z-].*", "", word) for word in words if word.startswith("--")}
    lacking = sorted(option for option in options - {"--help"} if option not in text)
    return f"no option {lacking[0]} of {' '.join(path)}" if lacking else None


def test_every_command_that_is_named_is_one() -> None:
    known = manual()
    found = [(path, command) for path in (*PAGES, *SOURCES) for command in named(path)]
    wrong = [
        f"{path.relative_to(ROOT)}: jumpseat {command}: {said}"
        for path, command in found
        if "{" not in command.split()[0] and (said := trouble(command, known))
    ]

    assert len(found) > LEAST
    assert wrong == []


def test_what_is_no_command_is_noticed() -> None:
    known = manual()

    assert trouble("login mircosoft --har FILE", known) == "no command login mircosoft"
    assert trouble("login microsoft --hat FILE", known) == "no option --hat of login microsoft"
    assert trouble("logn", known) == "no command logn"
    assert trouble("login github-web --cookies FILE", known) is None
