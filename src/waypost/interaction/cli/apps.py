"""``waypost app …`` and ``waypost key …``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from waypost.interaction.cli.apis import owner_id
from waypost.interaction.cli.asking import confirm
from waypost.interaction.cli.client import HubClient, only, segment
from waypost.interaction.cli.output import console, error_console, show_done, show_json, show_rows
from waypost.interaction.cli.proofs import sign
from waypost.interaction.cli.session import JsonFlag, YesFlag, hub

app = typer.Typer(help="Your applications.", no_args_is_help=True)
keys = typer.Typer(help="Keys and other credentials of your applications.", no_args_is_help=True)
AppArgument = Annotated[str, typer.Argument(help="Name or id of the app.")]
KeyArgument = Annotated[str, typer.Argument(help="Id of the credential.")]
CertificateOption = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="PEM file of a client certificate, without its key.")
]
FingerprintOption = Annotated[str, typer.Option(help="SHA-256 fingerprint instead, where no proof is given.")]
TokenOption = Annotated[
    typer.FileText | None,
    typer.Option("--token", help="external_client: the proof, a file with an access token for this hub; - reads it."),
]
PrivateKeyOption = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="certificate: the proof, its key in PEM; it is sent nowhere."),
]
ChallengeOption = Annotated[str, typer.Option(help="certificate: what was signed where the key is.")]
SignatureOption = Annotated[str, typer.Option(help="certificate: the signature over the challenge, in Base64.")]
SHOWN_ONCE = ("username", "password", "client_id", "client_secret", "token_url")


def app_id(client: HubClient, wanted: str) -> str:
    """The id of an app by name or id."""
    if wanted.startswith("app_"):
        return segment(wanted)
    found = [row for row in client.pages("/apps") if row["name"] == wanted]
    return str(only(found, wanted, listing="app list")["id"])


@app.command("list")
def list_apps(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """List your apps."""
    show_rows(
        hub(ctx).pages("/apps"), ["id", "name", "owner.name", "description"], as_json=as_json, empty="No app yet."
    )


@app.command("create")
def create_app(
    ctx: typer.Context,
    name: str,
    description: Annotated[str, typer.Option()] = "",
    owner: Annotated[str, typer.Option(help="Team slug or id; yourself if left out.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Create an app."""
    client = hub(ctx)
    made = client.post("/apps", {"name": name, "description": description, "owner_id": owner_id(client, owner)})
    show_done(made, f"Created {made['name']}: {made['id']}", as_json=as_json)


@app.command("delete")
def delete_app(ctx: typer.Context, name: AppArgument, yes: YesFlag = False) -> None:
    """Delete an app with its keys and subscriptions."""
    client = hub(ctx)
    found = app_id(client, name)
    confirm(f"Delete {name} with its keys and subscriptions?", yes=yes)
    client.delete(f"/apps/{found}")
    console.print("Deleted.")


@keys.command("list")
def list_keys(ctx: typer.Context, name: AppArgument, as_json: JsonFlag = False) -> None:
    """List an app's credentials (never their secrets)."""
    client = hub(ctx)
    rows = client.pages(f"/apps/{app_id(client, name)}/credentials")
    show_rows(
        rows,
        ["id", "kind", "name", "prefix", "state", "proven", "expires_at", "last_used_at"],
        as_json=as_json,
        empty="No key yet.",
    )


@keys.command("create")
def create_key(
    ctx: typer.Context,
    name: AppArgument,
    label: Annotated[str, typer.Option()] = "",
    kind: Annotated[str, typer.Option(help="key, basic, oauth_client, external_client or certificate.")] = "key",
    token: TokenOption = None,
    issuer: Annotated[str, typer.Option(help="external_client: id or URL of its issuer; a token names it.")] = "",
    client_id: Annotated[str, typer.Option(help="external_client: its id there; a token names it.")] = "",
    certificate: CertificateOption = None,
    private_key: PrivateKeyOption = None,
    fingerprint: FingerprintOption = "",
    challenge: ChallengeOption = "",
    signature: SignatureOption = "",
    as_json: JsonFlag = False,
) -> None:
    """Create a key or another credential; its secret is shown once.

    A client of an issuer and a certificate take a proof: --token, --private-key, or --challenge and --signature.
    """
    client = hub(ctx)
    found = app_id(client, name)
    body = {"name": label, "kind": kind, "issuer": issuer, "client_id": client_id}
    body |= {"token": token.read().strip()} if token else {}
    body |= _certificate(certificate, fingerprint) | {"challenge": challenge, "signature": signature}
    body |= _signature(client, found, private_key)
    _show_key(client.post(f"/apps/{found}/credentials", body), as_json)


@keys.command("challenge")
def show_challenge(ctx: typer.Context, name: AppArgument, as_json: JsonFlag = False) -> None:
    """Print what a certificate's key signs where it is; good for ten minutes, for this app and you."""
    client = hub(ctx)
    made = client.get(f"/apps/{app_id(client, name)}/challenge")
    if as_json:
        show_json(made)
    else:
        console.print(made["challenge"], markup=False, soft_wrap=True)


@keys.command("rotate")
def rotate_key(
    ctx: typer.Context,
    key: KeyArgument,
    overlap: Annotated[int, typer.Option(help="Seconds that the old one stays good.")] = 86_400,
    certificate: CertificateOption = None,
    private_key: PrivateKeyOption = None,
    app_name: Annotated[str, typer.Option("--app", help="Its app, by name or id: --private-key needs it.")] = "",
    fingerprint: FingerprintOption = "",
    challenge: ChallengeOption = "",
    signature: SignatureOption = "",
    as_json: JsonFlag = False,
) -> None:
    """Replace a credential; the old one stays good for the overlap. The next certificate is proven like the first."""
    client = hub(ctx)
    if private_key and not app_name:
        raise typer.BadParameter("Name the app of the credential.", param_hint="--app")
    body = {"overlap_seconds": overlap, "challenge": challenge, "signature": signature}
    body |= _certificate(certificate, fingerprint)
    body |= _signature(client, app_id(client, app_name), private_key) if private_key else {}
    _show_key(client.post(f"/credentials/{segment(key)}/rotate", body), as_json)


@keys.command("revoke")
def revoke_key(ctx: typer.Context, key: KeyArgument, yes: YesFlag = False) -> None:
    """End a credential now, on every gateway."""
    confirm("Revoke this now? Calls with it will be refused.", yes=yes)
    hub(ctx).post(f"/credentials/{segment(key)}/revoke")
    console.print("Revoked.")


def _show_key(made: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(made)
        return
    shown = {name: made[name] for name in SHOWN_ONCE if made[name]}
    if made["key"]:
        console.print(made["key"], markup=False, soft_wrap=True)
    for name, value in shown.items():
        console.print(f"{name}={value}", markup=False, soft_wrap=True)
    if made["key"] or shown:
        error_console.print("Copy it now: it is not shown again.", style="dim")
    else:
        console.print(f"Registered {made['identifier']}: {made['id']}", markup=False, soft_wrap=True)


def _signature(client: HubClient, found: str, private_key: Path | None) -> dict[str, str]:
    if private_key is None:
        return {}
    challenge = client.get(f"/apps/{found}/challenge")["challenge"]
    return {"challenge": challenge, "signature": sign(challenge, private_key)}


def _certificate(file: Path | None, fingerprint: str) -> dict[str, str]:
    return {"certificate": file.read_text(errors="replace") if file else "", "fingerprint": fingerprint}
