"""``waypost subscribe`` and ``waypost subscription …``."""

from __future__ import annotations

from typing import Annotated, Any, NoReturn

import typer

from waypost.interaction.cli.apis import ApiArgument
from waypost.interaction.cli.apps import app_id
from waypost.interaction.cli.asking import ask
from waypost.interaction.cli.client import REFUSED, HubClient, segment
from waypost.interaction.cli.output import error_console, show_done, show_json, show_object, show_rows
from waypost.interaction.cli.plans import chosen_plan
from waypost.interaction.cli.session import JsonFlag, hub

app = typer.Typer(help="Subscriptions: yours, and those that wait for you.", no_args_is_help=True)
SubscriptionArgument = Annotated[str, typer.Argument(help="Id of the subscription; `subscription list` shows it.")]
_OPEN = ("pending", "active")
_SHOW = ["id", "app.name", "api.slug", "plan.slug", "state", "reason", "quota.used", "quota.limit", "quota.resets_at"]
_COLUMNS = ["id", "app.name", "api.slug", "plan.name", "state", "quota.used", "quota.limit"]


def register(root: typer.Typer) -> None:
    """Put ``subscribe`` on the root."""
    root.command()(subscribe)


def subscribe(
    ctx: typer.Context,
    api: ApiArgument,
    with_app: Annotated[str, typer.Option("--app", help="Name or id of the app.")],
    plan: Annotated[str, typer.Option(help="Slug or name of the plan; the only one if left out.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Subscribe an app to a plan of an API. A subscription to that plan, pending or active, is no error."""
    client = hub(ctx)
    found = client.get(f"/apis/{segment(api)}")
    app = app_id(client, with_app)
    standing = _standing(client, app, found["id"])
    chosen = chosen_plan(client, found["id"], plan, held=standing["plan"] if standing else None)
    if standing and standing["plan"]["id"] != chosen["id"]:
        _refuse_another(standing, chosen)
    made = standing or client.post("/subscriptions", {"app_id": app, "api_id": found["id"], "plan_id": chosen["id"]})
    told = _sentence(made, already=standing is not None)
    show_done({**made, "already_subscribed": standing is not None}, told, as_json=as_json)


def _standing(client: HubClient, app: str, api: str) -> dict[str, Any] | None:
    """The one subscription of the app to the API that has not ended."""
    for found in client.pages("/subscriptions", app_id=app, api_id=api):
        if found["state"] in _OPEN:
            return found
    return None


def _refuse_another(standing: dict[str, Any], wanted: dict[str, Any]) -> NoReturn:
    error_console.print(
        f"{standing['app']['name']} is subscribed to {standing['api']['name']} already, with the plan "
        f"{standing['plan']['name']} ({standing['state']}).",
        markup=False,
    )
    error_console.print(
        f"  → `waypost subscription change {standing['id']} --plan {wanted['slug']}` changes its plan.", markup=False
    )
    raise typer.Exit(REFUSED)


def _told(subscription: dict[str, Any], as_json: bool) -> None:
    show_done(subscription, _sentence(subscription), as_json=as_json)


def _sentence(subscription: dict[str, Any], *, already: bool = False) -> str:
    app, api, plan = (subscription[part]["name"] for part in ("app", "api", "plan"))
    return f"{app} → {api} ({plan}){' already' if already else ''}: {subscription['state']}"


@app.command("list")
def list_(
    ctx: typer.Context,
    state: Annotated[str, typer.Option(help="pending, active, refused or cancelled.")] = "",
    role: Annotated[str, typer.Option(help="consumer: yours; provider: to your APIs.")] = "",
    api: Annotated[str, typer.Option(help="To this API (slug or id).")] = "",
    of_app: Annotated[str, typer.Option("--app", help="Of this app (name or id).")] = "",
    as_json: JsonFlag = False,
) -> None:
    """List subscriptions."""
    client = hub(ctx)
    only = {"api_id": api or None, "app_id": app_id(client, of_app) if of_app else None}
    rows = client.pages("/subscriptions", state=state or None, role=role or None, **only)
    show_rows(rows, _COLUMNS, as_json=as_json, empty="No subscription.")


@app.command()
def show(ctx: typer.Context, subscription: SubscriptionArgument, as_json: JsonFlag = False) -> None:
    """Show a subscription, and where its app's keys are in force."""
    client = hub(ctx)
    path = f"/subscriptions/{segment(subscription)}"
    found = client.get(path)
    grants = list(client.pages(f"{path}/grants"))
    if as_json:
        show_json({**found, "grants": grants})
        return
    show_object(found, _SHOW, as_json=False)
    columns = ["gateway.name", "credential.prefix", "state", "updated_at"]
    show_rows(grants, columns, as_json=False, empty="No key is in force.")


@app.command()
def change(
    ctx: typer.Context,
    subscription: SubscriptionArgument,
    plan: Annotated[str, typer.Option(help="Slug or name of the plan.")],
    as_json: JsonFlag = False,
) -> None:
    """Change a subscription's plan, to the terms that the plan has now; keys stay as they are.

    A plan that takes approval is the provider's to set, except while the subscription is pending.
    """
    client = hub(ctx)
    path = f"/subscriptions/{segment(subscription)}"
    chosen = chosen_plan(client, client.get(path)["api"]["id"], plan)
    _told(client.patch(path, {"plan_id": chosen["id"]}), as_json)


@app.command()
def approve(
    ctx: typer.Context,
    subscription: SubscriptionArgument,
    note: Annotated[str, typer.Option(help="A word to the consumer.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Approve a pending subscription."""
    _told(hub(ctx).post(f"/subscriptions/{segment(subscription)}/approve", {"note": note}), as_json)


@app.command()
def refuse(
    ctx: typer.Context,
    subscription: SubscriptionArgument,
    reason: Annotated[str, typer.Option(help="Why; the consumer reads it. Asked for if left out.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Refuse a pending subscription."""
    why = reason or ask("Reason", instead="give --reason")
    _told(hub(ctx).post(f"/subscriptions/{segment(subscription)}/refuse", {"reason": why}), as_json)


@app.command()
def cancel(ctx: typer.Context, subscription: SubscriptionArgument, as_json: JsonFlag = False) -> None:
    """End a subscription; its app's keys are refused on this API from then on. One that has ended is no error."""
    client = hub(ctx)
    path = f"/subscriptions/{segment(subscription)}"
    found = client.get(path)
    _told(client.post(f"{path}/cancel") if found["state"] in _OPEN else found, as_json)
