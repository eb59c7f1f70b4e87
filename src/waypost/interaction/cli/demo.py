"""``waypost demo remove``."""

from __future__ import annotations

import typer

from waypost.interaction.cli.asking import confirm
from waypost.interaction.cli.output import show_done
from waypost.interaction.cli.session import JsonFlag, YesFlag, hub

app = typer.Typer(help="The demo content of a hub.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The demo content of a hub."""


@app.command()
def remove(ctx: typer.Context, yes: YesFlag = False, as_json: JsonFlag = False) -> None:
    """Take the demo APIs, teams, people and their usage away, for good."""
    confirm("Remove all demo content?", yes=yes)
    done = hub(ctx).remove("/demo")
    told = f"Removed {done['apis']} APIs, {done['apps']} apps, {done['teams']} teams, {done['people']} people."
    show_done(done, told, as_json=as_json)
