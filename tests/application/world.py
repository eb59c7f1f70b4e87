"""A published API for tests: a provider's team, a gateway with an agent, an API with a free and a paid plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.support.people import People, Person, Team
from waypost.application.apps.credentials import CredentialService
from waypost.application.apps.schemas import AppCreate, AppRead, CredentialCreate, CredentialCreated
from waypost.application.apps.service import AppService
from waypost.application.context import Principal
from waypost.application.gateways.deployments import DeploymentService
from waypost.application.gateways.receipts import ReceiptService
from waypost.application.gateways.schemas import DeploymentRead
from waypost.application.gateways.stream import GatewayStream
from waypost.application.parts import Parts
from waypost.application.subscriptions.schemas import SubscriptionCreate, SubscriptionRead
from waypost.application.subscriptions.service import SubscriptionService
from waypost.application.work import open_context
from waypost.contracts.agent import ApiReceipt, Receipts, StreamRequest
from waypost.contracts.ir import ApiIR
from waypost.contracts.ir.dump import content_hash, from_plain
from waypost.information.models import ApiRow, GatewayRow, OperationRow, PlanRow, PlanVersionRow, VersionRow
from waypost.information.uow import unit_of_work
from waypost.kit.crypto import sha256_hex
from waypost.kit.ids import new_id

CREDENTIAL = "gwc_test"


@dataclass(slots=True)
class World:
    """What stands, and short ways to act in it."""

    parts: Parts
    people: People
    team: Team
    consumer: Person
    gateway_id: str
    api_id: str
    version_id: str
    plans: dict[str, str] = field(default_factory=dict)
    plan_versions: dict[str, str] = field(default_factory=dict)

    @property
    def provider(self) -> Person:
        return self.team.owner

    @property
    def gateway(self) -> Principal:
        return Principal(kind="gateway", id=self.gateway_id, name="Edge")

    async def publish(self) -> DeploymentRead:
        async with open_context(self.parts, self.provider.principal, write=True) as ctx:
            made = await DeploymentService().create(ctx, self.version_id, gateway_id=self.gateway_id)
            await ctx.uow.commit()
        return made

    async def app(self, who: Person | None = None) -> AppRead:
        async with open_context(self.parts, (who or self.consumer).principal, write=True) as ctx:
            made = await AppService().create(ctx, AppCreate(name="Trip planner"))
            await ctx.uow.commit()
        return made

    async def key(self, app_id: str, *, who: Person | None = None, **wanted: Any) -> CredentialCreated:
        async with open_context(self.parts, (who or self.consumer).principal, write=True) as ctx:
            made = await CredentialService().create(ctx, app_id, CredentialCreate(**wanted))
            await ctx.uow.commit()
        return made

    async def subscribe(self, app_id: str, plan: str = "free", *, who: Person | None = None) -> SubscriptionRead:
        body = SubscriptionCreate(app_id=app_id, api_id=self.api_id, plan_id=self.plans[plan])
        async with open_context(self.parts, (who or self.consumer).principal, write=True) as ctx:
            made = await SubscriptionService().create(ctx, body)
            await ctx.uow.commit()
        return made

    async def receive(self, receipts: Receipts) -> None:
        async with open_context(self.parts, self.gateway, write=True) as ctx:
            await ReceiptService().take(ctx, self.gateway_id, receipts)
            await ctx.uow.commit()

    def agent(self, **held: Any) -> FakeAgent:
        return FakeAgent(self, StreamRequest(**held))


class FakeAgent:
    """Follows the stream as an agent does and keeps what it hears. It has no engine."""

    def __init__(self, world: World, request: StreamRequest) -> None:
        self.stream = GatewayStream.of(world.parts, world.gateway, sha256_hex(CREDENTIAL), request)
        self.world = world
        self.apis: dict[str, ApiIR] = {}
        self.grants: dict[str, dict[str, Any]] = {}
        self.revision, self.mark = request.grants_revision, request.grants_mark
        self.messages: list[dict[str, Any]] = []

    async def look(self) -> list[dict[str, Any]]:
        """Take what there is now, without waiting; the messages."""
        data = b"".join([piece async for piece in self.stream._news()])
        messages = [orjson.loads(line) for line in data.splitlines()]
        for message in messages:
            self._take(message)
        self.messages += messages
        return messages

    def _take(self, message: dict[str, Any]) -> None:
        if message["kind"] == "apis":
            self.apis.update({item["id"]: from_plain(ApiIR, item) for item in message["upsert"]})
            for api_id in message["remove"]:
                del self.apis[api_id]
            return
        delta = message["delta"]
        assert delta["full"] or delta["since"] <= self.revision < delta["revision"]
        if delta["full"]:
            self.grants.clear()
        self.grants.update({item["id"]: item for item in delta["upsert"]})
        for grant_id in delta["remove"]:
            self.grants.pop(grant_id, None)
        self.revision, self.mark = delta["revision"], delta["mark"]

    async def confirm(self) -> None:
        """Look, then report all that is held as live and in force."""
        await self.look()
        live = [ApiReceipt(api_id=key, content_hash=content_hash(api), state="live") for key, api in self.apis.items()]
        await self.world.receive(Receipts(apis=tuple(live), grants_revision=self.revision))

    def keys(self) -> set[str]:
        """Keys in force."""
        return {item["key"] for item in self.grants.values()}


async def make_world(parts: Parts, people: People) -> World:
    """The API is a draft with one operation; nothing is published."""
    team = await people.team("Weather")
    world = World(parts, people, team, await people.user("Consumer"), new_id("gw"), new_id("api"), new_id("ver"))
    now = parts.clock.now()
    stamps = {"created_at": now, "updated_at": now, "revision": 1}
    gateway = GatewayRow(id=world.gateway_id, slug="edge", name="Edge", engine="envoy", health={}, **stamps)
    gateway.credential_hash, gateway.public_url = sha256_hex(CREDENTIAL), "http://gw.test"
    api = ApiRow(id=world.api_id, slug="weather", base_path="/weather", owner_id=team.id, name="Weather", **stamps)
    api.tags, api.visibility, api.current_version_id = [], "internal", world.version_id
    version = VersionRow(id=world.version_id, api_id=api.id, name="v1", upstream_url="http://127.0.0.1:9", **stamps)
    version.servers, version.security_schemes, version.problems, version.overlay = [], [], [], {}
    operation = OperationRow(id=new_id("op"), version_id=version.id, key="GET /now", method="GET", path="/now")
    operation.created_at, operation.tags, operation.security = now, [], []
    async with unit_of_work(parts.engine, parts.clock) as uow:
        for row in (gateway, api, version, operation):
            uow.session.add(row)
            await uow.session.flush()
        for slug, approval, quota in (("free", False, 10), ("paid", True, 1000)):
            await _plan(uow.session, world, slug, approval=approval, quota=quota, stamps=stamps)
        await uow.commit()
    return world


async def _plan(session: Any, world: World, slug: str, *, approval: bool, quota: int, stamps: dict[str, Any]) -> None:
    plan_id, version_id = new_id("plan"), new_id("plv")
    plan = PlanRow(
        id=plan_id, api_id=world.api_id, slug=slug, name=slug.title(), current_version_id=version_id, **stamps
    )
    version = PlanVersionRow(id=version_id, plan_id=plan_id, number=1, approval=approval, features=[])
    version.rate_limits = [{"requests": 6, "seconds": 60}]
    version.quotas = [{"amount": quota, "window": "day"}]
    version.created_at = stamps["created_at"]
    session.add(plan)
    await session.flush()
    session.add(version)
    await session.flush()
    world.plans[slug], world.plan_versions[slug] = plan_id, version_id
