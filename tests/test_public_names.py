"""What `import jumpseat` offers, and what it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import jumpseat


@pytest.mark.parametrize("name", jumpseat.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(jumpseat, name) is not None
    assert name in dir(jumpseat)


def test_the_documents_modules_are_there() -> None:
    assert jumpseat.errors.NotSignedIn.code == "not_signed_in"
    assert jumpseat.providers.Copilot.working


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Clientt'"):
        _ = jumpseat.Clientt  # type: ignore[attr-defined]


def test_importing_loads_no_heavy_library() -> None:
    heavy = ("aiohttp", "curl_cffi", "sqlalchemy", "alembic", "starlette", "uvicorn", "rich", "msgspec")
    program = f"import sys, jumpseat; print([name for name in {heavy!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"


def test_a_program_that_sets_up_no_logging_sees_none_of_ours() -> None:
    program = "import logging, jumpseat.client; logging.getLogger('jumpseat.stream').warning('not for print')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("", "")
