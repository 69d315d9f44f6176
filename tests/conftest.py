"""What holds for every test."""

from __future__ import annotations

import os

from hypothesis import settings

# How fast the machine is says nothing about the property; and what fails on CI has to fail again when asked.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")
