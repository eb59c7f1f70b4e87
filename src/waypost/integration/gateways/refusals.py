"""What every engine says when it refuses: status, title and a way out, by code and, for some, by its cause.

Keys are a :class:`Refusal`'s value, or that and a cause, joined by a dot (``quota_exceeded.day``).
"""

from __future__ import annotations

from dataclasses import dataclass

from waypost.contracts.vocab import Refusal, Window

_LATER = "Try again later; if it stays, tell the API's provider the decision id."
_PATH = "Check the path in the API's reference."


OWN_HEADERS = frozenset(
    [
        *("content-type", "retry-after", "www-authenticate", "allow", "connection"),
        *("ratelimit", "ratelimit-policy", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"),
    ]
)
"""What refusals and limits say in headers of their own: edits of these are for answers of upstreams and mocks only."""


@dataclass(frozen=True, slots=True)
class Text:
    """One refusal in words."""

    status: int
    title: str
    hint: str


TEXTS: dict[str, Text] = {
    Refusal.KEY_MISSING: Text(
        401, "This API needs a key", "Send your application's key where this API's reference says."
    ),
    Refusal.KEY_INVALID: Text(
        401,
        "This key is not valid",
        "Check the key: it may be mistyped, revoked or expired. Create a new one if need be.",
    ),
    Refusal.KEY_AMBIGUOUS: Text(401, "The key was sent more than once", "Send the key once, in one place."),
    Refusal.CREDENTIAL_MISSING: Text(
        401, "This API needs to know who calls", "Send one of the credentials that this API's reference names."
    ),
    Refusal.TOKEN_MISSING: Text(401, "This API needs an access token", "Send one in `Authorization: Bearer`."),
    Refusal.TOKEN_INVALID: Text(401, "This access token is not valid", "Get a new token from your issuer."),
    Refusal.TOKEN_EXPIRED: Text(401, "This access token has expired", "Get a new token from your issuer."),
    Refusal.ISSUER_UNAVAILABLE: Text(503, "The token cannot be checked now", _LATER),
    Refusal.PASSWORD_MISSING: Text(
        401, "This API needs a user name and password", "Send them in `Authorization: Basic`."
    ),
    Refusal.PASSWORD_INVALID: Text(401, "User name or password is wrong", "Check both; create new ones if need be."),
    Refusal.CERTIFICATE_MISSING: Text(
        401, "This API needs a client certificate", "Connect over TLS with your application's certificate."
    ),
    Refusal.CERTIFICATE_INVALID: Text(
        401, "This client certificate is not accepted", "Use a certificate that this API knows."
    ),
    Refusal.NOT_SUBSCRIBED: Text(
        403, "This key is not subscribed to this API", "Subscribe the application that the key belongs to."
    ),
    Refusal.SCOPE_INSUFFICIENT: Text(
        403, "This credential may not do that", "Ask for the scopes or roles that the operation's reference names."
    ),
    Refusal.ADDRESS_DENIED: Text(403, "Your address is not accepted here", "Call from an address that is allowed."),
    Refusal.COUNTRY_DENIED: Text(403, "Your country is not accepted here", "Call from a country that is allowed."),
    Refusal.MAINTENANCE: Text(503, "This API is under maintenance", "Try again after the seconds in `Retry-After`."),
    Refusal.CLOSED: Text(403, "This API is closed at this time", "Call within the hours that the reference names."),
    Refusal.NOT_FOUND: Text(404, "There is nothing here", _PATH),
    Refusal.METHOD_NOT_ALLOWED: Text(405, "This method is not allowed here", "Use one of the methods in `Allow`."),
    Refusal.RATE_LIMITED: Text(
        429, "Too many calls", "Wait for the seconds in `Retry-After`, or choose a larger plan."
    ),
    **{
        f"{Refusal.QUOTA_EXCEEDED}.{window.value}": Text(
            429,
            f"This {window.value}'s quota is used up",
            f"It starts anew with the next {window.value} (UTC); or choose a larger plan.",
        )
        for window in Window
    },
    Refusal.CONCURRENCY_LIMITED: Text(429, "Too many calls at the same time", "Wait for answers before you send more."),
    Refusal.TOO_LARGE: Text(413, "The request body is too large", "Send less in one request."),
    Refusal.RESPONSE_TOO_LARGE: Text(502, "The answer is too large", "Ask for less at once."),
    Refusal.BAD_REQUEST: Text(400, "The request cannot be read", "Send a well-formed HTTP request."),
    Refusal.UPSTREAM_ERROR: Text(502, "The API's server broke off the connection", _LATER),
    Refusal.UPSTREAM_UNAVAILABLE: Text(503, "The API's server cannot be reached", _LATER),
    Refusal.UPSTREAM_TIMEOUT: Text(504, "The API's server took too long", _LATER),
}
