"""``waypost issuer …`` and ``waypost signing-key …``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from waypost.interaction.cli.apis import owner_id
from waypost.interaction.cli.asking import ask, confirm
from waypost.interaction.cli.client import FAILED, HubClient, only, segment
from waypost.interaction.cli.output import console, show_done, show_object, show_rows
from waypost.interaction.cli.session import JsonFlag, YesFlag, hub

app = typer.Typer(help="Outside issuers of tokens, whose keys the hub keeps.", no_args_is_help=True)
signing_keys = typer.Typer(help="The keys that sign the hub's own tokens.", no_args_is_help=True)
IssuerArgument = Annotated[str, typer.Argument(help="URL, name or id of the issuer.")]
_FIELDS = ["id", "name", "url", "source", "address", "algorithms", "client_claim", "state", "error", "fetched_at"]


def issuer_id(client: HubClient, wanted: str) -> str:
    """The id of an issuer by URL, name or id."""
    if wanted.startswith("iss_"):
        return segment(wanted)
    found = [row for row in client.pages("/issuers") if wanted in (row["url"], row["name"])]
    return str(only(found, wanted, listing="issuer list")["id"])


@app.command("list")
def list_issuers(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """List the hub's issuers and those of your teams."""
    columns = ["id", "name", "url", "source", "state", "error_code", "fetched_at"]
    show_rows(hub(ctx).pages("/issuers"), columns, as_json=as_json, empty="No issuer yet.")


@app.command("add")
def add_issuer(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(help="The `iss` of its tokens, to the letter.")],
    name: Annotated[str, typer.Option()] = "",
    owner: Annotated[str, typer.Option(help="Team slug or id; the hub if left out.")] = "",
    discovery: Annotated[str, typer.Option(help="Address of its metadata, if it is not at the usual place.")] = "",
    jwks: Annotated[str, typer.Option(help="Address of its JWK Set, or a file that holds it.")] = "",
    secret: Annotated[bool, typer.Option("--secret", help="Ask for a shared secret (HS256).")] = False,
    opaque: Annotated[bool, typer.Option("--opaque", help="Its tokens are asked about; it has no keys.")] = False,
    algorithm: Annotated[list[str] | None, typer.Option(help="Allowed signature; once for each.")] = None,
    client_claim: Annotated[str, typer.Option(help="The claim that tells the client.")] = "client_id",
    proof_audience: Annotated[
        str, typer.Option(help="Audience of tokens that prove a client; the hub if left out.")
    ] = "",
    allow_http: Annotated[bool, typer.Option("--allow-http", help="Fetch keys without TLS.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Register an issuer; its keys are fetched at once."""
    client = hub(ctx)
    body = {"url": url, "name": name, "client_claim": client_claim, "allow_http": allow_http, "opaque": opaque}
    body["proof_audience"] = proof_audience
    body["owner_id"] = owner_id(client, owner) if owner else ""
    if discovery:
        body["discovery_url"] = discovery
    if jwks:
        body |= _keys(jwks)
    if secret:
        body["shared_secret"] = ask("Shared secret", instead="give it on standard input", secret=True)
    wanted = algorithm or (["HS256"] if secret else None)
    if wanted:
        body["algorithms"] = wanted
    show_object(client.post("/issuers", body), _FIELDS, as_json=as_json)


def _keys(jwks: str) -> dict[str, str]:
    if jwks.startswith(("http://", "https://")):
        return {"jwks_url": jwks}
    if not Path(jwks).is_file():
        raise typer.BadParameter(f"{jwks} is neither an address nor a file.")
    return {"jwks": Path(jwks).read_text(errors="replace")}


@app.command("refresh")
def refresh_issuer(ctx: typer.Context, issuer: IssuerArgument, as_json: JsonFlag = False) -> None:
    """Fetch an issuer's keys now."""
    client = hub(ctx)
    read = client.post(f"/issuers/{issuer_id(client, issuer)}/refresh")
    show_object(read, _FIELDS, as_json=as_json)
    if read["state"] != "ready":
        raise typer.Exit(FAILED)


@app.command("remove")
def remove_issuer(ctx: typer.Context, issuer: IssuerArgument, yes: YesFlag = False) -> None:
    """Remove an issuer that nothing uses."""
    client = hub(ctx)
    found = issuer_id(client, issuer)
    confirm(f"Remove {issuer}?", yes=yes)
    client.delete(f"/issuers/{found}")
    console.print("Removed.")


@signing_keys.command("list")
def list_signing_keys(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """List the published keys."""
    rows = hub(ctx).pages("/signing-keys")
    show_rows(rows, ["id", "algorithm", "state", "signs_from", "published_until"], as_json=as_json)


@signing_keys.command("rotate")
def rotate_signing_keys(
    ctx: typer.Context,
    lead: Annotated[int, typer.Option(help="Seconds that the new key is published before it signs.")] = 3600,
    drop_old: Annotated[
        bool, typer.Option("--drop-old", help="A key leaked: refuse all tokens that were signed so far.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Make a new signing key."""
    made = hub(ctx).post("/signing-keys/rotate", {"lead_seconds": lead, "drop_old": drop_old})
    newest = made["items"][0]
    show_done(made, f"{newest['id']} signs from {newest['signs_from']}", as_json=as_json)
