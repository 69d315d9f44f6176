"""
The errors, named by who mends them.

Every message says what happened and what to do next. All of ours derive from `JumpseatError`, and that from
`RuntimeError`, because the documents this product follows promise a `RuntimeError` for an upstream's refusal.
"""

from __future__ import annotations

from datetime import datetime


class JumpseatError(RuntimeError):
    """
    Anything this package raises on purpose.

    `code` is a stable word for programs; `may_be_delivered` is True when the question may have reached the
    model before this happened, so that asking again could ask twice.
    """

    code = "error"

    def __init__(self, message: str, *, code: str | None = None, may_be_delivered: bool = False) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code
        self.may_be_delivered = may_be_delivered

    @property
    def message(self) -> str:
        return str(self.args[0])

    def add_advice(self, advice: str | None) -> None:
        """Let the message end with a sentence that only somebody further up could know of."""
        if advice:
            self.args = (f"{self.message.removesuffix('.')}. {advice}",)


class InvalidRequest(JumpseatError):
    """For the caller: the request is wrong. `param` is the path of the field, like `messages[0].role`."""

    code = "invalid_request"

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.param = param


class AddressInUse(JumpseatError):
    """For whoever starts a server: another program listens there already."""

    code = "address_in_use"

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"port {port} on {host} is in use. Stop the program that has it, or choose another with --port."
        )


class ConversationBusy(JumpseatError):
    """For the caller: another message of the same conversation is still being answered."""

    code = "conversation_busy"

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotSignedIn(JumpseatError):
    """For the owner of the account: sign in, or sign in again."""

    code = "not_signed_in"


class VaultLocked(NotSignedIn):
    """For the owner of the account: nobody gave the key of the encrypted file, or unlocked the keyring."""

    code = "vault_locked"


class SignInFailed(NotSignedIn):
    """For the owner of the account: the sign-in did not come to its end (time up, refused, no browser)."""

    code = "sign_in_failed"


class HumanCheckRequired(JumpseatError):
    """For the owner of the account: the upstream wants to see a person. We never answer such a check."""

    code = "human_check_required"


class RateLimited(JumpseatError):
    """For time: ask again after `retry_after` seconds (None: the upstream did not say)."""

    code = "rate_limited"

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        code: str | None = None,
        may_be_delivered: bool = False,
    ) -> None:
        super().__init__(message, code=code, may_be_delivered=may_be_delivered)
        self.retry_after = retry_after


class QuotaExceeded(JumpseatError):
    """For time: the account's quota is used up until `resets_at` (None: the upstream did not say)."""

    code = "quota_exceeded"

    def __init__(
        self,
        message: str,
        *,
        resets_at: datetime | None = None,
        code: str | None = None,
        may_be_delivered: bool = False,
    ) -> None:
        super().__init__(message, code=code, may_be_delivered=may_be_delivered)
        self.resets_at = resets_at


class UpstreamRefused(JumpseatError):
    """The upstream said no, and will say no again: content policy, region, blocked account, its front."""

    code = "upstream_refused"


class ConversationLost(UpstreamRefused):
    """The upstream no longer has this conversation, or it is full. Nothing was delivered."""

    code = "conversation_lost"


class UpstreamBroke(JumpseatError):
    """For nobody here: the upstream, or the way to it, stopped making sense."""

    code = "upstream_broke"


class UpstreamTimeout(UpstreamBroke):
    """The upstream was silent for too long; `which` names the limit: connect, first_event, idle or total."""

    code = "upstream_timeout"

    def __init__(self, message: str, *, which: str, may_be_delivered: bool = False) -> None:
        super().__init__(message, may_be_delivered=may_be_delivered)
        self.which = which


class UpstreamInterrupted(UpstreamBroke):
    """The answer broke off in the middle. What was streamed before stands; the rest is lost."""

    code = "upstream_interrupted"


class Overloaded(JumpseatError):
    """For us: too much at once. Ask again after `retry_after` seconds."""

    code = "overloaded"

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class StoreUnavailable(JumpseatError):
    """For us: what must be kept cannot be kept (disk full, database locked, file unreadable)."""

    code = "store_unavailable"


class MissingRequirementsError(JumpseatError):
    """A library that is needed for this is not installed; the message holds the line that installs it."""

    code = "missing_requirements"


class NoValidHarFileError(NotSignedIn):
    """No browser recording (HAR) with a usable sign-in was found; the message says exactly what was wrong."""

    code = "no_valid_har_file"


class MissingAuthError(NotSignedIn):
    """The upstream refused the token (HTTP 401)."""

    code = "missing_auth"
