"""What each refusal means: its status, the policy kinds that can be behind it, and the way out for either side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from waypost.contracts.vocab import PolicyKind, Refusal

WAYS = (PolicyKind.MTLS, PolicyKind.JWT, PolicyKind.INTROSPECTION, PolicyKind.BASIC, PolicyKind.KEY_AUTH)
"""Kinds that say who is calling, in the order in which what a caller sent is looked at."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One code. ``kinds``: the policies that may have decided, the likeliest first; none = no policy, but a fact.

    ``caller`` and ``provider`` say what each side can do about it.
    """

    status: int
    title: str
    kinds: tuple[PolicyKind, ...]
    caller: str
    provider: str


_KEY = (PolicyKind.KEY_AUTH,)
_TOKEN = (PolicyKind.JWT, PolicyKind.INTROSPECTION)
_TELL = "If it stays, tell the API's provider the decision id."
_LOOK_UPSTREAM = "See that the API's server is up, and that its address in this version still holds."

RULES: Mapping[str, Rule] = {
    Refusal.KEY_MISSING: Rule(
        401,
        "No key was sent",
        _KEY,
        "Send your application's key in the place that the facts name.",
        "Nothing, unless the place for keys was changed: callers have to be told.",
    ),
    Refusal.KEY_INVALID: Rule(
        401,
        "The key that was sent is not in force",
        _KEY,
        "Check the key for typing errors, and that its app has an active subscription, not one that waits or ended; "
        "if the key was revoked or has expired, create a new one for the app.",
        "Nothing: no app that this gateway knows has this key.",
    ),
    Refusal.KEY_AMBIGUOUS: Rule(
        401,
        "The key was sent more than once",
        _KEY,
        "Send the key once, in one place.",
        "Nothing: the caller has to send one key.",
    ),
    Refusal.CREDENTIAL_MISSING: Rule(
        401,
        "Nothing was sent that says who is calling",
        WAYS,
        "Send one of the credentials that the facts name.",
        "Nothing, unless calls without a credential shall pass: then allow anonymous calls.",
    ),
    Refusal.TOKEN_MISSING: Rule(
        401,
        "No token was sent",
        _TOKEN,
        "Send an access token in `Authorization: Bearer`.",
        "Nothing, unless calls without a token shall pass: then allow anonymous calls.",
    ),
    Refusal.TOKEN_INVALID: Rule(
        401,
        "The token is not accepted",
        _TOKEN,
        "Get a fresh token for this API from one of its issuers, and check issuer and audience.",
        "Check that the policy's issuers, audiences and required claims are those of the tokens you expect.",
    ),
    Refusal.TOKEN_EXPIRED: Rule(
        401,
        "The token has expired",
        _TOKEN,
        "Get a fresh token; if it was fresh, set your clock.",
        "If fresh tokens are refused, see whether the issuer's clock is right or allow more skew.",
    ),
    Refusal.ISSUER_UNAVAILABLE: Rule(
        503,
        "The server that knows the tokens cannot be asked",
        _TOKEN,
        f"Try again later. {_TELL}",
        "See whether the token's server answers the gateway.",
    ),
    Refusal.PASSWORD_MISSING: Rule(
        401,
        "No user name and password were sent",
        (PolicyKind.BASIC,),
        "Send `Authorization: Basic` with the app's user name and password.",
        "Nothing, unless calls without a password shall pass: then allow anonymous calls.",
    ),
    Refusal.PASSWORD_INVALID: Rule(
        401,
        "User name or password are not in force",
        (PolicyKind.BASIC,),
        "Check both; if they were revoked or have expired, create new ones for the app.",
        "Nothing: no app that this gateway knows has them.",
    ),
    Refusal.CERTIFICATE_MISSING: Rule(
        401,
        "No client certificate was sent",
        (PolicyKind.MTLS,),
        "Call the gateway's TLS address with the app's client certificate.",
        "Nothing, unless calls without a certificate shall pass: then allow anonymous calls.",
    ),
    Refusal.CERTIFICATE_INVALID: Rule(
        401,
        "The client certificate is not accepted",
        (PolicyKind.MTLS,),
        "Use the certificate that is registered for the app, and see that it has not expired.",
        "See whether the policy's subjects and fingerprints allow the certificate.",
    ),
    Refusal.NOT_SUBSCRIBED: Rule(
        403,
        "The app is known, and not subscribed to this API",
        (),
        "Subscribe the app to this API.",
        "Approve the app's subscription if it is waiting.",
    ),
    Refusal.SCOPE_INSUFFICIENT: Rule(
        403,
        "A scope or role is missing",
        (PolicyKind.SCOPES,),
        "Ask for a token with the scopes that the facts name, or for a plan that has them.",
        "Give the caller's plan or token the scope, or ask for less at this operation.",
    ),
    Refusal.ADDRESS_DENIED: Rule(
        403,
        "The caller's address may not call",
        (PolicyKind.IP,),
        "Call from an address that the provider allows, or ask the provider to allow yours.",
        "Change the policy's allow and deny lists if this address shall pass.",
    ),
    Refusal.COUNTRY_DENIED: Rule(
        403,
        "Calls from the caller's country are refused",
        (PolicyKind.COUNTRIES,),
        "Call from a country that the provider allows.",
        "Change the policy's countries if this one shall pass.",
    ),
    Refusal.MAINTENANCE: Rule(
        503,
        "The API is under maintenance",
        (PolicyKind.MAINTENANCE,),
        "Try again after the time in `Retry-After`.",
        "End the maintenance by switching the policy off.",
    ),
    Refusal.CLOSED: Rule(
        403,
        "The API does not take calls at this hour",
        (PolicyKind.HOURS,),
        "Call within the hours that the facts name.",
        "Change the policy's hours if calls shall pass now.",
    ),
    Refusal.NOT_FOUND: Rule(
        404,
        "Nothing is at this path",
        (PolicyKind.UNMATCHED,),
        "Check the path in the API's reference, base path and version included.",
        "See whether the version with this operation is published on this gateway.",
    ),
    Refusal.METHOD_NOT_ALLOWED: Rule(
        405,
        "The path is there, with other methods",
        (PolicyKind.UNMATCHED,),
        "Use one of the methods that the facts name.",
        "Add the operation to the definition if the method shall work.",
    ),
    Refusal.RATE_LIMITED: Rule(
        429,
        "Too many calls in a short time",
        (PolicyKind.RATE_LIMIT,),
        "Wait for the seconds in `Retry-After` and spread your calls; or choose a larger plan.",
        "Raise the limit that decided, or offer the caller a larger plan.",
    ),
    Refusal.QUOTA_EXCEEDED: Rule(
        429,
        "The plan's quota is used up",
        (PolicyKind.QUOTA,),
        "Wait until the quota starts anew, or choose a larger plan.",
        "Offer the caller a larger plan, or one that allows overage.",
    ),
    Refusal.CONCURRENCY_LIMITED: Rule(
        429,
        "Too many calls at the same time",
        (PolicyKind.CONCURRENCY,),
        "Send fewer calls at once.",
        "Raise the limit if the API's server can take more at once.",
    ),
    Refusal.TOO_LARGE: Rule(
        413,
        "The request is too large",
        (PolicyKind.SIZES,),
        "Send less in one request.",
        "Raise the limit of the policy, or of the gateway, if such requests shall pass.",
    ),
    Refusal.RESPONSE_TOO_LARGE: Rule(
        502,
        "The answer is too large",
        (PolicyKind.SIZES,),
        "Ask for less at once, a page for example.",
        "Raise the limit, or make the API's server answer in smaller parts.",
    ),
    Refusal.BAD_REQUEST: Rule(
        400,
        "The request cannot be read",
        (),
        "Send a well-formed HTTP request.",
        "Nothing: the caller's program sends something that is not HTTP.",
    ),
    Refusal.UPSTREAM_ERROR: Rule(
        502, "The API's server broke the connection", (), f"Try again later. {_TELL}", _LOOK_UPSTREAM
    ),
    Refusal.UPSTREAM_UNAVAILABLE: Rule(
        503, "The API's server cannot be reached", (), f"Try again later. {_TELL}", _LOOK_UPSTREAM
    ),
    Refusal.UPSTREAM_TIMEOUT: Rule(
        504,
        "The API's server took too long",
        (PolicyKind.TIMEOUT,),
        f"Try again later, or ask for less at once. {_TELL}",
        "Make the API's server faster, or raise the timeout.",
    ),
}
