"""Everything that can be set from outside, read once from the environment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct, field

from jumpseat.model.credentials import Secret
from jumpseat.model.errors import InvalidRequest

SIMULATOR_WEB_TOKEN = "simulator-web-token"  # noqa: S105 - public, and worth nothing outside the simulator


class Settings(Struct, frozen=True, kw_only=True):
    """
    The settings of a client; `docs/settings.md` is generated from `VARIABLES` and `GATEWAY_VARIABLES`.

    Raises `InvalidRequest` (with the variable's name as `param`) for values that make no sense.
    """

    microsoft_url: str = "https://copilot.microsoft.com"
    github_url: str = "https://github.com"
    github_chat_url: str = "https://api.individual.githubcopilot.com"
    github_api_url: str = "https://api.github.com"
    microsoft_token: Secret | None = None
    microsoft_cookies: Path | None = None
    github_cookies: Path | None = None
    github_web_token: Secret | None = None
    github_token: Secret | None = None
    github_client_id: str | None = None
    microsoft_dialect: Literal["auto", "client-first", "server-first"] = "auto"
    microsoft_tls: str = "plain"
    home: Path = field(default_factory=lambda: Path.home() / ".jumpseat")
    vault: Literal["auto", "keyring", "encrypted"] = "auto"
    vault_key: str | None = None
    """Where the key of the encrypted file is: `file:PATH` or `env:NAME`."""
    har_limit: int = 1024
    """Megabytes (MiB) of a recording, unpacked."""
    browser: Path | None = None
    browser_driver: Literal["auto", "playwright", "nodriver"] = "auto"
    sign_in_timeout: float = 300.0
    """Seconds."""
    pace: bool = True
    microsoft_concurrency: int = 2
    microsoft_per_minute: int = 12
    github_concurrency: int = 2
    queue_limit: int = 32
    conversation_wait: float = 30.0
    connect_timeout: float = 15.0
    """Seconds; this and the next three are the defaults of `jumpseat.deadlines.Timeouts`."""
    first_event_timeout: float = 60.0
    idle_timeout: float = 120.0
    total_timeout: float = 900.0
    store_messages: bool = True
    recognise: bool = True
    default_model: str = "microsoft/copilot"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Read `JUMPSEAT_*`. Unset and empty variables mean the default."""
        values: dict[str, object] = {}
        if simulator := environ.get("JUMPSEAT_SIMULATOR"):
            address = checked_url(simulator, "JUMPSEAT_SIMULATOR")
            values |= dict.fromkeys(_SIMULATED, address)
            # Choice: the simulator's own public token, so that both services answer out of the box.
            if not environ.get("JUMPSEAT_GITHUB_COOKIES"):
                values["github_web_token"] = Secret(SIMULATOR_WEB_TOKEN)
        values |= _read(environ)
        settings = cls(**values)  # type: ignore[arg-type]  # each reader gives its field's type; a test checks it
        settings._check_pace()
        return settings

    @property
    def withheld(self) -> tuple[str, ...]:
        """The variables beside our own that no other program gets from us: the one that holds a key."""
        where, _, name = (self.vault_key or "").partition(":")
        return (name,) if where == "env" else ()

    def _check_pace(self) -> None:
        """Real services are always paced: their owners' accounts are at stake."""
        addresses = [getattr(self, name) for name in _SIMULATED]
        if not self.pace and any(urlsplit(address).hostname not in LOOPBACK for address in addresses):
            raise InvalidRequest(
                "JUMPSEAT_PACE=off is only for a simulator on this machine (JUMPSEAT_SIMULATOR). For the "
                "real services widen the pace with JUMPSEAT_MICROSOFT_PER_MINUTE and its neighbours.",
                param="JUMPSEAT_PACE",
            )


class Variable(Struct, frozen=True):
    """One environment variable: its name, the field it sets, how it is read, what it means."""

    name: str
    field: str
    kind: str
    meaning: str


VARIABLES: tuple[Variable, ...] = (
    Variable("JUMPSEAT_HOME", "home", "path", "Folder that holds all state. Default: `~/.jumpseat`."),
    Variable(
        "JUMPSEAT_SIMULATOR",
        "",
        "url",
        "Address of a simulator (`http://127.0.0.1:8400`); sets the four addresses below at once.",
    ),
    Variable("JUMPSEAT_MICROSOFT_URL", "microsoft_url", "url", "Address of Microsoft Copilot."),
    Variable("JUMPSEAT_GITHUB_URL", "github_url", "url", "Address of GitHub, for signing in."),
    Variable("JUMPSEAT_GITHUB_CHAT_URL", "github_chat_url", "url", "Address of GitHub's web chat."),
    Variable("JUMPSEAT_GITHUB_API_URL", "github_api_url", "url", "Address of GitHub's own API."),
    Variable(
        "JUMPSEAT_MICROSOFT_TOKEN",
        "microsoft_token",
        "secret",
        "Chat token of a Microsoft account. It and the next three go before the accounts that are kept.",
    ),
    Variable(
        "JUMPSEAT_MICROSOFT_COOKIES",
        "microsoft_cookies",
        "path",
        "Cookie JSON or HAR file with the cookies (and token) of Microsoft Copilot.",
    ),
    Variable(
        "JUMPSEAT_GITHUB_COOKIES",
        "github_cookies",
        "path",
        "Cookie JSON or HAR file with the cookies of github.com; `user_session` is the one that counts.",
    ),
    Variable(
        "JUMPSEAT_GITHUB_WEB_TOKEN",
        "github_web_token",
        "secret",
        "Short-lived token of GitHub's web chat (not a personal access token).",
    ),
    Variable(
        "JUMPSEAT_GITHUB_TOKEN",
        "github_token",
        "secret",
        "OAuth token of a GitHub account, for GitHub Copilot's API.",
    ),
    Variable(
        "JUMPSEAT_GITHUB_CLIENT_ID",
        "github_client_id",
        "text",
        "Client id of your own OAuth app, with which `jumpseat login github` signs in.",
    ),
    Variable(
        "JUMPSEAT_VAULT",
        "vault",
        "vault",
        "Where credentials are kept: `auto` (the system keyring, else an encrypted file), `keyring` or "
        "`encrypted`.",
    ),
    Variable(
        "JUMPSEAT_VAULT_KEY",
        "vault_key",
        "key",
        "Where the key of the encrypted file is: `file:PATH` or `env:NAME`. Without it you are asked.",
    ),
    Variable(
        "JUMPSEAT_HAR_LIMIT", "har_limit", "count", "Megabytes of a HAR recording, unpacked, at most (1024)."
    ),
    Variable("JUMPSEAT_BROWSER", "browser", "path", "The Chromium-family browser to sign in with."),
    Variable(
        "JUMPSEAT_BROWSER_DRIVER",
        "browser_driver",
        "driver",
        "`auto` (default: whichever is installed), `playwright` or `nodriver`: what opens the browser.",
    ),
    Variable(
        "JUMPSEAT_SIGN_IN_TIMEOUT",
        "sign_in_timeout",
        "limit",
        "Seconds that a sign-in in a browser may take (300).",
    ),
    Variable(
        "JUMPSEAT_MICROSOFT_DIALECT",
        "microsoft_dialect",
        "dialect",
        "`auto` (default), `client-first` or `server-first`: who speaks first on the chat socket.",
    ),
    Variable(
        "JUMPSEAT_MICROSOFT_TLS",
        "microsoft_tls",
        "text",
        "`plain` (default), or the name of a browser profile of curl_cffi, like `chrome`.",
    ),
    Variable("JUMPSEAT_PACE", "pace", "switch", "`off` turns pacing off: only against a simulator."),
    Variable(
        "JUMPSEAT_MICROSOFT_CONCURRENCY", "microsoft_concurrency", "count", "Turns at once at Microsoft (2)."
    ),
    Variable(
        "JUMPSEAT_MICROSOFT_PER_MINUTE", "microsoft_per_minute", "count", "Turns a minute at Microsoft (12)."
    ),
    Variable("JUMPSEAT_GITHUB_CONCURRENCY", "github_concurrency", "count", "Turns at once at GitHub (2)."),
    Variable("JUMPSEAT_QUEUE_LIMIT", "queue_limit", "count", "Questions that may wait for an account (32)."),
    Variable(
        "JUMPSEAT_CONVERSATION_WAIT",
        "conversation_wait",
        "seconds",
        "Seconds a message waits while its conversation is being answered (30).",
    ),
    Variable(
        "JUMPSEAT_CONNECT_TIMEOUT",
        "connect_timeout",
        "limit",
        "Seconds for opening a connection to the upstream, and for each short call before the question (15).",
    ),
    Variable(
        "JUMPSEAT_FIRST_EVENT_TIMEOUT",
        "first_event_timeout",
        "limit",
        "Seconds from the question to the first sign of an answer (60).",
    ),
    Variable("JUMPSEAT_IDLE_TIMEOUT", "idle_timeout", "limit", "Seconds of silence amid an answer (120)."),
    Variable("JUMPSEAT_TOTAL_TIMEOUT", "total_timeout", "limit", "Seconds for a whole turn (900)."),
    Variable(
        "JUMPSEAT_RECOGNISE",
        "recognise",
        "switch",
        "`off` opens a new upstream conversation for every history that a client sends without naming one.",
    ),
    Variable(
        "JUMPSEAT_STORE_MESSAGES",
        "store_messages",
        "switch",
        "`off` keeps ids and hashes of messages only, not their text.",
    ),
    Variable(
        "JUMPSEAT_DEFAULT_MODEL", "default_model", "text", "Model that answers when a request names none."
    ),
)

GATEWAY_VARIABLES: tuple[Variable, ...] = (
    Variable("JUMPSEAT_HOST", "host", "text", "Address the gateway listens on (127.0.0.1)."),
    Variable("JUMPSEAT_PORT", "port", "port", "Port the gateway listens on (1337)."),
    Variable(
        "JUMPSEAT_API_KEY",
        "api_keys",
        "secret",
        "Key that callers of the gateway must show. Needed for any address but this machine's own.",
    ),
    Variable(
        "JUMPSEAT_API_KEY_FILE",
        "api_keys",
        "key file",
        "File of keys, one a line (`key`, or `owner key` to keep callers' conversations apart); mode 0600.",
    ),
    Variable(
        "JUMPSEAT_ALLOWED_HOSTS",
        "allowed_hosts",
        "list",
        "Further names by which the gateway may be called, separated by commas (`box.lan`, `box.lan:8080`).",
    ),
    Variable(
        "JUMPSEAT_ALLOW_ORIGIN",
        "allowed_origins",
        "list",
        "Web pages whose scripts may call the gateway, separated by commas (`https://app.example`).",
    ),
    Variable("JUMPSEAT_MAX_BODY", "max_body", "megabytes", "Largest request, in megabytes (32)."),
    Variable("JUMPSEAT_HEAD_TIMEOUT", "head_seconds", "seconds", "Seconds to send the headers (10)."),
    Variable("JUMPSEAT_BODY_TIMEOUT", "body_seconds", "seconds", "Seconds to send the body (60)."),
    Variable(
        "JUMPSEAT_STALL_TIMEOUT", "stall_seconds", "seconds", "Seconds until a stalled reader is left (60)."
    ),
    Variable(
        "JUMPSEAT_DRAIN", "drain_seconds", "seconds", "Seconds that answers may go on after a stop (10)."
    ),
)
"""Those of the gateway alone: `jumpseat.gateway.settings` reads them."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""The names of this machine for itself."""


PREFIX = "JUMPSEAT_"
"""With which the names of our own variables begin."""


def environment_of_others(environ: Mapping[str, str], withheld: Iterable[str] = ()) -> dict[str, str]:
    """What a program that we start gets of `environ`: neither our own settings nor what is `withheld`."""
    names = frozenset(withheld)
    return {
        name: value
        for name, value in environ.items()
        if not name.upper().startswith(PREFIX) and name not in names
    }


def checked_url(text: str, name: str) -> str:
    """An upstream address without its last slash; plain http only to this machine itself."""
    if "@" in text:  # Wherever it stands: who miswrites an address with a password is not quoted.
        raise InvalidRequest(f"{name} must not hold a user name or password", param=name)
    try:
        parts, _ = urlsplit(text.strip()), urlsplit(text.strip()).port
    except ValueError:
        # Not quoted either: what stands in the place of a port may be a password.
        raise InvalidRequest(f"{name} must be an address like https://host", param=name) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise InvalidRequest(f"{name} must be an address like https://host, not {text!r}", param=name)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise InvalidRequest(
            f"{name} uses plain http to {parts.hostname}: that is allowed only to this machine. Use https.",
            param=name,
        )
    return text.strip().rstrip("/")


def _switch(text: str, name: str) -> bool:
    match text.strip().lower():
        case "on" | "1" | "true" | "yes":
            return True
        case "off" | "0" | "false" | "no":
            return False
    raise InvalidRequest(f"{name} must be on or off, not {text!r}", param=name)


def _count(text: str, name: str) -> int:
    if text.strip().isdecimal() and int(text) > 0:
        return int(text)
    raise InvalidRequest(f"{name} must be a whole number above 0, not {text!r}", param=name)


def _seconds(text: str, name: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if 0 <= seconds < float("inf"):
        return seconds
    raise InvalidRequest(f"{name} must be a number, 0 or above, not {text!r}", param=name)


def read_positive(text: str, name: str) -> float:
    """The number above 0 that a variable's text means. Raises `InvalidRequest` with `name` as its param."""
    if number := _seconds(text, name):
        return number
    raise InvalidRequest(f"{name} must be a number above 0, not {text!r}", param=name)


def _one_of(*words: str) -> Callable[[str, str], str]:
    def read(text: str, name: str) -> str:
        if text in words:
            return text
        choice = f"{', '.join(words[:-1])} or {words[-1]}"
        raise InvalidRequest(f"{name} must be {choice}, not {text!r}", param=name)

    return read


def _key(text: str, name: str) -> str:
    where, _, which = text.partition(":")
    if where in {"file", "env"} and which:
        return text
    # Whatever it is, it is not repeated: it may be the key itself.
    raise InvalidRequest(
        f"{name} says where the key is, and never holds it: file:PATH or env:NAME", param=name
    )


_READERS = {
    "url": checked_url,
    "path": lambda text, _name: Path(text).expanduser(),
    "secret": lambda text, _name: Secret(text.strip()),
    "text": lambda text, _name: text.strip(),
    "switch": _switch,
    "count": _count,
    "seconds": _seconds,
    "limit": read_positive,
    "dialect": _one_of("auto", "client-first", "server-first"),
    "vault": _one_of("auto", "keyring", "encrypted"),
    "driver": _one_of("auto", "playwright", "nodriver"),
    "key": _key,
}
_SIMULATED = ("microsoft_url", "github_url", "github_chat_url", "github_api_url")


def _read(environ: Mapping[str, str]) -> dict[str, object]:
    """The fields that the environment sets."""
    found = {}
    for variable in VARIABLES:
        text = environ.get(variable.name, "").strip()
        if text and variable.field:
            found[variable.field] = _READERS[variable.kind](text, variable.name)
    return found
