"""What must hold before a version may go to a gateway. Everything that is missing is named at once."""

from __future__ import annotations

from anyio import to_thread

from waypost.application import access
from waypost.application.catalog.lookup import find_version
from waypost.application.context import Context
from waypost.application.gateways.errors import NotPublishable
from waypost.application.gateways.reading import CompiledApis
from waypost.application.policies.checks import all_contradictions
from waypost.application.policies.effective import default_configs
from waypost.application.policies.scene import read_scenes
from waypost.contracts.ir import ApiIR, VersionIR
from waypost.contracts.ir.validate import validate_api
from waypost.contracts.vocab import Lifecycle
from waypost.information.models import ApiRow, VersionRow
from waypost.information.repos.catalog import VersionAndApi
from waypost.information.repos.gateways import DeploymentRepo
from waypost.kit.errors import FieldError


async def find_publishable(ctx: Context, version_id: str) -> VersionAndApi:
    """A version, for whoever may publish it. Raises Unauthenticated, NotFound, Forbidden."""
    access.require_user(ctx)
    found = await find_version(ctx, version_id)
    access.require(ctx, "deployments:write", owner_id=found.api.owner_id, visible=True)
    return found


async def check_publishable(
    ctx: Context, api: ApiRow, version: VersionRow, compiled: CompiledApis, *, sound: str = ""
) -> None:
    """Raises NotPublishable with one error for each thing to mend. ``compiled`` holds the API with the version on.

    With the content hash ``sound`` it has been looked at already.
    """
    errors = _lifecycle_errors(api, version)
    if api.id in compiled.broken:
        raise NotPublishable(compiled.broken[api.id], errors=errors)
    made = compiled.apis[api.id]
    ir = made.ir
    own = next(item for item in ir.versions if item.id == version.id)
    errors += _route_errors(own)
    if ir.guarded and not await DeploymentRepo(ctx.session).has_plan(api.id):
        errors.append(
            FieldError("/plans", "no plan is on offer", "Add a plan, or open the API to callers without key.")
        )
    errors += await _contradictions(ctx, api)
    if not errors and made.content_hash != sound:
        errors += await to_thread.run_sync(_ir_errors, ir)
    if errors:
        raise NotPublishable("; ".join(error.message for error in errors), errors=errors)


def _lifecycle_errors(api: ApiRow, version: VersionRow) -> list[FieldError]:
    gone = [name for name, row in (("API", api), ("version", version)) if row.lifecycle == Lifecycle.RETIRED]
    return [FieldError("/lifecycle", f"the {name} is retired", "Publish another version.") for name in gone]


def _route_errors(version: VersionIR) -> list[FieldError]:
    if not version.routes:
        return [FieldError("/operations", "there is no operation", "Import a definition that has operations.")]
    bare = [f"{route.method} {route.path}" for route in version.routes if route.policies.mock is None]
    if version.upstream is not None or not bare:
        return []
    named = ", ".join(bare[:3]) + (" …" if len(bare) > 3 else "")
    return [FieldError("/upstream_url", f"there is no upstream for {named}", "Set the upstream, or mock them.")]


async def _contradictions(ctx: Context, api: ApiRow) -> list[FieldError]:
    """Policies of the hub or of the team that do not go together with those of an API that came after them."""
    (scene,) = await read_scenes(ctx.session, [api.id], defaults=default_configs(ctx.parts.public_url))
    found = {(item.pointers[0], item.message): (place, item) for place, item in all_contradictions(scene)}
    return [
        FieldError(f"/policies/{kind}{pointer}", f"{message} (at {place})", item.hint)
        for ((kind, pointer), message), (place, item) in found.items()
    ]


def _ir_errors(api: ApiIR) -> list[FieldError]:
    return [FieldError(f"/{item.where}", item.message) for item in validate_api(api)]
