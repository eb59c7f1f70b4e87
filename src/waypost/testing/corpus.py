"""IR cases that every driver renders, or degrades by name: one per feature; :meth:`Case.at` sets a real upstream."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from waypost.contracts.drivers import Capability
from waypost.contracts.ir import (
    ApiIR,
    Cors,
    GatewayIR,
    GatewaySettings,
    Grant,
    HeaderEdit,
    KeyAuth,
    Mock,
    PathRewrite,
    Plan,
    Quota,
    RateLimit,
    Route,
    RoutePolicies,
    Timeout,
    Upstream,
    VersionIR,
)
from waypost.contracts.vocab import GrantState, Window
from waypost.kit.crypto import Secret, sha256_hex
from waypost.testing.corpus_policies import PolicyCase, policy_cases

UPSTREAM = "http://127.0.0.1:1"
KEY = "k_corpus00000000000000000000000000"
_FAR = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One state of a gateway. ``needs`` are the capabilities without which a driver must name a degradation."""

    name: str
    ir: GatewayIR
    grants: tuple[Grant, ...] = ()
    needs: frozenset[Capability] = frozenset()

    def at(self, upstream: str) -> GatewayIR:
        """The state with its upstreams at ``upstream`` (a URL without a path)."""
        return replace(self.ir, apis=tuple(_moved(api, upstream) for api in self.ir.apis))


def corpus() -> tuple[Case, ...]:
    """All cases, by name in a stable order."""
    return (*_routing_cases(), *_key_cases(), *_limit_cases(), *_policy_cases(), *_more_cases(), _many_case())


def _routing_cases() -> tuple[Case, ...]:
    routes = (
        _route("GET", "/"),
        _route("GET", "/users"),
        _route("POST", "/users"),
        _route("GET", "/users/{id}"),
        _route("GET", "/users/me"),
        _route("GET", "/files/{name}.{format}"),
    )
    nouns = ("orders", "parcels", "invoices")
    more = tuple(_route(method, f"/{noun}/{{id}}") for noun in nouns for method in ("GET", "DELETE"))
    two = (_version("v1", routes), _version("v2", routes[:2], mount="/v2", base="/two"))
    return (
        _case("empty"),
        _case("open", _api(key_auth=None)),
        _case("paths", _api(versions=(_version("v1", routes, base="/base/"),), key_auth=None)),
        _case("operations", _api(versions=(_version("v1", (*routes, *more)),), cors=Cors(origins=("https://a.test",)))),
        _case("versions", _api(versions=two, key_auth=None)),
        _case("tls", _api(versions=(_version("v1", routes[:1], url="https://api.example.com:8443/v3"),))),
        _case("brand", _api(), settings=_brand()),
    )


def _key_cases() -> tuple[Case, ...]:
    query = KeyAuth(header="", query="apikey")
    every = KeyAuth(header="authorization", query="apikey", cookie="session", hide=False)
    hide, header = Capability.KEY_HIDE, Capability.KEY_AUTH_HEADER
    return (
        _case("key_header", _api(), grants=(_grant(),), needs=(header, hide)),
        _case("key_query", _api(key_auth=query), grants=(_grant(),), needs=(Capability.KEY_AUTH_QUERY, hide)),
        _case(
            "key_everywhere",
            _api(key_auth=every),
            grants=(_grant(),),
            needs=(header, Capability.KEY_AUTH_QUERY, Capability.KEY_AUTH_COOKIE),
        ),
    )


def _limit_cases() -> tuple[Case, ...]:
    limit = RateLimit(requests=6, seconds=60)
    pro = Plan(id="plv_pro", name="pro", rate_limits=(limit,))
    two = Plan(id="plv_two", name="two", rate_limits=(limit, RateLimit(requests=100, seconds=3600)))
    quota = Plan(id="plv_day", name="day", quotas=(Quota(amount=1000, window=Window.DAY),))
    used_up = partial(_grant, plan_id="plv_day", state=GrantState.EXHAUSTED, window=Window.DAY, resets_at=_FAR)
    rate = (Capability.KEY_AUTH_HEADER, Capability.RATE_LIMIT)
    return (
        _case("rate_limit", _api(plans=(pro,)), grants=(_grant(plan_id="plv_pro"),), needs=rate),
        _case("rate_limits", _api(plans=(pro, two)), grants=(_grant(plan_id="plv_two"),), needs=rate),
        _case("quota", _api(plans=(quota,)), grants=(used_up(),), needs=(Capability.KEY_AUTH_HEADER, Capability.QUOTA)),
    )


