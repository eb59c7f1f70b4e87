"""Policies are set and taken away here: measured before and after, and refused where an engine cannot do it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from anyio import to_thread

from waypost.application.changes.schemas import (
    Callers,
    ChangePlan,
    Difference,
    Missing,
    PolicyDraft,
    PolicySaved,
    TouchedApi,
    TouchedCaller,
    TouchedGateway,
)
from waypost.application.changes.snapshot import Snapshot, differences, newly_broken, opened, take, touched
from waypost.application.context import Context
from waypost.application.gateways.capabilities import Lack, lack_error, lacking
from waypost.application.gateways.errors import CapabilityMissing
from waypost.application.gateways.reading import CompileCache, cache_aside, came_true
from waypost.application.gateways.stream import concerns_routes
from waypost.application.policies.checks import check_together
from waypost.application.policies.drafts import Draft
from waypost.application.policies.errors import PolicyContradicts, PolicyInvalid
from waypost.application.policies.schemas import PolicyPut
from waypost.application.policies.service import PolicyService, origin, read_policy
from waypost.application.policies.spots import Find, Spot
from waypost.contracts.ir.validate import validate_api
from waypost.contracts.vocab import PolicyKind, PolicyLevel
from waypost.information.analytics.store import AnalyticsFilter, Scope
from waypost.information.repos.gateways import FeedRepo
from waypost.information.repos.names import NameRepo
from waypost.information.repos.plans import PlanRepo
from waypost.kit.errors import FieldError

SINCE = timedelta(days=30)
_MOST_CALLERS = 50
_MOST_DIFFERENCES = 100
_OPENED = "keys are switched off and no other way is left: anybody could call without a credential"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A change as it was looked at when the event log ended with ``head``; ``compiled`` is what gateways would get.

    ``again`` looks at it anew.
    """

    head: int
    again: Callable[[Context], Awaitable[Prepared]]
    spot: Spot
    draft: Draft
    plan: ChangePlan
    compiled: CompileCache


class ChangeService:
    """Changes of policies. Never commits."""

    async def prepare(
        self, ctx: Context, find: Find, kind: str, *, wanted: PolicyPut | None, revision: int | None
    ) -> Prepared:
        """Look at a change (None: taking the policy away) at the place that is found.

        It reads only, so that a change of hundreds of APIs keeps nobody from writing. Raises as PolicyService.put or
        delete, and CapabilityMissing.
        """
        spot, head, cache = await find(ctx), (await FeedRepo(ctx.session).end()).seq, cache_aside()
        draft, plan = await self._look(ctx, spot, kind, wanted, revision, cache, able=True)
        again = partial(self.prepare, find=find, kind=kind, wanted=wanted, revision=revision)
        return Prepared(head, again, spot, draft, plan, cache)

    async def put(self, ctx: Context, prepared: Prepared) -> PolicySaved:
        """Set or replace, and say what that touches. Raises as :meth:`prepare` where it has to look again."""
        prepared = await _current(ctx, prepared)
        saved = read_policy(await PolicyService().keep(ctx, prepared.spot, prepared.draft))
        ctx.uow.after_commit(partial(came_true, prepared.compiled))
        return PolicySaved(**saved.model_dump(), change=prepared.plan)

    async def delete(self, ctx: Context, prepared: Prepared) -> None:
        """Take away. What stands above may ask something that an engine cannot do: then CapabilityMissing."""
        prepared = await _current(ctx, prepared)
        await PolicyService().drop(ctx, prepared.spot, prepared.draft)
        ctx.uow.after_commit(partial(came_true, prepared.compiled))

    async def plan(self, ctx: Context, spot: Spot, kind: str, *, draft: PolicyDraft) -> ChangePlan:
        """What the change would touch; nothing is written. Raises as saving would, but for engines it names them."""
        wanted = None if draft.remove else draft
        return (await self._look(ctx, spot, kind, wanted, None, cache_aside(), able=False))[1]

    async def _look(
        self,
        ctx: Context,
        spot: Spot,
        kind: str,
        wanted: PolicyPut | None,
        revision: int | None,
        cache: CompileCache,
        *,
        able: bool,
    ) -> tuple[Draft, ChangePlan]:
        spot.require_write(ctx)
        policies = PolicyService()
        if wanted is None:
            draft = await policies.without(ctx, spot, kind, revision=revision)
        else:
            draft = await policies.draft(ctx, spot, kind, config=wanted.config, locked=wanted.locked, revision=revision)
        before, after = await take(ctx, spot, kind, cache, draft)
        lacks = await to_thread.run_sync(_checked, kind, before, after, able)
        return draft, await self._plan(ctx, spot, kind, before, after, lacks)

    async def _plan(
        self, ctx: Context, spot: Spot, kind: str, before: Snapshot, after: Snapshot, lacks: Lacks
    ) -> ChangePlan:
        told = touched(before, after)
        found = list(differences(before, after))
        api_ids = {held.api_id for held, _ in found} | {api_id for ids in told.values() for api_id in ids}
        names, bared = after.scene.api_names(), opened(before, after)
        return ChangePlan(
            kind=kind,
            apis=[
                TouchedApi(id=key, name=names[key], opened=key in bared)
                for key in sorted(api_ids, key=lambda key: (names[key], key))
            ],
            gateways=[_gateway(after, gateway_id, ids, lacks) for gateway_id, ids in sorted(told.items())],
            callers=await self._callers(ctx, spot, api_ids),
            differences=[
                Difference(
                    api_id=held.api_id,
                    place=origin(held.place),
                    before=None if then is None else dict(then),
                    after=None if held.config is None else dict(held.config),
                )
                for held, then in found[:_MOST_DIFFERENCES]
            ],
        )

    async def _callers(self, ctx: Context, spot: Spot, api_ids: set[str]) -> Callers:
        """Who called what the change touches; nobody where it touches nothing."""
        today = ctx.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        period = AnalyticsFilter(start=today - SINCE, end=today + timedelta(days=1))
        where = replace(period, **await _narrowed(ctx, spot))
        scope = Scope(api_ids=frozenset(api_ids))
        found = await ctx.parts.analytics.callers(scope, where, limit=_MOST_CALLERS)
        apps = await NameRepo(ctx.session).apps_of(found.subscriptions)
        items = [_caller(key, calls, apps.get(key)) for key, calls in found.subscriptions.items()]
        return Callers(since=where.start, calls=found.calls, apps=found.apps, items=items)


