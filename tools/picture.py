"""The picture in the README: what the demo shows in a terminal, as an SVG (`python -m tools.picture`)."""

from __future__ import annotations

import io
import os
import pty
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "demo.svg"
COLUMNS = 100

# Fonts of the viewer's own: a picture in a page must fetch nothing from elsewhere.
_FRAME = """<svg class="terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def shown_by_the_demo() -> str:
    """What the demo writes to a terminal, colours included; its port and its random names made plain."""
    seen: list[bytes] = []

    def read(descriptor: int) -> bytes:
        data = os.read(descriptor, 65536)
        seen.append(data)
        return data

    os.environ |= {"COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    status = pty.spawn([str(Path(sys.executable).with_name("jumpseat")), "demo", "--no-chat"], read)
    if status:
        raise SystemExit(f"the demo ended with {os.waitstatus_to_exitcode(status)}")
    text = b"".join(seen).decode().replace("\r\n", "\n")
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "my-conversation", text)


def settled(text: str) -> str:
    """What stays on the screen: lines that were painted over are gone."""
    lines = [""]
    for piece in re.split(r"(\x1b\[\d*[AJK]|\n)", text.replace("\r", "")):
        if piece == "\n":
            lines.append("")
        elif up := re.fullmatch(r"\x1b\[(\d+)A", piece):
            # Whoever moves up writes all from there anew.
            lines[-int(up[1]) - 1 :] = [""]
        elif not piece.startswith("\x1b[") or piece.endswith("m"):
            lines[-1] += piece
    return "\n".join(lines)


def picture_of(text: str) -> str:
    """`text`, with its escape sequences, as the SVG of a terminal."""
    console = Console(width=COLUMNS, record=True, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(f"\x1b[1m$ make demo\x1b[0m\n{settled(text).rstrip()}"))
    return console.export_svg(title="jumpseat", theme=MONOKAI, code_format=_FRAME, unique_id="demo")


if __name__ == "__main__":
    PICTURE.write_text(picture_of(shown_by_the_demo()), encoding="utf-8")
    print(f"\nwrote {PICTURE.relative_to(ROOT)}")
