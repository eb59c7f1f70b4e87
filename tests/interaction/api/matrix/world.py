"""A hub in which the red team owns one of everything, made over REST where that is possible."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.support.definitions import ORDERS
from tests.support.people import People, Person, Team
from waypost.application.parts import Parts
from waypost.contracts.telemetry import AccessRecord, UsageBatch
from waypost.information.models import SessionRow
from waypost.information.uow import unit_of_work
from waypost.kit.crypto import sha256_hex
from waypost.kit.ids import new_id

V1 = "/api/v1"
DECISION = "dec-000000000001"
TERMS = {"rate_limits": [{"requests": 10, "seconds": 60}]}


@dataclass(slots=True)
class World:
    """Ids by name; people by role. ``save`` once, ``restore`` after a call that changed something."""

    client: httpx.AsyncClient
    parts: Parts
    database: Path
    callers: dict[str, Person | None] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, tuple[str, str]] = field(default_factory=dict)
    own: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def admin(self) -> Person:
        """The hub's administrator."""
        found = self.callers["administrator"]
        assert found is not None
        return found

    async def call(self, method: str, path: str, who: Person | None = None, **options: Any) -> Any:
        """A call that must succeed; its JSON. By the administrator unless ``who`` says otherwise."""
        headers = {**(who or self.admin).headers, **options.pop("headers", {})}
        answer = await self.client.request(method, f"{V1}{path}", headers=headers, **options)
        assert answer.status_code < 400, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    async def patch(self, path: str, change: dict[str, Any]) -> Any:
        """A change with the present ETag."""
        read = await self.client.get(f"{V1}{path}", headers=self.admin.headers)
        return await self.call("PATCH", path, json=change, headers={"If-Match": read.headers["etag"]})

    async def save(self) -> None:
        """Remember this state."""
        await self.parts.engine.dispose()
        shutil.copyfile(self.database, self.database.with_suffix(".saved"))

    async def restore(self) -> None:
        """Back to the remembered state."""
        await self.parts.engine.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{self.database}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self.database.with_suffix(".saved"), self.database)


async def build(client: httpx.AsyncClient, parts: Parts, people: People, database: Path) -> World:
    """The whole world."""
    world = World(client, parts, database)
    red, blue = await people.team("Red"), await people.team("Blue")
    world.callers = {
        "anonymous": None,
        "consumer": await people.user("Consumer"),
        "other_team": blue.owner,
        "owner": red.owner,
        "administrator": await people.admin(),
    }
    await _hub(world, people, red)
    await _catalog(world, red)
    await _consumption(world, red)
    await _calls(world)
    for name, person in world.callers.items():
        if person is not None:
            await _browser(world, name, person)
    world.ids |= {f"owner_{name}": found for name, found in world.own["owner"].items()}
    await world.save()
    return world


async def _hub(world: World, people: People, red: Team) -> None:
    empty = await people.team("Empty", owner=red.owner)
    member, disposable = await people.user("Member"), await people.user("Disposable")
    await people.join(member, red, role="viewer")
    await world.patch("/hub", {"signup": "open"})
    organisation = await world.call("POST", "/organisations", json={"name": "Ours alone"})
    inside = await world.call("POST", "/teams", json={"name": "Inside", "organisation_id": organisation["id"]})
    await world.call("PUT", f"/teams/{inside['id']}/members/{red.owner.id}", json={"role": "owner"})
    invited = await world.call("POST", "/users", json={"email": "invited@example.test", "name": "Invited"})
    world.ids |= {
        "team_id": red.id,
        "empty_team_id": empty.id,
        "user_id": disposable.id,
        "owner_user_id": red.owner.id,
        "member_id": member.id,
        "organisation_id": organisation["id"],
        "one_time_token": invited["one_time_login_url"].rsplit("token=", 1)[-1],
    }


