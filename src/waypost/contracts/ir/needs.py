"""Which capabilities an API asks of an engine: what is not declared is refused by name, before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from waypost.contracts.ir import templates
from waypost.contracts.ir.authentication import JwtAuth, JwtIssuer
from waypost.contracts.ir.gateway import ApiIR, VersionIR
from waypost.contracts.ir.limits import Plan, RateLimit
from waypost.contracts.ir.policies import RoutePolicies
from waypost.contracts.vocab import LimitBy, QuotaUnit, Unmatched

if TYPE_CHECKING:
    from waypost.contracts.drivers import Capability, Degradation

LARGE_MOCK = 256 * 1024
"""Bytes of a fixed answer that every engine can give."""
_PLAIN_CLAIM = re.compile(r"[A-Za-z0-9_.-]+")
"""A claim that every engine can ask for by its name."""
_EDDSA = "EdDSA"
Needs = Iterator[tuple[str, str]]
"""Pairs of capability value and place."""

_SIMPLE = (
    *("anonymous", "scopes", "ip", "countries", "maintenance", "hours", "cost", "concurrency"),
    *("headers", "query", "host", "timeout", "mock"),
)
_BY = {
    LimitBy.APP: "rate_limit.by.app",
    LimitBy.PLAN: "rate_limit.by.plan",
    LimitBy.API: "rate_limit.by.api",
    LimitBy.OPERATION: "rate_limit.by.operation",
    LimitBy.IP: "rate_limit.by.ip",
    LimitBy.CLAIM: "rate_limit.by.claim",
}


def needs(api: ApiIR) -> dict[Capability, str]:
    """Capability -> the first place in the API's IR that asks for it, such as ``versions[0].routes[3].policies.ip``."""
    from waypost.contracts.drivers import Capability  # the port imports the IR

    found: dict[Capability, str] = {}
    for value, place in _api(api):
        found.setdefault(Capability(value), place)
    return found


def missing(api: ApiIR, capabilities: Collection[Capability]) -> list[str]:
    """A sentence for each capability that ``api`` asks for and that is not among ``capabilities``."""
    wanted = needs(api).items()
    return [f"{place}: this gateway's engine cannot do `{item}`" for item, place in wanted if item not in capabilities]


def left_out(api: ApiIR, capabilities: Collection[str]) -> tuple[Degradation, ...]:
    """What ``api`` goes without on an engine that cannot do it, because nobody asked for it by name."""
    from waypost.contracts.drivers import Capability, Degradation

    issuers = api.jwt.issuers if api.jwt else ()
    names = [issuer.issuer for issuer in issuers if _EDDSA in issuer.algorithms]
    if not names or Capability.JWT_EDDSA in capabilities or Capability.JWT_EDDSA in needs(api):
        return ()
    fallback = f"tokens that {', '.join(names)} signs with EdDSA are refused; those of its other keys are taken"
    return (Degradation(api_id=api.id, feature=Capability.JWT_EDDSA, fallback=fallback),)


def _api(api: ApiIR) -> Needs:
    yield from _ways(api)
    if api.cors is not None:
        yield "cors", "cors"
    for index, plan in enumerate(api.plans):
        yield from _plan(plan, f"plans[{index}]")
    for index, version in enumerate(api.versions):
        yield from _version(version, f"versions[{index}]")


def _ways(api: ApiIR) -> Needs:
    if api.key_auth is not None:
        for name in ("header", "query", "cookie", "hide"):
            if getattr(api.key_auth, name):
                yield f"key_auth.{name}", f"key_auth.{name}"
    yield from _jwt(api.jwt)
    ways = [name for name in ("key_auth", "jwt", "introspection", "basic", "mtls") if getattr(api, name) is not None]
    for name in set(ways) & {"introspection", "basic", "mtls"}:
        yield name, name
    if len(ways) > 1:
        yield "any_of", ways[1]


