"""What can go wrong with a turn over the Microsoft socket: one small script for each fault."""

from __future__ import annotations

from collections.abc import Callable

from jumpseat.simulator.fault import MICROSOFT, Table
from jumpseat.simulator.microsoft_turn import Turn
from jumpseat.simulator.steps import Close, Cut, Pause, Script, Silence

_TABLE = Table(MICROSOFT)
ENDINGS = _TABLE.rows
fault = _TABLE.fault

_PUZZLE = "placeholder-not-a-puzzle"  # Never a real puzzle.

TurnScript = Callable[[Turn], Script]


def before(turn: Turn) -> Script:
    """Everything up to the middle of the text."""
    yield from turn.opening()
    yield from turn.thoughts()
    yield from turn.say(turn.plan.halves()[0])


def after(turn: Turn) -> Script:
    """Everything from the middle of the text."""
    yield from turn.say(turn.plan.halves()[1])
    yield from turn.citations()
    yield from turn.closing()
    yield from turn.tail()


# --- Errors as frames ---

_TOMORROW = "2030-01-01T00:00:00+00:00"
_ERRORS = (
    ("invalid-event", "UpstreamBroke", (), "order, shape or mode is wrong"),
    ("text-too-long", "InvalidRequest", (), "the text is over the limit"),
    (
        "too-many-messages",
        "RateLimited",
        ("QuotaExceeded", "UpstreamRefused"),
        "conversation full or too fast",
    ),
    ("over-turn-limit", "QuotaExceeded", (), "the day's turns are used up"),
    ("over-reasoning-quota", "QuotaExceeded", (), "the quota of Think Deeper is used up"),
    ("over-research-quota", "QuotaExceeded", (), "the quota of Deep Research is used up"),
    ("taskLimit", "QuotaExceeded", (), "the quota of tasks is used up"),
    (
        "chat-service-unavailable",
        "UpstreamRefused",
        ("NotSignedIn",),
        "anonymous, or the region is not served",
    ),
    ("blocked", "UpstreamRefused", (), "content policy"),
    ("event-not-recognized", "UpstreamBroke", ("UpstreamRefused",), "the client is too old"),
    ("surprise", "UpstreamRefused", ("UpstreamBroke",), "a code nobody has written down"),
)


def _error_first(code: str) -> TurnScript:
    def script(turn: Turn) -> Script:
        yield turn.voice.error(code)
        yield Silence()

    return script


def _error_amid(code: str) -> TurnScript:
    def script(turn: Turn) -> Script:
        yield from before(turn)
        yield turn.voice.error(code)
        yield Silence()

    return script


for _code, _expect, _tolerated, _meaning in _ERRORS:
    fault(
        f"error-{_code}",
        f"An error before any text: {_meaning}.",
        f'error errorCode="{_code}", nothing else; the socket stays open',
        _expect,
        tolerated=_tolerated,
    )(_error_first(_code))
    fault(
        f"error-{_code}-amid-text",
        f"An error after some text: {_meaning}.",
        f'received, startMessage, some text, error errorCode="{_code}"; the socket stays open',
        _expect,
        tolerated=_tolerated,
    )(_error_amid(_code))


def _throttling(turn: Turn) -> bytes:
    detail = {"type": "throttled", "nextAvailableAt": _TOMORROW}
    return turn.voice.event("chatMessageError", errorCode="throttled", errorDetail=detail)


@fault(
    "throttled",
    "The account's quota.",
    "chatMessageError throttled with nextAvailableAt",
    "RateLimited",
    tolerated=("QuotaExceeded",),
)
def _throttled(turn: Turn) -> Script:
    yield _throttling(turn)
    yield Silence()


@fault(
    "throttled-amid-text",
    "The account's quota, noticed late.",
    "some text, chatMessageError throttled",
    "RateLimited",
    tolerated=("QuotaExceeded",),
)
def _throttled_amid(turn: Turn) -> Script:
    yield from before(turn)
    yield _throttling(turn)
    yield Silence()


@fault(
    "throttled-then-challenge",
    "A quota, then a challenge that is not the reason.",
    "chatMessageError throttled, challenge with method null, bare end",
    "RateLimited",
    tolerated=("QuotaExceeded",),
)
def _throttled_then_challenge(turn: Turn) -> Script:
    yield _throttling(turn)
    yield turn.voice.event("challenge", method=None, parameter=None)
    yield Cut()


