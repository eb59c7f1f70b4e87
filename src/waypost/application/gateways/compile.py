"""State -> GatewayIR. Pure: no clock, no I/O, the same state gives the same IR, whatever order it was read in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from waypost.application.gateways.state import (
    ApiState,
    GatewayState,
    HubState,
    ListenerState,
    OperationState,
    PlanState,
    PolicyState,
    VersionState,
)
from waypost.application.policies.effective import HUB, Place, default_configs, resolve
from waypost.application.policies.ir import (
    cors_ir,
    mock_ir,
    only_differing,
    plan_limits_ir,
    plan_quotas_ir,
    route_policies_ir,
    ways_ir,
    without_noops,
)
from waypost.contracts.ir import (
    ApiIR,
    GatewayIR,
    GatewaySettings,
    Mock,
    Plan,
    Route,
    RoutePolicies,
    Upstream,
    VersionIR,
)
from waypost.contracts.ir.dump import from_plain
from waypost.contracts.vocab import PolicyKind, Unmatched

Configs = Mapping[str, Mapping[str, Any]]


def compile_gateway(state: GatewayState) -> GatewayIR:
    """The whole desired state of one gateway; APIs ordered by base path."""
    made = (compile_api(api, public_url=state.hub.public_url) for api in state.apis)
    apis = tuple(sorted(made, key=lambda api: (api.base_path, api.id)))
    return GatewayIR(gateway_id=state.gateway_id, settings=compile_settings(state.hub, state.listener), apis=apis)


def compile_settings(hub: HubState, listener: ListenerState) -> GatewaySettings:
    """What holds for the whole gateway; the brand is the hub's own."""
    return GatewaySettings(
        realm=_realm(hub.name),
        problem_base=f"{hub.public_url.rstrip('/')}/problems/",
        support_url=hub.support_url,
        max_request_bytes=listener.max_request_bytes,
        x_ratelimit_headers=listener.x_ratelimit_headers,
        trusted_proxies=listener.trusted_proxies,
        tls=listener.tls,
    )


def compile_api(api: ApiState, *, public_url: str) -> ApiIR:
    """One API; versions ordered by mount, plans by slug and number. ``public_url`` is the hub's."""
    defaults = default_configs(public_url)
    chain = Chain(api.policies, (Place("api", api.id, api.slug), Place("team", api.owner_id, ""), HUB), defaults)
    own = chain.configs()
    ways = ways_ir(own, key_sets=api.key_sets, slug=api.slug)
    versions = sorted(api.versions, key=lambda version: (version.mount, version.id))
    plans = sorted(api.plans, key=lambda plan: (plan.slug, plan.number, plan.version_id))
    return ApiIR(
        id=api.id,
        slug=api.slug,
        name=api.name,
        base_path=api.base_path,
        key_auth=ways.key_auth,
        jwt=ways.jwt,
        introspection=ways.introspection,
        basic=ways.basic,
        mtls=ways.mtls,
        cors=cors_ir(own[PolicyKind.CORS]),
        plans=tuple(_plan(plan, api.policies) for plan in plans),
        versions=tuple(_version(version, chain) for version in versions),
    )


@dataclass(frozen=True, slots=True)
class Chain:
    """The places of an API from the nearest to the widest, and all policies that may stand at them."""

    policies: Sequence[PolicyState]
    places: tuple[Place, ...]
    defaults: Mapping[str, Mapping[str, Any]]

    def below(self, place: Place) -> Chain:
        """The same with a nearer place."""
        return Chain(self.policies, (place, *self.places), self.defaults)

    def configs(self) -> dict[str, Mapping[str, Any]]:
        """Kind -> what holds at the nearest place."""
        resolved = resolve(self.policies, places=self.places, defaults=self.defaults)
        return {kind: found.config for kind, found in resolved.items()}


def _version(version: VersionState, chain: Chain) -> VersionIR:
    here = chain.below(Place("version", version.id, version.name))
    own = here.configs()
    general = without_noops(route_policies_ir(own))
    told = {policy.target_id for policy in chain.policies}
    return VersionIR(
        id=version.id,
        name=version.name,
        mount=version.mount,
        upstream=Upstream(url=version.upstream_url) if version.upstream_url else None,
        policies=general,
        routes=tuple(_route(item, here, own, general, apart=item.id in told) for item in version.operations),
        unmatched=Unmatched(own.get(PolicyKind.UNMATCHED, {}).get("mode", Unmatched.REFUSE)),
    )


def _route(operation: OperationState, version: Chain, general: Configs, held: RoutePolicies, *, apart: bool) -> Route:
    """``apart``: something is set at the operation itself; else all but its mock is as at the version."""
    own = version.below(Place("operation", operation.id, "")).configs() if apart else general
    policies = only_differing(route_policies_ir(own), held) if apart else RoutePolicies()
    example = from_plain(Mock, dict(operation.mock)) if operation.mock else None
    mock = mock_ir(operation=own.get(PolicyKind.MOCK), version=None, example=example)
    return Route(
        id=operation.id, method=operation.method.upper(), path=operation.path, policies=replace(policies, mock=mock)
    )


def _plan(plan: PlanState, policies: Sequence[PolicyState]) -> Plan:
    own = {policy.kind: policy.config for policy in policies if plan.plan_id and policy.target_id == plan.plan_id}
    return Plan(
        id=plan.version_id,
        name=plan.slug,
        rate_limits=plan_limits_ir(plan.rate_limits, own.get(PolicyKind.RATE_LIMIT)),
        quotas=plan_quotas_ir(plan.quotas, own.get(PolicyKind.QUOTA)),
        scopes=tuple(own.get(PolicyKind.SCOPES, {}).get("scopes", ())),
    )


def _realm(name: str) -> str:
    """The hub's name as the content of a quoted-string (RFC 9110, 5.6.4): printable ASCII, no quote, no backslash."""
    kept = "".join(char for char in name if " " <= char <= "~" and char not in '"\\').strip()
    return kept or "api"
