"""Bring grants in line with subscriptions, credentials, deployments and quotas.

Call it *after* the causing event was recorded: recording takes the lock on the event chain's head, so two
transactions that each add one half of a grant (a key, a subscription) cannot miss each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from waypost.application.context import Context
from waypost.application.grants.counters import allowances, usages
from waypost.contracts.vocab import GrantState, Window
from waypost.information.repos.backlog import GRANTS, BacklogRepo
from waypost.information.repos.grants import GrantRepo, GrantScope
from waypost.kit.ids import new_id

INLINE = 1000
"""So many grants are brought in line at once; others can write meanwhile where there are more."""


@dataclass(frozen=True, slots=True)
class Exhausted:
    """The quota that a subscription has used up: its window, and when there is room again."""

    window: Window
    ends_at: datetime


@dataclass(slots=True)
class GrantChanges:
    """How many grants were made, changed and revoked."""

    created: int = 0
    changed: int = 0
    revoked: int = 0

    @property
    def any(self) -> bool:
        """True when a gateway has to hear of something."""
        return bool(self.created or self.changed or self.revoked)


class GrantService:
    """Stateless. ``reconcile`` is idempotent: a second call changes nothing."""

    async def reconcile(self, ctx: Context, *, revision: int, scope: GrantScope) -> GrantChanges:
        """Make the grants in ``scope`` what they should be; ``revision`` is the causing event's ``seq``.

        Where an API has too many for one transaction, the backlog does it right after this one.
        """
        now = ctx.clock.now()
        repo = GrantRepo(ctx.session)
        await ctx.session.flush()
        if scope.wide and scope.api_id and await repo.more_than(scope, INLINE, now=now):
            await BacklogRepo(ctx.session).add(GRANTS, now=now, api_id=scope.api_id, gateway_id=scope.gateway_id or "")
            ctx.uow.after_commit(ctx.parts.backlog.pulse)
            return GrantChanges()
        desired = await repo.desired(scope, now=now)
        existing = {_identity(row): row for row in await repo.existing(scope)}
        exhausted = await self.exhausted(ctx, {row.subscription_id for row in desired})
        inserts: list[dict[str, Any]] = []
        updates: list[dict[str, Any]] = []
        for row in desired:
            want = _wanted(row, exhausted.get(row.subscription_id))
            have = existing.pop(_identity(row), None)
            if have is None:
                inserts.append(_new(row, want, revision=revision, now=now))
            elif _differs(have, want):
                updates.append({"id": have.id, **want, "revision": revision, "updated_at": now})
        gone = [row.id for row in existing.values() if row.state != GrantState.REVOKED]
        await repo.insert(inserts)
        await repo.update(updates)
        await repo.revoke(gone, revision=revision, now=now)
        changes = GrantChanges(len(inserts), len(updates), len(gone))
        if changes.any:
            ctx.uow.after_commit(ctx.parts.changed.pulse)
        return changes

    async def exhausted(self, ctx: Context, subscription_ids: set[str]) -> dict[str, Exhausted]:
        """Which of the subscriptions have used up a quota; of several the one that lasts longest."""
        standing = await usages(ctx, await allowances(ctx, subscription_ids), ctx.clock.now())
        found: dict[str, Exhausted] = {}
        for subscription_id, items in standing.items():
            for item in items:
                longest = found.get(subscription_id)
                if item.exhausted and (longest is None or item.resets_at > longest.ends_at):
                    found[subscription_id] = Exhausted(item.quota.window, item.resets_at)
        return found


def _identity(row: Any) -> tuple[str, str, str]:
    return (row.subscription_id, row.credential_id, row.gateway_id)


def _wanted(row: Any, exhausted: Exhausted | None) -> dict[str, Any]:
    return {
        "plan_version_id": row.plan_version_id,
        "expires_at": row.expires_at,
        "state": GrantState.PENDING if exhausted is None else GrantState.EXHAUSTED,
        "window": exhausted.window.value if exhausted else None,
        "window_ends_at": exhausted.ends_at if exhausted else None,
    }


def _differs(have: Any, want: dict[str, Any]) -> bool:
    """Pending and live are the same wish: only the gateway's receipt tells them apart."""
    settled = (GrantState.PENDING, GrantState.LIVE)
    same_state = have.state == want["state"] or (have.state in settled and want["state"] in settled)
    return not same_state or any(getattr(have, name) != value for name, value in want.items() if name != "state")


def _new(row: Any, want: dict[str, Any], *, revision: int, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id("grt"),
        "created_at": now,
        "updated_at": now,
        "subscription_id": row.subscription_id,
        "credential_id": row.credential_id,
        "gateway_id": row.gateway_id,
        "app_id": row.app_id,
        "api_id": row.api_id,
        "revision": revision,
        **want,
    }
