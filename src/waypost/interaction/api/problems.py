"""Every failure leaves as ``application/problem+json`` (RFC 9457); nothing internal leaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from structlog import get_logger

from waypost.application.words import message, pointer
from waypost.kit.errors import FieldError, Invalid, Malformed, NotFound, Problem, TooLarge
from waypost.kit.text import sentence

MEDIA_TYPE = "application/problem+json"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
log = get_logger(__name__)


class MethodNotAllowed(Problem):
    """The path exists, the method does not (405)."""

    code = "method_not_allowed"
    status = 405
    title = "This path does not know that method"
    hint = "Use one of the methods in the `Allow` header."


class FieldErrorRead(BaseModel):
    """One thing wrong with one place of the input."""

    pointer: str = Field(description="JSON pointer (RFC 6901) into the body, or `?name` for a parameter")
    message: str
    hint: str = ""
    line: int | None = None
    column: int | None = None


class ProblemRead(BaseModel):
    """A failure (RFC 9457), with a stable `code`, a way out in `hint`, and the request's id."""

    type: str = Field(examples=["/problems/not_found"])
    title: str
    status: int
    detail: str
    code: str = Field(examples=["not_found"])
    hint: str
    errors: list[FieldErrorRead] = []
    request_id: str


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """``responses=`` of a route: the statuses it may answer besides 401, 422 and 500, all of one shape."""
    shape = {"model": ProblemRead, "content": {MEDIA_TYPE: {}}}
    return {status: {**shape, "description": DESCRIPTIONS.get(status, "Problem")} for status in statuses}


DESCRIPTIONS = {
    400: "The request cannot be read",
    401: "Nobody is signed in",
    403: "Visible, but not allowed",
    404: "Absent, or not the caller's to know of",
    409: "It clashes with the state of things",
    412: "Changed in the meantime",
    413: "Too large",
    422: "The payload says something that cannot be",
    428: "`If-Match` is missing",
    429: "Too many requests; see `Retry-After`",
    500: "Something went wrong on our side",
    503: "Not available right now",
}


def render(problem: Problem, request_id: str) -> Response:
    """The response of a problem."""
    body: dict[str, Any] = {
        "type": f"/problems/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "hint": problem.way_out,
        "errors": [_field_error(error) for error in problem.errors],
        "request_id": request_id,
        **problem.extra,
    }
    headers = {**problem.headers, "Cache-Control": "no-store"}
    if problem.status == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    return Response(orjson.dumps(body), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def _field_error(error: FieldError) -> dict[str, Any]:
    return {
        "pointer": error.pointer,
        "message": sentence(error.message),
        "hint": error.hint and sentence(error.hint),
        "line": error.line,
        "column": error.column,
    }


def request_id_of(request: Request) -> str:
    """The id of this request, as in ``X-Request-Id``."""
    return str(getattr(request.state, "request_id", ""))


def install(app: FastAPI) -> None:
    """Make ``app`` answer every failure as a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)


async def _on_problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return render(error, request_id_of(request))


async def _on_validation(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    return render(_from_validation(error.errors()), request_id_of(request))


def _from_validation(found: Sequence[Any]) -> Problem:
    if any(item["type"] == "json_invalid" for item in found):
        item = next(item for item in found if item["type"] == "json_invalid")
        reason = item.get("ctx", {}).get("error", "not JSON")
        return Malformed(f"The body is not JSON: {reason} at character {item['loc'][-1]}.")
    errors = [FieldError(_place(item["loc"]), message(item)) for item in found]
    return Invalid(" ".join(f"{error.pointer or 'The body'}: {error.message}" for error in errors[:3]), errors=errors)


def _place(loc: Sequence[str | int]) -> str:
    where, *rest = loc
    if where == "body":
        return pointer(rest)
    sign = {"query": "?", "header": "header ", "path": "path ", "cookie": "cookie "}.get(str(where), "")
    return sign + ".".join(str(part) for part in rest)


def _allowed(request: Request) -> list[str]:
    """Each route knows only the methods of its own; a path has often several routes."""
    routes: list[BaseRoute] = request.app.routes
    return [
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]


async def _on_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return render(_from_http(request, error), request_id_of(request))


def _from_http(request: Request, error: HTTPException) -> Problem:
    match error.status_code:
        case 404:
            return NotFound("There is nothing at this path.", hint="Check the path and the version prefix.")
        case 405:
            return MethodNotAllowed(headers={"Allow": ", ".join(_allowed(request))})
        case 413:
            return TooLarge()
        case 400:
            return Malformed()
        case status:
            log.error("unexpected_http_error", status=status, detail=str(error.detail))
            return Problem()
