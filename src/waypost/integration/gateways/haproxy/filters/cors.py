"""Cross-origin rules per API: preflights answered before everything else, permissions on every other answer."""

from __future__ import annotations

from waypost.contracts.ir import Cors
from waypost.integration.gateways.haproxy.context import Context
from waypost.integration.gateways.haproxy.names import PREFLIGHT, found
from waypost.integration.gateways.haproxy.text import literal, word

_VARY = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
_PREFLIGHT = "METH_OPTIONS { req.hdr(origin) -m found } { req.hdr(access-control-request-method) -m found }"


def request_rules(context: Context) -> list[str]:
    """The origin that is allowed, in ``o``; preflights answered with 204."""
    cors = context.api.cors
    if cors is None:
        return []
    return [
        f"http-request set-var(txn.o) req.fhdr(origin){_allowed(cors)}",
        f"http-request set-var(txn.op) str(0~~{PREFLIGHT}) if {_PREFLIGHT}",
        f"http-request return status 204{_permissions(cors)} if {_PREFLIGHT} {found('o')}",
        f"http-request return status 204 hdr vary {word(_VARY)} if {_PREFLIGHT}",
    ]


def response_rules(context: Context) -> list[str]:
    """What a page may read, on answers of the upstream and of the gateway alike; preflights carry their own."""
    cors = context.api.cors
    if cors is None:
        return []
    actual = f"!{{ var(txn.op) -m end {PREFLIGHT} }}"
    rules = [
        "http-response del-header access-control-allow- -m beg",
        "http-response del-header access-control-expose-headers",
        f"http-after-response set-header access-control-allow-origin {_origin(cors)} if {found('o')}",
    ]
    if cors.credentials:
        rules.append(f"http-after-response set-header access-control-allow-credentials true if {found('o')}")
    if cors.expose:
        exposed = word(literal(", ".join(cors.expose)))
        rules.append(f"http-after-response set-header access-control-expose-headers {exposed} if {found('o')} {actual}")
    return [*rules, f"http-after-response add-header vary Origin if {actual}"]


def _origin(cors: Cors) -> str:
    return "*" if "*" in cors.origins and not cors.credentials else "%[var(txn.o)]"


def _allowed(cors: Cors) -> str:
    if "*" in cors.origins:
        return ""
    listed = " ".join(word(origin) for origin in cors.origins)
    return f" if {{ req.fhdr(origin) -m str -- {listed} }}"


def _permissions(cors: Cors) -> str:
    asked = "%[req.fhdr(access-control-request-headers)]"
    headers = asked if "*" in cors.headers else literal(", ".join(cors.headers))
    said = {
        "vary": _VARY,
        "access-control-allow-methods": literal(", ".join(cors.methods)),
        "access-control-allow-headers": headers,
        "access-control-max-age": str(cors.max_age_seconds),
    }
    return "".join(f" hdr {name} {word(value)}" for name, value in said.items())
