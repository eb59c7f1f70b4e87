"""Cross-origin rules: preflights answered before everything else, permissions on every other answer.

All of it stands in the frontend, once for all APIs: what an API permits comes out of maps. What is known of a base path
ends with ``methods|headers|seconds|credentials|exposed``; ``origins`` holds the origins, by ``<origin>/<API>``.
"""

from __future__ import annotations

from waypost.contracts.ir import ApiIR
from waypost.integration.gateways.haproxy.bootstrap import Files
from waypost.integration.gateways.haproxy.names import PREFLIGHT, found
from waypost.integration.gateways.haproxy.text import word

_VARY = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
_PREFLIGHT = (
    f"{found('cors')} METH_OPTIONS {{ req.hdr(origin) -m found }} {{ req.hdr(access-control-request-method) -m found }}"
)
_ANY, _ECHO, _NONE = "*", "echo", "-"
_METHODS, _HEADERS, _SECONDS, _CREDENTIALS, _EXPOSED = range(1, 6)


def request_rules(files: Files) -> list[str]:
    """The origin to permit, in ``o``; preflights answered with 204."""
    origins = files.map("origins")
    asked = f"{found('cors')} {{ req.hdr(origin) -m found }}"
    headers = _part(_HEADERS)
    echoed = f"{_PREFLIGHT} {{ {headers} -m str {_ECHO} }}"
    permissions = {
        "vary": _VARY,
        "access-control-allow-methods": f"%[{_part(_METHODS)}]",
        "access-control-allow-headers": "%[var(txn.allowed)]",
        "access-control-max-age": f"%[{_part(_SECONDS)}]",
    }
    given = "".join(f" hdr {name} {word(value)}" for name, value in permissions.items())
    return [
        "http-request set-var(txn.cors) var(txn.base),field(4,|,0)",
        f"http-request set-var(txn.o) req.fhdr(origin),concat(/,txn.api),map_str({origins}) if {asked}",
        f"http-request set-var(txn.o) str(*/),concat(,txn.api),map_str({origins}) if {asked} !{found('o')}",
        f"http-request set-var(txn.o) req.fhdr(origin) if {found('o')} {{ var(txn.o) -m str {_ECHO} }}",
        f"http-request set-var(txn.op) str(0~~{PREFLIGHT}) if {_PREFLIGHT}",
        f"http-request set-var(txn.allowed) {headers} if {_PREFLIGHT}",
        f"http-request set-var(txn.allowed) req.fhdr(access-control-request-headers) if {echoed}",
        f"http-request return status 204{given} if {_PREFLIGHT} {found('o')}",
        f"http-request return status 204 hdr vary {word(_VARY)} if {_PREFLIGHT}",
    ]


def response_rules() -> list[str]:
    """What a page may read, on answers of the upstream and of the gateway alike; preflights carry their own."""
    actual = f"!{{ var(txn.op) -m end {PREFLIGHT} }}"
    credentials = f"{{ {_part(_CREDENTIALS)} -m str true }}"
    exposes = f"!{{ {_part(_EXPOSED)} -m str -- {_NONE} }}"
    return [
        f"http-response del-header access-control-allow- -m beg if {found('cors')}",
        f"http-response del-header access-control-expose-headers if {found('cors')}",
        f"http-after-response set-header access-control-allow-origin %[var(txn.o)] if {found('o')}",
        f"http-after-response set-header access-control-allow-credentials true if {found('o')} {credentials}",
        f"http-after-response set-header access-control-expose-headers %[{_part(_EXPOSED)}] "
        f"if {found('o')} {exposes} {actual}",
        f"http-after-response add-header vary Origin if {found('cors')} {actual}",
    ]


def policy(api: ApiIR) -> str:
    """What the API permits, for its base path's entry; empty without a policy."""
    cors = api.cors
    if cors is None:
        return ""
    headers = _ECHO if "*" in cors.headers else ", ".join(cors.headers) or _NONE
    said = [", ".join(cors.methods), headers, str(cors.max_age_seconds), str(cors.credentials).lower()]
    return "|".join([*said, ", ".join(cors.expose) or _NONE])


def origins(api: ApiIR) -> dict[str, str]:
    """The API's part of the map of origins."""
    cors = api.cors
    if cors is None:
        return {}
    permitted = _ECHO if cors.credentials or "*" not in cors.origins else _ANY
    return {f"{origin}/{api.id}": permitted for origin in cors.origins}


def _part(number: int) -> str:
    return f"var(txn.cors),field({number},|)"
