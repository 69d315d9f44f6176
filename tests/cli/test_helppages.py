"""The page of the manual that is written from the command line itself."""

from __future__ import annotations

from jumpseat.cli.app import COMMANDS
from jumpseat.cli.exits import MEANINGS
from jumpseat.cli.helppages import render


def test_the_page_holds_every_command_option_and_exit_code() -> None:
    page = render()

    for name, _, _ in COMMANDS:
        assert f"## jumpseat {name}" in page
    for word in ("--api-key-file", "--attach, -a", "--yes, -y", "%%FAULT", *(text for _, text in MEANINGS)):
        assert word in page
    assert "jumpseat conversations list [OPTIONS]\n" in page
    assert page.endswith("\n")
    assert render() == page
