"""What would become of something now: the described request and what the hub knows of its caller, put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from waypost.application.context import Context
from waypost.application.decisions.callers import MISSING, presented, takes
from waypost.application.decisions.readers import Reader
from waypost.application.decisions.request import Credential, Described, Known, Subscribed
from waypost.application.decisions.rules import RULES
from waypost.application.decisions.schemas import NowRead, Result
from waypost.application.decisions.simulate import Outcome, simulate
from waypost.application.decisions.walk import Fact
from waypost.application.gateways.reading import read_compiled
from waypost.application.grants.kinds import GRANT_KINDS
from waypost.contracts.ir import ApiIR
from waypost.contracts.telemetry import AccessRecord
from waypost.contracts.vocab import GrantState, Refusal
from waypost.information.analytics.store import CallRecord
from waypost.information.repos.decisions import Caller, DecisionRepo

_CALLER_UNKNOWN = frozenset({Refusal.KEY_INVALID, Refusal.PASSWORD_INVALID, Refusal.CERTIFICATE_INVALID})
"""Refusals whose credential nobody knows: the gateway does not report values, so the same would be refused again."""
_UNREPEATABLE = frozenset(
    {Refusal.KEY_AMBIGUOUS, Refusal.TOKEN_INVALID, Refusal.TOKEN_EXPIRED, Refusal.BAD_REQUEST, Refusal.TOO_LARGE}
)
"""Refusals over something that is not reported: what was sent is not known any more."""


def known_credential(found: Caller) -> Credential:
    """A credential as the gateway of its grants knows it."""
    row = found.credential
    rights = {
        grant.api_id: Subscribed(
            subscription_id=grant.subscription_id,
            app_id=grant.app_id,
            plan_id=grant.plan_version_id,
            exhausted=grant.state == GrantState.EXHAUSTED,
            resets_at=grant.window_ends_at,
        )
        for grant in found.grants
    }
    return Credential(id=row.id, kind=GRANT_KINDS[row.kind], expires_at=row.expires_at, rights=rights)


async def known_by_value(ctx: Context, api: ApiIR, request: Described, gateway_id: str) -> list[Caller]:
    """Whose credential the request carries, if anybody's."""
    sent = presented(api, request)
    return await DecisionRepo(ctx.session).by_digests([sent.digest], gateway_id) if sent.digest else []


def known_of(callers: Iterable[Caller], named: Caller | None = None) -> Known:
    """What the walk may know."""
    by_value = {
        (GRANT_KINDS[found.credential.kind], found.credential.key_sha256): known_credential(found) for found in callers
    }
    return Known(by_value=by_value, named=known_credential(named) if named else None)


def likeliest(found: Sequence[Caller], api: ApiIR | None) -> Caller | None:
    """Of credentials the newest first, the one to call with: of a kind that the API takes, then one with any right."""
    return max(found, key=lambda item: (takes(api, GRANT_KINDS[item.credential.kind]), bool(item.grants)), default=None)


async def call_now(ctx: Context, found: CallRecord, reader: Reader) -> tuple[NowRead | None, list[Fact]]:
    """What would become of a recorded call now, and the facts of the step that decides it."""
    record = found.record
    if record.code in _UNREPEATABLE:
        return None, []
    ir = (await read_compiled(ctx, found.gateway_id, api_ids={record.api_id} if record.api_id else None)).ir()
    if record.api_id and not ir.apis:
        return None, []
    caller = await _caller(ctx, record, found.gateway_id, ir.apis[0] if ir.apis else None)
    if caller is None and (record.code in _CALLER_UNKNOWN or record.subscription_id):
        return None, []
    request = Described(at=ctx.clock.now(), method=record.method, target=record.path, address=record.client_ip)
    outcome = simulate(ir, request, known_of((), caller))
    if caller is None and record.code and record.code not in MISSING and outcome.code in MISSING:
        return _UNTOLD, []
    deciding = [replace(fact, name=f"now_{fact.name}") for fact in outcome.last.facts if fact.name not in _SHOWN]
    return _now(outcome, record.code), deciding


async def _caller(ctx: Context, record: AccessRecord, gateway_id: str, api: ApiIR | None) -> Caller | None:
    """The credential of the call; another of the same app where it is gone or was not reported."""
    repo = DecisionRepo(ctx.session)
    found = await repo.by_id(record.credential_id, gateway_id) if record.credential_id else None
    if found is not None or not record.subscription_id:
        return found
    return likeliest(await repo.by_app(record.app_id, gateway_id), api)


_SHOWN = frozenset({"method", "path", "address"})
_UNTOLD = NowRead(
    result="unknown",
    status=None,
    code="",
    text="It would come as far as the question who is calling; what the call was sent with is written down nowhere.",
    same=False,
)


def _now(outcome: Outcome, code_then: str) -> NowRead:
    return NowRead(
        result=result_of(outcome),
        status=outcome.status,
        code=outcome.code,
        text=outcome.last.text if outcome.code else f"{title_of(outcome)}.",
        same=outcome.code == code_then,
    )


def result_of(outcome: Outcome) -> Result:
    """Refused is certain; let through only when no step was unknown."""
    if outcome.code:
        return "refused"
    return "allowed" if outcome.certain else "unknown"


def title_of(outcome: Outcome) -> str:
    """The outcome in a few words."""
    if outcome.code:
        return RULES[outcome.code].title
    return "The call would be let through" if outcome.certain else "Nothing that is known refuses the call"
