"""A pure module is judged by its own tests alone."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tools import purecoverage

MODULES = [path.as_posix() for path in purecoverage.modules(purecoverage.PACKAGE)]


def contract() -> list[str]:
    """The modules that the import contract keeps pure, as paths below the package."""
    contracts = tomllib.loads((purecoverage.ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (pure,) = (contract for contract in contracts["contracts"] if contract["id"] == "pure")
    return [name.removeprefix("*.").replace(".", "/") for name in pure["source_modules"]]


@pytest.mark.parametrize("name", contract())
def test_what_the_import_contract_keeps_pure_is_covered(name: str) -> None:
    """A module of the contract may be yet to come; one that is there is on the list."""
    package = purecoverage.PACKAGE
    there = [path.relative_to(package) for path in (package / name).rglob("*.py")]
    if (package / f"{name}.py").exists():
        there.append(Path(f"{name}.py"))

    assert {path.as_posix() for path in there if path.name != "__init__.py"} <= set(MODULES)


@pytest.mark.parametrize("tests", purecoverage.ALSO.values())
def test_own_tests_named_in_the_table_exist(tests: tuple[str, ...]) -> None:
    assert all((purecoverage.ROOT / "tests" / name).is_file() for name in tests)


def test_no_module_is_listed_twice() -> None:
    assert len(MODULES) == len(set(MODULES))


def test_a_pattern_without_a_module_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no module is"):
        list(purecoverage.modules(tmp_path))


def test_own_tests_mirror_the_module() -> None:
    assert purecoverage.own_tests(Path("microsoft/codes.py")) == ["tests/microsoft/test_codes.py"]
    assert purecoverage.own_tests(Path("microsoft/classic.py")) == [
        "tests/microsoft/test_classic.py",
        "tests/microsoft/test_classic_transcripts.py",
    ]


@pytest.mark.parametrize(
    ("context", "counts"),
    [
        ("", True),
        ("tests/test_sse.py::test_a|run", True),
        ("tests/test_sse.py::test_a|setup", True),
        ("tests/test_stream.py::test_a|run", False),
        ("tests/test_sse_py::test_a|run", False),
        ("tests/github/tests/test_sse.py::test_a|run", False),
    ],
)
def test_only_imports_and_own_tests_count(context: str, counts: bool) -> None:
    assert any(re.search(words, context) for words in purecoverage.contexts(["tests/test_sse.py"])) is counts


def test_missing_lines_and_branches_are_named_once() -> None:
    report = {"missing_lines": [3], "missing_branches": [[2, 3], [3, 4], [7, -5]]}

    assert purecoverage.gaps(report) == ["3", "2->3", "7->exit"]
    assert purecoverage.gaps({"missing_lines": [], "missing_branches": []}) == []
