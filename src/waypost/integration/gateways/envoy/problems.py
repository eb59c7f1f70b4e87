"""Every answer the gateway makes itself, as RFC 9457 problem+json with a stable code, a way out and a decision id.

One mapper per refusal, the first that fits wins. They live in the listener, so changing a hub's brand touches
no route. The decision id is the request id: the engine makes it, callers cannot choose it. Mocks fit no
mapper and pass untouched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from waypost.contracts.ir import GatewaySettings
from waypost.contracts.vocab import Refusal, Window
from waypost.integration.gateways.envoy.filters import labels, quota
from waypost.integration.gateways.envoy.names import (
    AMBIGUOUS_ROUTE,
    CODE,
    DENIED_ROUTE,
    METHOD_ROUTE,
    NOT_FOUND_ROUTE,
    TYPE,
)

_DETAILS = "response.code_details"
_DAY = "86400 - int(request.time) % 86400"
# Start of the next month: days of this month minus the day we are in, plus what is left of today.
_MONTH_DAYS = (
    "(request.time.getMonth() == 1 ? (request.time.getFullYear() % 4 == 0 ? 29 : 28) : "
    "(request.time.getMonth() in [3, 5, 8, 10] ? 30 : 31))"
)
_MONTH = f"({_MONTH_DAYS} - request.time.getDayOfMonth() - 1) * 86400 + {_DAY}"


@dataclass(frozen=True, slots=True)
class Answer:
    """One refusal: what it says and when it applies (a CEL expression, or response flags of the engine)."""

    code: Refusal
    status: int
    title: str
    hint: str
    when: str = ""
    flags: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


def answers(settings: GatewaySettings) -> tuple[Answer, ...]:
    """All refusals, the frequent ones first; order matters where two conditions overlap."""
    challenge = ("www-authenticate", f'Key realm="{_quoted(settings.realm)}"')
    return (
        *_key_answers(challenge),
        *_limit_answers(),
        *_route_answers(),
        *_upstream_answers(),
        Answer(
            Refusal.BAD_REQUEST,
            400,
            "The request cannot be read",
            "Send a well-formed HTTP request.",
            when="response.code == 400 && response.code_details != 'direct_response'",
        ),
    )


def local_reply_config(settings: GatewaySettings) -> dict[str, Any]:
    """``HttpConnectionManager.local_reply_config``."""
    return {"mappers": [_mapper(answer, settings) for answer in answers(settings)]}


def _key_answers(challenge: tuple[str, str]) -> tuple[Answer, ...]:
    missing = Answer(
        Refusal.KEY_MISSING,
        401,
        "This API needs a key",
        "Send your application's key where this API's reference says.",
        when=f"{_DETAILS} == 'missing_api_key'",
        headers=(challenge,),
    )
    invalid = Answer(
        Refusal.KEY_INVALID,
        401,
        "This key is not valid",
        "Check the key: it may be mistyped, revoked or expired. Create a new one if need be.",
        when=f"{_DETAILS} == 'unknown_api_key'",
        headers=((CODE, Refusal.KEY_INVALID.value), challenge),
    )
    denied = Answer(
        Refusal.NOT_SUBSCRIBED,
        403,
        "This key is not subscribed to this API",
        "Subscribe the application that the key belongs to.",
        when=_on_route(DENIED_ROUTE),
    )
    ambiguous = Answer(
        Refusal.KEY_AMBIGUOUS,
        401,
        "The key was sent more than once",
        "Send the key once, in one place.",
        when=f"{_DETAILS} == 'lua_response' || {_on_route(AMBIGUOUS_ROUTE)}",
        headers=(challenge,),
    )
    return missing, invalid, denied, ambiguous


def _limit_answers() -> tuple[Answer, ...]:
    rate = Answer(
        Refusal.RATE_LIMITED,
        429,
        "Too many calls",
        "Wait for the seconds in `Retry-After`, or choose a larger plan.",
        when=f"{_DETAILS} == 'local_rate_limited'",
        headers=(("retry-after", labels.piece("t")),),
    )
    return rate, _quota(Window.DAY, _DAY), _quota(Window.MONTH, _MONTH)


def _quota(window: Window, seconds: str) -> Answer:
    return Answer(
        Refusal.QUOTA_EXCEEDED,
        429,
        f"This {window.value}'s quota is used up",
        f"It starts anew with the next {window.value} (UTC); or choose a larger plan.",
        when=f"{_DETAILS} == '{quota.denial_details(window)}'",
        headers=(("retry-after", f"%CEL({seconds})%"),),
    )


def _route_answers() -> tuple[Answer, ...]:
    path = "Check the path in the API's reference."
    return (
        Answer(Refusal.NOT_FOUND, 404, "There is nothing here", path, when=_on_route(NOT_FOUND_ROUTE)),
        Answer(Refusal.NOT_FOUND, 404, "There is nothing here", path, flags=("NR",)),
        Answer(
            Refusal.METHOD_NOT_ALLOWED,
            405,
            "This method is not allowed here",
            "Use one of the methods in `Allow`.",
            when=_on_route(METHOD_ROUTE),
        ),
        Answer(
            Refusal.TOO_LARGE,
            413,
            "The request body is too large",
            "Send less in one request.",
            when=f"{_DETAILS} == 'request_payload_too_large'",
        ),
    )


def _upstream_answers() -> tuple[Answer, ...]:
    later = "Try again later; if it stays, tell the API's provider the decision id."
    return (
        Answer(
            Refusal.UPSTREAM_TIMEOUT,
            504,
            "The API's server took too long",
            later,
            flags=("UT", "SI", "UMSDR"),
        ),
        Answer(
            Refusal.UPSTREAM_ERROR,
            502,
            "The API's server broke off the connection",
            later,
            flags=("UC", "UR", "UPE", "LR"),
        ),
        Answer(
            Refusal.UPSTREAM_UNAVAILABLE,
            503,
            "The API's server cannot be reached",
            later,
            flags=("UF", "UH", "UO", "NC", "DF", "URX"),
        ),
    )


def _on_route(name: str) -> str:
    return f"xds.route_name.endsWith('{name}')"


def _mapper(answer: Answer, settings: GatewaySettings) -> dict[str, Any]:
    body = {
        "type": _literal(f"{settings.problem_base}{answer.code.value}"),
        "title": _literal(answer.title),
        "status": answer.status,
        "code": answer.code.value,
        "hint": _literal(answer.hint),
        "decision_id": "%REQ(X-REQUEST-ID)%",
    }
    if settings.support_url:
        body["support"] = _literal(settings.support_url)
    return {
        "filter": _filter(answer),
        "status_code": answer.status,
        "body_format_override": {"json_format": body, "content_type": "application/problem+json"},
        "headers_to_add": [{"header": {"key": name, "value": value}} for name, value in answer.headers],
    }


def _filter(answer: Answer) -> dict[str, Any]:
    if answer.flags:
        return {"response_flag_filter": {"flags": list(answer.flags)}}
    expression = {
        "@type": f"{TYPE}envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter",
        "expression": answer.when,
    }
    return {"extension_filter": {"name": "when", "typed_config": expression}}


def _literal(text: str) -> str:
    """Text for a format string: ``%`` would begin a command."""
    return text.replace("%", "%%")


def _quoted(text: str) -> str:
    """The inside of a quoted-string in a header (RFC 9110, 5.6.4), for a format string."""
    printable = "".join(char for char in text if " " <= char <= "~")
    return _literal(printable.replace("\\", "\\\\").replace('"', '\\"'))
