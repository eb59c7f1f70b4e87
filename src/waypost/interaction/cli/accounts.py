"""``login``, ``logout``, ``whoami``."""

from __future__ import annotations

from typing import Annotated

import typer

from waypost.interaction.cli.asking import ask
from waypost.interaction.cli.client import HubClient
from waypost.interaction.cli.output import console, show_object
from waypost.interaction.cli.profile import Profile, forget_profile, load_profile, save_profile
from waypost.interaction.cli.session import JsonFlag, State, hub
from waypost.kit.crypto import Secret

_SCOPES = [
    "account:read", "teams:read", "teams:write", "catalog:read", "catalog:write", "plans:write", "deployments:write",
    "apps:read", "apps:write", "subscriptions:read", "subscriptions:write", "subscriptions:approve", "gateways:read",
    "gateways:write", "analytics:read", "events:read", "users:read", "users:write", "hub:write",
]  # fmt: skip
_WAYS_IN = (
    "give --token, --one-time, or --email with the password on standard input; "
    "with an access token in WAYPOST_TOKEN no sign-in is needed"
)


def register(app: typer.Typer) -> None:
    """Put the commands on the root."""
    app.command()(login)
    app.command()(logout)
    app.command()(whoami)


def login(
    ctx: typer.Context,
    email: Annotated[str, typer.Option(help="Your e-mail address; the password is asked for.")] = "",
    one_time: Annotated[str, typer.Option("--one-time", help="A one-time login link or its token.")] = "",
    token: Annotated[str, typer.Option("--token", help="An access token that you made in the portal.")] = "",
) -> None:
    """Sign in to a hub and remember it on this machine.

    With an e-mail or a one-time link an access token of its own is made for this machine; revoke it in the portal.
    """
    state = ctx.obj if isinstance(ctx.obj, State) else State()
    address = load_profile(hub=state.hub).hub
    given = token or ("" if email or one_time else state.token)
    value = given or _token_by_session(address, email=email, one_time=one_time)
    profile = Profile(hub=address, token=Secret(value))
    user = HubClient(profile).get("/session")["user"]
    path = save_profile(profile)
    console.print(f"Signed in to {address} as {user['name']} <{user['email']}>; kept in {path}", markup=False)


def _token_by_session(address: str, *, email: str, one_time: str) -> str:
    body: dict[str, str] = {"one_time_token": one_time.rsplit("token=", 1)[-1]} if one_time else {}
    if not body:
        email = email or ask("E-mail", instead=_WAYS_IN)
        body = {"email": email, "password": ask("Password", instead=_WAYS_IN, secret=True)}
    client = HubClient(Profile(hub=address))
    client.guard(client.post("/session", body)["csrf_token"])
    made = client.post("/me/tokens", {"name": "command line", "scopes": _SCOPES})
    client.remove("/session")
    return str(made["token"])


def logout() -> None:
    """Forget the hub and the token on this machine."""
    forget_profile()
    console.print("Signed out on this machine.")


def whoami(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """Show who you are and where."""
    session = hub(ctx).get("/session")
    fields = ["user.name", "user.email", "hub_role", "memberships"]
    session["memberships"] = [f"{m['team_name']} (team:{m['team_slug']}, {m['role']})" for m in session["memberships"]]
    show_object(session, fields, as_json=as_json)
