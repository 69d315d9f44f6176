"""The picture in the README shows what stays on the screen."""

from __future__ import annotations

from tools.picture import settled


def test_what_was_painted_over_is_not_in_the_picture() -> None:
    painted = "one\n\x1b[2mwaiting\x1b[0m\x1b[K\n\x1b[1AHello,\x1b[K\n\x1b[1AHi\x1b[K\nmore\x1b[K\n\nend\n"

    assert settled(painted) == "one\nHi\nmore\n\nend\n"
