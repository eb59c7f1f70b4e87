"""What every new key asks of the store is looked up: none of it walks through all rows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from waypost.information.repos.apps import CredentialRepo
from waypost.information.repos.decisions import DecisionRepo
from waypost.information.repos.gateways import GatewayRepo
from waypost.information.repos.grants import GrantRepo
from waypost.information.repos.quota import QuotaRepo
from waypost.information.uow import unit_of_work
from waypost.kit.clock import SystemClock

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Asking = Callable[[AsyncSession], Awaitable[Any]]
ASKED: dict[str, tuple[Asking, str]] = {
    "who holds a key": (lambda session: CredentialRepo(session).holder("0" * 64), "(key_sha256=?)"),
    "how quotas stand": (
        lambda session: QuotaRepo(session).counters(["sub_1", "sub_2"], since={"day": NOW, "last_day": NOW}),
        "(app_id=? AND api_id=?)",
    ),
    "who has a key": (lambda session: DecisionRepo(session).by_digests(["0" * 64], "gw_1"), "(key_sha256=?)"),
    "grants are in force": (
        lambda session: GrantRepo(session).acknowledge("gw_1", revision=5, now=NOW, limit=10),
        "(state=? AND gateway_id=? AND revision<?)",
    ),
    "the newest grant": (lambda session: GatewayRepo(session).newest_grants(["gw_1"]), "CORRELATED SCALAR SUBQUERY"),
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("asked", ASKED)
async def test_no_walk_through_all_rows(engine: AsyncEngine, asked: str) -> None:
    told: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        told.append((statement, parameters))

    async with unit_of_work(engine, SystemClock()) as uow:
        event.listen(engine.sync_engine, "before_cursor_execute", note)
        await ASKED[asked][0](uow.session)
        event.remove(engine.sync_engine, "before_cursor_execute", note)
        connection = await uow.session.connection()
        plans = [
            row
            for statement, parameters in told
            for row in (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)).all()
        ]
    steps = [str(row[3]) for row in plans]
    assert any(ASKED[asked][1] in step for step in steps), steps
    assert not any(step.startswith("SCAN") and "SUBQUERY" not in step for step in steps), steps
