"""
Whether each pure module has every branch taken by its own tests: `python -m tools.purecoverage`.

A module's own tests are the file that mirrors its path (for `microsoft/codes.py` that is
`tests/microsoft/test_codes.py`) and what `ALSO` adds. They run together, once; coverage notes which test took
which branch, and each module is then judged by its own alone.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import coverage

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "jumpseat"

PURE = (
    "settings.py",
    "sse.py",
    "threads.py",
    "transcript.py",
    "media.py",
    "errors.py",
    "model/*.py",
    "dialects/**/*.py",
    "recordings/*.py",
    "accounts/pacing.py",
    *(
        f"accounts/{name}.py"
        for name in ("addresses", "codec", "expiry", "overriding", "register", "sealing")
    ),
    *(f"browser/{name}.py" for name in ("arguments", "looks", "places", "troubles")),
    "client/naming.py",
    "transport/headers.py",
    *(
        f"microsoft/{name}.py"
        for name in ("framing", "classic", "frames", "parts", "answer", "codes", "modes", "trouble", "rest")
    ),
    *(f"microsoft/{name}.py" for name in ("signin", "page_caches")),
    *(f"github/{name}.py" for name in ("web", "web_stream", "statuses", "reading")),
    *(f"github/{name}.py" for name in ("tokens", "api_statuses", "lifetimes")),
    *(f"github/{name}.py" for name in ("hosts", "signin", "signin_ends", "token_kinds")),
    *(f"gateway/{name}.py" for name in ("access", "settings")),
    *(f"cli/{name}.py" for name in ("plain", "blocks", "folding")),
    *(
        f"simulator/{name}.py"
        for name in ("brain", "directives", "arithmetic", "recall", "smalltalk", "lore", "question", "folded")
    ),
)
"""The modules that take values and return values, as patterns below the package."""

ALSO: Mapping[str, tuple[str, ...]] = {
    "github/signin.py": ("github/test_signin_waiting.py",),
    "microsoft/classic.py": ("microsoft/test_classic_transcripts.py",),
    **{
        f"simulator/{name}.py": ("simulator/test_brain.py",)
        for name in ("arithmetic", "recall", "smalltalk", "lore", "question")
    },
}
"""Further own tests of a module, below `tests/`: where several modules are one machine's parts."""


def modules(package: Path) -> Iterator[Path]:
    """Yield each pure module, relative to the package. A pattern that finds nothing is a mistake."""
    for pattern in PURE:
        found = sorted(path for path in package.glob(pattern) if path.name != "__init__.py")
        if not found:
            raise FileNotFoundError(f"no module is {pattern}")
        yield from (path.relative_to(package) for path in found)


def own_tests(module: Path) -> list[str]:
    """The test files of a module, relative to the root, whether they exist or not."""
    mirror = module.with_name(f"test_{module.name}")
    return [f"tests/{name}" for name in (mirror.as_posix(), *ALSO.get(module.as_posix(), ()))]


def contexts(tests: list[str]) -> list[str]:
    """Regular expressions for what was run by these tests, or while modules were imported."""
    return ["^$", *(f"^{re.escape(test)}::" for test in tests)]


def gaps(report: Mapping[str, Any]) -> list[str]:
    """Name the lines and branches that coverage's JSON report of one file misses."""
    missing = [str(line) for line in report["missing_lines"]]
    # A negative end is the way out of the function or module.
    return missing + [
        f"{start}->{end if end > 0 else 'exit'}"
        for start, end in report["missing_branches"]
        if str(start) not in missing
    ]


def run(tests: list[str], data: Path) -> None:
    """Run tests with branch coverage into the file `data`; exit as they do when they fail."""
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", *tests]
    command += ["--cov=jumpseat", "--cov-branch", "--cov-context=test", "--cov-report="]
    ran = subprocess.run(command, cwd=ROOT, check=False, env=os.environ | {"COVERAGE_FILE": str(data)})
    if ran.returncode:
        sys.exit(ran.returncode)


def faults(data: Path) -> list[str]:
    """Say which modules their own tests do not cover, by what was measured."""
    measured = coverage.Coverage(data_file=str(data), config_file=str(ROOT / "pyproject.toml"))
    measured.load()
    out, found = data.with_suffix(".json"), []
    for module in modules(PACKAGE):
        tests = own_tests(module)
        path = PACKAGE / module
        measured.json_report(morfs=[str(path)], contexts=contexts(tests), outfile=str(out))
        (report,) = json.loads(out.read_text())["files"].values()
        if missed := gaps(report):
            found.append(f"{path.relative_to(ROOT)}: {' '.join(tests)} never take {', '.join(missed)}")
    return found


def main() -> int:
    tests = {test for module in modules(PACKAGE) for test in own_tests(module) if (ROOT / test).exists()}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "coverage"
        run(sorted(tests), data)
        found = faults(data)
    count = sum(1 for _ in modules(PACKAGE))
    print("\n".join(found) or f"coverage: every branch of {count} pure modules is taken by their own tests")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
