"""Making the demo through the platform API, and serving its upstream as long as the hub runs."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import suppress
from datetime import datetime
from importlib import resources
from types import TracebackType
from typing import Any

import httpx
import structlog
import uvicorn
from sqlalchemy import or_, select, update

from waypost.application.parts import Parts
from waypost.application.work import SYSTEM, open_context
from waypost.information.models import ApiRow, AppRow, EntityRow, HubRow, SubscriptionRow, TeamRow, UserRow
from waypost.interaction.api.app import build_openapi
from waypost.runtime.bootstrap import call
from waypost.runtime.demo.content import APPS, PEOPLE, PLATFORM, SAMPLES, TEAMS, Sample
from waypost.runtime.demo.history import Caller, batches
from waypost.runtime.demo.upstream import create_upstream
from waypost.runtime.serve import ChildServer

log = structlog.get_logger()
MARKED = {"team": TeamRow, "usr": UserRow, "api": ApiRow, "app": AppRow, "sub": SubscriptionRow}


class Demo:
    """``async with Demo(...)`` serves the upstream where there is demo content; ``seed`` makes it once."""

    def __init__(self, parts: Parts, client: httpx.AsyncClient, *, enabled: bool) -> None:
        self._parts = parts
        self._client = client
        self._enabled = enabled
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None
        self._port = 0

    async def __aenter__(self) -> Demo:
        self._state = await self._read_state()
        if self._state.get("state") == "removed":
            self._enabled = False
        if self._enabled or self._state.get("state") == "seeded":
            await self._serve(int(self._state.get("port", 0)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server and self._task:
            self._server.should_exit = True
            await self._task

    async def seed(self, gateway_id: str) -> None:
        """Make the demo where it is wanted and not there; otherwise point it at this start's upstream."""
        if self._state.get("state") == "seeded":
            await self._move()
            return
        if self._state.get("state") == "seeding":
            await self._undo(datetime.fromisoformat(self._state["since"]))
        if not self._enabled:
            return
        await self._write_state("seeding")
        teams = await self._teams()
        await self._people(teams)
        made = {sample.slug: await self._api(sample, teams[sample.team], gateway_id) for sample in SAMPLES}
        callers = await self._apps(teams, made)
        await self._write_state("seeded")
        for batch in batches(callers, until=self._parts.clock.now()):
            await self._parts.analytics.append(gateway_id, batch)
        for deployment in [item["deployment"] for item in made.values()]:
            await call(self._client, "GET", f"/deployments/{deployment['id']}", params={"wait_seconds": 30})

    async def _undo(self, since: datetime) -> None:
        """An earlier start was killed in the middle: what it made goes, marked as demo already or not."""
        made = select(EntityRow.id).join(UserRow, UserRow.id == EntityRow.id, isouter=True)
        made = made.where(EntityRow.created_at >= since, or_(EntityRow.slug.in_(TEAMS), UserRow.email.in_(PEOPLE)))
        async with open_context(self._parts, SYSTEM, write=True) as ctx:
            for column in (TeamRow.id, UserRow.id, ApiRow.owner_id, AppRow.owner_id):
                await ctx.session.execute(update(column.class_).where(column.in_(made)).values(demo=True))
            await ctx.uow.commit()
        await call(self._client, "DELETE", "/demo")

    async def _teams(self) -> dict[str, str]:
        ids = {}
        for slug, (name, description) in TEAMS.items():
            body = {"name": name, "slug": slug, "description": description}
            ids[slug] = (await call(self._client, "POST", "/teams", json=body))["id"]
        await self._mark(*ids.values())
        return ids

    async def _people(self, teams: dict[str, str]) -> None:
        for email, (name, roles) in PEOPLE.items():
            made = await call(self._client, "POST", "/users", json={"email": email, "name": name})
            teams[email] = made["user"]["id"]
            await self._mark(teams[email])
            for team, role in roles.items():
                await call(self._client, "PUT", f"/teams/{teams[team]}/members/{teams[email]}", json={"role": role})

    async def _api(self, sample: Sample, owner_id: str, gateway_id: str) -> dict[str, Any]:
        content = _definition(sample)
        body = {"content": content, "filename": f"{sample.slug}.yaml", "owner_id": owner_id, "slug": sample.slug}
        made = await call(self._client, "POST", "/apis/import", json=body)
        api, version = made["api"], made["version"]
        await self._mark(api["id"])
        await self._patch(f"/versions/{version['id']}", upstream_url=self._upstream(sample))
        if sample.mock:
            policy = {"config": {"enabled": True}}
            await call(self._client, "PUT", f"/versions/{version['id']}/policies/mock", json=policy)
        await call(self._client, "PUT", f"/apis/{api['id']}/policies/cors", json={"config": {"origins": ["*"]}})
        plans = [await call(self._client, "POST", f"/apis/{api['id']}/plans", json=plan) for plan in sample.plans]
        found = {"category": sample.category, "tags": list(sample.tags), "summary": sample.summary}
        await self._patch(f"/apis/{api['id']}", visibility=sample.visibility, **found)
        asked = {"gateway_id": gateway_id}
        deployment = await call(self._client, "POST", f"/versions/{version['id']}/deployments", json=asked)
        return {"sample": sample, "api": api, "version": version, "plans": plans, "deployment": deployment}

    async def _apps(self, owners: dict[str, str], made: dict[str, dict[str, Any]]) -> list[Caller]:
        callers = []
        for name, owner, wanted in APPS:
            app = await call(self._client, "POST", "/apps", json={"name": name, "owner_id": owners[owner]})
            await self._mark(app["id"])
            for slug, index in wanted:
                plan = made[slug]["plans"][index]
                asked = {"app_id": app["id"], "api_id": made[slug]["api"]["id"], "plan_id": plan["id"]}
                subscription = await call(self._client, "POST", "/subscriptions", json=asked)
                await self._mark(subscription["id"])
                if subscription["state"] == "active" and made[slug]["sample"].calls:
                    callers.append(await self._caller(made[slug], app["id"], subscription))
        return callers

    async def _caller(self, made: dict[str, Any], app_id: str, subscription: dict[str, Any]) -> Caller:
        rows = (await call(self._client, "GET", f"/versions/{made['version']['id']}/operations"))["items"]
        return Caller(
            sample=made["sample"],
            api_id=made["api"]["id"],
            version_id=made["version"]["id"],
            operations={f"{row['method']} {row['path']}": row["id"] for row in rows},
            app_id=app_id,
            subscription_id=subscription["id"],
            plan_id=subscription["plan"]["version_id"],
        )

    async def _move(self) -> None:
        """The upstream's port or the hub's address may be another than last time."""
        if self._state.get("port") == self._port and self._state.get("hub") == self._parts.public_url:
            return
        for sample in (sample for sample in SAMPLES if not sample.mock):
            with suppress(RuntimeError):  # somebody may have deleted this one
                api = await call(self._client, "GET", f"/apis/{sample.slug}")
                if api["demo"] and api["current_version_id"]:
                    await self._patch(f"/versions/{api['current_version_id']}", upstream_url=self._upstream(sample))
        await self._write_state("seeded")

    def _upstream(self, sample: Sample) -> str:
        if sample.slug == PLATFORM:
            return f"{self._parts.public_url}/api/v1"
        return f"http://127.0.0.1:{self._port}/{sample.slug}"

    async def _patch(self, path: str, **changes: Any) -> Any:
        row = await call(self._client, "GET", path)
        return await call(self._client, "PATCH", path, json=changes, headers={"If-Match": f'"{row["revision"]}"'})

    async def _serve(self, port: int) -> None:
        listener = _listen(port)
        self._port = int(listener.getsockname()[1])
        config = uvicorn.Config(create_upstream(), log_config=None, access_log=False, server_header=False)
        self._server = ChildServer(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))

    async def _mark(self, *ids: str) -> None:
        """Demo rows say so, in the portal and when they are removed."""
        async with open_context(self._parts, SYSTEM, write=True) as ctx:
            for row_id in ids:
                model: Any = MARKED[row_id.partition("_")[0]]
                await ctx.session.execute(update(model).where(model.id == row_id).values(demo=True))
            await ctx.uow.commit()

    async def _read_state(self) -> dict[str, Any]:
        async with open_context(self._parts, SYSTEM, write=False) as ctx:
            row = await ctx.session.get_one(HubRow, "hub")
            return dict(row.demo)

    async def _write_state(self, state: str) -> None:
        since = self._parts.clock.now().isoformat()
        self._state = {"state": state, "port": self._port, "hub": self._parts.public_url, "since": since}
        async with open_context(self._parts, SYSTEM, write=True) as ctx:
            row = await ctx.session.get_one(HubRow, "hub")
            row.demo = self._state
            await ctx.uow.commit()


def _definition(sample: Sample) -> str:
    if sample.slug == PLATFORM:
        return json.dumps({**build_openapi(), "servers": [{"url": "https://hub.example/api/v1"}]})
    return resources.files(__package__).joinpath(f"definitions/{sample.slug}.yaml").read_text(encoding="utf-8")


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:  # taken since: any other will do
        listener.bind(("127.0.0.1", 0))
    listener.listen(512)
    return listener
