"""Who calls, where an API takes more than keys: every way ends in one look-up, that of the API's own credentials.

Inside the place ``authentication``, in order: what was sent is taken apart, tokens are verified, and one internal
header is written that says ``basic …``, ``client …`` or ``cert …``; a key stands there as it is. A caller cannot send
such a value as a key, because a key with a space in it is refused. The order of overwriting is the order of the ways:
certificate before token before password before key.

``WAY`` says what was sent, so that a refusal names it (``problems.py``): ``missing:`` and the ways that the API takes,
or the first four letters of what is looked up.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from envoy.config.route.v3 import route_components_pb2 as rc
from envoy.extensions.filters.http.header_to_metadata.v3 import header_to_metadata_pb2
from envoy.type.matcher.v3 import string_pb2

from waypost.contracts.ir import ApiIR
from waypost.contracts.vocab import CredentialKind
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.filters import basic, inner, jwt, key_auth, mtls
from waypost.integration.gateways.envoy.filters.mutations import Step, look_up, look_up_only, on_request, put
from waypost.integration.gateways.envoy.names import ISSUER, KEY, OPAQUE, SENT, SUBJECT, TOKEN, TOKEN_CLIENT, WAY

MISSING = "missing:"
LETTERS = {"mtls": "c", "jwt": "t", "introspection": "t", "basic": "p", "key_auth": "k"}
"""Each way's letter in ``WAY``; a token is a token, however it is verified."""

_KINDS = {
    "key_auth": CredentialKind.KEY,
    "basic": CredentialKind.BASIC,
    "jwt": CredentialKind.CLIENT,
    "introspection": CredentialKind.CLIENT,
    "mtls": CredentialKind.CERTIFICATE,
}
_SENT = "gw.sent"
_WHOLE = "bearer +(.*?) *"
# Where both kinds are taken, three parts between two dots are a signed token (RFC 7515, 3.1), all else is opaque.
_SIGNED = r"bearer +([^. ]*\.[^. ]*\.[^. ]*) *"
_OPAQUE = r"bearer +([^.]*\.?[^.]*?|(?:[^.]*\.){3}.*?) *"


def needed(api: ApiIR) -> bool:
    """True where the key filter alone would not do."""
    return any((api.jwt, api.introspection, api.basic, api.mtls))


def ways(api: ApiIR) -> str:
    """The letters of the ways that an API takes, in the order in which they are asked."""
    return "".join(dict.fromkeys(letter for name, letter in LETTERS.items() if getattr(api, name) is not None))


def kinds(api: ApiIR) -> list[CredentialKind]:
    """Whose values the look-up holds."""
    return list(dict.fromkeys(kind for name, kind in _KINDS.items() if getattr(api, name) is not None))


def key_header(api: ApiIR) -> str:
    """The header that the look-up reads."""
    return KEY if needed(api) or api.key_auth is None else key_auth.key_header(api.key_auth)


def config(api: ApiIR) -> Any:
    """Per-route configuration of the place ``authentication``."""
    taken = _take_apart(api)
    prepare, conclude = list(_prepare(api)), list(_conclude(api))
    if api.jwt is None:
        prepare, conclude = [], prepare + conclude
    return inner.fill(
        [
            *([("sent", taken)] if taken is not None else []),
            *([("prepare", on_request(prepare))] if prepare else []),
            *jwt.filters(api),
            ("conclude", on_request(conclude)),
            *mtls.filters(api.mtls),
        ]
    )


def internal_headers(api: ApiIR) -> list[str]:
    """Headers of the engine's own that end here."""
    way = ([TOKEN] if api.introspection else []) + [ISSUER, TOKEN_CLIENT] if api.jwt else []
    way += [OPAQUE] if api.introspection else []
    way += [SUBJECT] if api.mtls else []
    return [WAY, *way, *([] if _only(api) else [SENT])] if needed(api) else []


def _only(api: ApiIR) -> bool:
    """One way, and one that is read without asking anybody."""
    return len(kinds(api)) == 1 and api.introspection is None


def hidden_headers(api: ApiIR) -> tuple[str, ...]:
    """Request headers that end at the gateway because they hold a credential."""
    hidden = any(way is not None and way.hide for way in (api.jwt, api.introspection, api.basic))
    return (*(("authorization",) if hidden else ()), *key_auth.hidden_headers(api.key_auth))


def spaced_key(api: ApiIR) -> Any | None:
    """A match for a key header with a space in it, which could pretend to be a credential of another kind."""
    if api.key_auth is None or not needed(api) or key_auth.needs_finder(api.key_auth):
        return None
    spaced = rc.HeaderMatcher(name=api.key_auth.header.lower(), string_match=string_pb2.StringMatcher(contains=" "))
    return rc.RouteMatch(prefix="/", headers=[spaced])


def _take_apart(api: ApiIR) -> Any:
    """Signed tokens alone are read where they are, without being taken apart."""
    both = api.jwt and api.introspection
    rules = [_rule("token", _SIGNED)] if both else []
    rules += [_rule("opaque", _OPAQUE if both else _WHOLE)] if api.introspection else []
    rules += [_rule("basic", basic.PATTERN)] if api.basic else []
    return wire.pack(wire.parse(header_to_metadata_pb2.Config, {"request_rules": rules})) if rules else None


def _rule(key: str, pattern: str) -> dict[str, Any]:
    """What stands in ``Authorization`` after a scheme; nothing where the scheme is another."""
    rewrite = {"pattern": {"regex": f"(?i)^{pattern}$|^.*$"}, "substitution": "\\1"}
    value = {"metadata_namespace": _SENT, "key": key, "regex_value_rewrite": rewrite}
    return {"header": "authorization", "on_header_present": value}


def _prepare(api: ApiIR) -> Iterable[Step]:
    if api.key_auth and not key_auth.needs_finder(api.key_auth):
        yield put(KEY, f"%REQ({api.key_auth.header})%")
    if api.jwt and api.introspection:
        yield put(TOKEN, f"%DYNAMIC_METADATA({_SENT}:token)%")
    if api.introspection:
        yield put(OPAQUE, f"%DYNAMIC_METADATA({_SENT}:opaque)%")
    yield from jwt.prepare(api.jwt)


def _conclude(api: ApiIR) -> Iterable[Step]:
    """The weakest way first: a later one overwrites what an earlier one wrote."""
    yield put(WAY, MISSING + ways(api))
    written = look_up_only if _only(api) else look_up
    yield from basic.conclude(api.basic, _SENT, written)
    yield from jwt.conclude(api.jwt, written)
    yield from mtls.conclude(api.mtls, written)
