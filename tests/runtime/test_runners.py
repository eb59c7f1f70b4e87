"""Jobs beside the requests: they run, survive their failures, and end with the hub."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.support.people import Person
from waypost.application.parts import Parts
from waypost.information.models import OneTimeLoginRow, SessionRow
from waypost.information.uow import unit_of_work
from waypost.kit.clock import FakeClock
from waypost.runtime.runners import JOBS, Job, running


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_failing_job_is_tried_again_and_stops_with_the_block(parts: Parts) -> None:
    turns, enough = 0, asyncio.Event()

    async def fails(_parts: Parts) -> None:
        nonlocal turns
        turns += 1
        if turns == 3:
            enough.set()
        raise RuntimeError("not today")

    async with running(parts, (Job("fails", 0.001, fails),)):
        await asyncio.wait_for(enough.wait(), 5)
    ended = turns
    await asyncio.sleep(0)
    assert turns == ended
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "fails"]


async def test_every_job_runs_on_an_empty_hub(parts: Parts) -> None:
    for job in JOBS:
        await job.work(parts)


async def test_what_expired_is_forgotten(parts: Parts, admin: Person, clock: FakeClock) -> None:
    now = clock.now()
    async with unit_of_work(parts.engine, parts.clock) as uow:
        for number, hours in enumerate((1, 3)):
            later = now + timedelta(hours=hours)
            login = OneTimeLoginRow(id=f"otl_{number}", user_id=admin.id, token_hash=f"a{number}", expires_at=later)
            row = SessionRow(id=f"ses_{number}", user_id=admin.id, token_hash=f"a{number}", csrf_hash="")
            login.created_at = row.created_at = row.rotated_at = row.last_seen_at = now
            row.expires_at = later
            uow.session.add_all([login, row])
        await uow.commit()
    clock.advance(2 * 3600)
    for job in JOBS:
        await job.work(parts)
    async with unit_of_work(parts.engine, parts.clock, write=False) as uow:
        for model in (OneTimeLoginRow, SessionRow):
            assert await uow.session.scalar(select(func.count()).select_from(model)) == 1
