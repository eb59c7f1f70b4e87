"""Policies for the corpus: who may call, and how much. No secrets, which a dump would not keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from waypost.contracts.drivers import Capability
from waypost.contracts.ir import (
    Anonymous,
    BasicAuth,
    Concurrency,
    Countries,
    HeaderEdit,
    HostRewrite,
    IpRules,
    JwtAuth,
    JwtIssuer,
    KeyAuth,
    Maintenance,
    MutualTls,
    OpenHours,
    PathRewrite,
    Plan,
    QueryEdit,
    Quota,
    RateLimit,
    RoutePolicies,
    Scopes,
    Sizes,
    TimeWindows,
)
from waypost.contracts.vocab import LimitBy, QuotaUnit, Unmatched, Window

_C = Capability
# The public key of RFC 7517, appendix A.1.
_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    "kid": "1",
}
_ISSUER = JwtIssuer(
    id="main",
    issuer="https://issuer.example",
    jwks=json.dumps({"keys": [_KEY]}),
    algorithms=("ES256",),
    audiences=("here",),
    required_claims=(("tier", "gold"),),
)
_JWT = JwtAuth(issuers=(_ISSUER,), claim_headers=(("org", "x-org"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCase:
    """Changes to the sample API, the policies of its operation, and what an engine must be able to do."""

    name: str
    needs: tuple[Capability, ...]
    api: Mapping[str, object] = field(default_factory=dict)
    policies: RoutePolicies = field(default_factory=RoutePolicies)
    version: Mapping[str, object] = field(default_factory=dict)


def policy_cases() -> tuple[PolicyCase, ...]:
    """All of them."""
    return (*_callers(), *_access(), *_amounts(), *_edits())


def _callers() -> tuple[PolicyCase, ...]:
    token = {"key_auth": None, "jwt": _JWT}
    every = {"key_auth": KeyAuth(), "jwt": _JWT, "basic": BasicAuth(), "mtls": MutualTls()}
    narrow = MutualTls(subjects=("CN=alice",), fingerprints=("ab" * 32,))
    ways = (_C.KEY_AUTH_HEADER, _C.KEY_HIDE, _C.JWT, _C.JWT_CLAIMS, _C.BASIC, _C.MTLS, _C.ANY_OF)
    return (
        PolicyCase(name="jwt", needs=(_C.JWT, _C.JWT_CLAIMS), api=token),
        PolicyCase(name="basic", needs=(_C.BASIC,), api={"key_auth": None, "basic": BasicAuth()}),
        PolicyCase(name="mtls", needs=(_C.MTLS,), api={"key_auth": None, "mtls": narrow}),
        PolicyCase(
            name="any_of",
            needs=(*ways, _C.ANONYMOUS),
            api=every,
            policies=RoutePolicies(anonymous=Anonymous()),
        ),
        PolicyCase(
            name="scopes",
            needs=(_C.JWT, _C.JWT_CLAIMS, _C.SCOPES, _C.ROLES),
            api=token,
            policies=RoutePolicies(scopes=Scopes(scopes=("read", "write"), any_of=True, roles=("admin",))),
        ),
    )


def _access() -> tuple[PolicyCase, ...]:
    office = OpenHours(days=(1, 2, 3, 4, 5), start_minute=540, end_minute=1020)
    closed = Maintenance(message="back soon", until=datetime(2030, 1, 1, tzinfo=UTC), allow=("10.0.0.0/8",))
    lists = IpRules(allow=("10.0.0.0/8", "2001:db8::/32"), deny=("10.6.6.6",))
    return (
        _open("ip", (_C.IP,), ip=lists),
        _open("countries", (_C.COUNTRIES,), countries=Countries(allow=("DE", "FR"), unknown=False)),
        _open("maintenance", (_C.MAINTENANCE,), maintenance=closed),
        _open("hours", (_C.HOURS,), hours=TimeWindows(open=(office,))),
    )


def _amounts() -> tuple[PolicyCase, ...]:
    plan = Plan(
        id="plv_all",
        name="all",
        rate_limits=(
            RateLimit(requests=10, seconds=1, burst=20),
            RateLimit(requests=100, seconds=60, by=LimitBy.APP),
            RateLimit(requests=1000, seconds=60, by=LimitBy.PLAN),
        ),
    )
    own = (
        RateLimit(requests=5, seconds=1, by=LimitBy.IP),
        RateLimit(requests=50, seconds=1, by=LimitBy.OPERATION),
        RateLimit(requests=500, seconds=1, by=LimitBy.API),
    )
    units = Quota(amount=1000, window=Window.DAY, unit=QuotaUnit.HEADER, header="x-tokens")
    keyed = (_C.KEY_AUTH_HEADER, _C.KEY_HIDE, _C.RATE_LIMIT)
    by = (_C.RATE_LIMIT_BURST, _C.RATE_LIMIT_BY_APP, _C.RATE_LIMIT_BY_PLAN)
    shared = (_C.RATE_LIMIT_BY_IP, _C.RATE_LIMIT_BY_OPERATION, _C.RATE_LIMIT_BY_API)
    two = Plan(id="plv_two", name="two", rate_limits=(RateLimit(requests=6, seconds=60),))
    return (
        PolicyCase(
            name="limits_by",
            needs=(*keyed, *by, *shared),
            api={"plans": (plan,)},
            policies=RoutePolicies(rate_limits=own),
        ),
        PolicyCase(name="cost", needs=(*keyed, _C.COST), api={"plans": (two,)}, policies=RoutePolicies(cost=3)),
        PolicyCase(
            name="quota_units",
            needs=(_C.KEY_AUTH_HEADER, _C.KEY_HIDE, _C.QUOTA, _C.QUOTA_HEADER),
            api={"plans": (Plan(id="plv_u", name="u", quotas=(units,)),)},
        ),
        _open("concurrency", (_C.CONCURRENCY,), concurrency=Concurrency(calls=7)),
        _open("sizes", (_C.SIZES_REQUEST, _C.SIZES_RESPONSE), sizes=Sizes(request_bytes=1000, response_bytes=2000)),
    )


def _edits() -> tuple[PolicyCase, ...]:
    edit = HeaderEdit(
        request_set=(("x-who", "{app.id}/{plan.name} 100%"), ("x-from", "{request.ip} {request.header.x-from}")),
        response_set=(("x-asked", "{request.method} {request.path}"),),
    )
    query = QueryEdit(set=(("q", "{request.query.search}"),), remove=("debug",))
    path = PathRewrite(template="/tenants/{request.header.x-tenant}")
    return (
        _open("header_templates", (_C.HEADERS, _C.TEMPLATES), headers=edit),
        _open("query", (_C.QUERY, _C.TEMPLATES), query=query),
        _open("path_template", (_C.PATH_REWRITE, _C.TEMPLATES), rewrite=path),
        _open("host", (_C.HOST,), host=HostRewrite(host="internal.example")),
        PolicyCase(
            name="unmatched", needs=(_C.UNMATCHED,), api={"key_auth": None}, version={"unmatched": Unmatched.PASS}
        ),
    )


def _open(name: str, needs: tuple[Capability, ...], **policies: object) -> PolicyCase:
    own = RoutePolicies(**policies)  # type: ignore[arg-type]
    return PolicyCase(name=name, needs=needs, api={"key_auth": None}, policies=own)
