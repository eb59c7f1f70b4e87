"""The first minutes of a hub: its administrator, its embedded gateway, its demo content.

What the platform API can do is done through it, in-process (ASGI, no socket), with the administrator's own token.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from waypost.application.access import SCOPES
from waypost.application.accounts.service import AccountsService
from waypost.application.parts import Parts
from waypost.application.work import SYSTEM, open_context
from waypost.kit.crypto import Secret

TOKEN_LIFE = timedelta(days=1)
START = "Start of this hub"
EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Administrator:
    """The first administrator: a one-time login link while no password is set, and a token for scripts."""

    id: str
    login_url: str
    token: Secret


async def administrator(parts: Parts, *, email: str) -> Administrator:
    """Make the first administrator, or find them. A fresh one-time link as long as they have no password."""
    accounts = AccountsService()
    async with open_context(parts, SYSTEM, write=True) as ctx:
        user = await accounts.first_administrator(ctx, email=email)
        link = "" if user.password_hash else await accounts.one_time_login(ctx, user.id)
        expires = parts.clock.now() + TOKEN_LIFE
        token = await accounts.issue_token(ctx, user.id, name=START, scopes=list(SCOPES), expires_at=expires)
        await ctx.uow.commit()
    return Administrator(user.id, link or f"{parts.public_url}/login", token)


@asynccontextmanager
async def in_process(app: FastAPI, token: Secret) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the platform API without a socket."""
    transport = httpx.ASGITransport(app=app)
    headers = {"Authorization": f"Bearer {token.reveal()}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://hub/api/v1", headers=headers, timeout=120
    ) as client:
        yield client


async def embedded_gateway(client: httpx.AsyncClient, *, public_url: str, engine: str) -> tuple[dict[str, Any], Secret]:
    """The row of the embedded gateway, made or brought up to date, and a fresh enrolment token for its agent."""
    found = [row for row in (await call(client, "GET", "/gateways"))["items"] if row["mode"] == EMBEDDED]
    if found:
        row = found[0]
        if row["public_url"] != public_url:
            etag = {"If-Match": f'"{row["revision"]}"'}
            row = await call(client, "PATCH", f"/gateways/{row['id']}", json={"public_url": public_url}, headers=etag)
    else:
        body = {"name": "Local gateway", "slug": "local", "engine": engine, "mode": EMBEDDED, "public_url": public_url}
        row = await call(client, "POST", "/gateways", json=body)
    made = await call(client, "POST", f"/gateways/{row['id']}/enrolment-token")
    return row, Secret(made["token"])


async def call(client: httpx.AsyncClient, method: str, path: str, **options: Any) -> Any:
    """JSON of a successful call; RuntimeError with the problem otherwise."""
    response = await client.request(method, path, **options)
    if response.is_error:
        raise RuntimeError(f"{method} {path} answered {response.status_code}: {response.text[:1000]}")
    return response.json() if response.content else None
