"""The shape limits find what they are for."""

import ast
import itertools
from pathlib import Path

from tools import shape


def test_a_body_is_counted_without_its_docstring_and_signature() -> None:
    text = 'def f(\n    a: int,\n) -> int:\n    """Say."""\n    b = a\n\n    return b\n'
    function = ast.parse(text).body[0]

    assert isinstance(function, ast.FunctionDef)
    assert shape.body_lines(function) == 3


def test_a_long_body_is_named_with_its_line() -> None:
    text = "async def f() -> None:\n" + "    pass\n" * 51

    assert list(shape.too_long("a.py", text)) == ["a.py:1: f has 51 lines, 50 are allowed"]


def test_a_long_file_is_named() -> None:
    assert list(shape.too_long("a.py", "\n" * 401)) == ["a.py: 401 lines, 400 are allowed"]


def test_a_file_and_a_body_at_the_limit_pass() -> None:
    text = "def f() -> None:\n" + "    pass\n" * 50 + "\n" * 349

    assert list(shape.too_long("a.py", text)) == []


def test_a_circle_of_imports_is_named_in_order() -> None:
    texts = {"p": "", "p.a": "from p import b", "p.b": "def f():\n    import p.c", "p.c": "from p.a import X"}
    edges = shape.graph({name: ast.parse(text) for name, text in texts.items()})

    loop = shape.circle(edges)

    assert loop[0] == loop[-1]
    assert all(later in edges[earlier] for earlier, later in itertools.pairwise(loop))
    assert set(loop) == {"p.a", "p.b", "p.c"}


def test_a_module_that_asks_its_own_package_closes_a_circle() -> None:
    texts = {"p": "from p.a import X", "p.a": "from p import Y"}

    assert shape.circle(shape.graph({name: ast.parse(text) for name, text in texts.items()}))


def test_strangers_make_no_edge() -> None:
    assert shape.graph({"p.a": ast.parse("import json, pathlib\nfrom q.a import b")}) == {"p.a": set()}


def test_every_folder_of_ours_is_read(tmp_path: Path) -> None:
    for name in ("src/jumpseat/a.py", "src/jumpseat/__init__.py", "tests/test_b.py", "elsewhere/c.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    assert {name for name, _ in shape.sources(tmp_path)} == {"jumpseat", "jumpseat.a", "tests.test_b"}


def test_a_fault_is_reported_from_the_root(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("import b\n")
    (tmp_path / "src" / "b.py").write_text("import a\n" + "\n" * 400)

    said = shape.faults(tmp_path)

    assert said[0] == "src/b.py: 401 lines, 400 are allowed"
    assert said[1].startswith("imports run in a circle: ")
