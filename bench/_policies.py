"""The policies that ``bench.policies`` measures, one by one and as the typical set, and a call that passes each."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from joserfc import jwt
from joserfc.jwk import ECKey

from waypost.contracts.ir import (
    ApiIR,
    BasicAuth,
    Concurrency,
    Cors,
    Grant,
    HeaderEdit,
    IpRules,
    JwtAuth,
    JwtIssuer,
    KeyAuth,
    PathRewrite,
    Plan,
    QueryEdit,
    RateLimit,
    Route,
    RoutePolicies,
    Scopes,
    Sizes,
    Upstream,
    VersionIR,
)
from waypost.contracts.vocab import CredentialKind, LimitBy
from waypost.kit.crypto import Secret, random_token, sha256_hex

MANY = 100_000_000
UNLIMITED = Plan(id="plv_free", name="free")
LIMITED = Plan(id="plv_bench", name="bench", rate_limits=(RateLimit(requests=MANY, seconds=60),))
CORS = Cors(origins=("https://app.example",))
HEADERS = HeaderEdit(request_set=(("x-tenant", "one"),), response_set=(("x-served-by", "edge"),))
ISSUER = "https://login.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One policy set. ``edit`` makes it of a bare open API; ``grant`` and ``sent`` are one caller's credential."""

    name: str
    edit: Callable[[ApiIR], ApiIR] = lambda api: api
    kind: CredentialKind | None = None
    plan: Plan = UNLIMITED
    apis: int = 20
    keys: int = 200
    extra: tuple[tuple[str, str], ...] = ()

    def api(self, number: int, upstream: str) -> ApiIR:
        """One API of this case."""
        routes = tuple(
            Route(id=f"op_{n}_{number}", method="GET", path=path) for n, path in enumerate(("/items", "/items/{id}"))
        )
        version = VersionIR(id=f"ver_{number}", name="1", upstream=Upstream(url=upstream), routes=routes)
        name = f"api{number}"
        bare = ApiIR(id=f"api_{number}", slug=name, name=name, base_path=f"/{name}", key_auth=None, versions=(version,))
        return self.edit(bare if self.kind is None else replace(bare, plans=(self.plan,)))

    def credential(self, number: int, api: ApiIR) -> tuple[Grant, dict[str, str]]:
        """A grant on ``api`` and the headers of a call with it."""
        value, headers = _credential(self.kind, number)
        grant = Grant(
            id=f"grn_{number}",
            api_id=api.id,
            subscription_id=f"sub_{number}",
            app_id=f"app_{number}",
            credential_id=f"crd_{number}",
            plan_id=self.plan.id,
            key=Secret(value),
            key_sha256=sha256_hex(value),
            kind=self.kind or CredentialKind.KEY,
        )
        return grant, {**headers, **dict(self.extra)}


def cases(*, apis: int, keys: int) -> Iterator[Case]:
    """Each policy alone on an open API (or with the way in that it needs), then the typical sets at full size."""
    yield Case(name="route and log")
    yield Case(name="key", edit=_key, kind=CredentialKind.KEY)
    yield Case(name="jwt", edit=_jwt, kind=CredentialKind.CLIENT)
    yield Case(name="basic", edit=_basic, kind=CredentialKind.BASIC)
    yield Case(name="key + plan limit", edit=_key, kind=CredentialKind.KEY, plan=LIMITED)
    yield Case(name="cors", edit=_cors, extra=(("origin", "https://app.example"),))
    yield _route("headers", headers=HEADERS)
    yield _route("templates", headers=HeaderEdit(request_set=(("x-call", "{request.method}-{request.id}"),)))
    yield _route("query", query=QueryEdit(set=(("source", "edge"),)))
    yield _route("path rewrite", rewrite=PathRewrite(prefix="/items", replacement="/things"))
    yield _route("ip", ip=IpRules(deny=("10.0.0.0/8", "192.0.2.0/24")))
    yield _route("limit by ip", rate_limits=(RateLimit(requests=MANY, seconds=60, by=LimitBy.IP),))
    yield _route("limit by operation", rate_limits=(RateLimit(requests=MANY, seconds=60, by=LimitBy.OPERATION),))
    yield _route("concurrency", concurrency=Concurrency(calls=10_000))
    yield _route("sizes", sizes=Sizes(request_bytes=100_000))
    yield Case(name="jwt + scopes", edit=_scoped, kind=CredentialKind.CLIENT)
    yield Case(name="typical (jwt)", edit=lambda api: _typical(_jwt(api)), kind=CredentialKind.CLIENT, plan=LIMITED)
    yield Case(
        name="typical",
        edit=lambda api: _typical(_key(api)),
        kind=CredentialKind.KEY,
        plan=LIMITED,
        apis=apis,
        keys=keys,
        extra=(("origin", "https://app.example"),),
    )


def _route(name: str, **policies: object) -> Case:
    return Case(name=name, edit=lambda api: _with(api, RoutePolicies(**policies)))  # type: ignore[arg-type]


def _with(api: ApiIR, policies: RoutePolicies) -> ApiIR:
    return replace(api, versions=tuple(replace(version, policies=policies) for version in api.versions))


def _key(api: ApiIR) -> ApiIR:
    return replace(api, key_auth=KeyAuth())


def _basic(api: ApiIR) -> ApiIR:
    return replace(api, basic=BasicAuth())


def _cors(api: ApiIR) -> ApiIR:
    return replace(api, cors=CORS)


def _jwt(api: ApiIR) -> ApiIR:
    jwks = json.dumps({"keys": [{**_SIGNING.as_dict(private=False), "alg": "ES256", "kid": "k1", "use": "sig"}]})
    issuer = JwtIssuer(id="iss_1", issuer=ISSUER, jwks=jwks, algorithms=("ES256",))
    return replace(api, jwt=JwtAuth(issuers=(issuer,)))


def _scoped(api: ApiIR) -> ApiIR:
    return _with(_jwt(api), RoutePolicies(scopes=Scopes(scopes=("read",))))


def _typical(api: ApiIR) -> ApiIR:
    return replace(_with(api, RoutePolicies(headers=HEADERS)), cors=CORS)


_SIGNING = ECKey.generate_key("P-256")


def _credential(kind: CredentialKind | None, number: int) -> tuple[str, dict[str, str]]:
    if kind is CredentialKind.BASIC:
        value = f"user{number}:{random_token('p')}"
        return value, {"authorization": f"Basic {base64.b64encode(value.encode()).decode()}"}
    if kind is CredentialKind.CLIENT:
        return f"{ISSUER} client{number}", {"authorization": f"Bearer {_token(number)}"}
    key = random_token("k")
    return key, {"x-api-key": key} if kind is CredentialKind.KEY else {}


def _token(number: int) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "client_id": f"client{number}", "scope": "read", "iat": now, "exp": now + 36_000}
    return jwt.encode({"alg": "ES256", "kid": "k1"}, claims, _SIGNING)
