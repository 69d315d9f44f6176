"""How each error is told to a caller over HTTP: one table, one body for both families of clients."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from jumpseat.model.errors import (
    ConversationBusy,
    ConversationLost,
    HumanCheckRequired,
    InvalidRequest,
    JumpseatError,
    MissingRequirementsError,
    NotSignedIn,
    Overloaded,
    QuotaExceeded,
    RateLimited,
    StoreUnavailable,
    UpstreamBroke,
    UpstreamRefused,
    UpstreamTimeout,
)

SOON = 60.0
"""
Seconds. Choice: 429 makes clients ask again by themselves, which is right only when it helps soon; a longer
wait is told like any other final trouble of the account.
"""


class Kind(Struct, frozen=True):
    """An HTTP status, and the word for it that both families of clients know."""

    status: int
    type: str
    is_final: bool = False
    """Asking again changes nothing until somebody has done something."""


# 402 because every client shows its message word for word and asks once; 401 would be read as a wrong key of
# this gateway, and 429 or 5xx make clients ask up to 80 times.
_FOR_THE_ACCOUNT = Kind(402, "billing_error", is_final=True)
_KINDS: Mapping[type[JumpseatError], Kind] = {
    InvalidRequest: Kind(400, "invalid_request_error"),
    ConversationBusy: Kind(409, "conflict_error"),
    NotSignedIn: _FOR_THE_ACCOUNT,
    HumanCheckRequired: _FOR_THE_ACCOUNT,
    QuotaExceeded: _FOR_THE_ACCOUNT,
    UpstreamRefused: Kind(402, "permission_error", is_final=True),
    ConversationLost: Kind(400, "invalid_request_error", is_final=True),
    MissingRequirementsError: _FOR_THE_ACCOUNT,
    RateLimited: Kind(429, "rate_limit_error"),
    UpstreamBroke: Kind(502, "api_error"),
    UpstreamTimeout: Kind(504, "timeout_error"),
    Overloaded: Kind(503, "overloaded_error"),
    StoreUnavailable: Kind(503, "api_error"),
    JumpseatError: Kind(500, "api_error"),
}
_CONTENT_POLICY = frozenset({"blocked", "content_filter", "content_policy"})


def failure(error: JumpseatError) -> tuple[int, bytes, dict[str, str]]:
    """The status, the body and the further headers with which `error` is told before anything was said."""
    kind = _kind_of(error)
    headers = {}
    wait: float | None = getattr(error, "retry_after", None)
    if wait is not None:
        headers["retry-after"] = str(max(1, math.ceil(wait)))
    if error.may_be_delivered or kind.is_final or (wait is None and isinstance(error, RateLimited)):
        headers["x-should-retry"] = "false"
    return kind.status, error_body(kind.type, _code_of(error), error.message, _param_of(error)), headers


def error_body(type_: str, code: str, message: str, param: str | None = None) -> bytes:
    """The one body that clients of both families read."""
    return msgspec.json.encode({"type": "error", "error": _fields(type_, code, message, param)})


def error_event(error: JumpseatError) -> bytes:
    """
    The event that ends a stream in its middle, in the way of chat completions.

    Nothing follows it: no finish reason and no `[DONE]`, for the answer is not done.
    """
    fields = _fields(_kind_of(error).type, _code_of(error), error.message, _param_of(error))
    return b"data: " + msgspec.json.encode({"error": fields}) + b"\n\n"


def _fields(type_: str, code: str, message: str, param: str | None) -> dict[str, str | None]:
    return {"type": type_, "code": code, "message": message, "param": param}


def _kind_of(error: JumpseatError) -> Kind:
    if _code_of(error) == "content_filter":
        return _KINDS[InvalidRequest]
    if isinstance(error, RateLimited) and (error.retry_after or 0.0) > SOON:
        return _FOR_THE_ACCOUNT
    return next(_KINDS[kind] for kind in type(error).__mro__ if kind in _KINDS)


def _code_of(error: JumpseatError) -> str:
    if isinstance(error, UpstreamRefused) and error.code in _CONTENT_POLICY:
        return "content_filter"
    return error.code


def _param_of(error: JumpseatError) -> str | None:
    return error.param if isinstance(error, InvalidRequest) else None
