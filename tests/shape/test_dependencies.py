"""Every dependency has its sentence on the decision page, and the version is written once."""

import re
import tomllib

import jumpseat._version
from tools.lock import ROOT

PAGE = ROOT / "docs" / "decisions" / "0001-dependencies.md"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def asked_for() -> set[str]:
    table = PROJECT["project"]
    groups = (*table["optional-dependencies"].values(), *PROJECT["dependency-groups"].values())
    lines = [*table["dependencies"], *(line for group in groups for line in group)]
    return {re.split(r"[^A-Za-z0-9_.-]", line)[0] for line in lines} - {"jumpseat"}


def explained() -> set[str]:
    rows = re.findall(r"^\| ([a-z][^|]*) \|", PAGE.read_text(), flags=re.MULTILINE)
    return {name.strip() for row in rows for name in row.split(",")}


def test_every_dependency_has_its_sentence() -> None:
    assert asked_for() - explained() == set()


def test_no_sentence_outlives_its_dependency() -> None:
    assert explained() - asked_for() == {"openai (npm)"}


def test_the_extra_all_is_all_of_them_but_the_one_with_strings_attached() -> None:
    extras = PROJECT["project"]["optional-dependencies"]

    # nodriver is AGPL-3.0: whoever wants it asks for it by name.
    assert extras["all"] == [f"jumpseat[{','.join(sorted(set(extras) - {'all', 'nodriver'}))}]"]


def test_the_version_is_written_once() -> None:
    assert "version" in PROJECT["project"]["dynamic"]
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+)?", jumpseat._version.__version__)
