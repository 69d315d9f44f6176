"""
The settings file, `settings.toml` under `JUMPSEAT_HOME`: what holds where the environment says nothing.

Its keys are the names of the variables in lower case, without `JUMPSEAT_`. No secret belongs in it.
"""

from __future__ import annotations

import difflib
import os
import shlex
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from jumpseat.model.errors import InvalidRequest
from jumpseat.settings import GATEWAY_VARIABLES, PREFIX, VARIABLES, Settings, Variable

T = TypeVar("T")

FILE_NAME = "settings.toml"
MAX_BYTES = 64 * 1024
"""Of more than that some TOML takes Python's parser minutes."""
MAX_BITS = 64
"""Of a number: Python refuses to write down one of thousands of digits."""
HOME = "JUMPSEAT_HOME"
SIMULATOR = "JUMPSEAT_SIMULATOR"

_BY_KEY: Mapping[str, Variable] = {
    variable.name.removeprefix(PREFIX).lower(): variable for variable in (*VARIABLES, *GATEWAY_VARIABLES)
}
_TYPES: Mapping[str, tuple[frozenset[type], str]] = {
    "switch": (frozenset({bool}), "true or false"),
    "count": (frozenset({int}), "a whole number"),
    "port": (frozenset({int}), "a whole number"),
    "seconds": (frozenset({int, float}), "a number"),
    "limit": (frozenset({int, float}), "a number"),
    "megabytes": (frozenset({int, float}), "a number"),
    "list": (frozenset({list}), "a list of texts"),
}
"""What a value may be for each kind of variable, besides text."""

_BESIDE = frozenset({"microsoft_cookies", "github_cookies", "api_key_file"})
"""Files that lie beside the settings file, unless their path says otherwise."""

_INSTEAD: Mapping[str, str] = {
    "microsoft_token": "keep it with `jumpseat login microsoft --token-stdin`",
    "github_web_token": "keep it with `jumpseat login github-web --token-stdin`",
    "github_token": "keep it with `jumpseat login github --token-stdin`",
    "api_key": "put it into a file that you alone may read, and name that as api_key_file",
}
"""Where each secret belongs."""


def load_settings(environ: Mapping[str, str]) -> Settings:
    """The settings of a client, from the environment and the settings file. Raises as `load` does."""
    return load(environ, Settings.from_environment)


def load(environ: Mapping[str, str], read: Callable[[Mapping[str, str]], T]) -> T:
    """
    What `read` makes of the environment with the settings file under it.

    Raises `InvalidRequest` that names the file and the key, where it is the file that makes no sense.
    """
    path = (Path(environ.get(HOME, "").strip() or Path.home() / ".jumpseat")).expanduser() / FILE_NAME
    written = _written(path)
    if environ.get(SIMULATOR, "").strip():
        # Whoever turns to a simulator for once must not reach the real addresses that the file may name.
        written = {name: text for name, text in written.items() if not name.endswith("_URL")}
    given = {name: text for name, text in environ.items() if text.strip()}
    try:
        return read({**written, **given})
    except InvalidRequest as error:
        name = error.param or ""
        if name not in written or name in given:
            raise
        key = name.removeprefix(PREFIX).lower()
        raise _wrong(path, key, error.message.replace(name, key)) from error


def _written(path: Path) -> dict[str, str]:
    """What the file says, by variables, as the environment would say it. None of it has been judged."""
    data = _content(path)
    if data is None:
        return {}
    import tomllib

    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as exc:
        what = str(exc) if isinstance(exc, tomllib.TOMLDecodeError) else type(exc).__name__
        raise InvalidRequest(f"{path} is no TOML file: {what}. Write lines like: port = 1337") from exc
    found: dict[str, str] = {}
    for key, value in table.items():
        variable = _variable(path, key)
        found[variable.name] = _text(path, key, variable, value)
    return found


def _content(path: Path) -> bytes | None:
    """The file as it is; None where there is none. Raises `InvalidRequest` for one that others may change."""
    try:
        # A pipe in its place must not stop us.
        opened = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as exc:
        raise InvalidRequest(
            f"{path} cannot be read ({exc.strerror}): see that it is a file of yours"
        ) from exc
    with os.fdopen(opened, "rb") as file:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode):
            raise InvalidRequest(f"{path} is no file: move it away")
        quoted = shlex.quote(str(path))
        if os.name == "posix" and found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise InvalidRequest(f"others may change {path}, and so whom you ask: run `chmod go-w {quoted}`")
        if os.name == "posix" and found.st_uid not in {0, os.geteuid()}:
            raise InvalidRequest(f"{path} belongs to another user: make one of your own")
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InvalidRequest(f"{path} is far too large for a settings file: write it anew")
    return data


def _variable(path: Path, key: str) -> Variable:
    """The variable that a key means. Raises `InvalidRequest` for one that has no place in the file."""
    variable = _BY_KEY.get(key)
    if variable is None:
        wanted = key.lower().removeprefix(PREFIX.lower())
        near = difflib.get_close_matches(wanted, [*_BY_KEY], n=1, cutoff=0.6)
        hint = f"the nearest is {near[0]}" if near else "docs/settings.md lists them"
        raise _wrong(path, key, f"there is no setting {key!r}; {hint}")
    if variable.kind == "secret":
        raise _wrong(path, key, f"no secret belongs in this file. Take {key} out, and {_INSTEAD[key]}")
    if variable.name == HOME:
        raise _wrong(path, key, f"this file lies in it: only the variable {HOME} sets it")
    return variable


def _text(path: Path, key: str, variable: Variable, value: object) -> str:
    """A value as the environment would have it."""
    types, name = _TYPES.get(variable.kind, (frozenset(), "text"))
    if isinstance(value, str):
        return str(path.parent / Path(value).expanduser()) if key in _BESIDE and value.strip() else value
    if type(value) not in types or (isinstance(value, list) and not all(isinstance(x, str) for x in value)):
        raise _wrong(path, key, f"{key} must be {name}")
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise _wrong(path, key, f"{key} is far too large a number")
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(value) if isinstance(value, list) else str(value)


def _wrong(path: Path, key: str, message: str) -> InvalidRequest:
    return InvalidRequest(f"{path}: {message}", param=key)
