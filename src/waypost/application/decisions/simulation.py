"""A described request, told like a real one. Nothing of it is kept: credentials are compared by hash and forgotten."""

from __future__ import annotations

from dataclasses import dataclass

from waypost.application import access
from waypost.application.analytics.schemas import NamedRef, OperationRef
from waypost.application.catalog.errors import ApiNotFound
from waypost.application.catalog.lookup import find_api
from waypost.application.context import Context
from waypost.application.decisions.errors import NotServed, NotYourCaller
from waypost.application.decisions.matching import api_at
from waypost.application.decisions.origins import Where, origin, plan_decided, refused_by
from waypost.application.decisions.present import known_by_value, known_of, likeliest, result_of, title_of
from waypost.application.decisions.readers import Reader, reader_of
from waypost.application.decisions.request import Described, normal_path
from waypost.application.decisions.rules import RULES
from waypost.application.decisions.schemas import DecidedBy, SimulateRequest, SimulationRead, StepRead
from waypost.application.decisions.service import way_out
from waypost.application.decisions.simulate import Outcome, simulate
from waypost.application.gateways.reading import read_compiled
from waypost.contracts.ir import ApiIR, GatewayIR
from waypost.contracts.vocab import PolicyKind
from waypost.information.models import ApiRow, GatewayRow
from waypost.information.repos.decisions import Caller, DecisionRepo
from waypost.kit.errors import FieldError

_FIRST_SEGMENT = "Check the path's first segment; the API may also be private to another team."


@dataclass(frozen=True, slots=True)
class _Scene:
    """What a description is about."""

    api: ApiRow
    gateway: GatewayRow
    ir: GatewayIR
    reader: Reader


class SimulationService:
    """Stateless; reads only."""

    async def simulate(self, ctx: Context, body: SimulateRequest) -> SimulationRead:
        """What would become of the request. Raises ApiNotFound, NotServed, NotYourCaller."""
        access.require_user(ctx)
        scene = await self._scene(ctx, body)
        request = described(ctx, body, scene.reader)
        served = api_at(scene.ir, request.path)
        named = await self._named(ctx, body, scene, served)
        sent = await known_by_value(ctx, served, request, scene.gateway.id) if served else []
        mine = [found for found in sent if _may_use(ctx, found, scene)]
        outcome = simulate(scene.ir, request, known_of(mine, named))
        return await self._read(ctx, scene, request, outcome)

    async def _scene(self, ctx: Context, body: SimulateRequest) -> _Scene:
        wanted = body.api
        if not wanted:
            base_path = "/" + normal_path(body.path.partition("?")[0]).split("/")[1]
            row = await DecisionRepo(ctx.session).by_base_path(base_path)
            wanted = row.id if row else base_path
        try:
            api, _ = await find_api(ctx, wanted)
        except ApiNotFound:
            if body.api:
                raise
            raise ApiNotFound(f"No API that you see has the base path {base_path}.", hint=_FIRST_SEGMENT) from None
        gateway = await DecisionRepo(ctx.session).gateway(api.id, body.gateway)
        if gateway is None:
            raise NotServed("No gateway serves this API." if not body.gateway else "This gateway does not serve it.")
        ir = (await read_compiled(ctx, gateway.id, api_ids={api.id})).ir()
        return _Scene(api, gateway, ir, await reader_of(ctx, api.id, api.owner_id))

    async def _named(self, ctx: Context, body: SimulateRequest, scene: _Scene, served: ApiIR | None) -> Caller | None:
        repo, gateway_id = DecisionRepo(ctx.session), scene.gateway.id
        if not body.credential and not body.app:
            return None
        if body.credential:
            found = await repo.by_id(body.credential, gateway_id)
            callers = [found] if found else []
        else:
            callers = await repo.by_app(body.app, gateway_id)
        usable = likeliest([item for item in callers if _may_use(ctx, item, scene)], served)
        if usable is None:
            pointer = "/credential" if body.credential else "/app"
            raise NotYourCaller(errors=[FieldError(pointer, "this is not there, or not yours to use")])
        return usable

    async def _read(self, ctx: Context, scene: _Scene, request: Described, outcome: Outcome) -> SimulationRead:
        reader, api = scene.reader, scene.api
        decided = await self._decided(ctx, scene, request, outcome)
        right = outcome.caller.right
        app = await DecisionRepo(ctx.session).app(right.app_id) if right else None
        route = outcome.matched.route
        rule = RULES.get(outcome.code)
        return SimulationRead(
            result=result_of(outcome),
            status=outcome.status,
            code=outcome.code,
            title=title_of(outcome),
            text=outcome.last.text,
            seen_as=reader.seen_as,
            api=NamedRef(id=api.id, name=api.name) if outcome.api else None,
            operation=OperationRef(id=route.id, label=f"{route.method} {route.path}") if route else None,
            app=NamedRef(id=app.id, name=app.name) if app else None,
            gateway=NamedRef(id=scene.gateway.id, name=scene.gateway.name),
            decided_by=decided,
            steps=[
                StepRead(
                    name=step.name,
                    verdict=step.verdict,
                    kind=step.kind,
                    text=step.text,
                    facts=reader.shown(list(step.facts)),
                )
                for step in outcome.steps
            ],
            way_out=way_out(rule, reader),
        )

    async def _decided(self, ctx: Context, scene: _Scene, request: Described, outcome: Outcome) -> DecidedBy | None:
        kind = outcome.last.kind
        if kind is None:
            return None
        matched = outcome.matched
        version_id = matched.version.id if matched.version else ""
        where = await Where.of(ctx, scene.api.id, version_id, matched.route.id if matched.route else "")
        right = outcome.caller.right
        plan = await DecisionRepo(ctx.session).terms(right.plan_id) if right else None
        inside = scene.reader.policies
        # Scopes of a plan are what its callers have; what is asked of them stands elsewhere.
        where = where if kind is PolicyKind.SCOPES else where.with_plan(plan)
        at = max(request.at, ctx.clock.now())
        found = await origin(ctx, where, kind, at=at)
        if plan is not None and kind is PolicyKind.QUOTA and not found.place.id:
            return await plan_decided(ctx, kind, plan, inside=inside, now_on=plan.version.id)
        asked = {fact.name: fact.value for fact in outcome.last.facts if fact.name in ("address", "country")}
        return await refused_by(ctx, where, found, at=at, inside=inside, **asked)


def described(ctx: Context, body: SimulateRequest, reader: Reader) -> Described:
    """The request as the walk takes it. Only the provider's side may try addresses and countries: no guessing."""
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in body.headers.items():
        headers[name.lower()] = (*headers.get(name.lower(), ()), value.get_secret_value())
    return Described(
        at=body.at or ctx.clock.now(),
        method=body.method,
        target=body.path,
        headers=headers,
        address=body.address if reader.inside else "",
        certificate=body.certificate.replace(":", "").lower(),
        subject=body.subject,
        body_bytes=body.body_bytes,
        country=body.country.upper() if reader.inside else "",
    )


def _may_use(ctx: Context, found: Caller, scene: _Scene) -> bool:
    """Its owner may, and the provider where it is subscribed; to others the credential is not known."""
    if access.can(ctx, "apps:read", owner_id=found.app.owner_id):
        return True
    return scene.reader.inside and any(grant.api_id == scene.api.id for grant in found.grants)
