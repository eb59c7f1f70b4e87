"""Refusals of callers who did not say who they are, or said it wrongly (401), or are not known here (403)."""

from __future__ import annotations

from itertools import combinations

from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.envoy.answer import DETAILS, Answer, on_route, quoted
from waypost.integration.gateways.envoy.filters import access, authentication
from waypost.integration.gateways.envoy.names import AMBIGUOUS_ROUTE, DENIED_ROUTE, SPACED_ROUTE, WAY

Headers = tuple[tuple[str, str], ...]

CHALLENGE = "www-authenticate"
_SCHEMES = {
    "c": 'Certificate realm="{}"',
    "t": 'Bearer realm="{}"',
    "p": 'Basic realm="{}", charset="UTF-8"',
    "k": 'Key realm="{}"',
}
_MISSING = {
    "c": Refusal.CERTIFICATE_MISSING,
    "t": Refusal.TOKEN_MISSING,
    "p": Refusal.PASSWORD_MISSING,
    "k": Refusal.KEY_MISSING,
}
SCRIPTED = "lua:"
"""What ``WAY`` begins with where a script refused; the code follows."""

UNKNOWN = "unknown_api_key"
"""The engine's word where what was sent is nobody's here."""

_BY_WAY = {"basi": Refusal.PASSWORD_INVALID, f"{authentication.MISSING}p": Refusal.PASSWORD_INVALID}
_TOKEN_FAILED = "jwt_authn_access_denied"  # noqa: S105  (the engine's word)
_REFUSED = ', error="invalid_token"'


def answers(realm: str) -> tuple[Answer, ...]:
    """All refusals about who calls, the frequent ones first."""
    return (
        _missing_key(realm),
        _unknown_key(realm),
        *_tokens(realm),
        *_known(realm),
        *_key_form(realm),
        *_missing(realm),
    )


def code(details: str, way: str) -> Refusal | None:
    """Which of these refusals a call met, from the engine's details and ``WAY``; the same as the answer said."""
    if details == "missing_api_key":
        letters = way.removeprefix(authentication.MISSING) or "k"
        return _MISSING[letters] if len(letters) == 1 else Refusal.CREDENTIAL_MISSING
    if details == UNKNOWN:
        return Refusal.KEY_INVALID if not way or "k" in way else _BY_WAY.get(way, Refusal.NOT_SUBSCRIBED)
    if details == "lua_response":
        return Refusal(way.removeprefix(SCRIPTED)) if way.startswith(SCRIPTED) else Refusal.KEY_AMBIGUOUS
    if details.startswith(_TOKEN_FAILED):
        return Refusal.TOKEN_EXPIRED if "expired" in details else Refusal.TOKEN_INVALID
    return None


def _challenges(letters: str, realm: str, more: str = "") -> Headers:
    return tuple((CHALLENGE, _SCHEMES[letter].format(quoted(realm)) + more) for letter in letters)


def _way(value: str) -> str:
    return f"request.headers['{WAY}'] == '{value}'"


def _way_starts(text: str) -> str:
    return f"('{WAY}' in request.headers && request.headers['{WAY}'].startsWith('{text}'))"


def _scripted(refusal: Refusal) -> str:
    return f"({DETAILS} == 'lua_response' && {_way(SCRIPTED + refusal.value)})"


def _missing_key(realm: str) -> Answer:
    when = f"{DETAILS} == 'missing_api_key' && !('{WAY}' in request.headers)"
    return Answer(Refusal.KEY_MISSING, when=when, headers=_challenges("k", realm))


def _missing(realm: str) -> tuple[Answer, ...]:
    """One for each set of ways that an API may take: the challenges name them all (RFC 9110, 11.6.1)."""
    found = []
    for letters in (letters for size in range(1, len(_SCHEMES) + 1) for letters in combinations(_SCHEMES, size)):
        refusal = _MISSING[letters[0]] if len(letters) == 1 else Refusal.CREDENTIAL_MISSING
        ways = "".join(letters)
        when = f"{DETAILS} == 'missing_api_key' && {_way(authentication.MISSING + ways)}"
        found.append(Answer(refusal, when=when, headers=_challenges(ways, realm)))
    return tuple(found)


def _unknown_key(realm: str) -> Answer:
    unknown = f"!('{WAY}' in request.headers) || request.headers['{WAY}'].contains('k')"
    return Answer(
        Refusal.KEY_INVALID,
        when=f"{DETAILS} == '{UNKNOWN}' && ({unknown})",
        headers=_challenges("k", realm),
    )


def _known(realm: str) -> tuple[Answer, ...]:
    """What was sent is no key, and no grant of this API holds it."""
    password = Answer(
        Refusal.PASSWORD_INVALID,
        when=f"{DETAILS} == '{UNKNOWN}' && ({' || '.join(map(_way, _BY_WAY))})",
        headers=_challenges("p", realm),
    )
    certificate = Answer(
        Refusal.CERTIFICATE_INVALID,
        when=access.denied(Refusal.CERTIFICATE_INVALID),
        headers=_challenges("c", realm),
    )
    stranger = Answer(
        Refusal.NOT_SUBSCRIBED,
        when=f"{on_route(DENIED_ROUTE)} || {DETAILS} == '{UNKNOWN}'",
    )
    return password, certificate, stranger


def _tokens(realm: str) -> tuple[Answer, ...]:
    failed = f"{DETAILS}.startsWith('{_TOKEN_FAILED}')"
    expired = Answer(
        Refusal.TOKEN_EXPIRED,
        when=f"({failed} && {DETAILS}.contains('expired')) || {_scripted(Refusal.TOKEN_EXPIRED)}",
        headers=_challenges("t", realm, f'{_REFUSED}, error_description="expired"'),
    )
    invalid = Answer(
        Refusal.TOKEN_INVALID,
        when=f"{failed} || {access.denied(Refusal.TOKEN_INVALID)} || {_scripted(Refusal.TOKEN_INVALID)}",
        headers=_challenges("t", realm, _REFUSED),
    )
    unavailable = Answer(
        Refusal.ISSUER_UNAVAILABLE,
        when=_scripted(Refusal.ISSUER_UNAVAILABLE),
        headers=(("retry-after", "5"),),
    )
    return expired, invalid, unavailable


def _key_form(realm: str) -> tuple[Answer, ...]:
    twice = Answer(
        Refusal.KEY_AMBIGUOUS,
        when=f"({DETAILS} == 'lua_response' && !{_way_starts(SCRIPTED)}) || {on_route(AMBIGUOUS_ROUTE)}",
        headers=_challenges("k", realm),
    )
    spaced = Answer(
        Refusal.KEY_INVALID,
        when=on_route(SPACED_ROUTE),
        headers=_challenges("k", realm),
    )
    return twice, spaced
