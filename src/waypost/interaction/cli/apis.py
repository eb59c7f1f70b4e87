"""``waypost api …``: import, list, show, publish, search."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from waypost.interaction.cli.asking import confirm
from waypost.interaction.cli.client import REFUSED, USAGE, HubClient, segment
from waypost.interaction.cli.output import console, counted, error_console, show_done, show_json, show_object, show_rows
from waypost.interaction.cli.session import JsonFlag, YesFlag, hub

app = typer.Typer(help="Find, import and publish APIs.", no_args_is_help=True)
ApiArgument = Annotated[str, typer.Argument(help="Slug or id of the API.")]
GatewayOption = Annotated[str, typer.Option(help="Slug or id of the gateway; the only one if left out.")]
VersionOption = Annotated[str, typer.Option(help="Version name; the current one if left out.")]
WaitOption = Annotated[int, typer.Option(min=0, help="Seconds to wait for the receipt.")]
_WANTED = ("pending", "live", "quarantined")
_LIST = ["slug", "name", "lifecycle", "visibility", "owner.name", "category", "summary"]
_SHOW = [
    "id",
    "slug",
    "name",
    "kind",
    "owner.name",
    "lifecycle",
    "visibility",
    "category",
    "tags",
    "base_path",
    "summary",
]


@app.command("import")
def import_(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(help="A file, an http(s) URL, or - for standard input.")],
    owner: Annotated[
        str, typer.Option(help="Team slug or id that shall own it; yourself if left out, where you may.")
    ] = "",
    name: Annotated[str, typer.Option(help="Name, if not the definition's title.")] = "",
    base_path: Annotated[str, typer.Option(help="Path on the gateways, such as /weather.")] = "",
    into: Annotated[str, typer.Option(help="Slug or id of an API: put it under that one's current version.")] = "",
    version: Annotated[
        str, typer.Option(help="With --into: under the version of this name; a new one if need be.")
    ] = "",
    confirm: Annotated[bool, typer.Option("--confirm", help="With --into: published operations may go away.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Only say what would be read.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Import an OpenAPI 3.x or Swagger 2.0 definition: as a draft, or as what an API is from now on."""
    client = hub(ctx)
    if any((owner, name, base_path) if into else (version, confirm)):
        error_console.print("--version and --confirm go with --into; --owner, --name and --base-path go without it.")
        raise typer.Exit(USAGE)
    if into:
        _import_into(client, into, version, _content(source), confirm=confirm, dry_run=dry_run, as_json=as_json)
        return
    body = {**_content(source), "owner_id": owner_id(client, owner), "dry_run": dry_run}
    body |= {key: value for key, value in (("name", name), ("base_path", base_path)) if value}
    done = client.post("/apis/import", body)
    if as_json:
        show_json(done)
    else:
        _show_import(done)
    _refuse_errors(done["problems"])


def _show_import(done: dict[str, Any]) -> None:
    _show_problems(done["problems"])
    operations = counted(len(done["preview"]["operations"]), "operation")
    if done.get("api"):
        console.print(f"Imported {done['api']['name']} as {done['api']['slug']} with {operations}.", markup=False)
    else:
        console.print(f"{done['preview']['title']}: {operations}. Nothing was written.", markup=False)


def _refuse_errors(problems: list[dict[str, Any]]) -> None:
    """A dry run answers as the import would."""
    if any(problem["severity"] == "error" for problem in problems):
        raise typer.Exit(REFUSED)


def _import_into(
    client: HubClient, api: str, version: str, source: dict[str, str], *, confirm: bool, dry_run: bool, as_json: bool
) -> None:
    found = client.get(f"/apis/{segment(api)}")
    known = {item["name"]: item["id"] for item in client.pages(f"/apis/{found['id']}/versions")}
    if version and version not in known and not dry_run:
        made = client.post(f"/apis/{found['id']}/versions", {**source, "name": version})
        if as_json:
            show_json(made)
            return
        _show_problems(made["problems"])
        console.print(f"Added {made['name']} to {found['slug']}: a draft under {made['mount'] or '/'}.", markup=False)
        return
    version_id = _version_id(client, found, version)
    body = {**source, "confirm": confirm, "dry_run": dry_run}
    done = client.put(f"/versions/{version_id}/definition", body)
    if as_json:
        show_json(done)
    else:
        _show_reimport(done, dry_run=dry_run)
    _refuse_errors(done["problems"])


