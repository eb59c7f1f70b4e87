"""Every answer the gateway makes itself, as RFC 9457 problem+json with a stable code, a way out and a decision id.

One mapper per refusal, the first that fits wins. They live in the listener, so changing a hub's brand touches
no route. The decision id is the request id: the engine makes it, callers cannot choose it. Mocks fit no
mapper and pass untouched.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from waypost.contracts.ir import GatewaySettings
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.envoy import access_log, challenges
from waypost.integration.gateways.envoy.answer import DETAILS, Answer, literal, on_route, quoted
from waypost.integration.gateways.envoy.filters import access, claims, maintenance, quota
from waypost.integration.gateways.envoy.names import CODE, METHOD_ROUTE, NOT_FOUND_ROUTE, TYPE, WAIT
from waypost.integration.gateways.refusals import Text


def answers(settings: GatewaySettings) -> tuple[Answer, ...]:
    """All refusals, the frequent ones first; order matters where two conditions overlap."""
    return (
        *challenges.answers(settings.realm),
        *_limit_answers(),
        *_access_answers(settings.realm),
        *_route_answers(),
        *_upstream_answers(),
        *_unreadable_answers(),
    )


def local_reply_config(settings: GatewaySettings) -> dict[str, Any]:
    """``HttpConnectionManager.local_reply_config``."""
    return {"mappers": [_mapper(answer, settings) for answer in answers(settings)]}


def _limit_answers() -> tuple[Answer, ...]:
    rate = Answer(
        Refusal.RATE_LIMITED,
        when=f"{DETAILS} == 'local_rate_limited'",
        headers=((WAIT, "1"),),  # ``headers.py`` makes it ``Retry-After``
    )
    used_up = Answer(
        Refusal.QUOTA_EXCEEDED,
        text=Text(
            429, "The plan's quota is used up", "Wait for the seconds in `Retry-After`, or choose a larger plan."
        ),
        when=f"{DETAILS} == '{quota.DENIAL_DETAILS}'",
        headers=(("retry-after", f"%CEL({quota.SECONDS_LEFT})%"),),
    )
    return rate, used_up


def _access_answers(realm: str) -> tuple[Answer, ...]:
    scopes = f'Bearer realm="{quoted(realm)}", error="insufficient_scope"'
    return (
        Answer(
            Refusal.SCOPE_INSUFFICIENT,
            when=f"{access.denied(Refusal.SCOPE_INSUFFICIENT)} && {claims.GIVEN}",
            headers=(("www-authenticate", scopes),),
        ),
        Answer(
            Refusal.SCOPE_INSUFFICIENT,
            when=access.denied(Refusal.SCOPE_INSUFFICIENT),
        ),
        Answer(
            Refusal.ADDRESS_DENIED,
            when=access.denied(Refusal.ADDRESS_DENIED),
        ),
        Answer(
            Refusal.COUNTRY_DENIED,
            when=access.denied(Refusal.COUNTRY_DENIED),
        ),
        Answer(
            Refusal.CLOSED,
            when=access.denied(Refusal.CLOSED),
        ),
        Answer(
            Refusal.MAINTENANCE,
            when=access.denied(Refusal.MAINTENANCE),
            headers=(("retry-after", maintenance.RETRY_AFTER),),
            more=(("detail", maintenance.MESSAGE),),
        ),
    )


def _route_answers() -> tuple[Answer, ...]:
    return (
        Answer(Refusal.NOT_FOUND, when=on_route(NOT_FOUND_ROUTE)),
        Answer(Refusal.NOT_FOUND, flags=("NR",)),
        Answer(
            Refusal.METHOD_NOT_ALLOWED,
            when=on_route(METHOD_ROUTE),
        ),
        Answer(
            Refusal.TOO_LARGE,
            when=f"{DETAILS} == 'request_payload_too_large' || {access.denied(Refusal.TOO_LARGE)}",
        ),
    )


def _unreadable_answers() -> tuple[Answer, ...]:
    """The last ones: what the engine's codec refuses has no request id, and no details of ours."""
    unreadable = Answer(
        Refusal.BAD_REQUEST,
        when=f"(response.code == 400 && {DETAILS} != 'direct_response' || {access.denied(Refusal.BAD_REQUEST)}) "
        "&& 'x-request-id' in request.headers",
    )
    early = replace(
        unreadable,
        when=f"response.code == 400 && {DETAILS} != 'direct_response'",
        decision_id=access_log.EARLY_ID,
        headers=(("x-request-id", access_log.EARLY_ID),),
    )
    large = replace(
        early,
        text=Text(431, "The request's header is too large", "Send fewer or shorter header fields."),
        when="response.code == 431",
    )
    return unreadable, early, large


def _upstream_answers() -> tuple[Answer, ...]:
    return (
        Answer(
            Refusal.UPSTREAM_TIMEOUT,
            flags=("UT", "SI", "UMSDR"),
        ),
        Answer(
            Refusal.UPSTREAM_ERROR,
            flags=("UC", "UR", "UPE", "LR"),
        ),
        Answer(
            Refusal.UPSTREAM_UNAVAILABLE,
            flags=("UF", "UH", "NC", "DF", "URX"),
        ),
        Answer(
            Refusal.RESPONSE_TOO_LARGE,
            # The engine gives no details of this one.
            when=f"response.code == 500 && {DETAILS} == ''",
        ),
        Answer(
            Refusal.CONCURRENCY_LIMITED,
            flags=("UO",),
            headers=(("retry-after", "1"),),
        ),
    )


def _mapper(answer: Answer, settings: GatewaySettings) -> dict[str, Any]:
    body = {
        "type": literal(f"{settings.problem_base}{answer.code.value}"),
        "title": literal(answer.words.title),
        "status": answer.words.status,
        "code": answer.code.value,
        "hint": literal(answer.words.hint),
        "decision_id": answer.decision_id,
    }
    body |= dict(answer.more)
    if settings.support_url:
        body["support"] = literal(settings.support_url)
    return {
        "filter": _filter(answer),
        "status_code": answer.words.status,
        "body_format_override": {"json_format": body, "content_type": "application/problem+json"},
        "headers_to_add": _headers(answer),
    }


def _headers(answer: Answer) -> list[dict[str, Any]]:
    """What the engine wrote is overwritten; several challenges all stand."""
    given = ((CODE, answer.code.value), *answer.headers)
    names = [name for name, _ in given]
    again = [name == challenges.CHALLENGE and name in names[:index] for index, name in enumerate(names)]
    return [
        {
            "header": {"key": name, "value": value},
            "append_action": "APPEND_IF_EXISTS_OR_ADD" if append else "OVERWRITE_IF_EXISTS_OR_ADD",
        }
        for (name, value), append in zip(given, again, strict=True)
    ]


def _filter(answer: Answer) -> dict[str, Any]:
    if answer.flags:
        return {"response_flag_filter": {"flags": list(answer.flags)}}
    expression = {
        "@type": f"{TYPE}envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter",
        "expression": answer.when,
    }
    return {"extension_filter": {"name": "when", "typed_config": expression}}
