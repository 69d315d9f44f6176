"""The reference documents' own examples: as they stand, with only imports and addresses changed."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

FOLDER = Path(__file__).parent.parent / "fixtures" / "reference"

_IMPORTS = {
    "src.endpoints.gpt4free.g4f.Provider.Copilot": "jumpseat.providers",
    "src.endpoints.gpt4free.g4f.Provider.needs_auth": "jumpseat.providers",
    "src.endpoints.gpt4free.g4f.typing": "jumpseat.providers",
    "src.endpoints.gpt4free.g4f.providers.response": "jumpseat.providers",
}


def examples(name: str) -> list[str]:
    """
    The runnable code of a document, in order: its innermost blocks, and its doctest lines.

    A block that holds another is a signature with its docstring, and runs nothing; the last block of a
    document may lack its closing fence.
    """
    blocks: list[list[str]] = []
    lines: list[str] | None = None
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        match line.strip():
            case "```python":
                lines = []
            case "```" if lines is not None:
                blocks.append(lines)
                lines = None
            case _ if lines is not None:
                lines.append(line)
    blocks += [lines] if lines else []
    return [_adapted(dedent("\n".join(block))) for block in blocks]


def doctest_of(name: str) -> str:
    """The lines behind `>>>` and `...` in a document, as one program."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    return "\n".join(re.findall(r"^ *(?:>>>|\.\.\.) (.*)$", text, re.MULTILINE))


def _adapted(code: str) -> str:
    for theirs, ours in _IMPORTS.items():
        code = code.replace(f"from {theirs} import", f"from {ours} import")
    return code
