"""What `waypost doctor` finds."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from waypost.information.models import BacklogRow
from waypost.information.store import NewerDatabase, open_store
from waypost.information.uow import unit_of_work
from waypost.kit.clock import SystemClock
from waypost.runtime.doctor import Finding, examine
from waypost.runtime.settings import Settings


async def found(check: str, data: Path) -> Finding:
    findings = await examine(Settings.load(data_dir=data))
    return next(finding for finding in findings if finding.check == check)


async def test_a_database_of_a_newer_release_is_said_before_a_start_refuses_it(tmp_path: Path) -> None:
    engine = await open_store(Settings.load(data_dir=tmp_path).store_url)
    assert (await found("database", tmp_path)).good
    async with unit_of_work(engine, SystemClock()) as uow:
        await uow.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        await uow.commit()
    await engine.dispose()
    finding = await found("database", tmp_path)
    assert (finding.good, finding.mend) == (False, NewerDatabase.hint)
    assert "9999" in finding.message


async def test_work_that_keeps_failing_is_named_with_its_reason(tmp_path: Path) -> None:
    assert (await found("backlog", tmp_path)).good
    engine = await open_store(Settings.load(data_dir=tmp_path).store_url)
    assert (await found("backlog", tmp_path)).good
    async with unit_of_work(engine, SystemClock()) as uow:
        row = BacklogRow(id="job_1", kind="grants", api_id="api_1", cursor="", failures=3, error="KeyError: x")
        row.created_at = row.due_at = uow.clock.now()
        uow.session.add(row)
        await uow.commit()
    await engine.dispose()
    finding = await found("backlog", tmp_path)
    assert (finding.good, finding.message) == (False, "grants api_1 failed 3 times: KeyError: x")
