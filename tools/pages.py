"""The pages that are made from the code."""

from __future__ import annotations

from collections.abc import Iterable

from jumpseat.settings import GATEWAY_VARIABLES, VARIABLES, Variable
from jumpseat.settings_file import FILE_NAME

EXAMPLE = """\
github_client_id = "Iv1.0123456789abcdef"   # your own OAuth app
default_model = "microsoft/think-deeper"
total_timeout = 600
store_messages = false
port = 8080
allowed_hosts = ["box.lan"]
"""
"""A settings file, for the page; a test reads it."""


def settings() -> str:
    """`docs/settings.md`: every variable of the environment, and the file that may hold them."""
    return "\n".join(
        [
            "# Settings",
            "",
            "Everything is set by variables of the environment, or by the settings file; what neither says",
            "has its default. A value that makes no sense is refused by name before anything is sent.",
            "",
            "## The settings file",
            "",
            f"`{FILE_NAME}` in the folder `JUMPSEAT_HOME` (`~/.jumpseat`). Its keys are the names of the",
            "variables below in lower case, without `JUMPSEAT_`; the environment counts more. For example:",
            "",
            "```toml",
            *EXAMPLE.splitlines(),
            "```",
            "",
            "* Secrets are refused there: `jumpseat login` keeps them. So are keys that nobody knows.",
            "* A file that others may change is refused: `chmod go-w` mends it.",
            "* Files that it names (cookies, keys of the gateway) lie beside it, if their path is relative.",
            "* While `JUMPSEAT_SIMULATOR` is set, the addresses in the file do not hold.",
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
