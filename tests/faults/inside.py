"""The command line within this process, so that a test sees everything it says and can break it anywhere."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Mapping

import pytest

from jumpseat.accounts import sealing
from jumpseat.cli import entry
from tests.programs import clean_environment


class Inside:
    """Runs commands with an environment of their own; `said` is all that they wrote and logged, since."""

    def __init__(
        self,
        environ: Mapping[str, str],
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        self.environ = clean_environment(**environ)
        self._monkeypatch = monkeypatch
        self._capfd = capfd
        self._caplog = caplog
        self._texts: list[str] = []
        caplog.set_level(logging.DEBUG)
        # The command line sets these for itself.
        monkeypatch.setattr(sys, "excepthook", sys.excepthook)
        # The least that is taken: nothing here is worth a fifth of a second each time.
        monkeypatch.setattr(sealing, "COST", (sealing.MIN_N, 8, 1))

    def run(self, *words: str, given: bytes = b"", more: Mapping[str, str] | None = None) -> int:
        """Run a command; its exit code. `more` are further variables."""
        with self._monkeypatch.context() as patch:
            for name in os.environ:
                patch.delenv(name)
            for name, value in {**self.environ, **(more or {})}.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"))
            code = entry.main(words)
        self._hear()
        return code

    def _hear(self) -> None:
        out, err = self._capfd.readouterr()
        # With everything a record holds, not its message alone.
        records = [repr(vars(record)) for record in self._caplog.records if not _is_shown(record)]
        self._texts += [out, err, *records]
        self._caplog.clear()

    @property
    def said(self) -> str:
        """Everything so far."""
        return "\n".join(self._texts)

    @property
    def last(self) -> str:
        """What the last command wrote to standard error."""
        return next((text for text in reversed(self._texts) if "error: " in text), "")


def _is_shown(record: logging.LogRecord) -> bool:
    """Whether it is one that a person sees only with a log of their own: those of asyncio's debug mode."""
    return record.name == "asyncio" and record.levelno <= logging.DEBUG
