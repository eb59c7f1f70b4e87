"""One call for every route: what differs from "no body, ids of the red team's things"."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.interaction.api.matrix.world import TERMS
from tests.support.definitions import ORDERS


@dataclass(frozen=True, slots=True)
class Call:
    """``ids`` maps path parameters to other names in the world; ``$name`` in a body stands for that id.

    ``cookie``: by cookie session instead of access token. ``etag``: the path whose ETag is sent (default: the same).
    """

    body: Any = None
    ids: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    cookie: bool = False
    etag: str = ""


_SPARE_API = {"api_id": "spare_api_id"}
_OWNERS = {"user_id": "owner_user_id", "token_id": "owner_token_id", "session_id": "owner_session_id"}
_SPARE_VERSION = {"version_id": "spare_version_id"}
_POLICY_V = {"kind": "timeout"}
_POLICY_A = {"kind": "key_auth"}
_POLICY_P = {"kind": "scopes"}
_SCOPES = {"config": {"scopes": ["orders:read"]}}

CALLS: dict[str, Call] = {
    "update_hub": Call({"tagline": "Here"}),
    "read_session": Call(cookie=True),
    "create_session": Call({"one_time_token": "$one_time_token"}),
    "delete_session": Call(cookie=True),
    "sign_up": Call({"email": "n@example.test", "name": "N", "password": "a fine long sentence"}),
    "update_me": Call({"name": "Other"}),
    "set_password": Call({"new_password": "a fine long sentence"}, cookie=True),
    "create_token": Call({"name": "ci", "scopes": ["catalog:read"]}),
    "create_user": Call({"email": "n@example.test", "name": "N"}),
    "read_user": Call(ids={"user_id": "owner_user_id"}),
    "list_user_tokens": Call(ids=_OWNERS),
    "delete_user_tokens": Call(ids=_OWNERS),
    "delete_user_token": Call(ids=_OWNERS),
    "list_user_sessions": Call(ids=_OWNERS),
    "end_user_sessions": Call(ids=_OWNERS),
    "end_user_session": Call(ids=_OWNERS),
    "update_user": Call({"name": "Other"}),
    "create_organisation": Call({"name": "Another"}),
    "update_organisation": Call({"name": "Renamed"}),
    "create_team": Call({"name": "Green"}),
    "update_team": Call({"description": "Ours"}),
    "delete_team": Call(ids={"team_id": "empty_team_id"}),
    "set_member": Call({"role": "developer"}),
    "remove_member": Call(ids={"user_id": "member_id"}),
    "import_api": Call({"content": ORDERS, "owner_id": "$team_id", "slug": "more", "base_path": "/more"}),
    "create_api": Call({"name": "Blank", "owner_id": "$team_id"}),
    "update_api": Call({"summary": "Orders and more"}),
    "delete_api": Call(ids=_SPARE_API),
    "create_version": Call({"content": ORDERS.replace("1.2.0", "2.0.0"), "mount": "/v2"}),
    "update_version": Call({"notes": "New"}),
    "delete_version": Call(ids=_SPARE_VERSION),
    "replace_definition": Call({"content": ORDERS.replace("List orders", "All orders")}),
    "update_operation": Call({"summary": "Mine"}, etag="/versions/{version_id}"),
    "create_plan": Call({"name": "Gold", "version": TERMS}),
    "update_plan": Call({"description": "Good"}),
    "delete_plan": Call(ids={"plan_id": "unused_plan_id"}),
    "create_plan_version": Call(TERMS),
    "get_api_policy": Call(ids=_POLICY_A),
    "put_api_policy": Call({"config": {}}, ids=_POLICY_A),
    "delete_api_policy": Call(ids=_POLICY_A),
    "get_version_policy": Call(ids=_POLICY_V),
    "put_version_policy": Call({"config": {"request_ms": 7000}}, ids=_POLICY_V),
    "delete_version_policy": Call(ids=_POLICY_V),
    "get_hub_policy": Call(ids=_POLICY_V),
    "put_hub_policy": Call({"config": {"request_ms": 9000}}, ids=_POLICY_V),
    "delete_hub_policy": Call(ids=_POLICY_V),
    "get_team_policy": Call(ids=_POLICY_V),
    "put_team_policy": Call({"config": {"request_ms": 8000}}, ids=_POLICY_V),
    "delete_team_policy": Call(ids=_POLICY_V),
    "plan_hub_policy": Call({"config": {"request_ms": 9000}}, ids=_POLICY_V),
    "plan_team_policy": Call({"config": {"request_ms": 9000}}, ids=_POLICY_V),
    "plan_api_policy": Call({"config": {}}, ids=_POLICY_A),
    "plan_version_policy": Call({"config": {"request_ms": 9000}}, ids=_POLICY_V),
    "plan_plan_policy": Call({"remove": True}, ids=_POLICY_P),
    "get_plan_policy": Call(ids=_POLICY_P),
    "put_plan_policy": Call(_SCOPES, ids=_POLICY_P),
    "delete_plan_policy": Call(ids=_POLICY_P),
    "create_app": Call({"name": "New", "owner_id": "$team_id"}),
    "update_app": Call({"description": "Ours"}),
    "delete_app": Call(ids={"app_id": "idle_app_id"}),
    "create_credential": Call({"name": "second"}),
    "rotate_credential": Call({"overlap_seconds": 60}),
    "create_issuer": Call(
        {"url": "https://more.example.test", "owner_id": "$team_id", "shared_secret": "s" * 40, "algorithms": ["HS256"]}
    ),
    "update_issuer": Call({"name": "Renamed"}),
    "rotate_signing_keys": Call({}),
    "create_subscription": Call({"app_id": "$spare_app_id", "api_id": "$api_id", "plan_id": "$plan_id"}),
    "update_subscription": Call({"plan_id": "$unused_plan_id"}),
    "approve_subscription": Call({}, ids={"subscription_id": "pending_subscription_id"}),
    "refuse_subscription": Call({"reason": "No"}, ids={"subscription_id": "pending_subscription_id"}),
    "create_gateway": Call({"name": "Third"}),
    "update_gateway": Call({"region": "eu"}),
    "delete_gateway": Call(ids={"gateway_id": "second_gateway_id"}),
    "create_deployment": Call({"gateway_id": "$second_gateway_id"}),
    "get_analytics_breakdown": Call(params={"by": "api"}),
    "simulate_decision": Call({"api": "$api_id", "path": "/orders/orders", "headers": {"x-api-key": "k_unknown"}}),
    "enrol_agent": Call({"token": "wrong", "engine": "envoy"}),
    "stream_agent": Call({}),
    "take_agent_receipts": Call({}),
    "take_agent_usage": Call({"spool": "s", "number": 1, "records": []}),
}
"""Operation id -> call, for those that need more than ids from the world."""

ETAG_BODIES = frozenset({"create_plan_version"})
