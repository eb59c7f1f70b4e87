"""Clients of the hub proving who they are at its OAuth endpoints."""

from __future__ import annotations

from dataclasses import dataclass

from waypost.application.context import Context
from waypost.application.oauth.attempts import Attempts
from waypost.application.oauth.errors import invalid_client
from waypost.information.models import AppRow, CredentialRow
from waypost.information.repos.apps import CredentialRepo
from waypost.kit.crypto import Secret, same, sha256_hex

_NOBODY = sha256_hex("nobody's secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientProof:
    """What a client sent to prove itself, and from where."""

    client_id: str
    client_secret: Secret
    address: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """A client that proved itself, and its app."""

    credential: CredentialRow
    app: AppRow


async def authenticate(ctx: Context, attempts: Attempts, proof: ClientProof) -> Client:
    """The client. Raises OAuthError: one for unknown, ended and wrong alike, after the same work; or ``slow_down``."""
    now = ctx.clock.now()
    attempts.check(proof.address, proof.client_id, now)
    found = await working_client(ctx, proof.client_id)
    known = found.credential.secret_sha256 if found else _NOBODY
    if not same(sha256_hex(proof.client_secret.reveal()), known) or found is None:
        attempts.failed(proof.address, proof.client_id, now)
        raise invalid_client()
    return found


async def working_client(ctx: Context, client_id: str) -> Client | None:
    """The client with this id, unless it has ended."""
    found = await CredentialRepo(ctx.session).oauth_client(client_id)
    if found is None or (found[0].expires_at is not None and found[0].expires_at <= ctx.clock.now()):
        return None
    return Client(*found)
