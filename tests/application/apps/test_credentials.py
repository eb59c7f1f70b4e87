"""Apps and keys: shown once, told apart by prefix, never stored in clear, ended for good."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tests.application.world import World
from waypost.application.apps.credentials import CredentialService
from waypost.application.apps.errors import BadExpiry, CredentialEnded, CredentialRotating
from waypost.application.apps.keys import new_key, visible_prefix
from waypost.application.apps.schemas import AppCreate, AppUpdate, CredentialCreate, CredentialRotate
from waypost.application.apps.service import AppService
from waypost.application.owners import BadOwner
from waypost.application.work import ANONYMOUS, open_context
from waypost.information.models import CredentialRow, EventRow
from waypost.kit.clock import FakeClock
from waypost.kit.crypto import sha256_hex
from waypost.kit.errors import Forbidden, NotFound, PreconditionFailed, Unauthenticated
from waypost.kit.paging import PageRequest


async def test_what_a_key_looks_like() -> None:
    keys = {new_key().reveal() for _ in range(200)}
    assert len(keys) == 200
    assert all(re.fullmatch(r"k_[a-z2-7]{2}[A-Za-z0-9_-]{43}", key) for key in keys)
    key = new_key()
    assert str(key) == "[redacted]"
    assert len(visible_prefix(key)) == 10


async def test_the_value_is_kept_as_hash_and_sealed_only(world: World) -> None:
    app = await world.app()
    made = await world.key(app.id, name="production")
    async with open_context(world.parts, world.consumer.principal, write=False) as ctx:
        row = await ctx.session.get_one(CredentialRow, made.id)
        stored = " ".join(str(getattr(row, column.name)) for column in CredentialRow.__table__.columns)
        assert made.key not in stored
        assert row.key_sha256 == sha256_hex(made.key)
        assert world.parts.keyring.open(row.sealed).reveal() == made.key
        events = (await ctx.session.scalars(select(EventRow))).all()
        assert made.key not in json.dumps([event.data for event in events])
        listed = await CredentialService().list(ctx, app.id, page=PageRequest())
        assert [item.prefix for item in listed.items] == [made.key[:10]]
        assert not hasattr(listed.items[0], "key")


async def test_an_app_is_found_by_its_letters_whatever_their_case(world: World) -> None:
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        await AppService().create(ctx, AppCreate(name="ÉCOLE Straße"))
        for words in ("ÉCOLE", "école", "École stra"):
            found = await AppService().list(ctx, page=PageRequest(), q=words)
            assert [item.name for item in found.items] == ["ÉCOLE Straße"], words


async def test_a_key_that_ends_with_the_last_year_is_rotated_too(world: World, clock: FakeClock) -> None:
    made = await world.key((await world.app()).id, expires_at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
    clock.advance(3600)
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        rotated = await CredentialService().rotate(ctx, made.id, CredentialRotate(overlap_seconds=60))
    assert rotated.expires_at is not None
    assert rotated.expires_at.year == 9999


async def test_a_rotated_key_keeps_its_lifetime_and_is_rotated_once(world: World, clock: FakeClock) -> None:
    app = await world.app()
    clock.advance(0)
    made = await world.key(app.id, expires_at=clock.now().replace(day=20))
    lifetime = made.expires_at - made.created_at
    clock.advance(3600)
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        rotated = await CredentialService().rotate(ctx, made.id, CredentialRotate(overlap_seconds=7200))
        assert rotated.expires_at - rotated.created_at == lifetime
        assert (rotated.old.state, rotated.old.replaced_by) == ("rotating", rotated.id)
        with pytest.raises(CredentialRotating):
            await CredentialService().rotate(ctx, made.id, CredentialRotate(overlap_seconds=0))
        revoked = await CredentialService().revoke(ctx, made.id)
        assert (revoked.state, revoked.may) == ("revoked", [])
        with pytest.raises(CredentialEnded):
            await CredentialService().rotate(ctx, made.id, CredentialRotate(overlap_seconds=0))


async def test_ends_that_are_not_possible(world: World, clock: FakeClock) -> None:
    app = await world.app()
    made = await world.key(app.id)
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        with pytest.raises(BadExpiry):
            await CredentialService().create(ctx, app.id, CredentialCreate(expires_at=clock.now()))
        with pytest.raises(BadExpiry):
            await CredentialService().rotate(ctx, made.id, CredentialRotate(overlap_seconds=366 * 86400))


async def test_an_expired_key_shows_as_such_before_the_job_was_there(world: World, clock: FakeClock) -> None:
    app = await world.app()
    made = await world.key(app.id, expires_at=clock.now().replace(hour=13))
    clock.advance(3601)
    async with open_context(world.parts, world.consumer.principal, write=False) as ctx:
        (read,) = (await CredentialService().list(ctx, app.id, page=PageRequest())).items
        assert (read.id, read.state, read.may) == (made.id, "expired", [])
        assert (await AppService().get(ctx, app.id)).credentials_count == 0


async def test_apps_are_their_owners(world: World) -> None:
    app = await world.app()
    stranger = await world.people.user()
    async with open_context(world.parts, stranger.principal, write=True) as ctx:
        for act in (
            AppService().get(ctx, app.id),
            AppService().update(ctx, app.id, AppUpdate(name="Mine"), revision=1),
            AppService().delete(ctx, app.id, revision=1),
            CredentialService().create(ctx, app.id, CredentialCreate()),
            CredentialService().list(ctx, app.id, page=PageRequest()),
        ):
            with pytest.raises(NotFound):
                await act
        assert (await AppService().list(ctx, page=PageRequest())).items == []
    async with open_context(world.parts, ANONYMOUS, write=False) as ctx:
        with pytest.raises(Unauthenticated):
            await AppService().get(ctx, app.id)


async def test_a_teams_developer_makes_apps_a_viewer_looks(world: World) -> None:
    team = await world.people.team()
    developer, viewer = await world.people.user(), await world.people.user()
    await world.people.join(developer, team, role="developer")
    await world.people.join(viewer, team, role="viewer")
    async with open_context(world.parts, developer.principal, write=True) as ctx:
        made = await AppService().create(ctx, AppCreate(name="Shared", owner_id=team.id))
        await ctx.uow.commit()
    async with open_context(world.parts, viewer.principal, write=True) as ctx:
        assert (await AppService().get(ctx, made.id)).may == []
        with pytest.raises(Forbidden):
            await CredentialService().create(ctx, made.id, CredentialCreate())
    async with open_context(world.parts, (await world.people.admin()).principal, write=True) as ctx:
        with pytest.raises(BadOwner):
            await AppService().create(ctx, AppCreate(name="For nobody", owner_id="team_nobody"))


async def test_an_update_names_the_revision_it_was_made_for(world: World) -> None:
    app = await world.app()
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        changed = await AppService().update(ctx, app.id, AppUpdate(description="Plans trips"), revision=1)
        assert (changed.name, changed.description, changed.revision) == ("Trip planner", "Plans trips", 2)
        with pytest.raises(PreconditionFailed):
            await AppService().update(ctx, app.id, AppUpdate(name="Other"), revision=1)
