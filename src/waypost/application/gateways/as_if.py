"""A deployment as it would be, looked at before it is asked for: reading with it holds no lock and leaves no trace."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import column, literal, null, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.contracts.vocab import DeploymentState
from waypost.information.models import DeploymentRow

_HOME = {"sqlite": "main", "postgresql": "public"}


@asynccontextmanager
async def as_if_deployed(
    session: AsyncSession, *, version_id: str, api_id: str, gateway_id: str
) -> AsyncIterator[None]:
    """Inside, this transaction finds the version on the gateway, whatever it asks; nobody else does.

    A temporary view, which is the connection's own, stands before the table of deployments.
    """
    connection = await session.connection()
    names = [each.name for each in DeploymentRow.metadata.tables["deployments"].columns]
    values = {"id": "dep_as_if", "version_id": version_id, "api_id": api_id, "gateway_id": gateway_id}
    values["state"] = DeploymentState.PENDING.value
    kept = table("deployments", *map(column, names), schema=_HOME[connection.dialect.name])
    wanted = select(*(literal(values[name]) if name in values else null() for name in names))
    told = select(*kept.columns).union_all(wanted)
    compiled = told.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    await connection.exec_driver_sql(f"CREATE TEMPORARY VIEW deployments AS {compiled}")
    yield
    await connection.exec_driver_sql("DROP VIEW deployments")
