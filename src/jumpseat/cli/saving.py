"""Files that a person asked us to write."""

from __future__ import annotations

import os
from pathlib import Path

from jumpseat.model.errors import InvalidRequest, StoreUnavailable


def save(path: Path, text: str) -> None:
    """Write a new file that its owner alone may read. Raises `InvalidRequest` if there is one already."""
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as exc:
        raise InvalidRequest(f"{path} is there already. Choose another name, or move it away.") from exc
    except OSError as exc:
        raise StoreUnavailable(f"{path} cannot be written: {exc.strerror}. Choose another place.") from exc