def _policy_cases() -> tuple[Case, ...]:
    edit = HeaderEdit(
        request_set=(("x-team", "100%"),),
        request_add=(("x-more", "1"),),
        request_remove=("x-less",),
        response_set=(("cache-control", "no-store"),),
        response_add=(("x-own", "1"),),
        response_remove=("x-powered-by",),
    )
    listed = Cors(origins=("https://a.example", "https://b.example"), credentials=True, expose=("x-own",))
    mock = Mock(status=201, body='{"sale": "100%"}', headers=(("x-mock", "yes"),))
    return (
        _case("cors_any", _api(cors=Cors(origins=("*",))), needs=(Capability.CORS,)),
        _case("cors_listed", _api(cors=listed), needs=(Capability.CORS,)),
        _case("headers", _with(headers=edit), needs=(Capability.HEADERS,)),
        _case("rewrite", _with(rewrite=PathRewrite(prefix="/a", replacement="/b")), needs=(Capability.PATH_REWRITE,)),
        _case("timeout", _with(timeout=Timeout(request_ms=250)), needs=(Capability.TIMEOUT,)),
        _case("no_timeout", _with(timeout=Timeout(request_ms=0)), needs=(Capability.TIMEOUT,)),
        _case("mock", _with(mock=mock), needs=(Capability.MOCK,)),
    )


def _more_cases() -> tuple[Case, ...]:
    return tuple(_case(item.name, _with_policies(item), needs=item.needs) for item in policy_cases())


def _with_policies(item: PolicyCase) -> ApiIR:
    routes = (_route("GET", "/a/{id}", item.policies), _route("GET", "/plain"))
    return _api(versions=(replace(_version("v1", routes), **item.version),), **item.api)  # type: ignore[arg-type]


def _many_case() -> Case:
    return _case("many", *(_api(number=number) for number in range(1, 21)))


def _brand() -> GatewaySettings:
    return GatewaySettings(
        realm='Acme "APIs"',
        problem_base="https://acme.example/problems#",
        support_url="https://acme.example/help",
        max_request_bytes=1000,
        x_ratelimit_headers=True,
    )


def _case(
    name: str,
    *apis: ApiIR,
    settings: GatewaySettings | None = None,
    grants: tuple[Grant, ...] = (),
    needs: tuple[Capability, ...] = (),
) -> Case:
    ir = GatewayIR(gateway_id="gtw_corpus", settings=settings or GatewaySettings(), apis=apis)
    return Case(name=name, ir=ir, grants=grants, needs=frozenset(needs))


def _api(*, number: int = 1, **changes: object) -> ApiIR:
    api = ApiIR(
        id=f"api_{number}",
        slug=f"sample{number}",
        name=f"Sample {number}",
        base_path=f"/sample{number}",
        versions=(_version("v1", (_route("GET", "/a"),)),),
    )
    return replace(api, **changes)  # type: ignore[arg-type]


def _with(**policies: object) -> ApiIR:
    """An API whose operation on ``/a/{id}`` has policies of its own, beside one without."""
    own = RoutePolicies(**policies)  # type: ignore[arg-type]
    routes = (_route("GET", "/a/{id}", own), _route("GET", "/a", own), _route("GET", "/plain"))
    return _api(versions=(_version("v1", routes),), key_auth=None)


def _version(
    name: str, routes: tuple[Route, ...], *, mount: str = "", base: str = "", url: str = UPSTREAM
) -> VersionIR:
    return VersionIR(id=f"ver_{name}", name=name, mount=mount, upstream=Upstream(url=url + base), routes=routes)


def _route(method: str, path: str, policies: RoutePolicies | None = None) -> Route:
    return Route(
        id=f"op_{method}_{path}".replace("/", "_"), method=method, path=path, policies=policies or RoutePolicies()
    )


def _grant(**changes: object) -> Grant:
    grant = Grant(
        id="grn_1",
        api_id="api_1",
        subscription_id="sub_1",
        app_id="app_1",
        credential_id="crd_1",
        plan_id="plv_none",
        key=Secret(KEY),
        key_sha256=sha256_hex(KEY),
        expires_at=_FAR,
    )
    return replace(grant, **changes)  # type: ignore[arg-type]


def _moved(api: ApiIR, upstream: str) -> ApiIR:
    versions = []
    for version in api.versions:
        known = version.upstream
        if known is not None and known.url.startswith(UPSTREAM):
            known = replace(known, url=known.url.replace(UPSTREAM, upstream))
        versions.append(replace(version, upstream=known))
    return replace(api, versions=tuple(versions))
