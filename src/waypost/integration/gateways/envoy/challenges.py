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
    "c": (Refusal.CERTIFICATE_MISSING, "This API needs a client certificate", "Connect with your certificate, by TLS."),
    "t": (Refusal.TOKEN_MISSING, "This API needs a token", "Send an access token as `Authorization: Bearer …`."),
    "p": (
        Refusal.PASSWORD_MISSING,
        "This API needs a user name and password",
        "Send them as `Authorization: Basic …`.",
    ),
    "k": (
        Refusal.KEY_MISSING,
        "This API needs a key",
        "Send your application's key where this API's reference says.",
    ),
}
_ANY = (
    Refusal.CREDENTIAL_MISSING,
    "This API needs to know who calls",
    "Send one of the credentials that this API's reference names.",
)
SCRIPTED = "lua:"
"""What ``WAY`` begins with where a script refused; the code follows."""

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
        return _MISSING[letters][0] if len(letters) == 1 else _ANY[0]
    if details == "unknown_api_key":
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
    refusal, title, hint = _MISSING["k"]
    when = f"{DETAILS} == 'missing_api_key' && !('{WAY}' in request.headers)"
    return Answer(refusal, 401, title, hint, when=when, headers=_challenges("k", realm))


def _missing(realm: str) -> tuple[Answer, ...]:
    """One for each set of ways that an API may take: the challenges name them all (RFC 9110, 11.6.1)."""
    found = []
    for letters in (letters for size in range(1, len(_SCHEMES) + 1) for letters in combinations(_SCHEMES, size)):
        refusal, title, hint = _MISSING[letters[0]] if len(letters) == 1 else _ANY
        ways = "".join(letters)
        when = f"{DETAILS} == 'missing_api_key' && {_way(authentication.MISSING + ways)}"
        found.append(Answer(refusal, 401, title, hint, when=when, headers=_challenges(ways, realm)))
    return tuple(found)


def _unknown_key(realm: str) -> Answer:
    unknown = f"!('{WAY}' in request.headers) || request.headers['{WAY}'].contains('k')"
    return Answer(
        Refusal.KEY_INVALID,
        401,
        "This key is not valid",
        "Check the key: it may be mistyped, revoked or expired. Create a new one if need be.",
        when=f"{DETAILS} == 'unknown_api_key' && ({unknown})",
        headers=_challenges("k", realm),
    )


def _known(realm: str) -> tuple[Answer, ...]:
    """What was sent is no key, and no grant of this API holds it."""
    password = Answer(
        Refusal.PASSWORD_INVALID,
        401,
        "This user name or password is not valid",
        "Check both: the password may be mistyped, revoked or expired.",
        when=f"{DETAILS} == 'unknown_api_key' && ({' || '.join(map(_way, _BY_WAY))})",
        headers=_challenges("p", realm),
    )
    certificate = Answer(
        Refusal.CERTIFICATE_INVALID,
        401,
        "This client certificate is not accepted",
        "Use a certificate that this API knows.",
        when=access.denied(Refusal.CERTIFICATE_INVALID),
        headers=_challenges("c", realm),
    )
    stranger = Answer(
        Refusal.NOT_SUBSCRIBED,
        403,
        "This caller is not subscribed to this API",
        "Subscribe the application, and enter there by which client or certificate it calls.",
        when=f"{on_route(DENIED_ROUTE)} || {DETAILS} == 'unknown_api_key'",
    )
    return password, certificate, stranger


def _tokens(realm: str) -> tuple[Answer, ...]:
    failed = f"{DETAILS}.startsWith('{_TOKEN_FAILED}')"
    expired = Answer(
        Refusal.TOKEN_EXPIRED,
        401,
        "This token has expired",
        "Get a new token from its issuer.",
        when=f"({failed} && {DETAILS}.contains('expired')) || {_scripted(Refusal.TOKEN_EXPIRED)}",
        headers=_challenges("t", realm, f'{_REFUSED}, error_description="expired"'),
    )
    invalid = Answer(
        Refusal.TOKEN_INVALID,
        401,
        "This token is not valid",
        "Check issuer, audience, signature and claims: the API's reference says which tokens it takes.",
        when=f"{failed} || {access.denied(Refusal.TOKEN_INVALID)} || {_scripted(Refusal.TOKEN_INVALID)}",
        headers=_challenges("t", realm, _REFUSED),
    )
    unavailable = Answer(
        Refusal.ISSUER_UNAVAILABLE,
        503,
        "The token cannot be checked now",
        "Try again later; if it stays, tell the API's provider the decision id.",
        when=_scripted(Refusal.ISSUER_UNAVAILABLE),
        headers=(("retry-after", "5"),),
    )
    return expired, invalid, unavailable


def _key_form(realm: str) -> tuple[Answer, ...]:
    twice = Answer(
        Refusal.KEY_AMBIGUOUS,
        401,
        "The key was sent more than once",
        "Send the key once, in one place.",
        when=f"({DETAILS} == 'lua_response' && !{_way_starts(SCRIPTED)}) || {on_route(AMBIGUOUS_ROUTE)}",
        headers=_challenges("k", realm),
    )
    spaced = Answer(
        Refusal.KEY_INVALID,
        401,
        "This key is not valid",
        "A key has no space in it.",
        when=on_route(SPACED_ROUTE),
        headers=_challenges("k", realm),
    )
    return twice, spaced
