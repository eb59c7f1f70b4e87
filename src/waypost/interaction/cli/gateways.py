"""``waypost gateway list|enrol`` and ``waypost compile``; ``gateway run`` is added by runtime."""

from __future__ import annotations

from typing import Annotated

import typer

from waypost.interaction.cli.apis import gateway_id
from waypost.interaction.cli.output import console, error_console, show_json, show_rows
from waypost.interaction.cli.session import JsonFlag, hub

app = typer.Typer(help="Gateways: list, enrol, run.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    """Put ``compile`` on the root."""
    root.command("compile")(compile_)


@app.command("list")
def list_(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """List the gateways and how they are."""
    columns = ["slug", "name", "engine", "environment", "state", "public_url", "deployments_count", "last_seen_at"]
    show_rows(hub(ctx).pages("/gateways"), columns, as_json=as_json, empty="No gateway yet.")


@app.command()
def enrol(ctx: typer.Context, gateway: Annotated[str, typer.Argument()] = "", as_json: JsonFlag = False) -> None:
    """Make a one-time token with which an agent joins this hub as the gateway."""
    client = hub(ctx)
    made = client.post(f"/gateways/{gateway_id(client, gateway)}/enrolment-token")
    if as_json:
        show_json(made)
    else:
        console.print(made["command"], markup=False, soft_wrap=True)


def compile_(
    ctx: typer.Context,
    gateway: Annotated[str, typer.Option(help="Slug or id; the only one if left out.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Print what a gateway shall do (the engine-neutral IR), secrets redacted; to stderr what its engine cannot do."""
    client = hub(ctx)
    chosen = gateway_id(client, gateway)
    for item in client.get(f"/gateways/{chosen}/missing-capabilities")["items"]:
        error_console.print(f"its engine cannot do {item['capability']} ({item['where']})", markup=False)
    typer.echo(client.text(f"/gateways/{chosen}/ir", format="json" if as_json else "yaml"))
