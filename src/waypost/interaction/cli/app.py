"""The root command."""

from __future__ import annotations

from typing import Annotated

import typer

from waypost import __version__
from waypost.interaction.cli import (
    accounts,
    apis,
    apps,
    decisions,
    demo,
    gateways,
    issuers,
    people,
    plans,
    policies,
    subscriptions,
    teams,
    usage,
)
from waypost.interaction.cli.session import State

app = typer.Typer(
    name="waypost",
    help="Find, connect to and manage APIs across many teams and many gateways.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    hub: Annotated[str, typer.Option("--hub", help="Address of the hub (or WAYPOST_HUB).")] = "",
    token: Annotated[
        str, typer.Option("--token", help="Access token; better in WAYPOST_TOKEN than on a command line.")
    ] = "",
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Find, connect to and manage APIs across many teams and many gateways."""
    ctx.obj = State(hub=hub, token=token)


accounts.register(app)
app.add_typer(apis.app, name="api")
app.add_typer(plans.app, name="plan")
app.add_typer(policies.app, name="policy")
app.add_typer(apps.app, name="app")
app.add_typer(apps.keys, name="key")
app.add_typer(issuers.app, name="issuer")
app.add_typer(issuers.signing_keys, name="signing-key")
subscriptions.register(app)
app.add_typer(subscriptions.app, name="subscription")
app.add_typer(teams.app, name="team")
app.add_typer(people.app, name="person")
app.add_typer(gateways.app, name="gateway")
app.add_typer(demo.app, name="demo")
gateways.register(app)
usage.register(app)
decisions.register(app)
