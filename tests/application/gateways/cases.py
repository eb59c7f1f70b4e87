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

HUB = HubState(name='Acme "Hub"', public_url="https://hub.example", support_url="https://help.example")
MOCK = {"status": 200, "content_type": "application/json", "body": '{"ok":true}', "headers": []}
LIST = OperationState(id="op_list", method="GET", path="/orders")
READ = OperationState(id="op_read", method="get", path="/orders/{id}", mock=MOCK)
V1 = VersionState(id="ver_1", name="v1", mount="", upstream_url="https://orders.internal/base", operations=(LIST, READ))
FREE = PlanState(
    version_id="plv_free",
    slug="free",
    number=1,
    rate_limits=({"requests": 100, "seconds": 3600}, {"requests": 6, "seconds": 60}),
    quota={"requests": 1000, "window": "month"},
)
ORDERS = ApiState(id="api_orders", slug="orders", name="Orders", base_path="/orders", versions=(V1,), plans=(FREE,))


def gateway(*apis: ApiState) -> GatewayState:
    return GatewayState(gateway_id="gw_1", hub=HUB, apis=apis)


def policy(target: str, kind: str, **config: object) -> PolicyState:
    return PolicyState(target_id=target, kind=kind, config=config)


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
}
