"""The shape limits: how long a file and a function body may be, and that no import runs in a circle."""

from __future__ import annotations

import ast
import graphlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("src", "tests", "benchmarks", "tools")
MAX_FILE_LINES = 400
MAX_BODY_LINES = 50

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield each of our Python files with the name it is imported by."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            if "node_modules" in path.parts:
                continue
            parts = path.relative_to(root / "src" if folder == "src" else root).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def body_lines(function: Function) -> int:
    """Count the lines from the first statement after the docstring to the last."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def too_long(path: str, text: str) -> Iterator[str]:
    """Name the file, and each function in it, that is over its limit."""
    lines = text.count("\n")
    if lines > MAX_FILE_LINES:
        yield f"{path}: {lines} lines, {MAX_FILE_LINES} are allowed"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, Function) and (length := body_lines(node)) > MAX_BODY_LINES:
            yield f"{path}:{node.lineno}: {node.name} has {length} lines, {MAX_BODY_LINES} are allowed"


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield every name that could be a module, wherever in the file the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield f"{node.module}.{alias.name}"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Find the module of ours that a dotted name belongs to."""
    while name:
        if name in known:
            return name
        name = name.rpartition(".")[0]
    return None


def graph(trees: Mapping[str, ast.AST]) -> dict[str, set[str]]:
    """Map each module to those of ours that it imports; a package that names its own modules counts too."""
    edges: dict[str, set[str]] = {}
    for module, tree in trees.items():
        found = {nearest(name, trees) for name in imported(tree)}
        edges[module] = {name for name in found if name is not None and name != module}
    return edges


def circle(edges: Mapping[str, set[str]]) -> list[str]:
    """Return the modules of one import circle, the first again at the end; nothing if there is none."""
    try:
        graphlib.TopologicalSorter(edges).prepare()
    except graphlib.CycleError as found:
        return [str(name) for name in reversed(found.args[1])]
    return []


def faults(root: Path) -> list[str]:
    found: list[str] = []
    trees: dict[str, ast.AST] = {}
    for module, path in sources(root):
        text = path.read_text(encoding="utf-8")
        trees[module] = ast.parse(text)
        found += too_long(path.relative_to(root).as_posix(), text)
    if loop := circle(graph(trees)):
        found.append("imports run in a circle: " + " -> ".join(loop))
    return found


def main() -> int:
    found = faults(ROOT)
    print(
        "\n".join(found)
        or f"shape: {sum(1 for _ in sources(ROOT))} files within the limits, no import circle"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
