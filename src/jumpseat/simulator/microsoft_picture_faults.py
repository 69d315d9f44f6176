"""The ways in which a picture of Microsoft's can come, end too early, or not come at all."""

from __future__ import annotations

from collections.abc import Callable

from jumpseat.simulator.fault import MICROSOFT, Table
from jumpseat.simulator.microsoft_turn import Turn
from jumpseat.simulator.steps import Cut, Script

_HUGE_SIDE = 400  # 480 000 bytes of pixels: 640 KB in base64.

_TABLE = Table(MICROSOFT)
PICTURE_FAULTS = _TABLE.rows
fault = _TABLE.fault

TurnScript = Callable[[Turn], Script]


@fault("image-url-then-done", "A picture, regularly.", "generatingImage, partial, imageGenerated, done")
def _image_done(turn: Turn) -> Script:
    yield from turn.opening()
    yield turn.generating()
    yield turn.preview()
    yield turn.picture()
    yield from turn.closing()


@fault("image-url-then-close", "A picture, and a bare end instead of done.", "imageGenerated, bare end")
def _image_close(turn: Turn) -> Script:
    yield from turn.opening()
    yield turn.generating()
    yield turn.preview()
    yield turn.picture()
    yield Cut()


def _partials(turn: Turn) -> Script:
    yield from turn.opening()
    yield turn.generating()
    yield turn.preview()
    yield turn.preview(48)
    turn.keep("")


@fault("image-partials-then-close", "Only previews: the last one is the picture.", "two partials, bare end")
def _partials_close(turn: Turn) -> Script:
    yield from _partials(turn)
    yield Cut()


@fault("image-partials-then-done", "Only previews: the last one is the picture.", "two partials, done")
def _partials_done(turn: Turn) -> Script:
    yield from _partials(turn)
    yield from turn.closing()


@fault("image-text-then-close", "Text, a preview, and the end.", "appendText, partial, bare end")
def _text_image_close(turn: Turn) -> Script:
    yield from turn.opening()
    yield from turn.say(["Sure, ", "here it is."])
    yield turn.generating()
    yield turn.preview()
    yield Cut()


@fault("image-before-text", "The picture first, then words about it.", "imageGenerated, appendText, done")
def _image_before_text(turn: Turn) -> Script:
    yield from turn.opening()
    yield turn.generating()
    yield turn.picture()
    yield from turn.say(["Here ", "it is."])
    yield from turn.closing()


@fault(
    "image-huge-partials",
    "Previews of 640 KB each.",
    "three partialImageGenerated of 640 KB, imageGenerated, done",
)
def _huge(turn: Turn) -> Script:
    yield from turn.opening()
    yield turn.generating()
    for _ in range(3):
        yield turn.preview(_HUGE_SIDE, level=0)
    yield turn.picture()
    yield from turn.closing()


@fault("image-unannounced", "A picture without generatingImage.", "imageGenerated, done")
def _unannounced(turn: Turn) -> Script:
    yield from turn.opening()
    yield turn.picture()
    yield from turn.closing()


def _image_failed(code: str) -> TurnScript:
    def script(turn: Turn) -> Script:
        yield from turn.opening()
        yield turn.generating()
        yield turn.voice.part("imageGenerationFailed", errorCode=code)
        yield turn.voice.part("partCompleted")
        yield turn.voice.done()

    return script


for _code, _expect in (
    ("blocked", "UpstreamRefused"),
    ("not-signed-in", "NotSignedIn"),
    ("failed", "UpstreamRefused"),
    ("other", "UpstreamRefused"),
):
    fault(
        f"image-failed-{_code}",
        "No picture came of it.",
        f"generatingImage, imageGenerationFailed errorCode={_code}, done",
        _expect,
        tolerated=("UpstreamBroke", "UpstreamRefused"),
    )(_image_failed(_code))
