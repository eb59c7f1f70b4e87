"""Errors of the token endpoint. RFC 6749, 5.2 prescribes their form, so these are no problem+json."""

from __future__ import annotations

from collections.abc import Mapping


class OAuthError(Exception):
    """``error`` is the RFC's code, ``description`` for a developer; neither says whether a client exists."""

    def __init__(
        self, error: str, description: str, *, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status
        self.headers = dict(headers or {})


def invalid_request(description: str) -> OAuthError:
    """The request is not what RFC 6749, 4.4.2 describes."""
    return OAuthError("invalid_request", description)


def invalid_client() -> OAuthError:
    """Unknown, ended, or with a wrong secret: one answer for all three."""
    headers = {"WWW-Authenticate": 'Basic realm="token", charset="UTF-8"'}
    return OAuthError("invalid_client", "The client is unknown or its secret is wrong.", status=401, headers=headers)


def slow_down(seconds: int) -> OAuthError:
    """Too many wrong secrets from one place."""
    headers = {"Retry-After": str(seconds)}
    return OAuthError("slow_down", f"Too many attempts failed. Wait {seconds} seconds.", status=429, headers=headers)