async def _catalog(world: World, red: Team) -> None:
    made = await world.call("POST", "/apis/import", json={"content": ORDERS, "owner_id": red.id, "slug": "orders"})
    api, version = made["api"]["id"], made["version"]["id"]
    for name in ("", "second_"):
        gateway = {
            "name": f"Gateway {name}",
            "engine": "envoy",
            "public_url": f"http://{name or 'one'}.test".replace("_", ""),
        }
        world.ids[f"{name}gateway_id"] = (await world.call("POST", "/gateways", json=gateway))["id"]
    plans = [await _plan(world, api, name, approval=name == "Guarded") for name in ("Free", "Guarded", "Unused")]
    await world.call("PUT", f"/apis/{api}/policies/key_auth", json={"config": {}})
    await world.call("PUT", f"/versions/{version}/policies/timeout", json={"config": {"request_ms": 5000}})
    await world.call("PUT", "/hub/policies/timeout", json={"config": {"request_ms": 9999}})
    await world.call("PUT", f"/teams/{red.id}/policies/timeout", json={"config": {"request_ms": 8888}})
    await world.call("PUT", f"/plans/{plans[0]}/policies/scopes", json={"config": {"scopes": ["orders:read"]}})
    deployed = await world.call(
        "POST", f"/versions/{version}/deployments", json={"gateway_id": world.ids["gateway_id"]}
    )
    await world.patch(f"/apis/{api}", {"visibility": "public"})
    operations = await world.call("GET", f"/versions/{version}/operations")
    spare = await world.call(
        "POST", "/apis/import", json={"content": ORDERS, "owner_id": red.id, "slug": "spare", "base_path": "/spare"}
    )
    await world.patch(f"/versions/{spare['version']['id']}", {"lifecycle": "published"})
    await world.patch(f"/apis/{spare['api']['id']}", {"visibility": "public"})
    world.ids |= {
        "api_id": api,
        "version_id": version,
        "operation_id": operations["items"][0]["id"],
        "plan_id": plans[0],
        "guarded_plan_id": plans[1],
        "unused_plan_id": plans[2],
        "deployment_id": deployed["id"],
        "spare_api_id": spare["api"]["id"],
        "spare_version_id": spare["version"]["id"],
    }


async def _plan(world: World, api: str, name: str, *, approval: bool) -> str:
    body = {"name": name, "version": {**TERMS, "approval": approval}}
    return str((await world.call("POST", f"/apis/{api}/plans", json=body))["id"])


async def _consumption(world: World, red: Team) -> None:
    for name in ("", "pending_", "spare_", "idle_"):
        app = await world.call("POST", "/apps", json={"name": f"App {name}", "owner_id": red.id})
        world.ids[f"{name}app_id"] = app["id"]
    for name, plan in (("", "plan_id"), ("pending_", "guarded_plan_id")):
        body = {"app_id": world.ids[f"{name}app_id"], "api_id": world.ids["api_id"], "plan_id": world.ids[plan]}
        world.ids[f"{name}subscription_id"] = (await world.call("POST", "/subscriptions", json=body))["id"]
    credential = await world.call("POST", f"/apps/{world.ids['app_id']}/credentials", json={"name": "first"})
    world.ids["credential_id"] = credential["id"]
    issuer = {"url": "https://a.example.test", "owner_id": red.id, "shared_secret": "s" * 40, "algorithms": ["HS256"]}
    world.ids["issuer_id"] = (await world.call("POST", "/issuers", json=issuer))["id"]


async def _calls(world: World) -> None:
    ids = world.ids
    record = AccessRecord(
        at=world.parts.clock.now(),
        decision_id=DECISION,
        method="GET",
        path="/orders/orders",
        status=200,
        duration_us=1500,
        api_id=ids["api_id"],
        version_id=ids["version_id"],
        operation_id=ids["operation_id"],
        app_id=ids["app_id"],
        subscription_id=ids["subscription_id"],
    )
    await world.parts.analytics.append(ids["gateway_id"], UsageBatch(spool="spool", number=1, records=(record,)))
    ids["decision_id"] = DECISION


async def _browser(world: World, name: str, person: Person) -> None:
    """A signed-in browser of each caller, and one more to be signed out."""
    now = world.parts.clock.now()
    rows = []
    for token in (f"cookie-{name}", f"other-{name}"):
        row = SessionRow(id=new_id("ses"), user_id=person.id, token_hash=sha256_hex(token), csrf_hash="0" * 64)
        row.created_at = row.rotated_at = row.last_seen_at = now
        row.expires_at = now + timedelta(hours=1)
        rows.append(row)
    async with unit_of_work(world.parts.engine, world.parts.clock) as uow:
        uow.session.add_all(rows)
        await uow.commit()
    tokens = (await world.call("GET", "/me/tokens", person))["items"]
    made = await world.call("POST", "/me/tokens", person, json={"name": "spare", "scopes": ["catalog:read"]})
    assert tokens
    world.own[name] = {"session_id": rows[1].id, "token_id": made["id"]}
    world.sessions[name] = (f"cookie-{name}", sha256_hex("csrf:" + "0" * 64))
