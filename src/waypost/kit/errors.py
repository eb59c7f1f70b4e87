"""Problems a caller can see (RFC 9457). One class per failure; the edge renders them.

A subclass sets ``code`` (stable, ``snake_case``), ``status`` (HTTP), ``title`` and ``hint`` (the way out).
Raise it with a ``detail`` that says what is wrong here, and ``errors`` where single fields are to be named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one place of the input: a JSON pointer (RFC 6901), what, and how to mend it."""

    pointer: str
    message: str
    hint: str = ""
    line: int | None = None
    column: int | None = None


class Problem(Exception):
    """Base of every error a user can see. Rendered as ``application/problem+json``."""

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong on our side"
    hint: ClassVar[str] = "Try again; if it stays, give the request id to whoever runs this hub."

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        hint: str | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = tuple(errors)
        self.way_out = self.hint if hint is None else hint
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})


class NotFound(Problem):
    """Absent, or not the caller's to know of: both look the same (404)."""

    code = "not_found"
    status = 404
    title = "Not found"
    hint = "Check the id; you may also lack access to it."


class Invalid(Problem):
    """The payload is well-formed but says something that cannot be (422)."""

    code = "invalid"
    status = 422
    title = "The request says something that cannot be"
    hint = "Mend what is named and try again."


class Malformed(Problem):
    """The request cannot be read at all (400)."""

    code = "malformed"
    status = 400
    title = "The request cannot be read"
    hint = "Send a body in the documented format."


class Unauthenticated(Problem):
    """Nobody is signed in (401)."""

    code = "unauthenticated"
    status = 401
    title = "Sign in first"
    hint = "Sign in, or send `Authorization: Bearer <access token>`."


class Forbidden(Problem):
    """Known and visible, but not allowed (403)."""

    code = "forbidden"
    status = 403
    title = "You may not do this"
    hint = "Ask somebody with the role that the detail names."


class Conflict(Problem):
    """The state of things does not allow it now (409)."""

    code = "conflict"
    status = 409
    title = "This clashes with how things are"
    hint = "Read the object again and decide anew."


class PreconditionFailed(Problem):
    """``If-Match`` names a revision that is no longer current (412)."""

    code = "precondition_failed"
    status = 412
    title = "Somebody changed this in the meantime"
    hint = "Read the object again, apply your change to it, and send its new ETag."


class PreconditionRequired(Problem):
    """An update without ``If-Match`` (428, RFC 6585)."""

    code = "precondition_required"
    status = 428
    title = "Say which revision you are changing"
    hint = "Send `If-Match` with the ETag you read."


class TooLarge(Problem):
    """More bytes than allowed (413)."""

    code = "too_large"
    status = 413
    title = "This is larger than allowed"
    hint = "Send less, or ask an administrator to raise the limit."


class TooManyRequests(Problem):
    """Slow down (429); carries ``Retry-After`` in ``headers``."""

    code = "too_many_requests"
    status = 429
    title = "Too many requests"
    hint = "Wait for the seconds in `Retry-After`."


class Unavailable(Problem):
    """Something needed is not there right now (503)."""

    code = "unavailable"
    status = 503
    title = "Not available right now"
    hint = "Try again in a little while."
