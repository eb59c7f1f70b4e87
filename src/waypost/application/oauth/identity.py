"""How the hub is called as an issuer, and its APIs as audiences. Pure."""

from __future__ import annotations

ALGORITHM = "ES256"
TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
INTROSPECTION_PATH = "/oauth/introspect"
JWKS_PATH = "/oauth/jwks.json"


def hub_issuer(public_url: str) -> str:
    """The issuer identifier (RFC 8414, 2): the hub's address without a slash at the end."""
    return public_url.rstrip("/")


def api_audience(issuer: str, slug: str) -> str:
    """One API as a resource (RFC 8707) and as ``aud`` of a token; a gateway takes no token of the hub without it."""
    return f"{issuer}/apis/{slug}"


def client_value(issuer: str, client_id: str) -> str:
    """What a grant of a client holds: issuer and client id, one space between."""
    return f"{issuer} {client_id}"
