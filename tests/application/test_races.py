"""Two changes at once, the second in the middle of the first: neither is lost, and no rule is got round.

``meanwhile`` puts a change into the middle of another one. It waits there for as long as a database without locks would
need, so that it is through where nothing holds it up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from tests.application.world import World
from tests.support.people import Person
from waypost.application.apps import credentials
from waypost.application.apps.credentials import CredentialService
from waypost.application.apps.errors import CredentialRotating
from waypost.application.apps.schemas import CredentialRotate, CredentialRotated
from waypost.application.backlog import service as backlog
from waypost.application.catalog.service import CatalogService
from waypost.application.catalog.versions import VersionService
from waypost.application.changes.service import ChangeService, Prepared
from waypost.application.context import Context, Principal
from waypost.application.gateways.agents import AgentService
from waypost.application.gateways.errors import BadEnrolment
from waypost.application.gateways.service import GatewayService
from waypost.application.issuers.errors import IssuerInUse
from waypost.application.issuers.schemas import IssuerCreate
from waypost.application.issuers.service import IssuerService
from waypost.application.policies.errors import PolicyLocked
from waypost.application.policies.schemas import PolicyPut
from waypost.application.policies.service import PolicyService
from waypost.application.policies.spots import Find, api_spot, hub_spot
from waypost.application.work import SYSTEM, open_context
from waypost.contracts.agent import EnrolRequest, EnrolResponse
from waypost.information.models import ApiRow, CredentialRow, GatewayRow, VersionRow
from waypost.information.repos.backlog import WORDS, BacklogRepo
from waypost.information.repos.catalog import ApiRepo, VersionRepo
from waypost.information.repos.gateways import GatewayRepo
from waypost.kit.errors import Problem

LONG_ENOUGH = 0.5
Other = Callable[[], Awaitable[Any]]


class Meanwhile:
    """``put(owner, name, other)`` starts ``other`` the first time that ``owner.name`` is called, and waits a while."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._task: asyncio.Task[Any] | None = None

    def put(self, owner: Any, name: str, other: Other) -> None:
        real = getattr(owner, name)

        async def with_other(*args: Any, **options: Any) -> Any:
            found = await real(*args, **options)
            if self._task is None:
                self._task = asyncio.ensure_future(other())
                await asyncio.wait({self._task}, timeout=LONG_ENOUGH)
            return found

        self._patch.setattr(owner, name, with_other)

    async def result(self) -> Any:
        assert self._task is not None
        return await self._task


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    return Meanwhile(monkeypatch)


async def _as(world: World, who: Principal, work: Callable[[Context], Awaitable[Any]]) -> Any:
    async with open_context(world.parts, who, write=True) as ctx:
        done = await work(ctx)
        await ctx.uow.commit()
    return done


async def _row(world: World, kind: Any, row_id: str) -> Any:
    async with open_context(world.parts, world.consumer.principal, write=False) as ctx:
        return await ctx.session.get(kind, row_id)


def _rotate(world: World, credential_id: str) -> Other:
    async def rotate(ctx: Context) -> CredentialRotated:
        return await CredentialService().rotate(ctx, credential_id, CredentialRotate(overlap_seconds=3600))

    return lambda: _as(world, world.consumer.principal, rotate)


async def test_a_key_that_is_revoked_while_it_is_rotated_stays_revoked(world: World, meanwhile: Meanwhile) -> None:
    old = await world.key((await world.app()).id)

    async def revoke() -> None:
        await _as(world, world.consumer.principal, lambda ctx: CredentialService().revoke(ctx, old.id))

    meanwhile.put(credentials, "make_material", revoke)
    await _rotate(world, old.id)()
    await meanwhile.result()
    row = await _row(world, CredentialRow, old.id)
    assert (row.state, row.revoked_at is not None) == ("revoked", True)


async def test_of_two_rotations_at_once_one_makes_a_key(world: World, meanwhile: Meanwhile) -> None:
    old = await world.key((await world.app()).id)
    meanwhile.put(credentials, "make_material", _rotate(world, old.id))
    made = await _rotate(world, old.id)()
    with pytest.raises(CredentialRotating):
        await meanwhile.result()
    assert (await _row(world, CredentialRow, old.id)).replaced_by == made.id


async def test_an_enrolment_token_is_spent_once(world: World, meanwhile: Meanwhile) -> None:
    administrator = (await world.people.admin()).principal
    token = (await _as(world, administrator, lambda ctx: GatewayService().enrolment_token(ctx, "edge"))).token

    async def enrol() -> EnrolResponse:
        request = EnrolRequest(token=token, engine="envoy")
        made: EnrolResponse = await _as(world, Principal(), lambda ctx: AgentService().enrol(ctx, request))
        return made

    meanwhile.put(GatewayRepo, "enrolling", enrol)
    await enrol()
    with pytest.raises(BadEnrolment):
        await meanwhile.result()


async def test_an_api_that_is_subscribed_to_while_it_is_went_through(world: World, meanwhile: Meanwhile) -> None:
    app = await world.app()
    await _as(world, world.provider.principal, _publish_api(world))
    meanwhile.put(ApiRepo, "subscriptions", lambda: world.subscribe(app.id))
    deleted = await _went_through(lambda: _as(world, world.provider.principal, _delete_api(world)))
    subscribed = await _went_through(meanwhile.result)
    assert [deleted, subscribed].count(True) == 1
    assert (await _row(world, ApiRow, world.api_id) is None) == deleted


