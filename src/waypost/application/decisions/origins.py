"""Where the policy behind a decision came from: at which place, set by whom and when, and whether it still holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from waypost.application.analytics.schemas import NamedRef
from waypost.application.context import Context
from waypost.application.decisions.addresses import within
from waypost.application.decisions.schemas import DecidedBy, PlaceRead
from waypost.application.policies.effective import DEFAULT, HUB, Effective, Place, default_configs, resolve
from waypost.application.policies.kinds import KINDS
from waypost.application.policies.secrets import redacted
from waypost.contracts.vocab import PolicyKind
from waypost.information.models import EventRow, PolicyRow
from waypost.information.repos.accounts import AccountRepo
from waypost.information.repos.decisions import DecisionRepo, Terms
from waypost.information.repos.policies import PolicyRepo

_SET, _REMOVED = "policy.set", "policy.removed"


@dataclass(frozen=True, slots=True)
class Where:
    """The places above a call, the nearest first."""

    places: tuple[Place, ...]

    def with_plan(self, terms: Terms | None) -> Where:
        """With the caller's plan as the nearest place."""
        plan = (Place("plan", terms.plan.id, terms.plan.name),) if terms else ()
        return Where((*plan, *self.places))

    @classmethod
    async def of(cls, ctx: Context, api_id: str, version_id: str, operation_id: str) -> Where:
        """Of what the call matched; places that are gone are left out."""
        api, owner, version, operation = await DecisionRepo(ctx.session).places(api_id, version_id, operation_id)
        found = [
            Place("operation", operation.id, operation.key) if operation else None,
            Place("version", version.id, version.name) if version else None,
            Place("api", api.id, api.name) if api else None,
            Place("team", owner.id, owner.name) if owner else None,
        ]
        return cls((*(place for place in found if place is not None), HUB))


@dataclass(frozen=True, slots=True)
class Origin:
    """One kind's origin at a moment."""

    kind: PolicyKind
    place: Place
    row: PolicyRow | None
    effective: Effective | None
    event: EventRow | None
    changed_since: bool


async def origin(ctx: Context, where: Where, kind: PolicyKind, *, at: datetime, part: str = "") -> Origin:
    """Where ``kind`` came from at ``at``. ``part`` (a JSON pointer into today's configuration) names what decided."""
    rows = await PolicyRepo(ctx.session).at([place.id for place in where.places])
    held = resolve(rows, places=where.places, defaults=default_configs(ctx.parts.public_url)).get(kind)
    place = held.origins.get(part, held.place) if held else DEFAULT
    history = await DecisionRepo(ctx.session).events([item.id for item in where.places], (_SET, _REMOVED))
    events = [event for event in history if event.data.get("policy") == kind]
    row = next((item for item in rows if item.kind == kind and item.target_id == place.id), None)
    if row is not None and row.created_at <= at:
        return Origin(kind, place, row, held, _last(events, place.id, at), row.updated_at > at)
    then = _stood(where.places, events, at)
    if then is not None:
        return Origin(kind, then, None, held, _last(events, then.id, at), True)
    return Origin(kind, DEFAULT, None, held if place is DEFAULT else None, None, row is not None)


def _refusing_part(found: Origin, address: str, country: str) -> str:
    """The entry that refuses the caller, of lists that all places add to, as a JSON pointer.

    Empty = all of it, or what the caller had of such a kind is not known.
    """
    asked = {PolicyKind.IP: address, PolicyKind.COUNTRIES: country}.get(found.kind, "")
    if found.effective is None or not asked:
        return ""
    config = found.effective.config
    for index, item in enumerate(config["deny"]):
        if within(asked, [item]) if found.kind is PolicyKind.IP else item == asked:
            return f"/deny/{index}"
    return "/allow" if config["allow"] else ""


def _last(events: Sequence[EventRow], place_id: str, at: datetime) -> EventRow | None:
    before = [event for event in events if event.object_id == place_id and event.at <= at and event.kind == _SET]
    return before[-1] if before else None


def _stood(places: Sequence[Place], events: Sequence[EventRow], at: datetime) -> Place | None:
    """The nearest place at which the policy stood then, by what the log says."""
    for place in places:
        before = [event for event in events if event.object_id == place.id and event.at <= at]
        if before and before[-1].kind == _SET:
            return place
    return None


async def decided_by(ctx: Context, found: Origin, *, part: str, inside: bool) -> DecidedBy:
    """For the reader; ``inside`` = of the provider's side, who sees configuration and people."""
    event, row = found.event, found.row
    since = event.at if event else row.updated_at if row else None
    shown = inside and found.effective is not None
    return DecidedBy(
        kind=found.kind,
        title=KINDS[found.kind].title,
        place=PlaceRead(level=found.place.level, id=found.place.id, name=found.place.name),
        part=part,
        revision=row.revision if row else None,
        attached_at=since,
        attached_by=await _person(ctx, event) if inside else None,
        locked=bool(row and row.locked),
        changed_since=found.changed_since,
        config=redacted(found.effective.config) if shown and found.effective else None,
    )


async def refused_by(
    ctx: Context, where: Where, found: Origin, *, at: datetime, inside: bool, address: str = "", country: str = ""
) -> DecidedBy:
    """What decided on a caller. Of an entry in a list its place is told, and to the provider's side which one."""
    part = _refusing_part(found, address, country)
    if part:
        found = await origin(ctx, where, found.kind, at=at, part=part)
    return await decided_by(ctx, found, part=part if inside else "", inside=inside)


async def plan_decided(ctx: Context, kind: PolicyKind, terms: Terms, *, inside: bool, now_on: str) -> DecidedBy:
    """A plan's own terms. ``now_on`` is the plan version that the subscription is on now."""
    plan, version = terms
    events = await DecisionRepo(ctx.session).events([plan.id], ("plan.created", "plan.version_added"))
    event = next((item for item in events if item.data.get("number", 1) == version.number), None)
    return DecidedBy(
        kind=kind,
        title=f"The plan's {KINDS[kind].title.lower()}",
        place=PlaceRead(level="plan", id=plan.id, name=plan.name),
        part="/rate_limits" if kind is PolicyKind.RATE_LIMIT else "/quotas",
        revision=version.number,
        attached_at=version.created_at,
        attached_by=await _person(ctx, event) if inside else None,
        changed_since=bool(now_on) and now_on != version.id,
        config=_terms(kind, version),
    )


def _terms(kind: PolicyKind, version: Any) -> dict[str, Any]:
    """What the plan promises is its subscribers' to know as well."""
    return {"rate_limits": version.rate_limits} if kind is PolicyKind.RATE_LIMIT else {"quotas": version.quotas}


async def _person(ctx: Context, event: EventRow | None) -> NamedRef | None:
    if event is None or not event.actor_id:
        return None
    names: Mapping[str, str] = await AccountRepo(ctx.session).names([event.actor_id])
    return NamedRef(id=event.actor_id, name=names.get(event.actor_id, event.actor_kind))
