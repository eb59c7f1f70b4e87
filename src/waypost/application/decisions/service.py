"""Why a call was let through or refused: told to its caller, to the API's provider, and to administrators."""

from __future__ import annotations

from dataclasses import dataclass

from waypost.application.analytics.schemas import CallRead
from waypost.application.analytics.scope import scope_of
from waypost.application.analytics.service import AnalyticsService
from waypost.application.context import Context
from waypost.application.decisions.circumstances import (
    credential_facts,
    measured,
    quota_facts,
    subscription_facts,
)
from waypost.application.decisions.errors import DecisionNotFound
from waypost.application.decisions.origins import Where, decided_by, origin, plan_decided, refused_by
from waypost.application.decisions.present import call_now
from waypost.application.decisions.readers import Reader, reader_of
from waypost.application.decisions.rules import RULES, WAYS, Rule
from waypost.application.decisions.schemas import DecidedBy, DecisionRead
from waypost.application.decisions.walk import Fact
from waypost.application.gateways.settings import read_options
from waypost.application.grants.quotas import key_of
from waypost.contracts.ir import Quota
from waypost.contracts.ir.dump import from_plain
from waypost.contracts.telemetry import AccessRecord
from waypost.contracts.vocab import PolicyKind, Refusal
from waypost.information.analytics.store import CallRecord
from waypost.information.repos.decisions import DecisionRepo, Terms
from waypost.information.repos.gateways import GatewayRepo

_ALLOWED = "The call was let through"


@dataclass(slots=True)
class _Case:
    """One call with what is known of it."""

    record: AccessRecord
    gateway_id: str
    reader: Reader
    where: Where
    terms: Terms | None
    subscribed_to: str

    @property
    def rule(self) -> Rule | None:
        """What its code means; None for a call that was let through, or a code of a newer gateway."""
        return RULES.get(self.record.code)