def _show_reimport(done: dict[str, Any], *, dry_run: bool) -> None:
    _show_problems(done["problems"])
    changes = done["changes"]
    counts = ", ".join(f"{len(changes[kind])} {kind}" for kind in ("added", "removed", "changed"))
    console.print(
        f"{'Would be' if dry_run else 'Operations'}: {counts}, {changes['unchanged']} unchanged.", markup=False
    )


def _show_problems(problems: list[dict[str, Any]]) -> None:
    for problem in problems:
        place = f"line {problem['line']}" if problem.get("line") else problem.get("pointer", "")
        error_console.print(f"{problem['severity']}: {place}: {problem['message']} {problem['hint']}", markup=False)


def _content(source: str) -> dict[str, str]:
    if source.startswith(("http://", "https://")):
        return {"url": source}
    if source == "-":
        return {"content": sys.stdin.read(), "filename": "stdin"}
    path = Path(source)
    if not path.is_file():
        error_console.print(f"{source} is neither a file nor an http(s) URL.", markup=False)
        raise typer.Exit(USAGE)
    return {"content": path.read_text(encoding="utf-8-sig", errors="replace"), "filename": path.name}


def owner_id(client: HubClient, owner: str) -> str:
    """The id of a team by slug or id; the caller's own id for an empty string, and a person's id as it is."""
    if owner.startswith("usr_"):
        return owner
    session = client.get("/session")
    if not owner:
        return str(session["user"]["id"])
    wanted = owner.removeprefix("team:")
    for membership in session["memberships"]:
        if wanted in (membership["team_id"], membership["team_slug"]):
            return str(membership["team_id"])
    return str(client.get(f"/teams/{segment(wanted)}")["id"])