@fault("turn-limit", "The quota of 2024.", "turnLimitReached", "QuotaExceeded")
def _turn_limit(turn: Turn) -> Script:
    yield turn.voice.event("turnLimitReached")
    yield Silence()


@fault("banned", "The account is blocked.", "banned, bare end", "UpstreamRefused")
def _banned(turn: Turn) -> Script:
    yield turn.voice.event("banned")
    yield Cut()


@fault(
    "conversation-gone",
    "The conversation was deleted elsewhere; a new one is fine.",
    "error invalid-event; REST answers 404 for it from now on",
    "ok",
    needs_thread=True,
    tolerated=("UpstreamRefused", "UpstreamBroke", "InvalidRequest"),
)
def _conversation_gone(turn: Turn) -> Script:
    turn.delete()
    yield turn.voice.error("invalid-event", message="unknown conversation")
    yield Silence()


@fault(
    "conversation-full",
    "The conversation takes no more messages; a new one is fine.",
    "error too-many-messages in a conversation that holds messages",
    "ok",
    needs_thread=True,
    tolerated=("RateLimited", "UpstreamRefused", "InvalidRequest", "QuotaExceeded"),
)
def _conversation_full(turn: Turn) -> Script:
    yield turn.voice.error("too-many-messages")
    yield Silence()


# --- Challenges ---


def _challenge(method: str | None, parameter: str | None, place: str) -> TurnScript:
    def script(turn: Turn) -> Script:
        if place == "amid":
            yield from before(turn)
        yield turn.voice.event("challenge", method=method, parameter=parameter)
        yield Pause(3)  # Nothing but a hang-up helps; who answers is told invalid-event by the socket.
        yield Cut()

    return script


for _method in ("cloudflare", "hashcash", "copilot", "clarity", None):
    fault(
        f"challenge-{_method or 'null'}",
        "The service wants to see a person; nobody answers for them.",
        f"challenge method={_method!r} instead of received; after 3 s a bare end",
        "HumanCheckRequired",
    )(_challenge(_method, _method and _PUZZLE, "first"))
fault(
    "challenge-amid-text",
    "The service wants to see a person in the middle of its answer.",
    "some text, challenge method='cloudflare'; after 3 s a bare end",
    "HumanCheckRequired",
)(_challenge("cloudflare", _PUZZLE, "amid"))


@fault("challenge-2024", "The form without fields.", "challenge, nothing in it", "HumanCheckRequired")
def _challenge_2024(turn: Turn) -> Script:
    yield turn.voice.event("challenge")
    yield Pause(3)
    yield Cut()


# --- Ends ---


def _ended(place: str, end: Close | Cut) -> TurnScript:
    def script(turn: Turn) -> Script:
        if place == "started":
            yield from turn.opening()
        elif place == "amid":
            yield from before(turn)
        elif place == "after":
            yield from turn.opening()
            yield from turn.body()
        yield end

    return script


for _place, _where in (
    ("before", "before received"),
    ("started", "after startMessage, before any text"),
    ("amid", "amid the text"),
    ("after", "after the whole text, without partCompleted and done"),
):
    fault(
        f"close-{_place}-text" if _place != "started" else "close-after-start",
        f"The service hangs up politely {_where}.",
        f"close frame (1000) {_where}",
        "UpstreamBroke",
    )(_ended(_place, Close()))
    fault(
        f"eof-{_place}-text" if _place != "started" else "eof-after-start",
        f"The connection ends without a word {_where}.",
        f"bare end of the TCP connection {_where}",
        "UpstreamBroke",
    )(_ended(_place, Cut()))


@fault(
    "close-after-done",
    "A regular end right after the answer.",
    "done, close frame (1000); no title, no suggestions",
)
def _close_after_done(turn: Turn) -> Script:
    yield from turn.opening()
    yield from turn.body()
    yield from turn.closing()
    yield Close()


@fault("eof-after-done", "The connection ends right after the answer.", "done, bare end")
def _eof_after_done(turn: Turn) -> Script:
    yield from turn.opening()
    yield from turn.body()
    yield from turn.closing()
    yield Cut()


@fault(
    "disconnecting",
    "The service announces that it hangs up.",
    "some text, disconnecting, close frame",
    "UpstreamBroke",
)
def _disconnecting(turn: Turn) -> Script:
    yield from before(turn)
    yield turn.voice.event("disconnecting")
    yield Close()
