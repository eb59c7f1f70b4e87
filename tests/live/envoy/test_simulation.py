"""What the hub says would become of a call, and what becomes of it on a real Envoy: the same status and code."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from tests.live.envoy.conftest import Gateway, grant_for

from waypost.application.decisions.request import Credential, Described, Known, Subscribed
from waypost.application.decisions.simulate import simulate
from waypost.contracts.ir import (
    Anonymous,
    ApiIR,
    BasicAuth,
    Cors,
    GatewayIR,
    GatewaySettings,
    Grant,
    IpRules,
    JwtAuth,
    JwtIssuer,
    KeyAuth,
    Maintenance,
    Mock,
    OpenHours,
    Plan,
    Quota,
    Route,
    RoutePolicies,
    Scopes,
    TimeWindows,
)
from waypost.contracts.vocab import CredentialKind, GrantState, Unmatched, Window
from waypost.kit.crypto import Secret, sha256_hex

pytestmark = pytest.mark.live
ISSUER = ECKey.generate_key("P-256", {"kid": "k1", "alg": "ES256", "use": "sig"})
FREE = Plan(id="plv_free", name="free", quotas=(Quota(amount=10, window=Window.DAY),), scopes=("read",))
ROUTES = (
    Route(id="op_list", method="GET", path="/orders"),
    Route(id="op_new", method="POST", path="/orders"),
    Route(id="op_one", method="GET", path="/orders/{id}"),
    Route(id="op_mine", method="GET", path="/orders/mine", policies=RoutePolicies(mock=Mock(status=418))),
    Route(id="op_admin", method="GET", path="/admin", policies=RoutePolicies(scopes=Scopes(scopes=("admin",)))),
    Route(id="op_read", method="GET", path="/read", policies=RoutePolicies(scopes=Scopes(scopes=("read",)))),
    Route(id="op_open", method="GET", path="/open", policies=RoutePolicies(anonymous=Anonymous())),
    Route(id="op_down", method="GET", path="/down", policies=RoutePolicies(maintenance=Maintenance())),
    Route(id="op_far", method="GET", path="/far", policies=RoutePolicies(ip=IpRules(deny=("127.0.0.0/8",)))),
    Route(id="op_near", method="GET", path="/near", policies=RoutePolicies(ip=IpRules(allow=("127.0.0.0/8",)))),
    Route(
        id="op_shut",
        method="GET",
        path="/shut",
        policies=RoutePolicies(hours=TimeWindows(open=(OpenHours(end_minute=0),))),
    ),
)


@dataclass(frozen=True)
class Call:
    """One request: ``api`` names the API; ``target`` stands below its base path."""

    api: str
    target: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    size: int = 0


@dataclass
class Stage:
    """What is published, for the engine and for the walk."""

    ir: GatewayIR
    bases: dict[str, str]
    known: Known
    calls: list[Call] = field(default_factory=list)


def known_of(grants: Iterable[Grant]) -> Known:
    found: dict[tuple[CredentialKind, str], Credential] = {}
    for grant in grants:
        key = (grant.kind, grant.key_sha256)
        held = found.get(key) or Credential(id=grant.credential_id, kind=grant.kind, rights={})
        right = Subscribed(
            subscription_id=grant.subscription_id,
            app_id=grant.app_id,
            plan_id=grant.plan_id,
            exhausted=grant.state is GrantState.EXHAUSTED,
        )
        found[key] = replace(held, rights={**held.rights, grant.api_id: right})
    return Known(by_value=found)


def given(api: ApiIR, kind: CredentialKind, value: str, **changes: object) -> Grant:
    return replace(grant_for(api, plan=FREE), kind=kind, key=Secret(value), key_sha256=sha256_hex(value), **changes)


def token(**claims: object) -> str:
    now = int(datetime.now(UTC).timestamp())
    values = {"iss": "https://id.test", "aud": "shop", "exp": now + 600, "client_id": "shop", "scope": "read", **claims}
    return jwt.encode({"alg": "ES256", "kid": "k1"}, values, ISSUER)


async def staged(gateway: Gateway) -> Stage:
    """Six APIs that differ in whom they let in."""
    gateway.settings = GatewaySettings(realm="acme", max_request_bytes=100_000)
    issuer = JwtIssuer(
        id="i", issuer="https://id.test", jwks=json.dumps(KeySet([ISSUER]).as_dict(private=False)), audiences=("shop",)
    )
    tokens = JwtAuth(issuers=(issuer,))
    plans = (FREE,)
    apis = {
        "key": gateway.api(routes=ROUTES, plans=plans, cors=Cors(origins=("https://a.test",))),
        "places": gateway.api(
            routes=ROUTES, plans=plans, key_auth=KeyAuth(header="x-api-key", query="key", cookie="k")
        ),
        "basic": gateway.api(routes=ROUTES, plans=plans, key_auth=None, basic=BasicAuth()),
        "jwt": gateway.api(routes=ROUTES, plans=plans, key_auth=None, jwt=tokens),
        "any": gateway.api(routes=ROUTES, plans=plans, jwt=tokens, basic=BasicAuth()),
        "open": gateway.api(routes=ROUTES, plans=plans, key_auth=None),
    }
    loose = gateway.api(routes=ROUTES[:1], plans=plans)
    apis["loose"] = replace(loose, versions=(replace(loose.versions[0], unmatched=Unmatched.PASS),))
    result = await gateway.publish(*apis.values())
    assert all(outcome.state == "live" for outcome in result.outcomes), result
    grants = [given(apis[name], CredentialKind.KEY, f"good-{name}") for name in ("key", "places", "any", "loose")]
    grants += [given(apis[name], CredentialKind.BASIC, f"ann:{name}") for name in ("basic", "any")]
    grants += [given(apis[name], CredentialKind.CLIENT, "https://id.test shop") for name in ("jwt", "any")]
    grants.append(given(apis["key"], CredentialKind.KEY, "used-up", state=GrantState.EXHAUSTED, window=Window.DAY))
    await gateway.grant(*grants)
    ir = GatewayIR(gateway_id="gw", settings=gateway.settings, apis=tuple(apis.values()))
    return Stage(ir, {name: api.base_path for name, api in apis.items()}, known_of(grants))


def calls() -> list[Call]:
    def key(value: str) -> tuple[tuple[str, str], ...]:
        return (("x-api-key", value),)

    def authorization(value: str) -> tuple[tuple[str, str], ...]:
        return (("authorization", value),)

    def basic(value: str) -> tuple[tuple[str, str], ...]:
        return authorization("Basic " + base64.b64encode(value.encode()).decode())

    good, stale = token(), token(exp=int((datetime.now(UTC) - timedelta(hours=1)).timestamp()))
    preflight = (("origin", "https://a.test"), ("access-control-request-method", "GET"))
    paths = (
        "/orders",
        "/orders/7",
        "/orders/mine",
        "/read",
        "/open",
        "/near",
        "/orders?x=1",
        "/orders/%2F",
        "/a/../orders",
    )
    refused = ("/admin", "/down", "/far", "/shut", "/nothing", "/orders/", "/orders/7/8", "", "/")
    found = [Call("key", path, headers=key("good-key")) for path in (*paths, *refused)]
    found += [Call("key", path) for path in (*paths, *refused)]
    found += [Call("key", "/orders", headers=key(value)) for value in ("bad", "", "used-up", "good-any", "good-places")]
    found += [Call("key", "/nothing", headers=key(value)) for value in ("bad", "used-up")]
    found += [Call("key", "/orders", method, key("good-key")) for method in ("HEAD", "POST", "DELETE", "OPTIONS")]
    found += [Call("key", path, "OPTIONS", preflight) for path in ("/orders", "/down")]
    found += [Call("key", "/orders", "POST", key("good-key"), size) for size in (10, 100_001)]
    found += [Call("key", "/orders", headers=(*key("good-key"), *key("good-key")))]
    for target in ("?key=good-places", "?key=bad", "?key=", "?key=good-places&key=good-places", "?other=good-places"):
        found.append(Call("places", f"/orders{target}"))
    found += [
        Call("places", "/orders", headers=(("cookie", f"a=b; k={value}"),)) for value in ("good-places", "bad", "")
    ]
    found += [Call("places", "/orders?key=good-places", headers=key("bad"))]
    found += [Call("basic", "/orders", headers=basic(value)) for value in ("ann:basic", "ann:wrong", "ann:any")]
    found += [Call("basic", "/orders", headers=authorization(value)) for value in ("Basic", "Bearer x")]
    found += [Call("jwt", "/orders", headers=authorization(f"Bearer {value}")) for value in (good, stale, "x", "a.b.c")]
    for claims in ({"aud": "other"}, {"iss": "https://evil.test"}, {"client_id": "stranger"}, {"scope": ""}):
        found.append(Call("jwt", "/read", headers=authorization(f"Bearer {token(**claims)}")))
    found += [Call("jwt", path, headers=authorization(f"bearer {good}")) for path in ("/read", "/admin", "/open")]
    found += [Call("jwt", path) for path in ("/orders", "/open")]
    found += [
        Call("any", "/orders", headers=headers) for headers in ((), key("good-any"), key("bad"), basic("ann:any"))
    ]
    found += [Call("any", "/orders", headers=authorization(f"Bearer {value}")) for value in (good, stale)]
    found += [Call("open", path) for path in ("/orders", "/read", "/nothing", "/down")]
    found += [Call("loose", path, headers=key("good-loose")) for path in ("/orders", "/elsewhere")]
    found += [Call("loose", "/elsewhere"), Call("nowhere", "/orders", headers=key("good-key"))]
    return found


async def test_the_walk_says_what_the_engine_does(gateway: Gateway) -> None:
    stage = await staged(gateway)
    wrong = []
    for call in calls():
        target = stage.bases.get(call.api, "/nowhere") + call.target
        status, code = await sent(gateway, call, target)
        outcome = simulate(stage.ir, described(call, target), stage.known)
        said = (outcome.status if outcome.status is not None else 200, outcome.code)
        if outcome.certain and said != (status, code):
            shown = {name: value[:20] for name, value in call.headers}
            wrong.append(f"{call.api} {call.method} {call.target} {shown}: said {said}, was {(status, code)}")
    assert len(calls()) > 80
    assert not wrong, "\n" + "\n".join(wrong)


def described(call: Call, target: str) -> Described:
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in call.headers:
        headers[name] = (*headers.get(name, ()), value)
    return Described(
        at=datetime.now(UTC),
        method=call.method,
        target=target,
        headers=headers,
        address="127.0.0.1",
        body_bytes=call.size or None,
    )


async def sent(gateway: Gateway, call: Call, target: str) -> tuple[int, str]:
    """To the letter, over a socket: clients normalise paths."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.driver.port)
    lines = [f"{call.method} {target or '/'} HTTP/1.1", "host: gw.test", "connection: close"]
    lines += [f"{name}: {value}" for name, value in call.headers]
    if call.size:
        lines.append(f"content-length: {call.size}")
    writer.write("\r\n".join([*lines, "", ""]).encode() + b"x" * call.size)
    try:
        await writer.drain()
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).lower()
        problem = b"application/problem+json" in head and call.method != "HEAD"
        body = await asyncio.wait_for(_body(reader, head), 10) if problem else b""
    finally:
        writer.close()
    return int(head.split()[1]), json.loads(body)["code"] if body else ""


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    length = next((line for line in head.split(b"\r\n") if line.startswith(b"content-length:")), None)
    assert length is not None, "the gateway's own answers have a length"
    return await reader.readexactly(int(length.partition(b":")[2]))
