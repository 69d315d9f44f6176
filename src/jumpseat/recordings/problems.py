"""Why a recording cannot be used: each reason has its name, and its message says what to do next."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from jumpseat.model.errors import NoValidHarFileError

Reason = Literal[
    "NotAHar",
    "EmptyHar",
    "TruncatedHar",
    "TooLarge",
    "NoCopilotTraffic",
    "WrongCopilot",
    "SanitizedHar",
    "NoChatSocket",
    "SignedOut",
    "WrongAudience",
    "ChallengeSeen",
    "RegionNotServed",
    "NoFile",
    "NoCookies",
]
"""
The names of the HAR page, section 5 (`TokenExpired` is none: age alone stops nothing).

`NoFile` and `NoCookies` are ours, for a path that leads nowhere and for a cookie export of other sites.
"""


class Remark(Struct, frozen=True):
    """Something worth saying that stops nothing. `name` is a `Reason`, or `TokenExpired` and the like."""

    name: str
    message: str


class BadRecording(NoValidHarFileError):
    """A file with nothing that can be used, for the `reason` named; `remarks` tell what else was noticed."""

    def __init__(self, reason: Reason, message: str, remarks: tuple[Remark, ...] = ()) -> None:
        super().__init__(message)
        self.reason: Reason = reason
        self.remarks = remarks
