"""``waypost gateway …`` and ``waypost compile``; ``gateway run`` is added by runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from waypost.interaction.cli.apis import gateway_id
from waypost.interaction.cli.asking import confirm
from waypost.interaction.cli.output import console, error_console, show_done, show_json, show_rows
from waypost.interaction.cli.session import JsonFlag, YesFlag, hub

app = typer.Typer(help="Gateways: list, create, enrol, run.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    """Put ``compile`` on the root."""
    root.command("compile")(compile_)


@app.command("list")
def list_(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """List the gateways and how they are."""
    columns = ["slug", "name", "engine", "environment", "state", "public_url", "deployments_count", "last_seen_at"]
    show_rows(hub(ctx).pages("/gateways"), columns, as_json=as_json, empty="No gateway yet.")


@app.command()
def create(
    ctx: typer.Context,
    name: str,
    slug: Annotated[str, typer.Option(help="Made of the name if left out.")] = "",
    engine: Annotated[str, typer.Option(help="envoy or haproxy.")] = "envoy",
    region: Annotated[str, typer.Option(help="Such as eu-central.")] = "",
    environment: Annotated[str, typer.Option(help="Such as staging.")] = "production",
    public_url: Annotated[str, typer.Option(help="Where consumers reach it; its agent says it if left out.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Create a gateway; it waits for an agent, see `gateway enrol`."""
    body = {"name": name, "slug": slug or None, "engine": engine, "region": region, "environment": environment}
    made = hub(ctx).post("/gateways", body | {"public_url": public_url})
    told = f"Created {made['name']}: {made['slug']}. Next: `waypost gateway enrol {made['slug']}`."
    show_done(made, told, as_json=as_json)


@app.command()
def delete(
    ctx: typer.Context, gateway: Annotated[str, typer.Argument(help="Slug or id.")], yes: YesFlag = False
) -> None:
    """Delete a gateway to which nothing is published."""
    client = hub(ctx)
    found = gateway_id(client, gateway)
    confirm(f"Delete the gateway {gateway}? Its agent is refused from then on.", yes=yes)
    client.delete(f"/gateways/{found}")
    console.print("Deleted.")


@app.command()
def enrol(
    ctx: typer.Context,
    gateway: Annotated[str, typer.Argument(help="Slug or id; the only one if left out.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Make a one-time token with which an agent joins this hub as the gateway."""
    client = hub(ctx)
    made = client.post(f"/gateways/{gateway_id(client, gateway)}/enrolment-token")
    if as_json:
        show_json(made)
    else:
        console.print(made["command"], markup=False, soft_wrap=True)


@app.command("set")
def set_(
    ctx: typer.Context,
    gateway: Annotated[str, typer.Argument(help="Slug or id.")],
    trusted_proxy: Annotated[
        list[str] | None, typer.Option(help="A load balancer in front (CIDR); repeatable.")
    ] = None,
    max_request_bytes: Annotated[int | None, typer.Option(help="Larger requests answer 413.")] = None,
    x_ratelimit: Annotated[bool | None, typer.Option(help="Send the older X-RateLimit-* as well.")] = None,
    tls_port: Annotated[int | None, typer.Option(help="Listen there with TLS; 0 = no TLS listener.")] = None,
    tls_certificate: Annotated[Path | None, typer.Option(help="PEM file with the certificate chain.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file with the private key.")] = None,
    client_ca: Annotated[Path | None, typer.Option(help="PEM file: who signs callers' certificates.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Set what holds for a whole gateway; what is not named stays."""
    client = hub(ctx)
    path = f"/gateways/{gateway_id(client, gateway)}"
    settings = client.get(path)["settings"]
    given = {
        "trusted_proxies": trusted_proxy,
        "max_request_bytes": max_request_bytes,
        "x_ratelimit_headers": x_ratelimit,
    }
    settings |= {name: value for name, value in given.items() if value is not None}
    files = {"certificate": tls_certificate, "key": tls_key, "client_ca": client_ca}
    texts: dict[str, Any] = {name: file.read_text(encoding="utf-8") for name, file in files.items() if file is not None}
    if tls_port == 0:
        settings["tls"] = None
    elif texts or tls_port:
        settings["tls"] = {**(settings["tls"] or {}), **texts, **({"port": tls_port} if tls_port else {})}
    saved = client.patch(path, {"settings": settings})
    show_done(saved, f"{saved['name']} is set.", as_json=as_json)


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
