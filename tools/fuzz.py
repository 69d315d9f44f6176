"""
A fuzzer on the readers of recordings: `make fuzz`, or `python -m tools.fuzz [SECONDS]`.

It starts from `tests/recordings/corpus`, keeps what led to new places in `.fuzz/found`, and puts what made
anything but a named error beside that folder. Such an input belongs into the corpus, with its cure.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "tests" / "recordings" / "corpus"
WORK = ROOT / ".fuzz"
SECONDS = 60
LIMIT = 1024 * 1024
SIZES = (1, 7, 64)
OPTIONS = (
    *("-max_len=20000", "-timeout=20", "-rss_limit_mb=1024", "-print_final_stats=1"),
    f"-artifact_prefix={WORK}/",
)

atheris = import_module("atheris")  # It has no types, and no other tool needs it to be installed.
with atheris.instrument_imports(include=["jumpseat.recordings"]):
    from jumpseat.recordings import BadRecording, read_recording
    from jumpseat.recordings.cookie_exports import read_cookies
    from jumpseat.recordings.stream import EntryStream


def entries(data: bytes, size: int) -> list[bytes | str]:
    """What a recording gives in chunks of `size`: entries, and at last the exporter or why it broke off."""
    stream = EntryStream(data[at : at + size] for at in range(0, len(data), size))
    found: list[bytes | str] = []
    try:
        found.extend(stream)
    except BadRecording as problem:
        return [*found, problem.message]
    return [*found, stream.creator]


def feed(data: bytes) -> None:
    """Read `data` in every way there is; whatever escapes is a finding."""
    for host in ("copilot.microsoft.com", "github.com"):
        with suppress(BadRecording):
            read_recording(BytesIO(data), host, limit=LIMIT)
        with suppress(BadRecording):
            read_recording(
                BytesIO(data), host, limit=LIMIT, allow_anonymous=True, read_token_responses=True, now=0.0
            )
        with suppress(BadRecording):
            read_cookies(data, host)
    whole = entries(data, len(data) + 1)
    size = SIZES[len(data) % len(SIZES)]
    if entries(data, size) != whole:
        raise AssertionError(f"chunks of {size} bytes give other entries")


def main(arguments: list[str]) -> None:
    seconds = int(arguments[0]) if arguments else SECONDS
    found = WORK / "found"
    found.mkdir(parents=True, exist_ok=True)
    atheris.Setup(
        ["fuzz", f"-max_total_time={seconds}", *OPTIONS, str(found), str(SEEDS)],
        feed,
        internal_libfuzzer=True,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
