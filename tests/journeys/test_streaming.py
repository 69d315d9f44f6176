"""Streaming is streaming: the simulator pauses between its words, and each arrives when it is sent."""

from __future__ import annotations

import statistics
import time

import pytest
from openai import OpenAI

NANOSECONDS_PER_MS = 1_000_000
PAUSE_MS = 50
MAX_TRANSIT_MS = 20
WORDS = 20


@pytest.mark.parametrize("model", ["microsoft/copilot", "github/gpt-4o"])
def test_each_word_arrives_when_it_is_sent(gateway: str, model: str) -> None:
    """Both clocks are the machine's monotonic one: a word of the answer is the moment of its sending."""
    question = f"%%CLOCK {WORDS}%% %%SLOW {PAUSE_MS}%%"
    sent, received = [], []
    with OpenAI(base_url=f"{gateway}/v1", api_key="none") as client:
        for chunk in client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": question}], stream=True
        ):
            if chunk.choices[0].delta.content:
                received.append(time.monotonic_ns())
                sent.append(int(chunk.choices[0].delta.content))
    transits = [(there - here) / NANOSECONDS_PER_MS for here, there in zip(sent, received, strict=True)]

    assert len(sent) == WORDS
    assert min(transits) >= 0
    assert statistics.median(transits) < MAX_TRANSIT_MS
    assert received[0] < sent[1]


@pytest.mark.parametrize("model", ["microsoft/copilot", "github/gpt-4o"])
def test_the_first_word_does_not_wait_for_the_second(gateway: str, model: str) -> None:
    with OpenAI(base_url=f"{gateway}/v1", api_key="none") as client:
        began_at = time.monotonic()
        with client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "%%TOKENS 2%% %%SLOW 60000%%"}], stream=True
        ) as stream:
            words = (chunk.choices[0].delta.content for chunk in stream)
            assert next(word for word in words if word) == "1 "

    assert time.monotonic() - began_at < 5
