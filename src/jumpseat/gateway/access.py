"""
Who may come in: the guard that every request passes before anything else looks at it.

Three questions in this order, each with no as its default. Is the gateway called by a name of its own (else
a web page may have bound its name to our address: DNS rebinding)? If a browser is calling, for which page?
And is a key shown where keys are set? The last is decided on the raw path, so that no way of writing a path
slips by.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence

from jumpseat.gateway.exchange import Exchange, Refused, Scope
from jumpseat.gateway.settings import LOCAL_OWNER, GatewaySettings

PUBLIC_PATHS = frozenset({b"/health/live", b"/health/ready"})
"""What answers without a key, byte for byte."""

_OWN_NAMES = frozenset({b"127.0.0.1", b"localhost", b"[::1]"})
_KEY_HEADERS = (b"authorization", b"x-api-key", b"api-key")
_INTERESTING = frozenset(
    {
        b"host",
        b"origin",
        b"sec-fetch-site",
        b"content-type",
        b"access-control-request-method",
        b"access-control-request-headers",
        b"access-control-request-private-network",
        *_KEY_HEADERS,
    }
)
_EXPOSED = (
    b"retry-after, x-request-id, x-should-retry, "
    b"x-jumpseat-conversation, x-jumpseat-conversation-id, x-jumpseat-ignored"
)
"""What scripts of an allowed page may read beside the body."""
_HOST = re.compile(rb"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?")
_BEARER = re.compile(rb"bearer +(.*)", re.IGNORECASE | re.DOTALL)

Found = Mapping[bytes, Sequence[bytes]]


class Guard:
    """Judges requests by their headers, path and method alone."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._hosts = frozenset(name.lower().encode() for name in settings.allowed_hosts)
        host = settings.host.lower()
        # The name it was told to listen on is its own too, 0.0.0.0 included.
        self._own_names = _OWN_NAMES | {f"[{host}]".encode() if ":" in host else host.encode()}
        self._origins = frozenset(name.lower().rstrip("/").encode() for name in settings.allowed_origins)
        # Digests are of one length, so that comparing tells nothing about a key's length either.
        self._keys = [
            (hashlib.sha256(key.secret.reveal().encode()).digest(), key.owner) for key in settings.api_keys
        ]

    def admit(self, exchange: Exchange) -> bool:
        """
        Let the request in: its owner and what its answer must say to a browser are noted in `exchange`.

        Returns False for a preflight of an allowed page, which is to be answered and nothing more.
        Raises `Refused`.
        """
        scope = exchange.scope
        found = _find(scope)
        self._check_host(found.get(b"host", ()), scope)
        origin = self._check_origin(found, scope)
        if origin is not None:
            exchange.shared_headers += (
                (b"access-control-allow-origin", origin),
                (b"access-control-expose-headers", _EXPOSED),
                (b"vary", b"origin"),
            )
            if scope["method"] == "OPTIONS" and b"access-control-request-method" in found:
                exchange.shared_headers += _preflight(found)
                return False
        exchange.owner = self._owner_of(found, scope)
        return True

    def _check_host(self, hosts: Sequence[bytes], scope: Scope) -> None:
        if len(hosts) != 1:
            raise Refused(400, "bad_host", "Exactly one Host header is needed.")
        found = _HOST.fullmatch(hosts[0].lower())
        if found is None or not self._is_own_name(found[0], found[1], found[2], scope):
            raise Refused(
                403,
                "host_not_allowed",
                "The gateway is not known by this name. Call it by 127.0.0.1 or localhost and its port, "
                "or add the name to JUMPSEAT_ALLOWED_HOSTS.",
                type_="permission_error",
            )

    def _is_own_name(self, whole: bytes, name: bytes, port: bytes | None, scope: Scope) -> bool:
        if whole in self._hosts or name in self._hosts:
            return True
        address, bound_port = scope.get("server") or ("", None)
        if bound_port is None or int(port or 80) != bound_port:
            return False
        # A page can bind its own name to our address, but never a name that is an address.
        return name in self._own_names or name in {str(address).encode(), b"[%s]" % str(address).encode()}

    def _check_origin(self, found: Found, scope: Scope) -> bytes | None:
        """The allowed foreign page that calls, if one does."""
        origins, sites = found.get(b"origin", ()), found.get(b"sec-fetch-site", ())
        if not origins and not sites:
            return None
        foreign = None
        for origin in origins:
            host = found[b"host"][0].lower()
            if origin.lower() in self._origins and len(origins) == 1:
                foreign = origin
            elif origin.lower() not in {b"http://" + host, b"https://" + host}:
                raise _page_refused()
        if foreign is None and any(site.lower() not in {b"same-origin", b"none"} for site in sites):
            raise _page_refused()
        if scope["method"] == "POST" and not _is_json(found.get(b"content-type", ())):
            # A page can send a form or plain text anywhere without asking; JSON it cannot.
            raise Refused(415, "json_needed", "A page must send content-type: application/json.")
        return foreign

    def _owner_of(self, found: Found, scope: Scope) -> str:
        if not self._keys:
            return LOCAL_OWNER
        owner = self._owner_of_keys(shown_keys(found))
        if owner is not None:
            return owner
        if scope.get("raw_path") in PUBLIC_PATHS:
            return LOCAL_OWNER
        raise Refused(
            401,
            "invalid_api_key",
            "A key of this gateway is needed: send it as `Authorization: Bearer KEY` or `x-api-key: KEY`.",
            type_="authentication_error",
            headers={"www-authenticate": "Bearer"},
        )

    def _owner_of_keys(self, shown: Sequence[bytes]) -> str | None:
        digests = [hashlib.sha256(key).digest() for key in shown]
        # All are compared, whichever fits.
        owners = {name for known, name in self._keys for each in digests if hmac.compare_digest(each, known)}
        if len(owners) > 1:
            raise Refused(400, "ambiguous_api_key", "Keys of two owners were sent: send one of them.")
        return owners.pop() if owners else None


def shown_keys(found: Found) -> list[bytes]:
    """The keys a request shows, in any of the three headers in which clients send them."""
    keys = []
    for name in _KEY_HEADERS:
        for value in found.get(name, ()):
            bearer = _BEARER.fullmatch(value.strip())
            if name != b"authorization" or bearer:
                keys.append((bearer[1] if bearer else value).strip())
    return keys


def _find(scope: Scope) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for name, value in scope["headers"]:
        if name in _INTERESTING:
            found.setdefault(name, []).append(value)
    return found


def _is_json(kinds: Sequence[bytes]) -> bool:
    return len(kinds) == 1 and kinds[0].partition(b";")[0].strip().lower() == b"application/json"


def _page_refused() -> Refused:
    return Refused(
        403,
        "origin_not_allowed",
        "Web pages may not call this gateway. "
        "If this page is yours, add its origin to JUMPSEAT_ALLOW_ORIGIN.",
        type_="permission_error",
    )


def _preflight(found: Found) -> list[tuple[bytes, bytes]]:
    headers = [(b"access-control-allow-methods", b"GET, POST"), (b"access-control-max-age", b"600")]
    asked = found.get(b"access-control-request-headers", ())
    headers += [(b"access-control-allow-headers", names) for names in asked]
    if b"access-control-request-private-network" in found:
        headers.append((b"access-control-allow-private-network", b"true"))
    return headers
