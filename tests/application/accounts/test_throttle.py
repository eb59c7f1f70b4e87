"""The allowance of failed sign-ins: free at first, then doubling, bounded, forgotten."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import CtxAs
from waypost.application.accounts.throttle import ACCOUNT, ADDRESS, forget_old, subjects
from waypost.application.accounts.throttle import count_attempt as count
from waypost.information.models import LoginAttemptRow
from waypost.kit.clock import FakeClock


@given(st.integers(min_value=0, max_value=10_000))
def test_waits_grow_and_are_bounded(failures: int) -> None:
    for allowance in (ACCOUNT, ADDRESS):
        assert timedelta() <= allowance.wait(failures) <= allowance.wait(failures + 1) <= allowance.longest


def test_nothing_waits_before_the_free_ones_are_used() -> None:
    assert ACCOUNT.wait(ACCOUNT.free - 1) == timedelta()
    assert ACCOUNT.wait(ACCOUNT.free) > timedelta()


def test_a_subscriber_counts_once_over_their_whole_ipv6_network() -> None:
    assert subjects("", "2001:db8:1:2::1") == subjects("", "2001:db8:1:2:ffff::9")
    assert subjects("", "2001:db8:1:2::1") != subjects("", "2001:db8:1:3::1")
    assert subjects("", "192.0.2.1") != subjects("", "192.0.2.2")


def test_the_table_names_nobody() -> None:
    assert not any("ann" in subject or "192" in subject for subject in subjects("ann@example.test", "192.0.2.1"))


async def test_counts_are_forgotten_after_a_day(ctx_as: CtxAs, clock: FakeClock) -> None:
    async with ctx_as() as ctx:
        await count(ctx, email="a@example.test", address="192.0.2.1")
    clock.advance(25 * 3600)
    async with ctx_as() as ctx:
        await forget_old(ctx)
    async with ctx_as() as ctx:
        for subject in subjects("a@example.test", "192.0.2.1"):
            assert await ctx.session.get(LoginAttemptRow, subject) is None
