"""Recorded conversations, replayed by the simulator over real sockets, as the official client hears them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from msgspec import Struct
from openai import OpenAI

from jumpseat.gateway.server import ServerThread
from jumpseat.gateway.settings import GatewaySettings
from jumpseat.microsoft.modes import CARDS
from jumpseat.simulator import SimulatorThread
from tests.journeys.conftest import settings_for
from tests.journeys.hearing import STATUSES, Heard, hear
from tests.transcripts import github_reader, reader
from tests.transcripts.github_reader import Recording
from tests.transcripts.reader import Transcript
from tests.upstream_log import open_wires
from tests.waiting import until

DIALECTS = ("server-first", "client-first")
STREAMED = pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
MODELS = {card.mode: card.id for card in CARDS}


class Stage(Struct):
    """A simulator of one dialect, and a client of the gateway in front of it."""

    simulator: SimulatorThread
    client: OpenAI


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Stage]]:
    """A stage for each dialect; both speak GitHub's protocol as well."""
    with ExitStack() as stack:
        yield {dialect: _stage(stack, dialect, tmp_path_factory.mktemp("home")) for dialect in DIALECTS}


def _stage(stack: ExitStack, dialect: str, home: Path) -> Stage:
    simulator = stack.enter_context(SimulatorThread(dialect=dialect))
    settings = settings_for(simulator, home, JUMPSEAT_MICROSOFT_DIALECT=dialect, JUMPSEAT_IDLE_TIMEOUT="0.5")
    server = stack.enter_context(ServerThread(settings, GatewaySettings(port=0)))
    client = OpenAI(base_url=f"{server.address}/v1", api_key="none", max_retries=0)
    return Stage(simulator, stack.enter_context(client))


# --- Microsoft ---


def frames_after_the_question(transcript: Transcript) -> list[Any] | None:
    """What the simulator has to replay; None where the recording ends before the question is put."""
    frames: list[Any] = []
    has_asked = False
    for line in transcript.lines:
        event = msgspec.json.decode(line.text)["event"] if line.kind == "said" else None
        if event == "send" and has_asked:
            frames.append({"_expect": "send"})
        has_asked |= event == "send"
        if has_asked and line.kind == "heard":
            frames.append(line.text)
        if has_asked and "close" in line.text and line.kind == "happened":
            frames.append({"_close": 1000 if line.text == "close 1000" else True})
    return frames if has_asked else None


TRANSCRIPTS = [
    transcript
    for transcript in map(reader.read, reader.names())
    if frames_after_the_question(transcript) is not None
]


def dialect_of(transcript: Transcript) -> str:
    spoke_first = transcript.settings.get("dialect") == DIALECTS[1] or transcript.lines[0].text == "overdue"
    return DIALECTS[spoke_first]


def replay(stage: Stage, transcript: Transcript, *, streamed: bool) -> Heard:
    """Put the transcript's question to a simulator that answers it as recorded."""
    name = uuid4().hex
    if not transcript.settings.get("new conversation", False):
        hear(stage.client, streamed=False, **request("%%SAY before%%", name))
    stage.simulator.script("microsoft", frames_after_the_question(transcript) or [])
    model = MODELS[transcript.settings.get("mode", "chat")]
    return hear(stage.client, streamed=streamed, **request(transcript.question, name, model))


def request(text: str, name: str, model: str = "copilot") -> dict[str, Any]:
    messages = [{"role": "user", "content": text}]
    return {"model": model, "messages": messages, "extra_body": {"conversation_id": name}}


@STREAMED
@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda transcript: transcript.name)
def test_a_transcript_is_heard_as_it_says(
    stages: dict[str, Stage], transcript: Transcript, streamed: bool
) -> None:
    stage, wanted = stages[dialect_of(transcript)], transcript.expected
    heard = replay(stage, transcript, streamed=streamed)

    if wanted.get("error") == "ConversationLost":
        assert heard.finish == "stop"  # A new conversation took its place, and no frame was recorded for it.
        return
    check_end(heard, wanted.get("error"), wanted.get("code"), streamed=streamed)
    assert wanted.get("says", "") in heard.message
    if streamed or not wanted.get("error"):
        check_content(heard, wanted, streamed=streamed)
    until(lambda: not open_wires(stage.simulator))


def check_end(heard: Heard, error: str | None, code: str | None, *, streamed: bool) -> None:
    """One end: a finish reason, or an error in the right place."""
    if error is None:
        assert (heard.finish, heard.code, heard.status) == ("stop", None, 200)
        return
    assert heard.finish is None
    assert heard.code is not None
    # Some of our codes have a status of their own, and so has a wait that is too long to ask again for.
    statuses = {STATUSES[error], 400 if code == "content_filter" else 0, 402 if error == "RateLimited" else 0}
    assert heard.status in statuses | ({200} if streamed else set())
    assert code is None or heard.code == code


def check_content(heard: Heard, wanted: dict[str, Any], *, streamed: bool) -> None:
    text: str = wanted.get("text", "")
    if not (streamed and wanted.get("replaced")):
        assert heard.text.strip() == text.strip()
    elif not heard.is_replaced:
        assert heard.text.endswith(text)
    assert heard.reasoning == wanted.get("reasoning", "")
    assert heard.pictures == len(wanted.get("images", []))
    assert heard.citations == [url for url, _ in wanted.get("citations", [])]


# --- GitHub ---


@STREAMED
@pytest.mark.parametrize("recording", github_reader.recordings(), ids=lambda recording: recording.name)
def test_a_recording_is_heard_as_it_says(
    stages: dict[str, Stage], recording: Recording, streamed: bool
) -> None:
    stage = stages[DIALECTS[0]]
    end: list[Any] = [{"_close": True}] if recording.name.startswith("cut") else []
    stage.simulator.script("github", [recording.body.decode(), *end])
    heard = hear(stage.client, streamed=streamed, **request("Hello", uuid4().hex, "github/gpt-4o"))

    check_end(heard, recording.error, recording.code, streamed=streamed)
    assert re.search(recording.says, heard.message)
    if streamed or not recording.error:
        assert heard.text == recording.text
        assert heard.citations == [citation.partition(" ")[0] for citation in recording.citations]
    until(lambda: not open_wires(stage.simulator))
