"""``waypost person …``: for administrators, and for auditors what only shows."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from waypost.interaction.cli.asking import confirm
from waypost.interaction.cli.client import USAGE, HubClient, only, segment
from waypost.interaction.cli.output import cell, console, error_console, show_done, show_json, show_rows
from waypost.interaction.cli.session import JsonFlag, YesFlag, hub

app = typer.Typer(help="People, their access tokens and signed-in browsers.", no_args_is_help=True)
PersonArgument = Annotated[str, typer.Argument(help="E-mail, name or id of the person.")]


def _person(client: HubClient, wanted: str) -> dict[str, Any]:
    if wanted.startswith("usr_"):
        found: dict[str, Any] = client.get(f"/users/{segment(wanted)}")
        return found
    named = [row for row in client.pages("/users", q=wanted) if wanted in (row["email"], row["name"])]
    return only(named, wanted, listing="person list")


@app.command("list")
def list_people(
    ctx: typer.Context,
    q: Annotated[str, typer.Option("--q", help="Part of name or e-mail.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """List people."""
    show_rows(
        hub(ctx).pages("/users", q=q), ["id", "name", "email", "hub_role", "state", "last_login_at"], as_json=as_json
    )


@app.command()
def create(
    ctx: typer.Context,
    email: str,
    name: str,
    hub_role: Annotated[str, typer.Option(help="member, auditor or administrator.")] = "member",
    as_json: JsonFlag = False,
) -> None:
    """Add a person; prints the link with which they sign in first."""
    _show_link(hub(ctx).post("/users", {"email": email, "name": name, "hub_role": hub_role}), as_json)


@app.command()
def link(ctx: typer.Context, person: PersonArgument, as_json: JsonFlag = False) -> None:
    """Print a link that signs a person in once, to choose a new password; earlier ones stop working."""
    client = hub(ctx)
    _show_link(client.post(f"/users/{_person(client, person)['id']}/one-time-login"), as_json)


def _show_link(made: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(made)
        return
    console.print(made["one_time_login_url"], markup=False, soft_wrap=True)
    error_console.print(f"Hand it over: it works once, until {cell(made['expires_at'])}.", style="dim")


@app.command()
def update(
    ctx: typer.Context,
    person: PersonArgument,
    hub_role: Annotated[str, typer.Option(help="member, auditor or administrator.")] = "",
    state: Annotated[str, typer.Option(help="active or disabled.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Change a person's role on the hub, or disable the account; either signs them out everywhere."""
    changes = {key: value for key, value in (("hub_role", hub_role), ("state", state)) if value}
    if not changes:
        error_console.print("Say what to change: --hub-role or --state.")
        raise typer.Exit(USAGE)
    client = hub(ctx)
    saved = client.patch(f"/users/{_person(client, person)['id']}", changes)
    show_done(saved, f"{saved['name']} is {saved['state']}, {saved['hub_role']}.", as_json=as_json)


@app.command()
def tokens(ctx: typer.Context, person: PersonArgument, as_json: JsonFlag = False) -> None:
    """List a person's access tokens, without their values."""
    client = hub(ctx)
    rows = client.pages(f"/users/{_person(client, person)['id']}/tokens")
    columns = ["id", "name", "prefix", "scopes", "created_at", "last_used_at", "expires_at"]
    show_rows(rows, columns, as_json=as_json, empty="No access token.")


@app.command()
def sessions(ctx: typer.Context, person: PersonArgument, as_json: JsonFlag = False) -> None:
    """List the browsers in which a person is signed in."""
    client = hub(ctx)
    rows = client.pages(f"/users/{_person(client, person)['id']}/sessions")
    show_rows(rows, ["id", "address", "user_agent", "last_seen_at", "expires_at"], as_json=as_json, empty="Nowhere.")


@app.command("revoke-token")
def revoke_token(
    ctx: typer.Context,
    person: PersonArgument,
    token: Annotated[str, typer.Argument(help="Id of the access token; all of them if left out.")] = "",
    yes: YesFlag = False,
) -> None:
    """Revoke a person's access tokens: what uses them stops working at once."""
    which = f"the access token {token}" if token else "all access tokens"
    _end(ctx, person, f"/tokens/{segment(token)}" if token else "/tokens", f"Revoke {which}", yes=yes)
    console.print("Revoked.")


@app.command("sign-out")
def sign_out(
    ctx: typer.Context,
    person: PersonArgument,
    session: Annotated[str, typer.Argument(help="Id of the session; every one if left out.")] = "",
    yes: YesFlag = False,
) -> None:
    """Sign a person out; everywhere, an unused one-time link ends too."""
    which = f"of {session}" if session else "everywhere"
    _end(ctx, person, f"/sessions/{segment(session)}" if session else "/sessions", f"Sign out {which}", yes=yes)
    console.print("Signed out.")


def _end(ctx: typer.Context, person: str, path: str, question: str, *, yes: bool) -> None:
    client = hub(ctx)
    found = _person(client, person)
    confirm(f"{question}: {found['name']} <{found['email']}>?", yes=yes)
    client.remove(f"/users/{found['id']}{path}")
