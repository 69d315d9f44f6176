"""Every example of the reference documents 000 to 003, run as it stands there."""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from jumpseat import providers
from jumpseat.browser import finding
from jumpseat.errors import MissingRequirementsError, NoValidHarFileError
from jumpseat.providers import Copilot, GithubCopilot
from jumpseat.settings import SIMULATOR_WEB_TOKEN
from jumpseat.simulator import SimulatorThread
from tests.microsoft.windows import Page, cookie, kept
from tests.providers.documents import doctest_of, examples

NAMES = {name: getattr(providers, name) for name in providers.__all__} | {"asyncio": asyncio}


def run(code: str, **names: Any) -> dict[str, Any]:
    """Run a program's text as `__main__`, with the package's names already imported."""
    scope: dict[str, Any] = {**NAMES, **names, "__name__": "__main__"}
    exec(compile(code, "document", "exec"), scope)  # noqa: S102 - the documents are ours
    return scope


def test_000_a_poem_streams_with_async_for(
    simulated: SimulatorThread, capsys: pytest.CaptureFixture[str]
) -> None:
    [code] = examples("000")
    run(code)

    printed = capsys.readouterr().out
    assert "снег" in printed
    assert "ошибка" not in printed
    assert "Conversation(" not in printed


def test_001_text_comes_with_a_plain_for(
    simulated: SimulatorThread, capsys: pytest.CaptureFixture[str]
) -> None:
    run(examples("001")[0])

    assert "Hello" in capsys.readouterr().out


def test_001_a_picture_comes_with_a_plain_for(
    simulated: SimulatorThread, capsys: pytest.CaptureFixture[str]
) -> None:
    run(examples("001")[1])

    printed = capsys.readouterr().out
    assert "![" in printed
    assert simulated.url in printed


def test_001_the_browser_names_what_is_missing(
    simulated: SimulatorThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "find_spec", lambda _: None)
    with pytest.raises(MissingRequirementsError, match=r"pip install .*jumpseat\[browser\]"):
        run(examples("001")[2])


def test_001_a_sign_in_in_the_browser_gives_token_and_cookies(
    simulated: SimulatorThread, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = Page([kept("sim-alice", now=time.time())])
    page.cookies_of[f"{simulated.url}/"] = [cookie("MUID", "m1", "127.0.0.1")]
    page.is_the_browser(monkeypatch)
    run(examples("001")[2])

    assert capsys.readouterr().out == "Token: sim-alice\nCookies: {'MUID': 'm1'}\n"


def test_001_a_recording_is_read(
    simulated: SimulatorThread, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "home" / "recordings"
    folder.mkdir(parents=True)
    socket = "wss://copilot.microsoft.com/c/api/chat?api-version=2&accessToken=tok%2Ben"
    entry = {
        "startedDateTime": "2026-11-01T10:00:00Z",
        "request": {"method": "GET", "url": socket, "headers": [{"name": "Cookie", "value": "MUID=m1"}]},
        "response": {"status": 101},
    }
    (folder / "copilot.har").write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}))
    run(examples("001")[3])

    assert capsys.readouterr().out == "Token: tok+en\nCookies: {'MUID': 'm1'}\n"


def test_001_without_a_recording_the_error_says_how_to_make_one(simulated: SimulatorThread) -> None:
    with pytest.raises(NoValidHarFileError, match="export as HAR"):
        run(examples("001")[3])


def test_001_the_envelope_holds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    run(examples("001")[4])

    assert capsys.readouterr().out == 'Data: b\'{"e":[],"a":[]}\'\n'


def test_002_a_generator_may_be_awaited_first(
    simulated: SimulatorThread, capsys: pytest.CaptureFixture[str]
) -> None:
    [code] = examples("002")
    run(code.replace("YOUR_GITHUB_API_KEY", SIMULATOR_WEB_TOKEN))

    assert capsys.readouterr().out.strip()


def test_003_an_api_key_is_enough(simulated: SimulatorThread, capsys: pytest.CaptureFixture[str]) -> None:
    scope = run(examples("003")[1].replace("YOUR_API_KEY", SIMULATOR_WEB_TOKEN))
    asyncio.run(scope["example"]())

    assert "def " in capsys.readouterr().out


