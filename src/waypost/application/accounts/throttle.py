"""Failed sign-ins are counted per account and per address, in the database so that replicas share the count.

An attempt counts as failed before the password is looked at and is taken back when it was right, so that guesses sent
all at once count too.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete

from waypost.application.accounts.errors import TooManyAttempts
from waypost.application.context import Context
from waypost.information.models import LoginAttemptRow
from waypost.information.repos.accounts import AccountRepo
from waypost.kit.crypto import sha256_hex

WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Allowance:
    """``free`` failures cost nothing; each one more doubles the wait, from one second up to ``longest``."""

    free: int
    longest: timedelta

    def wait(self, failures: int) -> timedelta:
        """How long the next attempt has to wait after so many failures."""
        over = failures - self.free
        return timedelta() if over < 0 else min(timedelta(seconds=2 ** min(over, 20)), self.longest)


ACCOUNT = Allowance(free=5, longest=timedelta(minutes=5))
ADDRESS = Allowance(free=30, longest=timedelta(minutes=15))


def subjects(email: str, address: str) -> dict[str, Allowance]:
    """What one attempt counts against; hashed, so that the table names nobody."""
    counted = {f"address:{sha256_hex(network_of(address))}": ADDRESS}
    if email:
        counted[f"account:{sha256_hex(email)}"] = ACCOUNT
    return counted


def network_of(address: str) -> str:
    """An IPv6 subscriber has a whole /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


async def count_attempt(ctx: Context, *, email: str, address: str) -> None:
    """Count one attempt; TooManyAttempts when it has to wait."""
    counted = subjects(email, address)
    repo, now = AccountRepo(ctx.session), ctx.clock.now()
    await repo.add_missing_attempts(list(counted), now)
    rows = await repo.attempts(list(counted))
    _refuse_blocked([row.blocked_until for row in rows if row.blocked_until], now)
    for row in rows:
        if now - row.first_at > WINDOW:
            row.failures, row.first_at = 0, now
        row.failures += 1
        wait = counted[row.subject].wait(row.failures)
        row.blocked_until = now + wait if wait else None


def _refuse_blocked(until: list[datetime], now: datetime) -> None:
    seconds = max([(moment - now).total_seconds() for moment in until], default=0.0)
    if seconds > 0:
        whole = max(1, int(seconds + 0.999))
        raise TooManyAttempts(f"Wait {whole} seconds.", headers={"Retry-After": str(whole)})


async def take_back(ctx: Context, *, email: str, address: str) -> None:
    """The attempt was right: the account's count ends, the address's loses this one."""
    for row in await AccountRepo(ctx.session).attempts(list(subjects(email, address))):
        if row.subject.startswith("account:"):
            await ctx.session.delete(row)
        else:
            row.failures = max(0, row.failures - 1)
            row.blocked_until = None


async def forget_old(ctx: Context) -> None:
    """Delete counts that no longer matter."""
    oldest = ctx.clock.now() - timedelta(days=1)
    await ctx.session.execute(delete(LoginAttemptRow).where(LoginAttemptRow.first_at < oldest))
