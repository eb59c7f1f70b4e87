"""States for the golden tests: each shows one thing the compiler does."""

from __future__ import annotations

from dataclasses import replace

from waypost.application.gateways.state import (
    ApiState,
    GatewayState,
    HubState,
    OperationState,
    PlanState,
    PolicyState,
    VersionState,
)
from waypost.application.issuers.key_sets import KeySet

HUB = HubState(name='Acme "Hub"', public_url="https://hub.example", support_url="https://help.example")
MOCK = {"status": 200, "content_type": "application/json", "body": '{"ok":true}', "headers": []}
LIST = OperationState(id="op_list", method="GET", path="/orders")
READ = OperationState(id="op_read", method="get", path="/orders/{id}", mock=MOCK)
V1 = VersionState(id="ver_1", name="v1", mount="", upstream_url="https://orders.internal/base", operations=(LIST, READ))
FREE = PlanState(
    version_id="plv_free",
    slug="free",
    number=1,
    plan_id="plan_free",
    rate_limits=({"requests": 100, "seconds": 3600}, {"requests": 6, "seconds": 60}),
    quotas=({"amount": 1000, "window": "month"},),
)
LOGIN = KeySet(
    issuer_id="iss_1",
    issuer="https://login.example",
    jwks='{"keys":[{"kty":"EC","crv":"P-256","x":"x","y":"y","kid":"1"}]}',
    algorithms=("ES256", "RS256"),
)
HUB_KEYS = KeySet(issuer_id="hub", issuer="https://hub.example", jwks='{"keys":[]}', algorithms=("ES256",))
ORDERS = ApiState(
    id="api_orders",
    slug="orders",
    name="Orders",
    base_path="/orders",
    owner_id="team_1",
    versions=(V1,),
    plans=(FREE,),
    key_sets={"iss_1": LOGIN, "hub": HUB_KEYS},
)


def gateway(*apis: ApiState) -> GatewayState:
    return GatewayState(gateway_id="gw_1", hub=HUB, apis=apis)


def policy(target: str, kind: str, **config: object) -> PolicyState:
    return PolicyState(target_id=target, kind=kind, config=config)


def locked(target: str, kind: str, **config: object) -> PolicyState:
    return replace(policy(target, kind, **config), locked=True)


def _with(*policies: PolicyState, api: ApiState = ORDERS) -> GatewayState:
    return gateway(replace(api, policies=policies))


V2 = VersionState(
    id="ver_2",
    name="v2",
    mount="/v2",
    upstream_url="http://10.0.0.7:8080",
    operations=(replace(READ, id="op_v2"),),
)

