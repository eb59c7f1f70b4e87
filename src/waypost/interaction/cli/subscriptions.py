"""``waypost subscribe`` and ``waypost subscription …``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from waypost.interaction.cli.apps import app_id
from waypost.interaction.cli.client import USAGE, HubClient, segment
from waypost.interaction.cli.output import console, error_console, show_json, show_rows
from waypost.interaction.cli.session import JsonFlag, hub

app = typer.Typer(help="Subscriptions: yours, and those that wait for you.", no_args_is_help=True)
_COLUMNS = ["id", "app.name", "api.slug", "plan.name", "state", "quota.used", "quota.limit"]


def register(root: typer.Typer) -> None:
    """Put ``subscribe`` on the root."""
    root.command()(subscribe)


def subscribe(
    ctx: typer.Context,
    api: Annotated[str, typer.Argument(help="Slug or id of the API.")],
    with_app: Annotated[str, typer.Option("--app", help="Name or id of the app.")],
    plan: Annotated[str, typer.Option(help="Slug or name of the plan; the only one if left out.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Subscribe an app to a plan of an API."""
    client = hub(ctx)
    found = client.get(f"/apis/{segment(api)}")
    body = {"app_id": app_id(client, with_app), "api_id": found["id"], "plan_id": _plan_id(client, found, plan)}
    made = client.post("/subscriptions", body)
    if as_json:
        show_json(made)
    else:
        console.print(
            f"{made['app']['name']} → {made['api']['name']} ({made['plan']['name']}): {made['state']}", markup=False
        )


def _plan_id(client: HubClient, api: dict[str, Any], wanted: str) -> str:
    plans = list(client.pages(f"/apis/{api['id']}/plans"))
    for plan in plans:
        if wanted in (plan["id"], plan["slug"], plan["name"]) or (not wanted and len(plans) == 1):
            return str(plan["id"])
    names = ", ".join(plan["slug"] for plan in plans) or "none"
    error_console.print(f"Say which plan with --plan; there are: {names}.", markup=False)
    raise typer.Exit(USAGE)


@app.command("list")
def list_(
    ctx: typer.Context,
    state: Annotated[str, typer.Option(help="pending, active, refused or cancelled.")] = "",
    role: Annotated[str, typer.Option(help="consumer: yours; provider: to your APIs.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """List subscriptions."""
    rows = hub(ctx).pages("/subscriptions", state=state or None, role=role or None)
    show_rows(rows, _COLUMNS, as_json=as_json, empty="No subscription.")


@app.command()
def approve(ctx: typer.Context, subscription: str, note: Annotated[str, typer.Option()] = "") -> None:
    """Approve a pending subscription."""
    done = hub(ctx).post(f"/subscriptions/{segment(subscription)}/approve", {"note": note})
    console.print(f"{done['app']['name']} is {done['state']}.", markup=False)


@app.command()
def refuse(ctx: typer.Context, subscription: str, reason: Annotated[str, typer.Option(prompt=True)]) -> None:
    """Refuse a pending subscription."""
    done = hub(ctx).post(f"/subscriptions/{segment(subscription)}/refuse", {"reason": reason})
    console.print(f"{done['app']['name']} is {done['state']}.", markup=False)


@app.command()
def cancel(ctx: typer.Context, subscription: str) -> None:
    """End a subscription."""
    done = hub(ctx).post(f"/subscriptions/{segment(subscription)}/cancel")
    console.print(f"{done['app']['name']} is {done['state']}.", markup=False)
