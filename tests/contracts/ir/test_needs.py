"""What an API asks of an engine, and what is said when it cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from waypost.contracts.drivers import Capability
from waypost.contracts.ir import (
    ApiIR,
    Concurrency,
    HeaderEdit,
    IpRules,
    JwtAuth,
    JwtIssuer,
    KeyAuth,
    Mock,
    Plan,
    RateLimit,
    Route,
    RoutePolicies,
    Sizes,
    VersionIR,
)
from waypost.contracts.ir.needs import LARGE_MOCK, left_out, missing, needs
from waypost.contracts.ir.templates import Variable, is_plain, parse
from waypost.contracts.vocab import LimitBy, PolicyKind, Unmatched


def test_every_place_that_asks_is_named() -> None:
    route = Route(id="op", method="GET", path="/", policies=RoutePolicies(ip=IpRules(deny=("10.0.0.0/8",))))
    version = VersionIR(id="ver", name="v1", routes=(route,), unmatched=Unmatched.PASS)
    plan = Plan(
        id="plv", name="gold", rate_limits=(RateLimit(requests=1, seconds=1, burst=5, by=LimitBy.CLAIM, claim="org"),)
    )
    issuer = JwtIssuer(id="iss", issuer="https://login.example", algorithms=("EdDSA",))
    jwt = JwtAuth(issuers=(issuer,), claim_headers=(("org", "x-org"),))
    api = ApiIR(id="api", slug="a", name="A", base_path="/a", jwt=jwt, plans=(plan,), versions=(version,))
    found = needs(api)
    assert found[Capability.IP] == "versions[0].routes[0].policies.ip"
    assert found[Capability.RATE_LIMIT_BY_CLAIM] == "plans[0].rate_limits[0].by"
    assert found[Capability.RATE_LIMIT_BURST] == "plans[0].rate_limits[0].burst"
    assert {
        Capability.JWT,
        Capability.JWT_EDDSA,
        Capability.JWT_CLAIMS,
        Capability.ANY_OF,
        Capability.UNMATCHED,
    } <= set(found)
    assert missing(api, frozenset(Capability)) == []
    said = missing(api, frozenset(Capability) - {Capability.IP})
    assert said == ["versions[0].routes[0].policies.ip: this gateway's engine cannot do `ip`"]


def test_an_api_without_policies_asks_for_its_key_only() -> None:
    api = ApiIR(id="api", slug="a", name="A", base_path="/a", key_auth=KeyAuth(hide=False))
    assert set(needs(api)) == {Capability.KEY_AUTH_HEADER}


def test_sizes_and_templates() -> None:
    policies = RoutePolicies(
        sizes=Sizes(response_bytes=10), headers=HeaderEdit(request_set=(("x-org", "{claim.org}"),))
    )
    version = VersionIR(id="ver", name="v1", policies=policies)
    api = ApiIR(id="api", slug="a", name="A", base_path="/a", key_auth=None, versions=(version,))
    assert set(needs(api)) == {Capability.SIZES_RESPONSE, Capability.HEADERS, Capability.TEMPLATES}


def test_every_kind_of_policy_has_a_capability() -> None:
    values = {item.value.partition(".")[0] for item in Capability}
    assert {kind.value for kind in PolicyKind} <= values


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("plain", ("plain",)),
        ("", ()),
        ("a-{claim.org}-{plan.name}", ("a-", Variable("claim", "org"), "-", Variable("plan.name"))),
        ("{{literal}}", ("{literal}",)),
        ("{request.header.x-tenant}", (Variable("request.header", "x-tenant"),)),
    ],
)
def test_templates(text: str, pieces: tuple[object, ...]) -> None:
    assert parse(text) == pieces
    assert is_plain(text) == all(isinstance(piece, str) for piece in pieces)


@pytest.mark.parametrize("text", ["{", "}", "{x}", "{claim.}", "{claim.a b}", "{app.secret}", "{}"])
def test_what_is_no_template_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="is no variable"):
        parse(text)


def test_what_only_some_engines_take() -> None:
    def asked(**policies: object) -> set[Capability]:
        version = VersionIR(id="ver", name="v1", policies=RoutePolicies(**policies))  # type: ignore[arg-type]
        return set(needs(ApiIR(id="api", slug="a", name="A", base_path="/a", key_auth=None, versions=(version,))))

    for by in (LimitBy.SUBSCRIPTION, LimitBy.APP, LimitBy.PLAN, LimitBy.IP):
        assert Capability(f"concurrency.by.{by}") in asked(concurrency=Concurrency(calls=1, by=by))
    assert asked(concurrency=Concurrency(calls=1, by=LimitBy.OPERATION)) == {Capability.CONCURRENCY}
    assert asked(mock=Mock(body="x" * LARGE_MOCK)) == {Capability.MOCK}
    assert Capability.MOCK_LARGE in asked(mock=Mock(body="x" * (LARGE_MOCK + 1)))
    named = HeaderEdit(request_set=(("x-team", "{claim.urn:team}"),))
    assert Capability.JWT_CLAIM_NAMES in asked(headers=named)
    limit = RateLimit(requests=1, seconds=1, by=LimitBy.CLAIM, claim="a/b")
    assert Capability.JWT_CLAIM_NAMES in asked(rate_limits=(limit,))


@pytest.mark.parametrize(
    "jwt",
    [
        JwtAuth(issuers=(JwtIssuer(id="i", issuer="https://l.example"),), scope_claim="urn:scope"),
        JwtAuth(issuers=(JwtIssuer(id="i", issuer="https://l.example", required_claims=(("a:b", "c"),)),)),
        JwtAuth(issuers=(JwtIssuer(id="i", issuer="https://l.example", client_claim="a/b"),)),
    ],
)
def test_a_token_whose_claims_have_names_of_their_own(jwt: JwtAuth) -> None:
    assert Capability.JWT_CLAIM_NAMES in needs(ApiIR(id="api", slug="a", name="A", base_path="/a", jwt=jwt))


def test_an_algorithm_that_nobody_asked_for_is_left_out_by_name() -> None:
    unable = frozenset(Capability) - {Capability.JWT_EDDSA}

    def taking(*issuers: JwtIssuer) -> ApiIR:
        return ApiIR(id="api", slug="a", name="A", base_path="/a", jwt=JwtAuth(issuers=issuers))

    mixed = JwtIssuer(id="i1", issuer="https://one.example", algorithms=("ES256", "EdDSA"))
    plain = JwtIssuer(id="i2", issuer="https://two.example", algorithms=("RS256",))
    edwards = JwtIssuer(id="i3", issuer="https://three.example", algorithms=("EdDSA",))
    for api, names in ((taking(mixed), "https://one.example"), (taking(plain, edwards), "https://three.example")):
        assert missing(api, unable) == []
        (lost,) = left_out(api, unable)
        assert (lost.api_id, lost.feature) == ("api", "jwt.eddsa")
        assert lost.fallback == f"tokens that {names} signs with EdDSA are refused; those of its other keys are taken"
        assert left_out(api, frozenset(Capability)) == ()
    asked = replace(mixed, required_algorithms=("ES256", "EdDSA"))
    for api in (taking(edwards), taking(asked, plain)):
        assert missing(api, unable) == ["jwt.issuers[0].algorithms: this gateway's engine cannot do `jwt.eddsa`"]
        assert left_out(api, unable) == ()
    assert left_out(taking(plain), unable) == ()
