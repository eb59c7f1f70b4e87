"""``waypost policy …``: policies at every level, what they would touch, and what holds in the end."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from waypost.interaction.cli.client import USAGE, HubClient, segment
from waypost.interaction.cli.output import (
    console,
    counted,
    error_console,
    place_text,
    show_json,
    show_object,
    show_rows,
)
from waypost.interaction.cli.plans import chosen_plan
from waypost.interaction.cli.session import JsonFlag, hub

app = typer.Typer(help="Policies: what holds, where it comes from, what a change would touch.", no_args_is_help=True)
Target = Annotated[str, typer.Argument(help="`hub`, `team:SLUG`, or the slug or id of an API.")]
Kind = Annotated[str, typer.Argument(help="A kind, such as cors; see `policy kinds`.")]
VersionOption = Annotated[str, typer.Option("--version", help="At this version of the API, by name or id.")]
OperationOption = Annotated[str, typer.Option("--operation", help='At one operation, such as "GET /orders".')]
PlanOption = Annotated[str, typer.Option("--plan", help="At this plan of the API, by slug or id.")]
Document = Annotated[str, typer.Argument(help='JSON, such as {"origins": ["*"]}; - reads standard input.')]


@app.command()
def kinds(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """List the kinds in the order of execution, and where each may stand."""
    rows = hub(ctx).get("/policy-kinds")["items"]
    show_rows(rows, ["position", "kind", "title", "levels", "merge"], as_json=as_json)


@app.command("list")
def list_(
    ctx: typer.Context,
    target: Target,
    version: VersionOption = "",
    operation: OperationOption = "",
    plan: PlanOption = "",
    as_json: JsonFlag = False,
) -> None:
    """List the policies that stand at a place."""
    client = hub(ctx)
    rows = client.get(address(client, target, version, operation, plan))["items"]
    show_rows(rows, ["kind", "target.level", "locked", "config"], as_json=as_json, empty="Nothing is set here.")


@app.command()
def show(
    ctx: typer.Context,
    target: Target,
    kind: Kind,
    version: VersionOption = "",
    operation: OperationOption = "",
    plan: PlanOption = "",
    as_json: JsonFlag = False,
) -> None:
    """Show one policy that stands at a place. Secrets are never shown."""
    client = hub(ctx)
    found = client.get(address(client, target, version, operation, plan, kind=kind))
    show_object(found, ["kind", "target.level", "locked", "config", "updated_at"], as_json=as_json)


@app.command("set")
def set_(
    ctx: typer.Context,
    target: Target,
    kind: Kind,
    config: Document,
    version: VersionOption = "",
    operation: OperationOption = "",
    plan: PlanOption = "",
    locked: Annotated[bool, typer.Option("--locked", help="Nearer places cannot override it (hub, team).")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Set a policy and say what that touches. Without options it stands at the API, or at its current version."""
    client = hub(ctx)
    where = address(client, target, version, operation, plan, kind=kind, choose=True)
    saved = client.put(where, {"config": _document(config), "locked": locked})
    if as_json:
        show_json(saved)
        return
    console.print(f"{kind} is set at the {saved['target']['level']}.", markup=False)
    _show_change(saved["change"])


@app.command()
def remove(
    ctx: typer.Context,
    target: Target,
    kind: Kind,
    version: VersionOption = "",
    operation: OperationOption = "",
    plan: PlanOption = "",
) -> None:
    """Take a policy away; what stands above holds again."""
    client = hub(ctx)
    client.delete(address(client, target, version, operation, plan, kind=kind, choose=True))
    console.print(f"{kind} is taken away.", markup=False)


