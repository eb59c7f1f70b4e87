"""Cross-origin rules: preflights answered before everything else, permissions on every other answer.

All of it stands in the frontend, once for all APIs: what an API permits comes out of maps. What is known of a base path
ends with ``methods|headers|seconds|credentials|exposed``; ``origins`` holds what to answer to an origin, by
``<origin>/<API>``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from waypost.contracts.ir import ApiIR
from waypost.integration.gateways.haproxy.bootstrap import Files
from waypost.integration.gateways.haproxy.names import PREFLIGHT, found
from waypost.integration.gateways.haproxy.text import word

HAS_CORS = "{ var(txn.base) -m beg 2 3 }"
"""A condition: the API has cross-origin rules."""
_VARY = "Access-Control-Request-Method, Access-Control-Request-Headers"
_PREFLIGHT = found("cors")
_ANY, _ECHO, _NONE = "*", "echo", "-"
_FIRST = 4
_METHODS, _HEADERS, _SECONDS, _CREDENTIALS, _EXPOSED = range(_FIRST, _FIRST + 5)


@dataclass(frozen=True, slots=True)
class Asked:
    """What APIs ask for; what none asks for is not looked at on any call."""

    any: bool = False
    any_origin: bool = False
    credentials: bool = False
    exposes: bool = False

    def and_also(self, other: Asked) -> Asked:
        """What both ask for together."""
        return Asked(
            self.any or other.any,
            self.any_origin or other.any_origin,
            self.credentials or other.credentials,
            self.exposes or other.exposes,
        )


NOTHING = Asked()


def asked(api: ApiIR) -> Asked:
    """What one API asks for."""
    cors = api.cors
    return NOTHING if cors is None else Asked(True, _ANY in cors.origins, cors.credentials, bool(cors.expose))


def request_rules(wanted: Asked, files: Files) -> list[str]:
    """The origin to permit, in ``o``."""
    origins = files.map("origins")
    lines = [f"http-request set-var(txn.o) req.fhdr(origin),concat(/,txn.api),map_str({origins})"]
    if wanted.any_origin:
        lines += [
            f"http-request set-var(txn.o) str(*/),concat(,txn.api),map_str({origins}) "
            f"if !{found('o')} {{ req.hdr(origin) -m found }}",
            f"http-request set-var(txn.o) req.fhdr(origin) if {{ var(txn.o) -m str {_ECHO} }}",
        ]
    return lines


def preflight_rules() -> list[str]:
    """Preflights answered with 204."""
    headers = _part(_HEADERS)
    asks = "METH_OPTIONS { req.hdr(origin) -m found } { req.hdr(access-control-request-method) -m found }"
    told = {
        "vary": _VARY,
        "access-control-allow-methods": f"%[{_part(_METHODS)}]",
        "access-control-max-age": f"%[{_part(_SECONDS)}]",
    }
    with_headers = told | {"access-control-allow-headers": "%[var(txn.allowed)]"}
    return [
        f"http-request set-var(txn.cors) bool(true) if {asks} {HAS_CORS}",
        f"http-request set-var(txn.op) str(0~~{PREFLIGHT}) if {_PREFLIGHT}",
        f"http-request set-var(txn.allowed) {headers} if {_PREFLIGHT} !{{ {headers} -m str -- {_ECHO} {_NONE} }}",
        "http-request set-var(txn.allowed) req.fhdr(access-control-request-headers) "
        f"if {_PREFLIGHT} {{ {headers} -m str {_ECHO} }}",
        _permitted(with_headers, f"{_PREFLIGHT} {found('o')} {found('allowed')}"),
        _permitted(told, f"{_PREFLIGHT} {found('o')}"),
        _permitted({"vary": _VARY}, _PREFLIGHT),
    ]


def _permitted(told: Mapping[str, str], condition: str) -> str:
    given = "".join(f" hdr {name} {word(value)}" for name, value in told.items())
    return f"http-request return status 204{given} if {condition}"


def response_rules(wanted: Asked) -> list[str]:
    """What a page may read, on answers of the upstream and of the gateway alike."""
    lines = [
        f"http-after-response set-header access-control-allow-origin %[var(txn.o)] if {found('o')}",
        f"http-after-response add-header vary Origin if {HAS_CORS}",
    ]
    if wanted.credentials:
        credentials = f"{{ {_part(_CREDENTIALS)} -m str true }}"
        lines.append(
            f"http-after-response set-header access-control-allow-credentials true if {found('o')} {credentials}"
        )
    if wanted.exposes:
        exposes = f"{found('o')} !{_PREFLIGHT} !{{ {_part(_EXPOSED)} -m str -- {_NONE} }}"
        lines.append(f"http-after-response set-header access-control-expose-headers %[{_part(_EXPOSED)}] if {exposes}")
    return lines


def own_rules(api: ApiIR) -> list[str]:
    """In the API's section: its upstreams do not grant permissions themselves."""
    return [] if api.cors is None else ["http-response del-header access-control- -m beg"]


def policy(api: ApiIR) -> str:
    """What the API permits, for its base path's entry; empty without a policy."""
    cors = api.cors
    if cors is None:
        return ""
    headers = _ECHO if _ANY in cors.headers else ", ".join(cors.headers) or _NONE
    said = [", ".join(cors.methods), headers, str(cors.max_age_seconds), str(cors.credentials).lower()]
    return "|".join([*said, ", ".join(cors.expose) or _NONE])


def origins(api: ApiIR) -> dict[str, str]:
    """The API's part of the map of origins."""
    cors = api.cors
    if cors is None:
        return {}
    answer = {origin: _ECHO if origin == _ANY else origin for origin in cors.origins}
    if _ANY in cors.origins and not cors.credentials:
        answer = dict.fromkeys(cors.origins, _ANY)
    return {f"{origin}/{api.id}": permitted for origin, permitted in answer.items()}


def _part(number: int) -> str:
    return f"var(txn.base),field({number},|)"