CASES: dict[str, GatewayState] = {
    "empty": gateway(),
    "one_api_by_default": gateway(ORDERS),
    "two_versions_by_mount": gateway(replace(ORDERS, versions=(V2, V1))),
    "apis_by_base_path": gateway(replace(ORDERS, id="api_z", base_path="/z", slug="z"), ORDERS),
    "plans_by_slug_and_number": gateway(
        replace(
            ORDERS,
            plans=(
                replace(FREE, version_id="plv_2", number=2),
                FREE,
                PlanState(version_id="plv_a", slug="a", number=1),
            ),
        )
    ),
    "open_to_everybody": _with(policy("api_orders", "key_auth", enabled=False)),
    "key_in_query_and_cookie": _with(
        policy("api_orders", "key_auth", header="", query="apikey", cookie="key", hide=False)
    ),
    "cors_of_the_api": _with(policy("api_orders", "cors", origins=["https://app.example"], credentials=True)),
    "mock_of_the_version": _with(policy("ver_1", "mock", enabled=True)),
    "mock_of_one_operation": _with(
        policy("op_list", "mock", enabled=True, answer={"status": 202, "content_type": "text/plain", "body": "soon"})
    ),
    "mock_off_for_one_operation": _with(
        policy("ver_1", "mock", enabled=True), policy("op_read", "mock", enabled=False)
    ),
    "operation_beats_version": _with(
        policy("ver_1", "timeout", request_ms=5000),
        policy("op_read", "timeout", request_ms=100),
        policy("ver_1", "headers", request_set=[{"name": "x-tenant", "value": "acme"}], response_remove=["server"]),
        policy("op_list", "path_rewrite", prefix="/orders", replacement="/"),
    ),
    "every_way_in": _with(
        policy("api_orders", "key_auth", enabled=True),
        policy(
            "api_orders",
            "jwt",
            issuers=[
                {"issuer": "hub"},
                {
                    "issuer": "iss_1",
                    "algorithms": ["ES256"],
                    "audiences": ["orders"],
                    "required_claims": [{"claim": "tenant", "value": "acme"}],
                },
            ],
            claim_headers=[{"claim": "sub", "header": "x-user"}],
        ),
        policy(
            "team_1",
            "introspection",
            url="https://login.example/introspect",
            issuer="https://login.example",
            client_id="gateway",
            client_secret="hush",
        ),
        policy("hub", "basic"),
        policy("hub", "mtls", subjects=["CN=partner"], fingerprints=["ab" * 32]),
        policy("ver_1", "anonymous", allowed=True),
        policy("op_list", "anonymous", allowed=False),
    ),
    "lists_are_united_and_the_nearest_wins": _with(
        policy("hub", "ip", deny=["203.0.113.0/24"]),
        policy("team_1", "ip", allow=["10.0.0.0/8"], deny=["10.9.0.0/16"]),
        policy("op_list", "ip", allow=["10.1.0.0/16"]),
        policy("hub", "headers", response_remove=["server"], response_set=[{"name": "x-frame-options", "value": "a"}]),
        policy("ver_1", "headers", response_set=[{"name": "x-frame-options", "value": "b"}]),
        policy("ver_1", "scopes", scopes=["orders:read"]),
        policy("op_read", "scopes", scopes=["orders:one"], roles=["clerk"]),
        policy("hub", "timeout", request_ms=9000),
        policy("team_1", "timeout", request_ms=8000),
    ),
    "a_lock_beats_what_is_nearer": _with(
        locked("hub", "timeout", request_ms=9000),
        policy("op_list", "timeout", request_ms=1),
        locked("hub", "headers", response_set=[{"name": "x-frame-options", "value": "a"}]),
        policy("op_list", "headers", response_set=[{"name": "x-frame-options", "value": "b"}]),
    ),
    "limits_of_plans_and_of_operations": _with(
        policy(
            "plan_free",
            "rate_limit",
            limits=[{"requests": 5, "seconds": 1, "burst": 10, "by": "app"}],
        ),
        policy(
            "plan_free",
            "quota",
            quotas=[{"amount": 1_000_000, "window": "month", "unit": "bytes", "rolling": True, "soft_percent": 80}],
        ),
        policy("plan_free", "scopes", scopes=["orders:read"]),
        policy("api_orders", "rate_limit", limits=[{"requests": 100, "seconds": 1, "by": "api"}]),
        policy("op_list", "rate_limit", limits=[{"requests": 10, "seconds": 1, "by": "ip"}]),
        policy("op_list", "cost", cost=5),
        policy("ver_1", "concurrency", calls=20),
        policy("op_read", "sizes", request_bytes=1000, response_bytes=2000),
    ),
    "switched_off_for_one_operation": _with(
        policy("ver_1", "maintenance", enabled=True, message="back soon", until="2026-12-01T08:00:00Z"),
        policy("op_read", "maintenance", enabled=False),
        policy("ver_1", "hours", open=[{"days": [1, 2], "start": "08:00", "end": "18:30"}]),
        policy("op_read", "hours", open=[]),
        policy("ver_1", "unmatched", mode="pass"),
        policy("ver_1", "countries", deny=["KP"], unknown=False),
        policy("op_list", "query", set=[{"name": "key", "value": "k", "secret": True}], remove=["debug"]),
        policy("op_list", "path_rewrite", template="/t/{plan.name}/orders"),
        policy("ver_1", "host", preserve=True),
        policy("op_list", "host", host="orders.internal"),
    ),
}
