"""A generated page is written when it is late and left alone when it is not."""

from pathlib import Path

import pytest

from tools import gendocs

PAGES = (("docs/a.md", "tests.shape.test_gendocs:page"),)


def page() -> str:
    return "# A page"


def test_a_missing_page_is_late(tmp_path: Path) -> None:
    assert gendocs.stale(tmp_path, PAGES) == {tmp_path / "docs/a.md": "# A page\n"}


def test_a_page_is_late_until_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gendocs, "ROOT", tmp_path)
    monkeypatch.setattr(gendocs, "PAGES", PAGES)

    assert gendocs.main(["--check"]) == 1
    assert "make docs" in capsys.readouterr().out
    assert gendocs.main([]) == 0
    assert gendocs.main(["--check"]) == 0
    assert (tmp_path / "docs/a.md").read_text() == "# A page\n"