def _jwt(jwt: JwtAuth | None) -> Needs:
    if jwt is None:
        return
    yield "jwt", "jwt"
    if jwt.claim_headers:
        yield "jwt.claims", "jwt.claim_headers"
    yield from _claims([jwt.scope_claim], "jwt.scope_claim")
    yield from _claims([claim for claim, _ in jwt.claim_headers], "jwt.claim_headers")
    for index, issuer in enumerate(jwt.issuers):
        asked = [issuer.client_claim, *(claim for claim, _ in issuer.required_claims)]
        yield from _claims(asked, f"jwt.issuers[{index}]")
        if _EDDSA in (issuer.required_algorithms or ()) or (_EDDSA in issuer.algorithms and not _others(jwt.issuers)):
            yield "jwt.eddsa", f"jwt.issuers[{index}].algorithms"
        if "HS256" in issuer.algorithms:
            yield "jwt.hs256", f"jwt.issuers[{index}].algorithms"


def _others(issuers: tuple[JwtIssuer, ...]) -> bool:
    """Whether there are tokens to take besides those signed with EdDSA."""
    return any(name != _EDDSA for issuer in issuers for name in issuer.algorithms)


def _claims(names: Iterable[str], place: str) -> Needs:
    if not all(_PLAIN_CLAIM.fullmatch(name) for name in names):
        yield "jwt.claims.any_name", place


def _plan(plan: Plan, place: str) -> Needs:
    yield from _limits(plan.rate_limits, f"{place}.rate_limits")
    for index, quota in enumerate(plan.quotas):
        yield "quota", f"{place}.quotas[{index}]"
        if quota.unit is QuotaUnit.BYTES:
            yield "quota.bytes", f"{place}.quotas[{index}].unit"
        if quota.unit is QuotaUnit.HEADER:
            yield "quota.header", f"{place}.quotas[{index}].unit"


def _limits(limits: tuple[RateLimit, ...], place: str) -> Needs:
    for index, limit in enumerate(limits):
        yield "rate_limit", f"{place}[{index}]"
        if limit.burst and limit.burst != limit.requests:
            yield "rate_limit.burst", f"{place}[{index}].burst"
        if limit.by in _BY:
            yield _BY[limit.by], f"{place}[{index}].by"
        if limit.by is LimitBy.CLAIM:
            yield from _claims([limit.claim], f"{place}[{index}].claim")


def _version(version: VersionIR, place: str) -> Needs:
    if version.unmatched is Unmatched.PASS:
        yield "unmatched", f"{place}.unmatched"
    yield from _policies(version.policies, f"{place}.policies")
    for index, route in enumerate(version.routes):
        yield from _policies(route.policies, f"{place}.routes[{index}].policies")


def _policies(policies: RoutePolicies, place: str) -> Needs:
    for name in _SIMPLE:
        if getattr(policies, name) is not None:
            yield name, f"{place}.{name}"
    yield from _limits(policies.rate_limits or (), f"{place}.rate_limits")
    if policies.concurrency is not None and policies.concurrency.by not in (LimitBy.API, LimitBy.OPERATION):
        yield f"concurrency.by.{policies.concurrency.by}", f"{place}.concurrency.by"
    if policies.rewrite is not None:
        yield "path_rewrite", f"{place}.rewrite"
    if policies.scopes is not None and policies.scopes.roles:
        yield "roles", f"{place}.scopes.roles"
    if policies.sizes is not None and policies.sizes.request_bytes:
        yield "sizes.request", f"{place}.sizes.request_bytes"
    if policies.sizes is not None and policies.sizes.response_bytes:
        yield "sizes.response", f"{place}.sizes.response_bytes"
    if policies.mock is not None and len(policies.mock.body.encode()) > LARGE_MOCK:
        yield "mock.large", f"{place}.mock"
    texts = list(templated(policies))
    if any(not templates.is_plain(text) for text in texts):
        yield "templates", place
    yield from _claims(_claims_in(texts), place)


def _claims_in(texts: Iterable[str]) -> Iterator[str]:
    pieces = (piece for text in texts for piece in templates.parse(text))
    return (item.name for item in pieces if isinstance(item, templates.Variable) and item.source == "claim")


def templated(policies: RoutePolicies) -> Iterator[str]:
    """Every text in ``policies`` that is a template."""
    if policies.headers is not None:
        for kind in ("request_set", "request_add", "response_set", "response_add"):
            yield from (value for _, value in getattr(policies.headers, kind))
    if policies.query is not None:
        yield from (value for _, value in policies.query.set)
    if policies.rewrite is not None:
        yield policies.rewrite.template