@app.command("plan")
def plan_(
    ctx: typer.Context,
    target: Target,
    kind: Kind,
    config: Annotated[str, typer.Argument(help="JSON; - reads standard input.")] = "",
    version: VersionOption = "",
    operation: OperationOption = "",
    plan: PlanOption = "",
    locked: Annotated[bool, typer.Option("--locked", help="As with `set`.")] = False,
    take_away: Annotated[bool, typer.Option("--remove", help="Plan to take it away.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show which APIs, gateways and callers a change would touch; nothing is written."""
    if not config and not take_away:
        raise _stop("Give a configuration, or --remove.")
    client = hub(ctx)
    body = {"remove": True} if take_away else {"config": _document(config), "locked": locked}
    where = address(client, target, version, operation, plan, kind=kind, choose=True, then="/plan")
    change = client.post(where, body)
    if as_json:
        show_json(change)
    else:
        _show_change(change)


@app.command()
def effective(
    ctx: typer.Context,
    target: Annotated[str, typer.Argument(help="Slug or id of an API.")],
    version: Annotated[str, typer.Option("--version", help="Name or id; the current one if left out.")] = "",
    operation: OperationOption = "",
    plan: Annotated[str, typer.Option("--plan", help="With what holds for the subscribers of this plan.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Show what holds in the end, and where each part comes from."""
    client = hub(ctx)
    api = client.get(f"/apis/{segment(target)}")
    version_id = _version_id(client, api, version)
    asked = {"operation_id": _operation_id(client, version_id, operation) if operation else None}
    asked["plan_id"] = chosen_plan(client, api["id"], plan)["id"] if plan else None
    items = client.get(f"/versions/{version_id}/effective-policies", **asked)["items"]
    rows = [{**item, "comes_from": _origins(item)} for item in items]
    columns = ["kind", "applies_to", "config", "comes_from", "locked"]
    show_rows(items if as_json else rows, columns, as_json=as_json)


def address(
    client: HubClient,
    target: str,
    version: str,
    operation: str,
    plan: str,
    *,
    kind: str = "",
    choose: bool = False,
    then: str = "",
) -> str:
    """The path of a place's policies, or of one. ``choose``: without options the current version if kinds need it."""
    tail = f"/policies{f'/{segment(kind)}' if kind else ''}{then}"
    if target == "hub":
        return f"/hub{tail}"
    if target.startswith("team:"):
        return f"/teams/{segment(target.removeprefix('team:'))}{tail}"
    api = client.get(f"/apis/{segment(target)}")
    if plan:
        return f"/plans/{chosen_plan(client, api['id'], plan)['id']}{tail}"
    if not (version or operation) and not (choose and _only_below(client, kind)):
        return f"/apis/{api['id']}{tail}"
    version_id = _version_id(client, api, version)
    query = f"?operation_id={_operation_id(client, version_id, operation)}" if operation else ""
    return f"/versions/{version_id}{tail}{query}"


def _only_below(client: HubClient, kind: str) -> bool:
    """Whether the kind stands at versions and not at APIs."""
    levels = {item["kind"]: item["levels"] for item in client.get("/policy-kinds")["items"]}.get(kind, [])
    return "version" in levels and "api" not in levels


def _version_id(client: HubClient, api: dict[str, Any], name: str) -> str:
    for version in client.pages(f"/apis/{api['id']}/versions"):
        if name in (version["name"], version["id"]) or (not name and version["id"] == api["current_version_id"]):
            return str(version["id"])
    raise _stop(f"{api['slug']} has no version {name!r}.")


def _operation_id(client: HubClient, version_id: str, wanted: str) -> str:
    for item in client.pages(f"/versions/{version_id}/operations"):
        if wanted in (item["id"], item["operation_id"], f"{item['method']} {item['path']}"):
            return str(item["id"])
    raise _stop(f'There is no operation {wanted!r}; write it like "GET /orders".')


def _document(text: str) -> dict[str, Any]:
    try:
        found = json.loads(sys.stdin.read() if text == "-" else text)
    except ValueError as error:
        raise _stop(f"The configuration is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise _stop("The configuration is a JSON object.")
    return found


def _stop(message: str) -> typer.Exit:
    """What to raise after saying why."""
    error_console.print(message, markup=False)
    return typer.Exit(USAGE)


def _show_change(change: dict[str, Any]) -> None:
    callers = change["callers"]
    console.print(
        f"Touches {counted(len(change['apis']), 'API')} on {counted(len(change['gateways']), 'gateway')}; "
        f"{counted(callers['calls'], 'call')} by {counted(callers['apps'], 'app')} in the last 30 days.",
        markup=False,
    )
    for api in change["apis"]:
        if api["opened"]:
            error_console.print(f"  Anybody can call {api['name']} then, without a credential.", markup=False)
    for item in change["differences"]:
        told = f"{_short(item['before'])} → {_short(item['after'])}"
        console.print(f"  {place_text(item['place'])}: {told}", markup=False)
    for gateway in change["gateways"]:
        for item in gateway["missing"]:
            error_console.print(
                f"  {gateway['engine']} on {gateway['name']} cannot do {item['capability']} ({item['where']})",
                markup=False,
            )
    if callers["items"]:
        show_rows(callers["items"], ["app_name", "calls", "subscription_id"], as_json=False)


def _short(config: dict[str, Any] | None) -> str:
    return "nothing" if config is None else json.dumps(config, ensure_ascii=False)


def _origins(item: dict[str, Any]) -> str:
    parts = [f"{part['pointer']} {part['from']['level']}" for part in item["origins"]]
    return "; ".join(parts) or place_text(item["from"])
