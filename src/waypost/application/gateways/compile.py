"""State -> GatewayIR. Pure: no clock, no I/O, the same state gives the same IR, whatever order it was read in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from waypost.application.gateways.state import ApiState, GatewayState, HubState, OperationState, PlanState, VersionState
from waypost.application.policies.effective import default_configs
from waypost.application.policies.ir import cors_ir, key_auth_ir, mock_ir, route_policies_ir
from waypost.contracts.ir import (
    ApiIR,
    GatewayIR,
    GatewaySettings,
    Mock,
    Plan,
    Quota,
    RateLimit,
    Route,
    Upstream,
    VersionIR,
)
from waypost.contracts.ir.dump import from_plain
from waypost.contracts.vocab import PolicyKind, Window

Configs = Mapping[str, Mapping[str, Any]]


def compile_gateway(state: GatewayState) -> GatewayIR:
    """The whole desired state of one gateway; APIs ordered by base path."""
    apis = sorted((compile_api(api, hub=state.hub) for api in state.apis), key=lambda api: (api.base_path, api.id))
    return GatewayIR(gateway_id=state.gateway_id, settings=compile_settings(state.hub), apis=tuple(apis))


def compile_settings(hub: HubState) -> GatewaySettings:
    """What holds for the whole gateway; the brand is the hub's own."""
    return GatewaySettings(
        realm=_realm(hub.name),
        problem_base=f"{hub.public_url.rstrip('/')}/problems/",
        support_url=hub.support_url,
    )


def compile_api(api: ApiState, *, hub: HubState) -> ApiIR:
    """One API; versions ordered by mount, plans by slug and number."""
    configs = _by_target(api)
    defaults = default_configs(hub.public_url)
    own = {**defaults, **configs.get(api.id, {})}
    versions = sorted(api.versions, key=lambda version: (version.mount, version.id))
    plans = sorted(api.plans, key=lambda plan: (plan.slug, plan.number, plan.version_id))
    return ApiIR(
        id=api.id,
        slug=api.slug,
        name=api.name,
        base_path=api.base_path,
        key_auth=key_auth_ir(own[PolicyKind.KEY_AUTH]),
        cors=cors_ir(own[PolicyKind.CORS]),
        plans=tuple(_plan(plan) for plan in plans),
        versions=tuple(_version(version, configs=configs, inherited=own) for version in versions),
    )


def _by_target(api: ApiState) -> dict[str, dict[str, Mapping[str, Any]]]:
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for policy in api.policies:
        found.setdefault(policy.target_id, {})[policy.kind] = policy.config
    return found


def _version(version: VersionState, *, configs: Mapping[str, Configs], inherited: Configs) -> VersionIR:
    own = {**inherited, **configs.get(version.id, {})}
    mock = own.get(PolicyKind.MOCK)
    return VersionIR(
        id=version.id,
        name=version.name,
        mount=version.mount,
        upstream=Upstream(url=version.upstream_url) if version.upstream_url else None,
        policies=route_policies_ir(own),
        routes=tuple(_route(item, configs=configs.get(item.id, {}), inherited=mock) for item in version.operations),
    )


def _route(operation: OperationState, *, configs: Configs, inherited: Mapping[str, Any] | None) -> Route:
    example = from_plain(Mock, dict(operation.mock)) if operation.mock else None
    mock = mock_ir(operation=configs.get(PolicyKind.MOCK), version=inherited, example=example)
    return Route(
        id=operation.id,
        method=operation.method.upper(),
        path=operation.path,
        policies=route_policies_ir(configs, mock=mock),
    )


def _plan(plan: PlanState) -> Plan:
    limits = (RateLimit(requests=limit["requests"], seconds=limit["seconds"]) for limit in plan.rate_limits)
    quota = plan.quota
    quotas = (Quota(amount=quota["requests"], window=Window(quota["window"])),) if quota else ()
    return Plan(
        id=plan.version_id,
        name=plan.slug,
        rate_limits=tuple(sorted(limits, key=lambda limit: (limit.seconds, limit.requests))),
        quotas=quotas,
    )


def _realm(name: str) -> str:
    """The hub's name as the content of a quoted-string (RFC 9110, 5.6.4): printable ASCII, no quote, no backslash."""
    kept = "".join(char for char in name if " " <= char <= "~" and char not in '"\\').strip()
    return kept or "api"