def test_003_the_doctest_runs(simulated: SimulatorThread, capsys: pytest.CaptureFixture[str]) -> None:
    lines = doctest_of("003").replace("YOUR_API_KEY", SIMULATOR_WEB_TOKEN)
    body = "\n".join(f"    {line}" for line in lines.splitlines())
    asyncio.run(run(f"async def main():\n{body}")["main"]())

    assert capsys.readouterr().out.strip()


def test_003_a_thread_is_continued_with_the_last_question_alone(
    simulated: SimulatorThread, capsys: pytest.CaptureFixture[str]
) -> None:
    def ask(question: str, **options: Any) -> list[Any]:
        messages = [{"role": "user", "content": question}]
        return list(GithubCopilot.create_async_generator("gpt-4o", messages, stream=True, **options))

    thread = ask("Count to 5", return_conversation=True)[0].conversation_id
    scope = run(examples("003")[1].replace("your_conversation_id", thread))
    asyncio.run(scope["example_with_conversation"]())

    assert capsys.readouterr().out.strip()
    sent = [entry for entry in simulated.log() if f"/threads/{thread}/messages" in str(entry)][-1]
    assert "Продолжи, пожалуйста." in json.dumps(sent, ensure_ascii=False)
    assert "Count to 5" not in json.dumps(sent, ensure_ascii=False)


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[str]]]:
    """A forwarding proxy on loopback, and the addresses it was asked for."""
    seen: list[str] = []

    async def forward(request: web.Request) -> web.StreamResponse:
        seen.append(request.raw_path)
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                request.method, request.raw_path, headers=headers, data=await request.read()
            ) as answer,
        ):
            kept = {"Content-Type": answer.headers.get("Content-Type", "")}
            return web.Response(status=answer.status, headers=kept, body=await answer.read())

    async def start() -> tuple[web.AppRunner, int]:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", forward)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner, runner.addresses[0][1]

    from jumpseat import blocking

    runner, port = blocking.run(start())
    yield f"http://127.0.0.1:{port}", seen
    blocking.run(runner.cleanup())


def test_003_a_proxy_is_used(
    simulated: SimulatorThread,
    proxy: tuple[str, list[str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    address, seen = proxy
    scope = run(examples("003")[1].replace("http://your_proxy:8080", address))
    asyncio.run(scope["example_with_proxy"]())

    assert capsys.readouterr().out.strip()
    assert all(path.startswith(simulated.url) for path in seen)
    assert any("/messages" in path for path in seen)


def test_the_documented_attributes_are_there() -> None:
    assert (Copilot.label, Copilot.url) == ("Microsoft Copilot", "https://copilot.microsoft.com")
    assert (Copilot.working, Copilot.supports_stream, Copilot.default_model) == (True, True, "Copilot")
    assert Copilot.models[:2] == ["Copilot", "Think Deeper"]
    assert {name: Copilot.model_aliases[name] for name in ("gpt-4", "gpt-4o", "dall-e-3")} == dict.fromkeys(
        ("gpt-4", "gpt-4o", "dall-e-3"), "Copilot"
    )
    assert {Copilot.model_aliases[name] for name in ("o1", "reasoning")} == {"Think Deeper"}
    assert Copilot.websocket_url == "wss://copilot.microsoft.com/c/api/chat?api-version=2"
    assert Copilot.conversation_url == "https://copilot.microsoft.com/c/api/conversations"
    assert GithubCopilot.url == "https://github.com/copilot"
    assert (GithubCopilot.working, GithubCopilot.needs_auth, GithubCopilot.supports_stream) == (True,) * 3
    assert GithubCopilot.default_model == "gpt-4o"
    assert GithubCopilot.models[:4] == ["gpt-4o", "o1-mini", "o1-preview", "claude-3.5-sonnet"]


@pytest.mark.parametrize(
    ("method", "documented"),
    [
        (
            Copilot.create_completion,
            "model messages stream proxy timeout prompt media conversation return_conversation api_key",
        ),
        (
            GithubCopilot.create_async_generator,
            "model messages stream api_key proxy cookies conversation_id conversation return_conversation",
        ),
    ],
)
def test_the_documented_parameters_stand_in_their_order(method: Any, documented: str) -> None:
    assert list(inspect.signature(method).parameters)[: len(documented.split())] == documented.split()


@pytest.mark.parametrize("method", [Copilot.create_completion, GithubCopilot.create_async_generator])
def test_a_keyword_nobody_documented_is_a_type_error(method: Any) -> None:
    with pytest.raises(TypeError, match="temprature"):
        method("Copilot", [], temprature=1)
