"""Templates of edits as the engine's format strings. What a variable holds is data: the engine never reads it again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from envoy.extensions.filters.http.header_to_metadata.v3 import header_to_metadata_pb2

from waypost.contracts.ir import ApiIR
from waypost.contracts.ir.needs import templated
from waypost.contracts.ir.templates import Variable, parse
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.answer import literal
from waypost.integration.gateways.envoy.filters import caller, claims
from waypost.integration.gateways.envoy.names import INTERNAL, SCOPE

_QUERY = "gw.query"
_FIXED = {
    "request.id": "%REQ(X-REQUEST-ID)%",
    "request.method": "%REQ(:METHOD)%",
    "request.path": f"%REQ({SCOPE})%",
    "request.host": "%REQ(:AUTHORITY)%",
    "request.ip": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
}
_CALLER = {
    "app.id": caller.APP,
    "subscription.id": caller.SUBSCRIPTION,
    "credential.id": caller.CREDENTIAL,
    "plan.id": caller.PLAN,
    "plan.name": caller.PLAN,
}


def formatted(api: ApiIR, text: str) -> str:
    """A template as one format string; ValueError where a variable is not to be had."""
    return "".join(literal(piece) if isinstance(piece, str) else variable(api, piece) for piece in parse(text))


def variable(api: ApiIR, found: Variable) -> str:
    """One variable as a format string."""
    if found.source == "plan.name":
        return _plan_name(api)
    if found.source in _CALLER:
        return f"%DYNAMIC_METADATA({caller.NAMESPACE}:{_CALLER[found.source]})%"
    if found.source == "claim":
        return _claim(found.name)
    if found.source == "request.header":
        if found.name.lower().startswith(INTERNAL):
            raise ValueError(f"{found.name} is no header of the request")
        return f"%REQ({found.name})%"
    if found.source == "request.query":
        return f"%DYNAMIC_METADATA({_QUERY}:{found.name.encode().hex()})%"
    return _FIXED[found.source]


def pieces(texts: Iterable[str]) -> set[str]:
    """The pieces of the caller's label that these templates name."""
    return {_CALLER[item.source] for item in _variables(texts) if item.source in _CALLER}


def headers(texts: Iterable[str]) -> set[str]:
    """The request headers that these templates name."""
    return {item.name.lower() for item in _variables(texts) if item.source == "request.header"}


def query_filters(texts: Iterable[str]) -> list[tuple[str, Any]]:
    """Filters that keep the parameters these templates name, encoded as they were sent.

    The engine's own command would decode them, and so let a caller write line breaks.
    """
    names = sorted({item.name for item in _variables(texts) if item.source == "request.query"})
    if not names:
        return []
    rules = [_query_rule(name) for name in names]
    return [("query", wire.pack(wire.parse(header_to_metadata_pb2.Config, {"request_rules": rules})))]


def _query_rule(name: str) -> dict[str, Any]:
    # Of several the first.
    pattern = rf"^[^?]*\?(?:[^#]*?&)??{re.escape(name)}=([^&#]*).*$|^.*$"
    rewrite = {"pattern": {"regex": pattern}, "substitution": "\\1"}
    value = {"metadata_namespace": _QUERY, "key": name.encode().hex(), "regex_value_rewrite": rewrite}
    return {"header": ":path", "on_header_present": value}


def claims_of(api: ApiIR) -> set[str]:
    """Every claim that a template of the API names."""
    policies = [version.policies for version in api.versions]
    policies += [route.policies for version in api.versions for route in version.routes]
    texts = (text for item in policies for text in templated(item))
    return {item.name for item in _variables(texts) if item.source == "claim"}


def _variables(texts: Iterable[str]) -> Iterator[Variable]:
    return (piece for text in texts for piece in parse(text) if isinstance(piece, Variable))


def _claim(name: str) -> str:
    path = claims.segments(name)
    if len(path) == 1 and ":" in name:
        return f"%CEL(metadata.filter_metadata['{claims.NAMESPACE}']['{claims.PAYLOAD}']['{name}'])%"
    return f"%DYNAMIC_METADATA({claims.NAMESPACE}:{claims.PAYLOAD}:{':'.join(path)})%"


def _plan_name(api: ApiIR) -> str:
    """Names are tokens (RFC 9110, 5.6.2); of what may stand in one, only these mean something here."""
    held = f"metadata.filter_metadata['{caller.NAMESPACE}']['{caller.PLAN}']"
    names = "".join(f"{held} == '{cel_text(plan.id)}' ? '{cel_text(plan.name)}' : " for plan in api.plans)
    return f"%CEL({names}'')%"


def cel_text(value: str) -> str:
    """The inside of a text in CEL, for a format string."""
    return "".join(char if char.isalnum() or char in "-_.~" else f"\\x{ord(char):02x}" for char in value)
