"""People and teams for tests, written straight into the rows, each with a principal and an access token."""

from __future__ import annotations

from dataclasses import dataclass, field

from waypost.application.access import PERMISSIONS
from waypost.application.context import Principal
from waypost.application.parts import Parts
from waypost.information.models import AccessTokenRow, EntityRow, MembershipRow, OrganisationRow, TeamRow, UserRow
from waypost.information.uow import unit_of_work
from waypost.kit.crypto import random_token, sha256_hex
from waypost.kit.ids import new_id
from waypost.kit.text import slugify


@dataclass(slots=True)
class Person:
    """A user that exists. ``token`` has every scope; the roles decide what it may do."""

    id: str
    name: str
    email: str
    hub_role: str
    token: str
    memberships: dict[str, str] = field(default_factory=dict)

    @property
    def principal(self) -> Principal:
        """Signed in by a session, with all that the roles allow."""
        roles = dict(self.memberships)
        return Principal(kind="user", id=self.id, name=self.name, hub_role=self.hub_role, memberships=roles)

    @property
    def headers(self) -> dict[str, str]:
        """For REST calls."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(slots=True)
class Team:
    """A team that exists, and its first owner."""

    id: str
    slug: str
    name: str
    owner: Person


class People:
    """Makes people and teams. ``await people.user("Ann")``, ``await people.team("Red", owner=ann)``."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._count = 0

    async def user(self, name: str = "", *, hub_role: str = "member", password_hash: str = "") -> Person:
        """A user with an access token."""
        self._count += 1
        name = name or f"Person {self._count}"
        slug = f"{slugify(name)}-{self._count}"
        person = Person(new_id("usr"), name, f"{slug}@example.test", hub_role, random_token("pat"))
        now = self._parts.clock.now()
        async with unit_of_work(self._parts.engine, self._parts.clock) as uow:
            uow.session.add(EntityRow(id=person.id, kind="user", slug=slug, name=name, created_at=now))
            await uow.session.flush()
            user = UserRow(id=person.id, email=person.email, password_hash=password_hash, hub_role=hub_role)
            user.created_at = user.updated_at = now
            uow.session.add(user)
            await uow.session.flush()
            token = AccessTokenRow(id=new_id("pat"), user_id=person.id, name="test", prefix=person.token[:10])
            token.token_hash, token.scopes, token.created_at = sha256_hex(person.token), sorted(PERMISSIONS), now
            uow.session.add(token)
            await uow.commit()
        return person

    async def admin(self, name: str = "Administrator") -> Person:
        """An administrator of the hub."""
        return await self.user(name, hub_role="administrator")

    async def team(self, name: str = "", *, owner: Person | None = None) -> Team:
        """A team in the default organisation."""
        self._count += 1
        owner = owner or await self.user()
        name = name or f"Team {self._count}"
        team = Team(new_id("team"), f"{slugify(name)}-{self._count}", name, owner)
        now = self._parts.clock.now()
        async with unit_of_work(self._parts.engine, self._parts.clock) as uow:
            organisation = await uow.session.scalar(
                OrganisationRow.__table__.select().with_only_columns(OrganisationRow.id)
            )
            uow.session.add(EntityRow(id=team.id, kind="team", slug=team.slug, name=name, created_at=now))
            await uow.session.flush()
            row = TeamRow(id=team.id, organisation_id=organisation, created_at=now, updated_at=now)
            uow.session.add(row)
            await uow.commit()
        await self.join(owner, team, role="owner")
        return team

    async def join(self, person: Person, team: Team, *, role: str = "developer") -> None:
        """Make ``person`` a member."""
        async with unit_of_work(self._parts.engine, self._parts.clock) as uow:
            uow.session.add(MembershipRow(team_id=team.id, user_id=person.id, role=role))
            await uow.commit()
        person.memberships[team.id] = role