class DecisionService:
    """Stateless; reads only."""

    async def explain(self, ctx: Context, decision_id: str) -> DecisionRead:
        """One call by its decision id. Raises DecisionNotFound."""
        scope = await scope_of(ctx, None)
        found = await ctx.parts.analytics.call(scope, decision_id) if _sane(decision_id) else None
        if found is None:
            raise DecisionNotFound
        call = await AnalyticsService().call(ctx, decision_id)
        case = await self._case(ctx, found)
        decided, facts = await self._decided(ctx, case)
        return await self._read(ctx, case, found, call, decided, facts)

    async def _case(self, ctx: Context, found: CallRecord) -> _Case:
        record, repo = found.record, DecisionRepo(ctx.session)
        api, *_ = await repo.places(record.api_id, "", "")
        subscription = await repo.subscription(record.subscription_id)
        return _Case(
            record=record,
            gateway_id=found.gateway_id,
            reader=await reader_of(ctx, record.api_id, api.owner_id if api else ""),
            where=await Where.of(ctx, record.api_id, record.version_id, record.operation_id),
            terms=await repo.terms(record.plan_id) if record.plan_id else None,
            subscribed_to=subscription.plan_version_id if subscription else "",
        )

    async def _decided(self, ctx: Context, case: _Case) -> tuple[DecidedBy | None, list[Fact]]:
        record, rule = case.record, case.rule
        if record.code == Refusal.RATE_LIMITED:
            return await self._rate_limited(ctx, case)
        if record.code == Refusal.QUOTA_EXCEEDED and case.terms is not None:
            return await self._quota_exceeded(ctx, case, case.terms)
        if record.code == Refusal.TOO_LARGE:
            return await self._too_large(ctx, case)
        kinds = rule.kinds if rule else WAYS if not record.code and record.subscription_id else ()
        origins = [await origin(ctx, case.where, kind, at=record.at) for kind in kinds]
        # Of several kinds (ways of authentication) the one that somebody set; else the default.
        chosen = next((item for item in origins if item.place.id), None)
        chosen = chosen or next((item for item in origins if item.effective), origins[0] if origins else None)
        if chosen is None:
            return None, []
        inside, address = case.reader.policies, record.client_ip
        return await refused_by(ctx, case.where, chosen, at=record.at, inside=inside, address=address), []

    async def _rate_limited(self, ctx: Context, case: _Case) -> tuple[DecidedBy | None, list[Fact]]:
        """The fullest of the limits that stood over the call."""
        where = case.where.with_plan(case.terms)
        set_here = await origin(ctx, where, PolicyKind.RATE_LIMIT, at=case.record.at)
        policy = set_here.effective.config.get("limits", ()) if set_here.effective else ()
        plan = case.terms.version.rate_limits if case.terms else ()
        limits = await measured(ctx, case.record, plan, policy)
        facts = [Fact(name="limits", value=[item.shown() for item in limits]), *await _cost(ctx, case.where)]
        if not limits:
            return None, []
        if limits[0].of_plan:
            return await self._plan(ctx, case, PolicyKind.RATE_LIMIT), facts
        part = limits[0].part
        found = await origin(ctx, where, PolicyKind.RATE_LIMIT, at=case.record.at, part=part)
        return await decided_by(ctx, found, part=part, inside=case.reader.policies), facts

    async def _quota_exceeded(self, ctx: Context, case: _Case, terms: Terms) -> tuple[DecidedBy | None, list[Fact]]:
        """A quota of the plan's terms, or of a policy at the plan."""
        facts, key = await quota_facts(ctx, case.record)
        promised = [key_of(from_plain(Quota, item)) for item in terms.version.quotas]
        if key in promised or not key:
            return await self._plan(ctx, case, PolicyKind.QUOTA), facts
        found = await origin(ctx, Where(()).with_plan(terms), PolicyKind.QUOTA, at=case.record.at)
        return await decided_by(ctx, found, part="", inside=case.reader.policies), facts

    async def _too_large(self, ctx: Context, case: _Case) -> tuple[DecidedBy | None, list[Fact]]:
        """A limit of the policy, or the gateway's own where the policy says none. Limits as they are now."""
        found = await origin(ctx, case.where, PolicyKind.SIZES, at=case.record.at)
        own = found.effective.config.get("request_bytes", 0) if found.effective else 0
        if found.place.id and (own or found.changed_since):
            facts = [Fact(name="now_limit", value=own), Fact(name="now_limit_of", value="policy")] if own else []
            return await decided_by(ctx, found, part="", inside=case.reader.policies), facts
        gateway = await GatewayRepo(ctx.session).find(case.gateway_id)
        limit = read_options(gateway).max_request_bytes if gateway else None
        return None, [Fact(name="now_limit", value=limit), Fact(name="now_limit_of", value="gateway")]

    async def _plan(self, ctx: Context, case: _Case, kind: PolicyKind) -> DecidedBy | None:
        if case.terms is None:
            return None
        return await plan_decided(ctx, kind, case.terms, inside=case.reader.policies, now_on=case.subscribed_to)

    async def _read(
        self,
        ctx: Context,
        case: _Case,
        found: CallRecord,
        call: CallRead,
        decided: DecidedBy | None,
        facts: list[Fact],
    ) -> DecisionRead:
        record, rule, reader = case.record, case.rule, case.reader
        now, facts_now = await call_now(ctx, found, reader)
        known = [
            *_request_facts(record, call),
            *await subscription_facts(ctx, record, case.terms),
            *await credential_facts(ctx, record),
            *facts,
            *facts_now,
        ]
        return DecisionRead(
            decision_id=record.decision_id,
            at=record.at,
            result="refused" if record.code else "allowed",
            status=record.status,
            code=record.code,
            title=rule.title if rule else _ALLOWED if not record.code else record.code,
            seen_as=reader.seen_as,
            api=call.api,
            operation=call.operation,
            app=call.app,
            gateway=call.gateway,
            decided_by=decided,
            facts=reader.shown(known),
            way_out=way_out(rule, reader),
            now=now,
        )


def way_out(rule: Rule | None, reader: Reader) -> list[str]:
    """What this reader can do; who sees both sides reads both."""
    if rule is None:
        return []
    return [rule.caller] if not reader.inside else [f"The caller: {rule.caller}", f"The provider: {rule.provider}"]


def _request_facts(record: AccessRecord, call: CallRead) -> list[Fact]:
    operation = call.operation.label if call.operation else "none"
    facts = [
        Fact(name="method", value=record.method),
        Fact(name="path", value=record.path),
        Fact(name="operation", value=operation),
        Fact(name="address", value=record.client_ip, inside=True),
    ]
    if record.code in (Refusal.TOO_LARGE, Refusal.RESPONSE_TOO_LARGE):
        facts += [Fact(name="bytes_in", value=record.bytes_in), Fact(name="bytes_out", value=record.bytes_out)]
    if record.code.startswith("upstream_"):
        facts.append(Fact(name="upstream_ms", value=record.upstream_us // 1000))
    return facts


async def _cost(ctx: Context, where: Where) -> list[Fact]:
    """What the call counts in its limits, where that is not one: the calls before it seem too few without it."""
    found = await origin(ctx, where, PolicyKind.COST, at=ctx.clock.now())
    cost = found.effective.config["cost"] if found.effective else 1
    return [Fact(name="now_cost_of_the_call", value=cost)] if cost != 1 else []


def _sane(decision_id: str) -> bool:
    return 0 < len(decision_id) <= 128 and decision_id.isprintable()
