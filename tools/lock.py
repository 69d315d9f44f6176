"""
The lock files: which there are, how they are made, and whether they still answer pyproject.toml.

`python -m tools.lock write [--upgrade]` asks uv for pinned versions with hashes; a pin that still fits stays.
`python -m tools.lock check` reads files only. The locks name no index: whoever installs brings their own.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
LOCKS: dict[str, tuple[str, ...]] = {
    "all": ("pyproject.toml", "--extra", "all"),
    "build": ("--group", "build", "-c", "requirements/all.txt"),
    "dev": (
        *("pyproject.toml", "--extra", "all", "--extra", "nodriver", "--group", "dev", "--group", "build"),
        *("-c", "requirements/all.txt", "-c", "requirements/build.txt"),
    ),
    "fuzz": ("--group", "fuzz"),
    "lock": ("--group", "lock"),
}
"""What uv is asked for each file, in this order: later ones keep to what earlier ones chose."""

OPTIONS = (
    *("--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
)
PIN = re.compile(
    r"[a-z0-9][a-z0-9._-]*==[^\s;\\]+(?: ; [^\\]+)? \\\n(?: {4}--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+"
)
REMARK = re.compile(r"#.*\n")


def digest(project: dict[str, object]) -> str:
    """Identify everything in pyproject.toml that a lock file depends on."""
    table = project["project"]
    assert isinstance(table, dict)  # noqa: S101 - pyproject.toml is ours, and this is for the type checker.
    asked = [table[key] for key in ("requires-python", "dependencies", "optional-dependencies")]
    asked.append(project["dependency-groups"])
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def header(identity: str) -> str:
    return f"# Written by `make lock` from pyproject.toml; not by hand.\n# Answers sha256:{identity}\n"


def faults(name: str, text: str, identity: str) -> list[str]:
    """Say what is wrong with the text of one lock file; nothing if it may be installed from."""
    found = []
    if not text.startswith(header(identity)):
        found.append(f"requirements/{name}.txt does not answer pyproject.toml any more: run `make lock`")
    rest = PIN.sub("", REMARK.sub("", text))
    if rest.strip():
        line = rest.strip().splitlines()[0]
        found.append(f"requirements/{name}.txt: {line!r} is no pinned version with hashes: run `make lock`")
    return found


def write(extra: list[str]) -> None:
    identity = digest(tomllib.loads((ROOT / "pyproject.toml").read_text()))
    REQUIREMENTS.mkdir(exist_ok=True)
    for name, asked in LOCKS.items():
        path = REQUIREMENTS / f"{name}.txt"
        uv = [sys.executable, "-m", "uv", "pip", "compile", *OPTIONS, *extra, *asked, "-o", str(path)]
        if subprocess.run(uv, cwd=ROOT, check=False, stdout=subprocess.DEVNULL).returncode:
            sys.exit(f"requirements/{name}.txt stays as it was: uv could not choose versions, see above")
        path.write_text(header(identity) + path.read_text())
        print(f"wrote requirements/{name}.txt")


def check() -> list[str]:
    identity = digest(tomllib.loads((ROOT / "pyproject.toml").read_text()))
    found: list[str] = []
    for name in LOCKS:
        path = REQUIREMENTS / f"{name}.txt"
        if not path.exists():
            found.append(f"requirements/{name}.txt is missing: run `make lock`")
            continue
        found += faults(name, path.read_text(), identity)
    return found


def main(arguments: list[str]) -> int:
    match arguments:
        case ["write", *extra]:
            write(extra)
            return 0
        case ["check"]:
            found = check()
            print("\n".join(found) or f"lock files: {len(LOCKS)} in step with pyproject.toml")
            return 1 if found else 0
        case _:
            print("usage: python -m tools.lock write [--upgrade] | check", file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
