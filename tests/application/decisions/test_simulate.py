"""The order of execution, walked: each step alone, their order, and what holds for any request."""

from __future__ import annotations

import base64
import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from waypost.application.decisions.request import Credential, Described, Known, Subscribed
from waypost.application.decisions.rules import RULES
from waypost.application.decisions.simulate import Outcome, simulate
from waypost.application.decisions.walk import Verdict
from waypost.contracts.ir import (
    Anonymous,
    ApiIR,
    BasicAuth,
    Cors,
    Countries,
    GatewayIR,
    GatewaySettings,
    IpRules,
    JwtAuth,
    JwtIssuer,
    KeyAuth,
    Maintenance,
    Mock,
    MutualTls,
    OpenHours,
    Plan,
    Quota,
    Route,
    RoutePolicies,
    Scopes,
    Sizes,
    TimeWindows,
    Upstream,
    VersionIR,
)
from waypost.contracts.ir.order import ORDER
from waypost.contracts.vocab import CredentialKind, Refusal, Unmatched, Window
from waypost.kit.crypto import sha256_hex

NOON = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)  # a Wednesday
ISSUER = ECKey.generate_key("P-256", {"kid": "k1", "alg": "ES256", "use": "sig"})


def version(policies: RoutePolicies | None = None, **fields: Any) -> VersionIR:
    routes = (
        Route(id="op_list", method="GET", path="/orders"),
        Route(id="op_one", method="GET", path="/orders/{id}"),
        Route(id="op_new", method="POST", path="/orders"),
    )
    values: dict[str, Any] = {"id": "ver", "name": "v1", "routes": routes, "upstream": Upstream(url="http://up.test")}
    return VersionIR(**{**values, "policies": policies or RoutePolicies(), **fields})


def gateway(policies: RoutePolicies | None = None, **fields: Any) -> GatewayIR:
    plans = (Plan(id="plv", name="free", quotas=(Quota(amount=10, window=Window.DAY),), scopes=("read",)),)
    api = ApiIR(id="api", slug="shop", name="Shop", base_path="/shop", plans=plans, versions=(version(policies),))
    return GatewayIR(gateway_id="gw", settings=GatewaySettings(max_request_bytes=1000), apis=(replace(api, **fields),))


def known(kind: CredentialKind = CredentialKind.KEY, value: str = "good", **fields: Any) -> Known:
    right = Subscribed(subscription_id="sub", app_id="app", plan_id="plv", **fields.pop("right", {}))
    credential = Credential(id="crd", kind=kind, rights=fields.pop("rights", {"api": right}), **fields)
    return Known(by_value={(kind, sha256_hex(value)): credential})


def call(target: str = "/shop/orders", method: str = "GET", **fields: Any) -> Described:
    headers = fields.pop("headers", {"x-api-key": "good"})
    lines = {name: (value,) if isinstance(value, str) else value for name, value in headers.items()}
    return Described(**{"at": NOON, "method": method, "target": target, "headers": lines, **fields})


def run(request: Described, ir: GatewayIR | None = None, who: Known | None = None) -> Outcome:
    return simulate(ir or gateway(), request, known() if who is None else who)


def test_a_good_call_reaches_the_upstream() -> None:
    outcome = run(call())
    assert (outcome.code, outcome.status, outcome.certain) == ("", None, True)
    assert outcome.caller.right is not None
    assert [step.name for step in outcome.steps] == [
        *("api", "operation", "authentication", "subscription", "quota", "answer")
    ]


@pytest.mark.parametrize(
    ("target", "method", "wanted"),
    [
        ("/shop/orders/7", "GET", "op_one"),
        ("/shop/orders", "HEAD", "op_list"),
        ("/shop/orders?x=/y", "POST", "op_new"),
        ("/shop/./orders", "GET", "op_list"),
        ("/shop/x/%2E%2e/orders", "GET", "op_list"),
        ("/shop/orders/7/", "GET", Refusal.NOT_FOUND),
        ("/shop/orders//", "GET", Refusal.NOT_FOUND),
        ("/shop/ordersx", "GET", Refusal.NOT_FOUND),
        ("/shopx/orders", "GET", Refusal.NOT_FOUND),
        ("/", "GET", Refusal.NOT_FOUND),
        ("/shop/orders", "DELETE", Refusal.METHOD_NOT_ALLOWED),
        ("/shop/orders/7", "POST", Refusal.METHOD_NOT_ALLOWED),
    ],
)
def test_paths(target: str, method: str, wanted: str) -> None:
    outcome = run(call(target, method))
    found = outcome.code or (outcome.matched.route.id if outcome.matched.route else "")
    assert found == wanted


