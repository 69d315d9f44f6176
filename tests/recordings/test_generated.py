"""Twenty thousand recordings that Hypothesis makes up: only named errors come out, and the right results."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jumpseat.recordings import BadRecording, Recording, read_recording
from jumpseat.recordings.stream import EntryStream
from tests.recordings.generated import (
    COOKIE_EXPORTS,
    HOSTS,
    NOW,
    hars,
    naive_entries,
    naive_reading,
    spoilt,
    without_long_texts,
)

MANY = settings(
    deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
SEEDS = st.integers(0, 2**32)

pytestmark = pytest.mark.timeout(240)


def reading(data: bytes, host: str) -> Recording | str:
    """What is found, or the reason. Whatever else is raised fails the test."""
    try:
        return read_recording(io.BytesIO(data), host, now=NOW)
    except BadRecording as problem:
        return problem.reason


def zipped(data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("chat.har", data)
    return packed.getvalue()


@settings(MANY, max_examples=4000)
@given(hars(), HOSTS, st.sampled_from([1, 7, 64, 1000]))
def test_a_whole_recording_is_what_a_naive_reader_finds(data: bytes, host: str, size: int) -> None:
    assert reading(data, host) == naive_reading(data, host)

    entries, creator = naive_entries(data)
    if entries:
        stream = EntryStream(data[at : at + size] for at in range(0, len(data), size))
        assert [json.loads(raw) for raw in stream] == without_long_texts(entries)
        assert stream.creator == creator


@settings(MANY, max_examples=2000)
@given(hars(), HOSTS, SEEDS)
def test_a_spoilt_recording_is_read_or_refused_by_name(data: bytes, host: str, seed: int) -> None:
    for more in range(6):
        reading(spoilt(data, seed + more), host)


@settings(MANY, max_examples=1000)
@given(hars(), COOKIE_EXPORTS, HOSTS, SEEDS)
def test_spoilt_archives_and_cookie_exports_are_too(har: bytes, cookies: bytes, host: str, seed: int) -> None:
    for data in (gzip.compress(har), zipped(har), cookies, gzip.compress(spoilt(har, seed))):
        reading(spoilt(data, seed), host)
