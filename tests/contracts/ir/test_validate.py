"""What the pure checks of the IR find, and that they find nothing in what is sound."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from waypost.contracts.ir import (
    ApiIR,
    BasicAuth,
    Concurrency,
    Cors,
    Countries,
    GatewayIR,
    HeaderEdit,
    HostRewrite,
    Introspection,
    IpRules,
    JwtAuth,
    JwtIssuer,
    KeyAuth,
    Maintenance,
    Mock,
    MutualTls,
    OpenHours,
    PathRewrite,
    Plan,
    QueryEdit,
    Quota,
    RateLimit,
    Route,
    RoutePolicies,
    Scopes,
    Sizes,
    Timeout,
    TimeWindows,
    Upstream,
    VersionIR,
)
from waypost.contracts.ir.validate import validate_api, validate_gateway
from waypost.contracts.vocab import LimitBy, QuotaUnit, Unmatched, Window
from waypost.kit.crypto import Secret

UPSTREAM = Upstream(url="https://weather.example:8443/base")


def api(name: str = "weather", **changes: object) -> ApiIR:
    route = Route(id="op_1", method="GET", path="/cities/{id}.{format}")
    version = VersionIR(id="ver_1", name="1", upstream=UPSTREAM, routes=(route,))
    sound = ApiIR(id=f"api_{name}", slug=name, name=name, base_path=f"/{name}", versions=(version,))
    return replace(sound, **changes)  # type: ignore[arg-type]


def with_version(**changes: object) -> ApiIR:
    sound = api()
    return replace(sound, versions=(replace(sound.versions[0], **changes),))  # type: ignore[arg-type]


def with_route(**changes: object) -> ApiIR:
    route = api().versions[0].routes[0]
    return with_version(routes=(replace(route, **changes),))  # type: ignore[arg-type]


def with_policies(**policies: object) -> ApiIR:
    return with_version(policies=RoutePolicies(**policies))  # type: ignore[arg-type]


def with_headers(**edits: object) -> ApiIR:
    return with_policies(headers=HeaderEdit(**edits))  # type: ignore[arg-type]


SOUND = [
    api(),
    api(key_auth=None, cors=Cors(origins=("*",))),
    api(cors=Cors(origins=("https://app.example:3000",), credentials=True)),
    api(plans=(Plan(id="p", name="gold", rate_limits=(RateLimit(requests=6, seconds=60),)),)),
    api(plans=(Plan(id="p", name="gold", quotas=(Quota(amount=0, window=Window.DAY),)),)),
    with_version(mount="/v2/beta"),
    with_version(upstream=None, policies=RoutePolicies(mock=Mock())),
    with_route(path="/"),
    with_route(path="/a%2Fb/{id}/"),
    with_route(method="M-SEARCH"),
    with_headers(request_set=(("x-team", "käse"),), response_remove=("server",)),
    with_policies(rewrite=PathRewrite(prefix="/old", replacement="/new"), timeout=Timeout(request_ms=0)),
]

ISSUER = JwtIssuer(id="i", issuer="https://login.example")
JWT = JwtAuth(issuers=(ISSUER,), claim_headers=(("sub", "x-user"),))
SECRET = Secret("hush")
ASKED = Introspection(url="https://a.example/i", issuer="https://a.example", client_id="g", client_secret=SECRET)
V0 = "versions[0].policies"
SOUND += [
    api(jwt=JWT, introspection=ASKED, basic=BasicAuth(), mtls=MutualTls(fingerprints=("ab" * 32,))),
    api(jwt=JwtAuth(issuers=(replace(ISSUER, algorithms=("HS256",), secret=SECRET),))),
    api(plans=(Plan(id="p", name="gold", scopes=("orders:read",)),)),
    with_policies(
        ip=IpRules(allow=("10.0.0.0/8", "::/0"), deny=("192.0.2.1",)),
        scopes=Scopes(scopes=("a:b",), roles=("clerk",)),
        countries=Countries(deny=("KP",)),
        maintenance=Maintenance(message="back at 8:00", allow=("127.0.0.1",)),
        hours=TimeWindows(open=(OpenHours(),)),
        rate_limits=(RateLimit(requests=1, seconds=1, by=LimitBy.CLAIM, claim="org.id"),),
        cost=5,
        concurrency=Concurrency(calls=1),
        sizes=Sizes(request_bytes=1),
        query=QueryEdit(set=(("a", "{claim.sub}"),), remove=("b",)),
        rewrite=PathRewrite(template="/t/{plan.name}"),
        host=HostRewrite(host="a.example:8080"),
    ),
]


def jwt(**changes: object) -> ApiIR:
    return api(jwt=replace(JWT, issuers=(replace(ISSUER, **changes),)))  # type: ignore[arg-type]


def asked(**changes: object) -> ApiIR:
    return api(introspection=replace(ASKED, **changes))  # type: ignore[arg-type]


UNSOUND = [
    (api(jwt=JwtAuth(issuers=())), "jwt.issuers"),
    (api(jwt=JwtAuth(issuers=(ISSUER, ISSUER))), "jwt.issuers[1].issuer"),
    (api(jwt=replace(JWT, claim_headers=(("sub", "Host"),))), "jwt.claim_headers[0]"),
    (api(jwt=replace(JWT, claim_headers=(("su b", "x-a"),))), "jwt.claim_headers[0][0]"),
    (api(jwt=replace(JWT, scope_claim="a b")), "jwt.scope_claim[0]"),
    (jwt(issuer="https://a example"), "jwt.issuers[0].issuer"),
    (jwt(issuer='https://a"'), "jwt.issuers[0].issuer"),
    (jwt(jwks="{}"), "jwt.issuers[0].jwks"),
    (jwt(jwks='{"keys":[{"kty":"RSA","d":"x"}]}'), "jwt.issuers[0].jwks"),
    (jwt(jwks='{"keys":[{"kty":"oct","k":"x"}]}'), "jwt.issuers[0].jwks"),
    (jwt(algorithms=("none",)), "jwt.issuers[0].algorithms"),
    (jwt(algorithms=()), "jwt.issuers[0].algorithms"),
    (jwt(algorithms=("HS256",)), "jwt.issuers[0].secret"),
    (jwt(secret=SECRET), "jwt.issuers[0].secret"),
    (jwt(audiences=("a\n",)), "jwt.issuers[0].audiences[0]"),
    (jwt(required_claims=(("a", "b\x00"),)), "jwt.issuers[0].required_claims[0]"),
    (asked(url="ftp://a.example"), "introspection.url"),
    (asked(url="https://u:p@a.example"), "introspection.url"),
    (asked(url="https://a.example/'x"), "introspection.url"),
    (asked(client_secret=Secret("a\nb")), "introspection.client_secret"),
    (asked(client_id=""), "introspection.client_id"),
    (asked(timeout_ms=0), "introspection.timeout_ms"),
    (api(mtls=MutualTls(fingerprints=("AB" * 32,))), "mtls.fingerprints[0]"),
    (api(mtls=MutualTls(subjects=("CN=a\nb",))), "mtls.subjects[0]"),
    (api(plans=(Plan(id="p", name="a", scopes=('a"b',)),)), "plans[0].scopes[0]"),
    (
        api(plans=(Plan(id="p", name="a", quotas=(Quota(amount=1, window=Window.DAY, unit=QuotaUnit.HEADER),)),)),
        "plans[0].quotas[0].header",
    ),
    (
        with_version(unmatched=Unmatched.PASS, upstream=None, policies=RoutePolicies(mock=Mock())),
        "versions[0].unmatched",
    ),
    (with_policies(ip=IpRules(deny=("10.0.0.1/8",))), f"{V0}.ip.deny[0]"),
    (with_policies(ip=IpRules(allow=("a",))), f"{V0}.ip.allow[0]"),
    (with_policies(ip=IpRules(deny=("fe80::1%a b\n",))), f"{V0}.ip.deny[0]"),
    (with_policies(countries=Countries(allow=("deu",))), f"{V0}.countries.allow[0]"),
    (with_policies(scopes=Scopes(scopes=("a b",))), f"{V0}.scopes.scopes[0]"),
    (with_policies(scopes=Scopes(roles=("a'\"",))), f"{V0}.scopes.roles[0]"),
    (with_policies(maintenance=Maintenance(message="a\r\nb")), f"{V0}.maintenance.message"),
    (with_policies(maintenance=Maintenance(until=datetime(2026, 1, 1))), f"{V0}.maintenance.until"),  # noqa: DTZ001
    (with_policies(hours=TimeWindows(open=(OpenHours(days=(0,)),))), f"{V0}.hours.open[0].days"),
    (with_policies(hours=TimeWindows(open=(OpenHours(start_minute=9, end_minute=9),))), f"{V0}.hours.open[0]"),
    (with_policies(rate_limits=(RateLimit(requests=1, seconds=1, by=LimitBy.CLAIM),)), f"{V0}.rate_limits[0].claim"),
    (with_policies(rate_limits=(RateLimit(requests=1, seconds=1, burst=-1),)), f"{V0}.rate_limits[0].burst"),
    (with_policies(cost=-1), f"{V0}.cost"),
    (with_policies(concurrency=Concurrency(calls=0)), f"{V0}.concurrency.calls"),
    (with_policies(concurrency=Concurrency(calls=1, by=LimitBy.CLAIM)), f"{V0}.concurrency.by"),
    (with_policies(sizes=Sizes(request_bytes=-1)), f"{V0}.sizes.request_bytes"),
    (with_policies(query=QueryEdit(remove=("a&b",))), f"{V0}.query.remove[0]"),
    (with_policies(query=QueryEdit(set=(("a", "{nobody}"),))), f"{V0}.query.set"),
    (with_policies(rewrite=PathRewrite(template="t")), f"{V0}.rewrite.template"),
    (with_policies(rewrite=PathRewrite(template="/{nobody}")), f"{V0}.rewrite.template"),
    (with_policies(host=HostRewrite(host="a b")), f"{V0}.host.host"),
    (with_policies(host=HostRewrite(host="a", preserve=True)), f"{V0}.host.preserve"),
    (with_headers(request_set=(("x-a", "{claim}"),)), f"{V0}.headers.request_set"),
    (api(base_path="weather"), "base_path"),
    (api(base_path="/"), "base_path"),
    (api(base_path="/.."), "base_path"),
    (api(base_path="/a/b"), "base_path"),
    (api(base_path="/a b"), "base_path"),
    (api(versions=()), "versions"),
    (api(versions=api().versions * 2), "versions[1].id"),
    (api(plans=(Plan(id="p", name="a"), Plan(id="p", name="b"))), "plans[1].id"),
    (api(plans=(Plan(id="p", name='go"ld'),)), "plans[0].name"),
    (api(plans=(Plan(id="p", name="a", rate_limits=(RateLimit(requests=0, seconds=1),)),)), "plans[0].rate_limits[0]"),
    (api(key_auth=KeyAuth(header="")), "key_auth"),
    (api(key_auth=KeyAuth(header="x-key\r\n")), "key_auth.header"),
    (api(key_auth=KeyAuth(header="x_key")), "key_auth.header"),
    (api(cors=Cors(origins=("*",), credentials=True)), "cors.origins"),
    (api(cors=Cors(origins=("https://a.example/path",))), "cors.origins"),
    (api(cors=Cors(origins=("app.example",))), "cors.origins"),
    (with_version(mount="v2"), "versions[0].mount"),
    (with_version(mount="/v2/"), "versions[0].mount"),
    (with_version(upstream=None), "versions[0].routes[0]"),
    (with_version(upstream=Upstream(url="weather.example")), "versions[0].upstream.url"),
    (with_version(upstream=Upstream(url="http://")), "versions[0].upstream.url"),
    (with_version(upstream=Upstream(url="http://h:99999")), "versions[0].upstream.url"),
    (with_version(upstream=Upstream(url="file:///etc/passwd")), "versions[0].upstream.url"),
    (with_version(upstream=Upstream(url="http://u:p@h")), "versions[0].upstream.url"),
    (with_version(upstream=Upstream(url="http://h/?q=1")), "versions[0].upstream.url"),
    (with_version(upstream=Upstream(url="http://h", connect_timeout_ms=0)), "versions[0].upstream.connect_timeout_ms"),
    (with_route(method="get"), "versions[0].routes[0].method"),
    (with_route(path="x"), "versions[0].routes[0].path"),
    (with_route(path="/{a"), "versions[0].routes[0].path"),
    (with_route(path="/a}"), "versions[0].routes[0].path"),
    (with_route(path="/{a/b}"), "versions[0].routes[0].path"),
    (with_route(path="/{}"), "versions[0].routes[0].path"),
    (with_route(path="/{a}/{a}"), "versions[0].routes[0].path"),
    (with_route(path="/{a}{b}"), "versions[0].routes[0].path"),
    (with_route(path="/a?b"), "versions[0].routes[0].path"),
    (with_route(path="/a\nb"), "versions[0].routes[0].path"),
    (with_headers(request_set=(("X-Upper", ""),)), "versions[0].policies.headers.request_set"),
    (with_headers(request_add=(("x-a", "b\r\nx-evil: 1"),)), "versions[0].policies.headers.request_add"),
    (with_headers(response_remove=("content-length",)), "versions[0].policies.headers.response_remove"),
    (with_policies(rewrite=PathRewrite(prefix="x")), "versions[0].policies.rewrite.prefix"),
    (with_policies(timeout=Timeout(request_ms=-1)), "versions[0].policies.timeout.request_ms"),
    (with_policies(mock=Mock(status=99)), "versions[0].policies.mock.status"),
    (with_policies(mock=Mock(body="x" * (1024 * 1024 + 1))), "versions[0].policies.mock.body"),
]


@pytest.mark.parametrize("sound", SOUND)
def test_sound_apis_pass(sound: ApiIR) -> None:
    assert validate_api(sound) == ()


@pytest.mark.parametrize(("unsound", "where"), UNSOUND, ids=[where + str(i) for i, (_, where) in enumerate(UNSOUND)])
def test_what_is_wrong_is_named_by_its_place(unsound: ApiIR, where: str) -> None:
    assert where in [problem.where for problem in validate_api(unsound)]


def test_one_unsound_api_does_not_touch_the_others() -> None:
    ir = GatewayIR(gateway_id="g", apis=(api("a"), api("b", base_path="b"), api("c")))
    assert validate_gateway(ir).keys() == {"api_b"}


def test_two_apis_that_claim_one_path_the_earlier_keeps_it() -> None:
    ir = GatewayIR(gateway_id="g", apis=(api("a"), api("b", base_path="/a")))
    problems = validate_gateway(ir)
    assert problems.keys() == {"api_b"}
    assert "belongs to the API 'a'" in problems["api_b"][0].message


def test_an_unsound_api_claims_nothing() -> None:
    ir = GatewayIR(gateway_id="g", apis=(api("a", versions=()), api("b", base_path="/a")))
    assert validate_gateway(ir).keys() == {"api_a"}