def test_concrete_beats_template_and_a_longer_mount_a_shorter_one() -> None:
    routes = (Route(id="t", method="GET", path="/{a}"), Route(id="c", method="GET", path="/me"))
    nested = (Route(id="n", method="GET", path="/me"),)
    versions = (
        version(id="v1", routes=routes),
        version(id="v2", mount="/v2", routes=nested),
        version(id="v3", routes=(Route(id="s", method="GET", path="/v2/{b}"),)),
    )
    ir = gateway(versions=versions, key_auth=None)
    for target, wanted in (("/shop/me", "c"), ("/shop/you", "t"), ("/shop/v2/me", "n"), ("/shop/v2/you", "s")):
        found = run(call(target), ir).matched.route
        assert found is not None
        assert found.id == wanted, target


PIECES = st.text("ab-", max_size=4)


@given(PIECES, st.lists(PIECES.filter(bool), max_size=3), PIECES, st.text("ab-", max_size=12))
def test_a_segment_fits_as_a_regular_expression_would(first: str, middle: list[str], last: str, segment: str) -> None:
    parts = (first, *middle, last)
    template = "".join(f"{part}{{p{number}}}" for number, part in enumerate(parts[:-1])) + last
    ir = gateway(versions=(version(routes=(Route(id="op", method="GET", path=f"/{template}"),)),), key_auth=None)
    wanted = re.fullmatch(".+".join(map(re.escape, parts)), segment) is not None
    assert (run(call(f"/shop/{segment}"), ir).code == "") == wanted


def test_a_hostile_template_and_path_take_no_time() -> None:
    template = "/" + "-".join(f"{{p{number}}}" for number in range(12)) + "!"
    ir = gateway(versions=(version(routes=(Route(id="op", method="GET", path=template),)),), key_auth=None)
    began = time.perf_counter()
    assert run(call("/shop/" + "-" * 7900), ir).code == Refusal.NOT_FOUND
    assert time.perf_counter() - began < 1


def test_unmatched_calls_pass_by_choice() -> None:
    ir = gateway(versions=(version(unmatched=Unmatched.PASS),))
    assert run(call("/shop/elsewhere"), ir).code == ""
    assert run(call("/shop/elsewhere", headers={}), ir).code == Refusal.KEY_MISSING


@pytest.mark.parametrize(
    ("headers", "target", "wanted"),
    [
        ({}, "/shop/orders", Refusal.KEY_MISSING),
        ({"x-api-key": ""}, "/shop/orders", Refusal.KEY_MISSING),
        ({"x-api-key": "bad"}, "/shop/orders", Refusal.KEY_INVALID),
        ({"x-api-key": ("good", "good")}, "/shop/orders", Refusal.KEY_AMBIGUOUS),
        ({}, "/shop/orders?key=good", ""),
        ({}, "/shop/orders?key=good&key=good", Refusal.KEY_AMBIGUOUS),
        ({}, "/shop/orders?key", Refusal.KEY_MISSING),
        ({"x-api-key": "bad"}, "/shop/orders?key=good", Refusal.KEY_INVALID),
        ({"cookie": "a=b; k=good"}, "/shop/orders", ""),
        ({"x-api-key": "good"}, "/shop/nowhere", Refusal.NOT_FOUND),
    ],
)
def test_keys(headers: dict[str, Any], target: str, wanted: str) -> None:
    ir = gateway(key_auth=KeyAuth(query="key", cookie="k"))
    assert run(call(target, headers=headers), ir).code == wanted


