"""What holds and what gateways are told at one moment: taken before and after a change, and compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anyio import to_thread

from waypost.application.context import Context
from waypost.application.gateways.reading import CompileCache, CompiledApis, compile_rows, read_rows
from waypost.application.policies.drafts import Draft
from waypost.application.policies.effective import Place
from waypost.application.policies.scene import Chain, Scene
from waypost.application.policies.service import scenes_of
from waypost.application.policies.spots import Spot
from waypost.contracts.ir import ApiIR
from waypost.contracts.vocab import PolicyLevel
from waypost.information.models import GatewayRow
from waypost.information.repos.gateways import DeploymentRepo

Config = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """What holds at one place; ``above`` is the next wider place of the same API, None for the API itself."""

    api_id: str
    place: Place
    above: str | None
    config: Config | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Per place what holds of one kind, and per gateway what it is told."""

    scene: Scene
    held: Mapping[str, Held]
    gateways: Mapping[str, GatewayRow]
    compiled: Mapping[str, CompiledApis]
    api_ids: frozenset[str]


async def take(ctx: Context, spot: Spot, kind: str, cache: CompileCache, draft: Draft) -> tuple[Snapshot, Snapshot]:
    """Everything that a policy ``kind`` at ``spot`` bears upon, as it is and as ``draft`` would have it; read once.

    ``cache`` takes what had to be compiled.
    """
    scenes = before, _ = await scenes_of(ctx, spot, draft)
    api_ids = frozenset(chain.api_id for chain in before.chains if chain.api_id)
    gateways = {row.id: row for row in await DeploymentRepo(ctx.session).gateways_of(api_ids)}
    only = {spot.api.id} if spot.api else None
    rows = {key: await read_rows(ctx, key, only, policies=before.kept) for key in gateways}
    found = [
        {key: await compile_rows(ctx, item, cache=cache, draft=asked) for key, item in rows.items()}
        for asked in (None, draft)
    ]

    def snapshots() -> tuple[Snapshot, Snapshot]:
        then, now = (
            Snapshot(scene, {item.place.id: item for item in _held(spot, kind, scene)}, gateways, compiled, api_ids)
            for scene, compiled in zip(scenes, found, strict=True)
        )
        return then, now

    return await to_thread.run_sync(snapshots)


def _held(spot: Spot, kind: str, scene: Scene) -> list[Held]:
    if spot.level is not PolicyLevel.PLAN:
        return _resolved(scene, kind)
    kept = (policy.config for policy in scene.kept if (policy.target_id, policy.kind) == (spot.here.id, kind))
    return [Held(spot.api.id if spot.api else "", spot.here, None, next(kept, None))]


def _resolved(scene: Scene, kind: str) -> list[Held]:
    return [
        Held(chain.api_id, chain.here, _above(chain), found[kind].config if kind in found else None)
        for chain, found in scene.resolved()
        if chain.api_id
    ]


def _above(chain: Chain) -> str | None:
    return None if chain.here.level == PolicyLevel.API else chain.places[1].id


def differences(before: Snapshot, after: Snapshot) -> Iterator[tuple[Held, Config | None]]:
    """Places at which something else holds now, with what held before; those that only inherit it are left out."""
    for place_id, now in after.held.items():
        then = _config(before, place_id)
        inherited = (_config(before, now.above), _config(after, now.above)) == (then, now.config)
        if then != now.config and not (now.above and inherited):
            yield now, then


def touched(before: Snapshot, after: Snapshot) -> dict[str, list[str]]:
    """Gateway id -> APIs that it would be told otherwise."""
    found: dict[str, list[str]] = {}
    for gateway_id, now in after.compiled.items():
        then = before.compiled[gateway_id].apis if gateway_id in before.compiled else {}
        for api_id in sorted(after.api_ids & now.apis.keys()):
            if api_id not in then or then[api_id].content_hash != now.apis[api_id].content_hash:
                found.setdefault(gateway_id, []).append(api_id)
    return found


def _config(snapshot: Snapshot, place_id: str | None) -> Config | None:
    held = snapshot.held.get(place_id) if place_id else None
    return held.config if held else None


def opened(before: Snapshot, after: Snapshot) -> set[str]:
    """APIs on gateways with an operation that would ask nobody any more who is calling."""
    return {
        api_id
        for gateway_id, now in after.compiled.items()
        for api_id, then in before.compiled[gateway_id].apis.items()
        if api_id in after.api_ids & now.apis.keys() and then.ir.guarded and _open(now.apis[api_id].ir) - _open(then.ir)
    }


def _open(api: ApiIR) -> set[str]:
    """Operations that anybody may call; the empty one stands for all."""
    if not api.guarded:
        return {""}
    said = [
        (route.id, route.policies.anonymous or version.policies.anonymous)
        for version in api.versions
        for route in version.routes
    ]
    return {route_id for route_id, anonymous in said if anonymous and anonymous.allowed}


def newly_broken(before: Snapshot, after: Snapshot) -> Sequence[str]:
    """Reasons for which an API does not compile any more."""
    return [
        reason
        for gateway_id, now in after.compiled.items()
        for api_id, reason in now.broken.items()
        if api_id in after.api_ids and api_id not in before.compiled[gateway_id].broken
    ]
