"""How one curl handle is set up: what is sent, and what curl must not do by itself."""

from __future__ import annotations

from collections.abc import Mapping

from curl_cffi import Curl, CurlECode, CurlError, CurlHttpVersion, CurlOpt
from curl_cffi.requests.impersonate import resolve_latest_browser_type

from jumpseat.model.errors import InvalidRequest
from jumpseat.transport.headers import proxy_for

_WEBSOCKET_MODE = 2
"""Of CONNECT_ONLY: stop once the upgrade is done (https://curl.se/libcurl/c/CURLOPT_CONNECT_ONLY.html)."""


class Handle(Curl):
    """One curl handle. Frames are read into one buffer per engine, so its own stays small."""

    _WS_RECV_BUFFER_SIZE = 1024


class Closed(CurlError):
    """The transport was closed while something was under way on it."""

    def __init__(self) -> None:
        super().__init__("the client was closed", CurlECode.ABORTED_BY_CALLBACK)


_SAID: Mapping[int, str] = {
    CurlECode.COULDNT_RESOLVE_HOST: "the name of the host could not be resolved",
    CurlECode.COULDNT_RESOLVE_PROXY: "the name of the proxy could not be resolved",
    CurlECode.COULDNT_CONNECT: "it could not be reached",
    CurlECode.PEER_FAILED_VERIFICATION: "its certificate is not to be trusted",
    CurlECode.GOT_NOTHING: "it closed without a word",
}
"""The common failures in words; the others go by curl's own name for them."""


def cause(exc: CurlError) -> str:
    """The name curl has for a failure; its longer text may quote addresses with their query."""
    if isinstance(exc, Closed):
        return str(exc)
    if said := _SAID.get(exc.code):
        return said
    try:
        return CurlECode(exc.code).name.lower().replace("_", " ")
    except ValueError:
        return f"curl error {int(exc.code)}"


def _impersonate(curl: Curl, name: str) -> None:
    newest = resolve_latest_browser_type(name)  # type: ignore[no-untyped-call]
    if curl.impersonate(newest, default_headers=False) != 0:
        raise InvalidRequest(
            f"JUMPSEAT_MICROSOFT_TLS names {name!r}, which this curl_cffi does not know. "
            "Use plain, or a profile like chrome, edge, safari or firefox.",
            param="JUMPSEAT_MICROSOFT_TLS",
        )


def prepare(url: str, headers: Mapping[str, str], proxy: str | None, profile: str | None) -> Handle:
    """A handle for one exchange with `url`, taken as it is written. TLS is verified: curl's default."""
    curl = Handle()
    if profile is not None:
        _impersonate(curl, profile)
    curl.setopt(CurlOpt.URL, url.encode())
    curl.setopt(CurlOpt.PATH_AS_IS, 1)
    curl.setopt(CurlOpt.DISALLOW_USERNAME_IN_URL, 1)
    curl.setopt(CurlOpt.FOLLOWLOCATION, 0)
    # Removing a handle must not wait for a name server that keeps silent.
    curl.setopt(CurlOpt.QUICK_EXIT, 1)
    curl.setopt(CurlOpt.NOSIGNAL, 1)
    # Per connection, and touched; frames pass through it in as many steps as they need.
    curl.setopt(CurlOpt.BUFFERSIZE, 4096)
    # An empty proxy also keeps curl from reading the environment.
    curl.setopt(CurlOpt.PROXY, (proxy_for(url, proxy) or "").encode())
    curl.setopt(CurlOpt.NOPROXY, b"")
    curl.setopt(CurlOpt.SUPPRESS_CONNECT_HEADERS, 1)
    curl.setopt(CurlOpt.HTTPHEADER, _header_lines(headers))
    return curl


def _header_lines(headers: Mapping[str, str]) -> list[bytes]:
    lines = [f"{name}: {value}" if value else f"{name};" for name, value in headers.items()]
    names = {name.lower() for name in headers}
    # A name without a value takes a header out that curl would add.
    lines += [f"{name}:" for name in ("Expect", "Content-Type") if name.lower() not in names]
    return [line.encode() for line in lines]


def set_request(curl: Curl, method: str, body: bytes | None) -> None:
    """Make it an HTTP request with `body`."""
    curl.setopt(CurlOpt.PROTOCOLS_STR, b"http,https")
    # HTTP/2 where TLS negotiates it; a browser profile would ask for it in plain text too.
    curl.setopt(CurlOpt.HTTP_VERSION, CurlHttpVersion.V2TLS)
    curl.setopt(CurlOpt.ACCEPT_ENCODING, b"gzip, deflate, br")
    if body is not None or method == "POST":
        content = body or b""
        curl.setopt(CurlOpt.POST, 1)
        curl.setopt(CurlOpt.POSTFIELDSIZE, len(content))
        curl.setopt(CurlOpt.POSTFIELDS, content)
    if method == "HEAD":
        curl.setopt(CurlOpt.NOBODY, 1)
    elif method not in {"GET", "POST"} or (body is not None and method == "GET"):
        curl.setopt(CurlOpt.CUSTOMREQUEST, method.encode())


def set_upgrade(curl: Curl) -> None:
    """Make it a WebSocket that is read and written by hand once it is open."""
    curl.setopt(CurlOpt.PROTOCOLS_STR, b"ws,wss")
    curl.setopt(CurlOpt.HTTP_VERSION, CurlHttpVersion.V1_1)
    curl.setopt(CurlOpt.HTTPPROXYTUNNEL, 1)
    curl.setopt(CurlOpt.CONNECT_ONLY, _WEBSOCKET_MODE)