def test_who_is_known_but_not_subscribed_and_who_has_expired() -> None:
    elsewhere = known(rights={"other": Subscribed(subscription_id="s", app_id="app", plan_id="p")})
    assert run(call(), who=elsewhere).code == Refusal.NOT_SUBSCRIBED
    assert run(call(), who=known(rights={})).code == Refusal.KEY_INVALID
    assert run(call(), who=known(expires_at=NOON)).code == Refusal.KEY_INVALID
    assert run(call(), who=known(expires_at=NOON + timedelta(seconds=1))).code == ""
    assert run(call(), who=known(right={"exhausted": True})).code == Refusal.QUOTA_EXCEEDED


def test_a_value_counts_only_where_its_kind_is_asked_for() -> None:
    assert run(call(), who=known(CredentialKind.CERTIFICATE)).code == Refusal.KEY_INVALID


def test_passwords() -> None:
    ir, who = gateway(key_auth=None, basic=BasicAuth()), known(CredentialKind.BASIC, "ann:secret")

    def said(line: str) -> str:
        return run(call(headers={"authorization": line}), ir, who).code

    assert said("basic " + base64.b64encode(b"ann:secret").decode()) == ""
    assert said("Basic " + base64.b64encode(b"ann:wrong").decode()) == Refusal.PASSWORD_INVALID
    assert said("Basic !!") == Refusal.PASSWORD_INVALID
    assert said("Bearer x") == Refusal.PASSWORD_MISSING


def token(**claims: Any) -> str:
    now = int(NOON.timestamp())
    values = {"iss": "https://id.test", "exp": now + 60, "client_id": "shop", "scope": "read write", **claims}
    return jwt.encode({"alg": "ES256", "kid": "k1"}, values, ISSUER)


@pytest.mark.parametrize(
    ("claims", "wanted"),
    [
        ({}, ""),
        ({"exp": NOON.timestamp() - 60}, Refusal.TOKEN_EXPIRED),
        ({"exp": NOON.timestamp() - 10}, ""),
        ({"nbf": NOON.timestamp() + 60}, Refusal.TOKEN_INVALID),
        ({"iss": "https://evil.test"}, Refusal.TOKEN_INVALID),
        ({"aud": "other"}, Refusal.TOKEN_INVALID),
        ({"aud": ["other", "shop-api"]}, ""),
        ({"client_id": "stranger"}, Refusal.NOT_SUBSCRIBED),
        ({"scope": "write"}, Refusal.SCOPE_INSUFFICIENT),
        ({"scope": ["read"]}, ""),
    ],
)
def test_tokens(claims: dict[str, Any], wanted: str) -> None:
    keys = KeySet([ISSUER]).as_dict(private=False)
    issuer = JwtIssuer(id="i", issuer="https://id.test", jwks=str(keys).replace("'", '"'), audiences=("shop-api",))
    policies = RoutePolicies(scopes=Scopes(scopes=("read",)))
    ir = gateway(policies, key_auth=None, jwt=JwtAuth(issuers=(issuer,)))
    who = known(CredentialKind.CLIENT, "https://id.test shop")
    sent = token(**{"aud": "shop-api", **claims})
    assert run(call(headers={"authorization": f"bearer {sent}"}), ir, who).code == wanted
    head, body, signature = sent.split(".")
    forged = f"{head}.{body}.{signature[::-1]}"
    outcome = run(call(headers={"authorization": f"Bearer {forged}"}), ir, who)
    assert outcome.code == Refusal.TOKEN_INVALID


def test_several_ways_and_nobody() -> None:
    ir = gateway(basic=BasicAuth(), mtls=MutualTls())
    assert run(call(headers={}), ir).code == Refusal.CREDENTIAL_MISSING
    assert run(call(), ir).code == ""
    assert run(call(certificate="ab"), ir).code == Refusal.CERTIFICATE_INVALID, "what is sent first decides"
    open_ = gateway(RoutePolicies(anonymous=Anonymous()))
    assert run(call(headers={}), open_).code == ""
    assert run(call(headers={"x-api-key": "bad"}), open_).code == Refusal.KEY_INVALID


