"""``waypost team …``: your teams; administrators see and make all of them."""

from __future__ import annotations

from typing import Annotated

import typer

from waypost.interaction.cli.asking import confirm
from waypost.interaction.cli.client import segment
from waypost.interaction.cli.output import console, show_done, show_rows
from waypost.interaction.cli.session import JsonFlag, YesFlag, hub

app = typer.Typer(help="Teams and who belongs to them.", no_args_is_help=True)
TeamArgument = Annotated[str, typer.Argument(help="Slug or id of the team.")]
PersonArgument = Annotated[str, typer.Argument(help="E-mail or id of the person.")]


@app.command("list")
def list_teams(
    ctx: typer.Context,
    q: Annotated[str, typer.Option("--q", help="Part of name or slug.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """List your teams; all of them for administrators and auditors."""
    columns = ["slug", "name", "organisation.name", "members_count", "role", "description"]
    show_rows(hub(ctx).pages("/teams", q=q or None), columns, as_json=as_json, empty="No team.")


@app.command()
def create(
    ctx: typer.Context,
    name: str,
    slug: Annotated[str, typer.Option(help="Made of the name if left out.")] = "",
    description: Annotated[str, typer.Option()] = "",
    as_json: JsonFlag = False,
) -> None:
    """Make a team; it has no members yet."""
    made = hub(ctx).post("/teams", {"name": name, "slug": slug or None, "description": description})
    told = f"Made {made['name']}: {made['slug']}. Add its first owner: `waypost team add`."
    show_done(made, told, as_json=as_json)


@app.command()
def delete(ctx: typer.Context, team: TeamArgument, yes: YesFlag = False) -> None:
    """Delete a team that owns nothing any more."""
    confirm(f"Delete the team {team}?", yes=yes)
    hub(ctx).delete(f"/teams/{segment(team)}")
    console.print("Deleted.")


@app.command()
def members(ctx: typer.Context, team: TeamArgument, as_json: JsonFlag = False) -> None:
    """List who belongs to a team, and as what."""
    rows = hub(ctx).pages(f"/teams/{segment(team)}/members")
    show_rows(rows, ["name", "email", "role", "state", "user_id"], as_json=as_json, empty="Nobody yet.")


@app.command()
def add(
    ctx: typer.Context,
    team: TeamArgument,
    person: PersonArgument,
    role: Annotated[str, typer.Option(help="owner, maintainer, developer or viewer.")],
    as_json: JsonFlag = False,
) -> None:
    """Add a person to a team, or change the role of a member."""
    made = hub(ctx).put(f"/teams/{segment(team)}/members/{segment(person)}", {"role": role})
    show_done(made, f"{made['name']} is {made['role']} of {team}.", as_json=as_json)


@app.command()
def remove(ctx: typer.Context, team: TeamArgument, person: PersonArgument, yes: YesFlag = False) -> None:
    """Take a person out of a team."""
    confirm(f"Take {person} out of {team}?", yes=yes)
    hub(ctx).remove(f"/teams/{segment(team)}/members/{segment(person)}")
    console.print("Removed.")
