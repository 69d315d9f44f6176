"""What nobody foresaw, amid each sign-in, with every secret in its words and around it: told without any."""

from __future__ import annotations

import io
import logging
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

from jumpseat.cli import crashes
from jumpseat.gateway.server import ServerThread
from jumpseat.settings import Settings
from tests.cli.programs import run
from tests.faults import planting
from tests.faults.inside import Inside
from tests.faults.planting import Planted, everything_in
from tests.faults.test_canaries_of_sign_in import DEVICE
from tests.microsoft.windows import Page, cookie, kept
from tests.programs import clean_environment

HAR = ("login", "microsoft", "--har", "{copilot}")
TOKEN = ("login", "microsoft", "--token-stdin")
BROWSER = ("login", "microsoft", "--no-check")
BREAKS: Sequence[tuple[str, Sequence[str]]] = (
    ("jumpseat.recordings.har.HarReading.feed", HAR),
    ("jumpseat.recordings.har.HarReading.result", HAR),
    ("jumpseat.recordings.entries.parse_address", HAR),
    ("jumpseat.recordings.gathering.granted_tokens", (*HAR, "--token-responses")),
    ("jumpseat.recordings.files.read_cookies", ("login", "github-web", "--cookies", "{cookies}")),
    ("jumpseat.client.client.Client.identify", TOKEN),
    ("jumpseat.microsoft.rest.read_user", TOKEN),
    ("jumpseat.transport.curl.CurlTransport.request", TOKEN),
    ("jumpseat.cli.keeping.describe", TOKEN),
    ("jumpseat.github.device.read_start", DEVICE),
    ("jumpseat.github.signin.DeviceFlow.receive", DEVICE),
    ("jumpseat.transport.aio.AioTransport.request", DEVICE),
    ("jumpseat.github.tokens.read_user", DEVICE),
    ("jumpseat.github.gh._said", ("login", "github", "--from-gh")),
    ("jumpseat.accounts.codec.encode", TOKEN),
    ("jumpseat.accounts.sealing.derive", TOKEN),
    ("jumpseat.accounts.sealing.put", HAR),
    ("jumpseat.store.home._write_all", HAR),
    ("jumpseat.accounts.codec.decode", ("ask", "Hi")),
    ("jumpseat.accounts.sealing.get", ("doctor",)),
    ("jumpseat.accounts.register.parse", ("accounts",)),
    ("jumpseat.microsoft.browser_signin.read", BROWSER),
    ("jumpseat.microsoft.signin.msal_tokens", BROWSER),
)


class Boom(Exception):
    """As libraries make them: all that would not do is quoted."""


@pytest.fixture
def boom(planted: Planted) -> Callable[..., NoReturn]:
    """Fails with everything in its words, in what led to it, and in its locals."""

    def boom(*args: object, **more: object) -> NoReturn:
        everything = planted.all()
        try:
            dict[str, int]()[everything]
        except KeyError as error:
            error.add_note(everything)
            raise Boom(everything, args, more) from error
        raise AssertionError(everything)

    return boom


@pytest.fixture
def page(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser whose page has secrets in its localStorage."""
    storage = kept(planted["page_token"], now=time.time())
    page = Page([{**storage, "other": planted["local_storage"]}])
    page.cookies_of = {"": [cookie("_C_Auth", planted["page_cookie"])]}
    page.is_the_browser(monkeypatch)


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize(
    ("where", "words"), BREAKS, ids=[where.rpartition("jumpseat.")[2] for where, _ in BREAKS]
)
def test_what_breaks_amid_a_sign_in_is_told_without_its_words(
    inside: Inside,
    planted: Planted,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    boom: Callable[..., NoReturn],
    where: str,
    words: Sequence[str],
) -> None:
    file = planting.sources(planted, tmp_path)
    given = planted["token"].encode()
    assert inside.run(*TOKEN, given=given) == 0
    struck: list[bool] = []

    def strike(*args: object, **more: object) -> NoReturn:
        struck.append(True)
        boom(*args, **more)

    monkeypatch.setattr(where, strike)
    for debug in ("1", ""):
        code = inside.run(
            *(word.format(**file) for word in words),
            given=given if "--token-stdin" in words else b"",
            more={"JUMPSEAT_DEBUG": debug},
        )
        assert code != 0 or words == ("doctor",)

    assert struck
    assert crashes.LEFT_OUT in inside.said
    assert planted.found_in(inside.said, everything_in(tmp_path / "home")) == {}
    assert everything_in(tmp_path / "tmp") == ""


def test_a_gateway_that_breaks_logs_the_place_alone(
    full: dict[str, str],
    planted: Planted,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    boom: Callable[..., NoReturn],
) -> None:
    said = io.StringIO()
    handler = crashes.log_handler()
    monkeypatch.setattr(handler, "stream", said)
    monkeypatch.setattr(logging.getLogger("jumpseat"), "handlers", [handler])
    monkeypatch.setattr("jumpseat.microsoft.rest.headers_of", boom)
    settings = Settings.from_environment({**full, **planting.credentials(planted, tmp_path)})
    with ServerThread(settings) as gateway:
        body = b'{"model": "copilot", "messages": [{"role": "user", "content": "Hi"}]}'
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{gateway.address}/v1/chat/completions", body, timeout=10)  # noqa: S310 - ours
        answer = refused.value.read().decode()

    assert refused.value.code == 500
    assert "a mistake of ours" in said.getvalue()
    assert f"KeyError: {crashes.LEFT_OUT}" in said.getvalue()
    assert planted.found_in(said.getvalue(), answer) == {}


# Fails in a thread, in a task that nobody waits for, in a finaliser, and amid the command.
_BREAKS = """
import asyncio, gc, os, threading
import jumpseat.accounts.vault as vault

def boom(*_):
    held = os.environ["EVERYTHING"]
    raise KeyError(held)

class Odd:
    __del__ = boom

async def task():
    boom()

async def start():
    asyncio.ensure_future(task())
    await asyncio.sleep(0)

def records(self):
    Odd()
    thread = threading.Thread(target=boom)
    thread.start()
    thread.join()
    asyncio.run(start())
    gc.collect()
    boom()

vault.Vault.records = records
"""


@pytest.mark.parametrize("debug", ["1", ""])
def test_what_breaks_beside_a_command_is_told_without_its_words(
    full: dict[str, str], planted: Planted, tmp_path: Path, debug: str
) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "sitecustomize.py").write_text(_BREAKS)
    env = {
        **clean_environment(**full),
        "PYTHONPATH": str(tmp_path / "broken"),
        "PYTHONASYNCIODEBUG": "1",
        "EVERYTHING": planted.all(),
        "JUMPSEAT_DEBUG": debug,
    }

    code, out, err = run(env, "accounts")

    assert code == 1
    assert planted.found_in(out, err) == {}
    assert "Nobody could be told of:" in err
    assert "In the thread Thread-1" in err
    assert ("Task exception was never retrieved" in err) is bool(debug)
    assert err.count(crashes.LEFT_OUT) == (4 if debug else 2)
    assert "KeyError" in err.splitlines()[-1]
