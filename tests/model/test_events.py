"""What the events of a reply show of themselves."""

from __future__ import annotations

from jumpseat.model.events import ImageMade


def test_a_picture_does_not_spill_its_bytes() -> None:
    shown = repr(ImageMade(url=None, prompt="a cat", preview=b"secret picture"))

    assert "secret picture" not in shown
    assert "14 bytes" in shown
