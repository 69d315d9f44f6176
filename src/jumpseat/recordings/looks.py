"""What a file looks like that is no recording, in words for its owner."""

from __future__ import annotations

import re

BYTES_NEEDED = 512
"""How much of a file's beginning is looked at."""

_LOOKS = (
    (re.compile(rb"\s*\Z"), "it is empty"),
    (re.compile(rb"\s*\["), "it is a list, like a cookie export"),
    (re.compile(rb"\s*\{"), "it is JSON of another kind, without a list of entries in a log"),
    (re.compile(rb"\s*<"), "it is a web page (HTML) or other markup"),
    (re.compile(rb"\s*[A-Za-z_$][\w$.]*\s*\("), "it is wrapped in a callback (.harp)"),
    (re.compile(rb"# (?:Netscape )?HTTP Cookie File"), "it is a cookie export of the old kind (cookies.txt)"),
    (re.compile(rb"\xff\xfe|\xfe\xff|.\0|\0.", re.DOTALL), "it is text in UTF-16, or no text at all"),
    (re.compile(rb'\s*(?:["0-9-]|true|false|null)'), "it is JSON of another kind"),
    (re.compile(rb"[^\0-\x08\x0e-\x1a\x1c-\x1f]*\Z"), "it is text, but no JSON"),
)


def look(head: bytes) -> str:
    """Say what a file is that begins with `head`, as half a sentence."""
    seen = head[:BYTES_NEEDED]
    return next((words for pattern, words in _LOOKS if pattern.match(seen)), "it is no text")