async def test_an_api_that_is_published_while_it_is_went_through(world: World, meanwhile: Meanwhile) -> None:
    await _as(world, world.provider.principal, _publish_api(world))
    meanwhile.put(ApiRepo, "subscriptions", world.publish)
    deleted = await _went_through(lambda: _as(world, world.provider.principal, _delete_api(world)))
    published = await _went_through(meanwhile.result)
    assert [deleted, published].count(True) == 1


async def test_a_version_that_is_published_while_it_is_went_through(world: World, meanwhile: Meanwhile) -> None:
    await _as(world, world.provider.principal, _publish_api(world))
    meanwhile.put(VersionRepo, "deployments", world.publish)
    deleted = await _went_through(
        lambda: _as(
            world, world.provider.principal, lambda ctx: VersionService().delete(ctx, world.version_id, revision=1)
        )
    )
    published = await _went_through(meanwhile.result)
    assert [deleted, published].count(True) == 1


async def test_a_gateway_that_is_published_to_while_it_is_went_through(world: World, meanwhile: Meanwhile) -> None:
    await _as(world, world.provider.principal, _publish_api(world))
    administrator = (await world.people.admin()).principal
    meanwhile.put(GatewayRepo, "deployments_count", world.publish)
    deleted = await _went_through(
        lambda: _as(world, administrator, lambda ctx: GatewayService().delete(ctx, "edge", revision=1))
    )
    published = await _went_through(meanwhile.result)
    assert [deleted, published].count(True) == 1
    assert (await _row(world, GatewayRow, world.gateway_id) is None) == deleted


async def _look(world: World, who: Person, find: Find, kind: str, wanted: PolicyPut) -> Prepared:
    async with open_context(world.parts, who.principal, write=False) as ctx:
        return await ChangeService().prepare(ctx, find, kind, wanted=wanted, revision=None)


def _save(world: World, who: Person, prepared: Prepared) -> Other:
    return lambda: _as(world, who.principal, lambda ctx: ChangeService().put(ctx, prepared))


async def test_an_issuer_that_a_policy_comes_to_name_while_it_is_deleted_stays(
    world: World, meanwhile: Meanwhile
) -> None:
    admin = await world.people.admin()
    wanted = IssuerCreate(url="https://login.example.test", shared_secret="s" * 32, algorithms=["HS256"])
    keys = await IssuerService().acquire_new(world.parts, admin.principal, wanted)
    made = await _as(world, admin.principal, lambda ctx: IssuerService().create(ctx, wanted, keys))
    policy = PolicyPut(config={"issuers": [{"issuer": made.id, "algorithms": ["HS256"]}]})
    prepared = await _look(world, world.provider, partial(api_spot, api_id=world.api_id), "jwt", policy)

    async def delete() -> None:
        await _as(world, admin.principal, lambda ctx: IssuerService().delete(ctx, made.id, revision=1))

    meanwhile.put(PolicyService, "keep", delete)
    await _save(world, world.provider, prepared)()
    with pytest.raises(IssuerInUse):
        await meanwhile.result()


async def test_a_policy_that_is_locked_above_while_it_is_set_is_refused(world: World, meanwhile: Meanwhile) -> None:
    admin = await world.people.admin()
    here = partial(api_spot, api_id=world.api_id)
    slow = await _look(world, world.provider, here, "timeout", PolicyPut(config={"request_ms": 11}))
    lock = await _look(world, admin, hub_spot, "timeout", PolicyPut(config={"request_ms": 22}, locked=True))
    meanwhile.put(PolicyService, "keep", _save(world, world.provider, slow))
    await _save(world, admin, lock)()
    with pytest.raises(PolicyLocked):
        await meanwhile.result()


async def test_work_that_is_asked_for_while_the_same_is_done_is_done_again(world: World, meanwhile: Meanwhile) -> None:
    async def ask() -> None:
        await _as(
            world, SYSTEM, lambda ctx: BacklogRepo(ctx.session).add(WORDS, now=ctx.clock.now(), api_id="api_gone")
        )

    await ask()
    meanwhile.put(backlog, "_advance", ask)
    assert await backlog.step(world.parts)
    await meanwhile.result()
    async with open_context(world.parts, SYSTEM, write=False) as ctx:
        assert await BacklogRepo(ctx.session).any(ctx.clock.now())


def _publish_api(world: World) -> Callable[[Context], Awaitable[None]]:
    """Both rows are published, so that nothing else of what is done changes them."""

    async def publish(ctx: Context) -> None:
        api = await ctx.session.get_one(ApiRow, world.api_id)
        api.lifecycle = "published"
        (await ctx.session.get_one(VersionRow, world.version_id)).lifecycle = "published"

    return publish


def _delete_api(world: World) -> Callable[[Context], Awaitable[None]]:
    return lambda ctx: CatalogService().delete(ctx, world.api_id, revision=1)


async def _went_through(work: Other) -> bool:
    """Whether it went through; a refusal is a problem that is told."""
    try:
        await work()
    except Problem:
        return False
    return True