GATES: tuple[tuple[RoutePolicies, dict[str, Any], str], ...] = (
    (RoutePolicies(maintenance=Maintenance(allow=("10.0.0.0/8",))), {}, Refusal.MAINTENANCE),
    (RoutePolicies(maintenance=Maintenance(allow=("10.0.0.0/8",))), {"address": "10.1.1.1"}, ""),
    (RoutePolicies(maintenance=Maintenance(enabled=False)), {}, ""),
    (RoutePolicies(ip=IpRules(allow=("10.0.0.0/8",))), {"address": "10.1.1.1"}, ""),
    (RoutePolicies(ip=IpRules(allow=("10.0.0.0/8",))), {"address": "::ffff:10.1.1.1"}, ""),
    (RoutePolicies(ip=IpRules(allow=("10.0.0.0/8",))), {"address": "11.1.1.1"}, Refusal.ADDRESS_DENIED),
    (RoutePolicies(ip=IpRules(deny=("::/0",))), {"address": "10.1.1.1"}, ""),
    (
        RoutePolicies(ip=IpRules(allow=("10.0.0.0/8",), deny=("10.1.0.0/16",))),
        {"address": "10.1.1.1"},
        Refusal.ADDRESS_DENIED,
    ),
    (RoutePolicies(countries=Countries(deny=("XX",))), {"country": "XX"}, Refusal.COUNTRY_DENIED),
    (RoutePolicies(countries=Countries(allow=("XX",))), {"country": "YY"}, Refusal.COUNTRY_DENIED),
    (RoutePolicies(hours=TimeWindows(open=(OpenHours(days=(3,), start_minute=720, end_minute=721),))), {}, ""),
    (RoutePolicies(hours=TimeWindows(open=(OpenHours(days=(3,), end_minute=720),))), {}, Refusal.CLOSED),
    (RoutePolicies(sizes=Sizes(request_bytes=10)), {"body_bytes": 11}, Refusal.TOO_LARGE),
    (RoutePolicies(sizes=Sizes(request_bytes=10)), {"body_bytes": 10}, ""),
    (RoutePolicies(), {"body_bytes": 1001}, Refusal.TOO_LARGE),
)


@pytest.mark.parametrize(("policies", "fields", "wanted"), GATES)
def test_gates(policies: RoutePolicies, fields: dict[str, Any], wanted: str) -> None:
    outcome = run(call(**fields), gateway(policies))
    assert outcome.code == wanted
    if wanted:
        assert outcome.status == RULES[wanted].status


def test_what_only_the_gateway_knows_is_said_to_be_unknown() -> None:
    for policies in (RoutePolicies(countries=Countries(deny=("XX",))), RoutePolicies(ip=IpRules(deny=("10.0.0.0/8",)))):
        outcome = run(call(), gateway(policies))
        assert (outcome.code, outcome.certain) == ("", False)


def test_trusted_proxies_name_the_caller() -> None:
    ir = gateway(RoutePolicies(ip=IpRules(deny=("9.9.9.9",))))
    ir = replace(ir, settings=GatewaySettings(trusted_proxies=("10.0.0.0/8",)))
    sent = {"x-api-key": "good", "x-forwarded-for": "1.1.1.1, 9.9.9.9, 10.0.0.2"}
    assert run(call(headers=sent, address="10.0.0.1"), ir).code == Refusal.ADDRESS_DENIED
    assert run(call(headers=sent, address="8.8.8.8"), ir).code == "", "nobody else is believed"


def test_scopes_of_the_plan_where_there_is_no_token() -> None:
    assert run(call(), gateway(RoutePolicies(scopes=Scopes(scopes=("read",))))).code == ""
    both = Scopes(scopes=("read", "write"))
    assert run(call(), gateway(RoutePolicies(scopes=both))).code == Refusal.SCOPE_INSUFFICIENT
    assert run(call(), gateway(RoutePolicies(scopes=replace(both, any_of=True)))).code == ""
    assert run(call(), gateway(RoutePolicies(scopes=Scopes(roles=("boss",))))).code == Refusal.SCOPE_INSUFFICIENT


def test_a_preflight_needs_no_key_and_other_options_do() -> None:
    ir = gateway(cors=Cors(origins=("https://a.test",)))
    asked = {"origin": "https://a.test", "access-control-request-method": "GET"}
    outcome = run(call(method="OPTIONS", headers=asked), ir)
    assert (outcome.code, outcome.status, outcome.last.verdict) == ("", 204, Verdict.ANSWERED)
    assert run(call(method="OPTIONS", headers={"origin": "https://a.test"}), ir).code == Refusal.METHOD_NOT_ALLOWED