async def _narrowed(ctx: Context, spot: Spot) -> dict[str, Any]:
    """Only calls to the very place; of a plan those under its newest terms."""
    if spot.level is PolicyLevel.PLAN:
        found = await PlanRepo(ctx.session).find(spot.here.id)
        return {"plan_id": found.version.id} if found else {}
    names = {PolicyLevel.VERSION: "version_id", PolicyLevel.OPERATION: "operation_id"}
    return {names[spot.level]: spot.here.id} if spot.level in names else {}


def _caller(subscription_id: str, calls: int, app: tuple[str, str] | None) -> TouchedCaller:
    app_id, name = app or (None, "without a known credential")
    return TouchedCaller(subscription_id=subscription_id or None, app_id=app_id, app_name=name, calls=calls)


Lacks = dict[str, list[tuple[str, Lack]]]
"""Gateway id -> (API id, what its engine cannot do and was not asked for before)."""


async def _current(ctx: Context, prepared: Prepared) -> Prepared:
    """The change, looked at again where something that may make a difference happened since; nothing does from here."""
    if await ctx.uow.alone() == prepared.head:
        return prepared
    events = await FeedRepo(ctx.session).happened(after=prepared.head)
    if any(concerns_routes(event.kind) or event.kind == "gateway.capabilities" for event in events):
        return await prepared.again(ctx)
    return prepared


def _checked(kind: str, before: Snapshot, after: Snapshot, able: bool) -> Lacks:
    """Raises for what makes no sense; what engines cannot do, which is refused where they have to be ``able``."""
    check_together(kind, before.scene, after.scene)
    _require_guarded(kind, before, after)
    _require_sound(before, after)
    lacks = _lacks(before, after)
    if able:
        _require_able(lacks, after, kind)
    return lacks


def _require_guarded(kind: str, before: Snapshot, after: Snapshot) -> None:
    """An API is opened to everybody by saying so, not because the last way to say who is calling was taken away."""
    if kind not in (PolicyKind.KEY_AUTH, PolicyKind.ANONYMOUS) and opened(before, after):
        hint = "Take another way first, or let calls without a credential pass (`anonymous`)."
        raise PolicyContradicts(_OPENED, errors=[FieldError("/config", _OPENED, hint)])


def _lacks(before: Snapshot, after: Snapshot) -> Lacks:
    found: Lacks = {}
    for gateway_id, api_ids in touched(before, after).items():
        row = after.gateways[gateway_id]
        known = before.compiled[gateway_id].apis if gateway_id in before.compiled else {}
        for api_id in api_ids:
            asked = {item.capability for item in lacking(known[api_id].ir, row)} if api_id in known else set()
            news = lacking(after.compiled[gateway_id].apis[api_id].ir, row)
            found.setdefault(gateway_id, []).extend((api_id, item) for item in news if item.capability not in asked)
    return found


def _gateway(after: Snapshot, gateway_id: str, api_ids: list[str], lacks: Lacks) -> TouchedGateway:
    row = after.gateways[gateway_id]
    missing = [
        Missing(capability=item.capability, api_id=api_id, where=item.where)
        for api_id, item in lacks.get(gateway_id, ())
    ]
    return TouchedGateway(id=row.id, slug=row.slug, name=row.name, engine=row.engine, api_ids=api_ids, missing=missing)


def _require_able(lacks: Lacks, after: Snapshot, kind: str) -> None:
    errors = [
        lack_error(item, after.gateways[gateway_id], pointer=_field(item.place, kind))
        for gateway_id, items in lacks.items()
        for _, item in items
    ]
    if errors:
        raise CapabilityMissing(errors[0].message, errors=errors)


def _field(place: str, kind: str) -> str:
    """The field of a policy that stands at ``place`` in the IR, where it has the same name there."""
    return f"/config/{place.rpartition('.')[2]}" if place.split(".")[-2:-1] == [kind] else "/config"


def _require_sound(before: Snapshot, after: Snapshot) -> None:
    """What would be put aside by a gateway is refused here."""
    reasons = [*newly_broken(before, after), *_unsound(before, after)]
    if reasons:
        raise PolicyInvalid(reasons[0], errors=[FieldError("/config", reason) for reason in reasons[:10]])


def _unsound(before: Snapshot, after: Snapshot) -> list[str]:
    found: list[str] = []
    looked_at: set[str] = set()
    for gateway_id, api_ids in touched(before, after).items():
        known = before.compiled[gateway_id].apis if gateway_id in before.compiled else {}
        for api_id in api_ids:
            now = after.compiled[gateway_id].apis[api_id]
            if now.content_hash in looked_at:
                continue
            looked_at.add(now.content_hash)
            problems = [str(item) for item in validate_api(now.ir)]
            then = set(map(str, validate_api(known[api_id].ir))) if problems and api_id in known else set()
            found += [item for item in problems if item not in then]
    return found