@app.command("list")
def list_(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(help="Words to look for.")] = "",
    mine: Annotated[bool, typer.Option(help="Only what you or your teams own.")] = False,
    lifecycle: Annotated[str, typer.Option(help="draft, published, deprecated or retired.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """List the APIs that you can see."""
    rows = hub(ctx).pages("/apis", q=query or None, mine=mine or None, lifecycle=lifecycle or None)
    show_rows(rows, _LIST, as_json=as_json, empty="No API found.")


@app.command()
def search(
    ctx: typer.Context,
    query: str,
    limit: Annotated[int, typer.Option(help="How many of the best are shown.")] = 20,
    as_json: JsonFlag = False,
) -> None:
    """Search APIs and operations."""
    found = hub(ctx).get("/search", q=query, limit=limit)
    columns = ["type", "api.slug", "operation.method", "operation.path", "api.summary"]
    show_rows(found["items"], columns, as_json=as_json, empty="Nothing found.")
    if found["next_cursor"]:
        error_console.print(f"These are the best {limit}; ask for more words, or with --limit.", style="dim")


@app.command()
def show(ctx: typer.Context, api: str, as_json: JsonFlag = False) -> None:
    """Show an API, its versions and where it is live."""
    client = hub(ctx)
    found = client.get(f"/apis/{segment(api)}")
    versions = list(client.pages(f"/apis/{found['id']}/versions"))
    deployments = list(client.pages(f"/apis/{found['id']}/deployments"))
    if as_json:
        show_json({**found, "versions": versions, "deployments": deployments})
        return
    show_object(found, _SHOW, as_json=False)
    show_rows(versions, ["name", "lifecycle", "current", "mount", "upstream_url", "operations_count"], as_json=False)
    show_rows(
        deployments, ["gateway.name", "state", "url", "live_after_ms", "reason"], as_json=False, empty="Not live."
    )


@app.command()
def update(
    ctx: typer.Context,
    api: ApiArgument,
    visibility: Annotated[str, typer.Option(help="public, internal or private.")] = "",
    category: Annotated[str, typer.Option()] = "",
    summary: Annotated[str, typer.Option()] = "",
    lifecycle: Annotated[str, typer.Option(help="draft, published, deprecated or retired.")] = "",
    tag: Annotated[list[str], typer.Option(help="May be repeated; replaces the tags.")] = [],  # noqa: B006
) -> None:
    """Change what people find of an API."""
    given = {"visibility": visibility, "category": category, "summary": summary, "lifecycle": lifecycle, "tags": tag}
    changes = {key: value for key, value in given.items() if value}
    if not changes:
        error_console.print("Say what to change; see --help.")
        raise typer.Exit(USAGE)
    client = hub(ctx)
    client.patch(f"/apis/{client.get(f'/apis/{segment(api)}')['id']}", changes)
    console.print(f"Changed {', '.join(changes)}.", markup=False)


@app.command()
def publish(
    ctx: typer.Context,
    api: ApiArgument,
    gateway: GatewayOption = "",
    version: VersionOption = "",
    upstream: Annotated[str, typer.Option(help="Set the upstream first.")] = "",
    wait: WaitOption = 30,
    dry_run: Annotated[bool, typer.Option(help="Only say which gateways can serve it and what is in the way.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Publish a version to a gateway and show the receipt. What is live there already is no error."""
    client = hub(ctx)
    found = client.get(f"/apis/{segment(api)}")
    version_id = _version_id(client, found, version)
    if dry_run and upstream:
        error_console.print("--dry-run changes nothing: set the upstream first, or leave it out.")
        raise typer.Exit(USAGE)
    if dry_run:
        only = gateway_id(client, gateway) if gateway else ""
        _show_outlook(client.post(f"/versions/{version_id}/deployments/plan"), only, as_json=as_json)
        return
    where = gateway_id(client, gateway)
    if upstream:
        client.patch(f"/versions/{version_id}", {"upstream_url": upstream})
    wanted = _standing(client, version_id, where, *_WANTED)
    already = wanted is not None and wanted["state"] == "live"
    wanted = wanted or client.post(f"/versions/{version_id}/deployments", {"gateway_id": where})
    receipt = _receipt(client, wanted["id"], wait)
    if as_json:
        show_json({**receipt, "already_live": already})
    elif already:
        later = "; a change reaches it by itself" if upstream else ""
        console.print(f"Live on {receipt['gateway']['name']} already{later}: {receipt['url']}", markup=False)
    elif receipt["state"] == "live":
        proof = "verified by a probe" if receipt["verified"] else "not verified"
        console.print(
            f"Live on {receipt['gateway']['name']} after {receipt['live_after_ms']} ms, {proof}: {receipt['url']}",
            markup=False,
        )
    else:
        error_console.print(f"{receipt['state']}: {receipt['reason'] or 'no receipt yet'}", markup=False)
    if receipt["state"] != "live":
        raise typer.Exit(REFUSED)


@app.command()
def withdraw(
    ctx: typer.Context,
    api: ApiArgument,
    gateway: GatewayOption = "",
    version: VersionOption = "",
    wait: WaitOption = 30,
    yes: YesFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Take a version off a gateway: calls to it answer 404 there. What is not there is no error."""
    client = hub(ctx)
    found = client.get(f"/apis/{segment(api)}")
    version_id, where = _version_id(client, found, version), gateway_id(client, gateway)
    standing = _standing(client, version_id, where, *_WANTED, "withdrawing")
    if standing is None:
        show_done({"state": "withdrawn", "already_withdrawn": True}, "It is not there.", as_json=as_json)
        return
    if standing["state"] in _WANTED:
        confirm(f"Take {found['name']} off {standing['gateway']['name']}?", yes=yes)
        client.remove(f"/deployments/{standing['id']}")
    receipt = _receipt(client, standing["id"], wait)
    told = f"{receipt['gateway']['name']}: {receipt['state']}."
    show_done({**receipt, "already_withdrawn": False}, told, as_json=as_json)
    if receipt["state"] != "withdrawn":
        raise typer.Exit(REFUSED)


@app.command()
def delete(ctx: typer.Context, api: ApiArgument, yes: YesFlag = False) -> None:
    """Delete an API with its versions and plans, once it is on no gateway and nobody is subscribed."""
    client = hub(ctx)
    found = client.get(f"/apis/{segment(api)}")
    confirm(f"Delete {found['name']} with its versions and plans?", yes=yes)
    client.delete(f"/apis/{found['id']}")
    console.print("Deleted.")


def _standing(client: HubClient, version_id: str, where: str, *states: str) -> dict[str, Any] | None:
    """The deployment of the version on the gateway that is in one of the states."""
    for found in client.pages(f"/versions/{version_id}/deployments"):
        if found["gateway"]["id"] == where and found["state"] in states:
            return found
    return None


def _receipt(client: HubClient, deployment_id: str, wait: int) -> dict[str, Any]:
    """The deployment once it has settled, or when the time is up. The hub keeps nobody waiting for more than 30 s."""
    while True:
        receipt: dict[str, Any] = client.get(f"/deployments/{deployment_id}", wait_seconds=min(wait, 30))
        wait -= 30
        if receipt["state"] not in ("pending", "withdrawing") or wait <= 0:
            return receipt


def _show_outlook(outlook: dict[str, Any], only: str, *, as_json: bool) -> None:
    """Of one gateway or all; ends as publishing would where none can serve it."""
    gateways = [gateway for gateway in outlook["gateways"] if only in ("", gateway["id"])]
    _print_outlook({**outlook, "gateways": gateways}, as_json=as_json)
    if all(gateway["lacks"] or gateway["obstacles"] for gateway in gateways):
        raise typer.Exit(REFUSED)


def _print_outlook(outlook: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(outlook)
        return
    rows = [
        {
            **gateway,
            "can_serve": "no" if gateway["lacks"] or gateway["obstacles"] else "yes" if gateway["known"] else "?",
        }
        for gateway in outlook["gateways"]
    ]
    show_rows(rows, ["slug", "engine", "state", "published", "can_serve"], as_json=False, empty="There is no gateway.")
    if outlook["open"]:
        console.print("Anybody can call it there, without a credential.")
    for gateway in outlook["gateways"]:
        for lack in gateway["lacks"]:
            text = f"{gateway['slug']} lacks {lack['capability']}, asked for at {lack['where']}. {lack['hint']}"
            console.print(text, markup=False)
        for obstacle in gateway["obstacles"]:
            console.print(f"{gateway['slug']}: {obstacle['message']}. {obstacle['hint']}", markup=False)
        for lost in gateway["degradations"]:
            console.print(f"{gateway['slug']} goes without {lost['feature']}: {lost['fallback']}.", markup=False)


def _version_id(client: HubClient, api: dict[str, Any], name: str) -> str:
    if not name and api.get("current_version_id"):
        return str(api["current_version_id"])
    for version in client.pages(f"/apis/{api['id']}/versions"):
        if not name or name in (version["name"], version["id"]):
            return str(version["id"])
    error_console.print(f"{api['slug']} has no version {name!r}.", markup=False)
    raise typer.Exit(USAGE)


def gateway_id(client: HubClient, wanted: str) -> str:
    """The id of a gateway by slug or id; the only one for an empty string."""
    known = list(client.pages("/gateways"))
    for gateway in known:
        if wanted in (gateway["id"], gateway["slug"]) or (not wanted and len(known) == 1):
            return str(gateway["id"])
    names = ", ".join(gateway["slug"] for gateway in known) or "none"
    told = f"There is no gateway {wanted!r}" if wanted else "Say which gateway"
    error_console.print(f"{told}; known: {names}.", markup=False)
    raise typer.Exit(USAGE)