def test_a_mock_answers_by_itself() -> None:
    outcome = run(call(), gateway(RoutePolicies(mock=Mock(status=418))))
    assert (outcome.code, outcome.status) == ("", 418)


def test_the_walk_follows_the_documented_order() -> None:
    """Everything is wrong at once; mending what refuses brings up the next refusal, in the order of the table."""
    policies = RoutePolicies(
        maintenance=Maintenance(),
        ip=IpRules(deny=("0.0.0.0/0",)),
        countries=Countries(deny=("XX",)),
        hours=TimeWindows(open=(OpenHours(days=(1,)),)),
        sizes=Sizes(request_bytes=1),
        scopes=Scopes(scopes=("nobody",)),
    )
    request = call("/shop/nowhere", address="1.2.3.4", country="XX", body_bytes=2, headers={})
    mend: dict[str, Any] = {
        Refusal.MAINTENANCE: lambda p, r, w: (replace(p, maintenance=None), r, w),
        Refusal.ADDRESS_DENIED: lambda p, r, w: (replace(p, ip=None), r, w),
        Refusal.COUNTRY_DENIED: lambda p, r, w: (replace(p, countries=None), r, w),
        Refusal.CLOSED: lambda p, r, w: (replace(p, hours=None), r, w),
        Refusal.NOT_FOUND: lambda p, r, w: (p, replace(r, target="/shop/orders"), w),
        Refusal.TOO_LARGE: lambda p, r, w: (p, replace(r, body_bytes=1), w),
        Refusal.KEY_MISSING: lambda p, r, w: (p, replace(r, headers={"x-api-key": ("good",)}), w),
        Refusal.SCOPE_INSUFFICIENT: lambda p, r, w: (replace(p, scopes=None), r, w),
        Refusal.QUOTA_EXCEEDED: lambda p, r, w: (p, r, known()),
    }
    who, seen = known(right={"exhausted": True}), []
    while code := run(request, gateway(policies), who).code:
        seen.append(code)
        policies, request, who = mend[code](policies, request, who)
    assert seen == list(mend)
    position = {code: number for number, step in enumerate(ORDER) for code in step.refuses}
    assert [position[code] for code in seen] == sorted(position[code] for code in seen)


TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)


@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "DELETE"]),
    target=TEXT.map(lambda text: f"/shop/{text}") | TEXT.map(lambda text: f"/{text}"),
    headers=st.dictionaries(
        st.sampled_from(["x-api-key", "authorization", "cookie", "origin", "x-forwarded-for"]), TEXT
    ),
    address=st.sampled_from(["", "1.2.3.4", "::1", "nonsense"]),
)
def test_every_request_comes_to_an_end_and_no_stranger_passes(
    method: str, target: str, headers: dict[str, str], address: str
) -> None:
    outcome = run(call(target, method, headers=headers, address=address))
    assert outcome.steps
    assert all(step.verdict is Verdict.PASSED for step in outcome.steps[:-1])
    if not outcome.code:
        assert headers.get("x-api-key") == "good"
    else:
        assert outcome.status == RULES[outcome.code].status
    assert "good" not in repr(call(target, method, headers=headers, address=address))


@given(st.lists(st.sampled_from(GATES), max_size=4), st.randoms())
def test_more_policies_never_let_more_through(gates: list[Any], random: Any) -> None:
    """A gate that is added can only refuse: whoever is refused by some stays refused with all of them."""
    names = ("maintenance", "ip", "countries", "hours", "sizes")
    chosen = {name: getattr(gate[0], name) for gate in gates for name in names if getattr(gate[0], name) is not None}
    some = {name: value for name, value in chosen.items() if random.random() < 0.5}
    request = call(address="11.1.1.1", country="XX", body_bytes=11)
    few, many = (run(request, gateway(RoutePolicies(**given_))).code for given_ in (some, chosen))
    assert not few or many


def test_every_code_is_explained() -> None:
    assert set(RULES) == set(Refusal)
    for rule in RULES.values():
        assert rule.title
        assert rule.caller.endswith(".")
        assert rule.provider.endswith(".")
