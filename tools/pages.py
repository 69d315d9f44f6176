"""The pages that are made from the code."""

from __future__ import annotations

from collections.abc import Iterable

from jumpseat.gateway.settings import VARIABLES as GATEWAY_VARIABLES
from jumpseat.settings import VARIABLES, Variable


def settings() -> str:
    """`docs/settings.md`: every variable of the environment."""
    return "\n".join(
        [
            "# Settings",
            "",
            "Everything is set by variables of the environment; unset and empty ones mean the default.",
            "A value that makes no sense is refused by name before anything is sent.",
            "",
            "## Client, command line and gateway",
            "",
            *_table(VARIABLES),
            "",
            "Upstream addresses may use plain http only to this machine itself.",
            "",
            "## Gateway",
            "",
            *_table(GATEWAY_VARIABLES),
            "",
            "## Command line",
            "",
            "| Variable | Meaning |",
            "|---|---|",
            "| `JUMPSEAT_DEBUG` | `1` shows where an error came from. Secrets stay hidden. |",
            "| `NO_COLOR` | Any value turns colours off. |",
        ]
    )


def _table(variables: Iterable[Variable]) -> list[str]:
    rows = [f"| `{variable.name}` | {variable.meaning} |" for variable in variables]
    return ["| Variable | Meaning |", "|---|---|", *rows]
