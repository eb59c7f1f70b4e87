"""What the pure checks of the IR find, and that they find nothing in what is sound."""

from __future__ import annotations

from dataclasses import replace

import pytest

from waypost.contracts.ir import (
    ApiIR,
    Cors,
    GatewayIR,
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
from waypost.contracts.ir.validate import validate_api, validate_gateway
from waypost.contracts.vocab import Window

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

UNSOUND = [
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
