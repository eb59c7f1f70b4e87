"""Calls without any credential, where they may pass: a route of their own, without the look-up.

Such a route fits only a call that brings nothing in any of the places that its API reads, so that a credential which
is sent is always asked for; an empty value is nothing.
"""

from __future__ import annotations

from typing import Any

from envoy.config.route.v3 import route_components_pb2 as rc
from envoy.type.matcher.v3 import regex_pb2, string_pb2

from waypost.contracts.ir import ApiIR, KeyAuth


def restrict(match: Any, api: ApiIR) -> None:
    """Narrow a route's match to calls that bring no credential."""
    if api.mtls is not None:
        match.tls_context.presented.value = False
    schemes = [*(["bearer"] if api.jwt or api.introspection else []), *(["basic"] if api.basic else [])]
    if api.key_auth is not None:
        schemes += ["bearer"] if api.key_auth.header.lower() == "authorization" else []
        _no_key(match, api.key_auth)
    if schemes:
        match.headers.append(_lacks("authorization", f"(?i).*\\b({'|'.join(schemes)})\\s+\\S.*"))


def _no_key(match: Any, auth: KeyAuth) -> None:
    name = auth.header.lower()
    if name and name != "authorization":
        match.headers.append(_lacks(name, "(?s).+"))
    if auth.cookie:
        match.headers.append(_lacks("cookie", rf'(?:.*;)?\s*{_exactly(auth.cookie)}="?[^;\s"].*'))
    if auth.query:
        match.headers.append(_lacks(":path", rf"[^?]*\?(?:.*&)?{_exactly(auth.query)}=[^&].*"))


def _lacks(name: str, pattern: str) -> Any:
    """The header is not there, or is not like this."""
    match = string_pb2.StringMatcher(safe_regex=regex_pb2.RegexMatcher(regex=pattern))
    return rc.HeaderMatcher(name=name, string_match=match, invert_match=True, treat_missing_header_as_empty=True)


def _exactly(text: str) -> str:
    return "".join(char if char.isalnum() or char in "_-" else f"\\x{{{ord(char):x}}}" for char in text)
