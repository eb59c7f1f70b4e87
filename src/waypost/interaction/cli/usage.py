"""``waypost usage`` and ``waypost calls``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from waypost.interaction.cli.apps import app_id
from waypost.interaction.cli.client import segment
from waypost.interaction.cli.output import console, counted, milliseconds, show_json, show_rows
from waypost.interaction.cli.session import JsonFlag, hub


def register(root: typer.Typer) -> None:
    """Put the commands on the root."""
    root.command()(usage)
    root.command()(calls)


def usage(
    ctx: typer.Context,
    api: Annotated[str, typer.Option(help="Slug or id of an API.")] = "",
    with_app: Annotated[str, typer.Option("--app", help="Name or id of an app.")] = "",
    hours: Annotated[int, typer.Option(min=1, max=24 * 1100, help="How far back.")] = 24,
    by: Annotated[str, typer.Option(help="operation, app, api, status, version, plan or code.")] = "operation",
    as_json: JsonFlag = False,
) -> None:
    """Show calls, errors and latency."""
    client = hub(ctx)
    scope: dict[str, Any] = {"from": (datetime.now(UTC) - timedelta(hours=hours)).isoformat()}
    if api:
        scope["api_id"] = client.get(f"/apis/{segment(api)}")["id"]
    if with_app:
        scope["app_id"] = app_id(client, with_app)
    summary = client.get("/analytics/summary", **scope)
    rows = client.get("/analytics/breakdown", by=by, **scope)["items"]
    if as_json:
        show_json({"summary": summary, "breakdown": rows})
        return
    if not summary["calls"]:
        console.print("No call in this time.")
        return
    latency = " ".join(f"{name} {milliseconds(summary[f'{name}_us'])}" for name in ("p50", "p95", "p99"))
    console.print(
        f"{counted(summary['calls'], 'call')}, {summary['errors_4xx']} 4xx, {summary['errors_5xx']} 5xx, {latency}"
    )
    show_rows(
        [{**row, "errors": f"{row['error_rate']:.1%}", "p95": milliseconds(row["p95_us"])} for row in rows],
        ["label", "calls", "errors", "p95"],
        as_json=False,
    )


def calls(ctx: typer.Context, limit: Annotated[int, typer.Option()] = 20, as_json: JsonFlag = False) -> None:
    """Show the most recent calls with their decision ids."""
    rows = hub(ctx).get("/calls", limit=limit)["items"]
    if as_json:
        show_json(rows)
        return
    columns = ["at", "method", "path", "status", "code", "duration", "app.name", "decision_id"]
    timed = [{**row, "duration": milliseconds(row["duration_us"])} for row in rows]
    show_rows(timed, columns, as_json=False, empty="No call yet.")
