"""Tests of the allocator's hint, in a process of its own: it holds for the whole process."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys

import pytest

from jumpseat.transport import allocation

PROGRAM = "from jumpseat.transport.allocation import spare_memory; print(spare_memory())"


def test_the_hint_is_taken_where_glibc_is() -> None:
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout

    assert said.strip() == str(platform.libc_ver()[0] == "glibc")


def test_elsewhere_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert allocation.spare_memory() is False
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    assert allocation.spare_memory() is False
