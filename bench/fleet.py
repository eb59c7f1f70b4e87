"""A hub with many APIs and many keys, written straight into its database while it is stopped."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from waypost.application.apps.keys import new_key, visible_prefix
from waypost.information import models as m
from waypost.information.engine import create_engine
from waypost.information.secrets import KeyRing
from waypost.information.uow import unit_of_work
from waypost.kit.clock import SystemClock
from waypost.kit.crypto import Secret, sha256_hex
from waypost.kit.ids import new_id

OPERATIONS = (("GET", "/items"), ("GET", "/items/{id}"), ("POST", "/items"))


@dataclass(frozen=True, slots=True)
class Fleet:
    """What was written: ids and slugs of the APIs, and one good key of each."""

    api_ids: tuple[str, ...]
    slugs: tuple[str, ...]
    plan_ids: tuple[str, ...]
    keys: tuple[str, ...]


def seed(data: Path, *, apis: int, keys: int, upstream: str) -> Fleet:
    """Write ``apis`` published APIs with ``keys`` keys spread evenly over them. The hub must be stopped."""
    return asyncio.run(_seed(data, apis, keys, upstream))


async def _seed(data: Path, apis: int, keys: int, upstream: str) -> Fleet:
    engine = create_engine(f"sqlite:///{data / 'waypost.db'}")
    ring = KeyRing.load(data / "keyring.json")
    rows: dict[Any, list[dict[str, Any]]] = {}
    async with unit_of_work(engine, SystemClock()) as uow:
        gateway = (await uow.session.execute(select(m.GatewayRow))).scalars().first()
        organisation = (await uow.session.execute(select(m.OrganisationRow))).scalars().first()
        assert gateway and organisation
        revision = await uow.record("bench.seeded", object_kind="bench", object_id="bench")
        fleet = _build(rows, gateway.id, organisation.id, ring, revision, apis, keys, upstream)
        for model, values in rows.items():
            found = iter(values)
            while chunk := list(islice(found, 5000)):
                await uow.session.execute(insert(model), chunk)
        await uow.commit()
    await engine.dispose()
    return fleet


def _build(
    rows: dict[Any, list[dict[str, Any]]],
    gateway_id: str,
    organisation_id: str,
    ring: KeyRing,
    revision: int,
    apis: int,
    keys: int,
    upstream: str,
) -> Fleet:
    now = datetime.now(UTC)
    team_id = new_id("team")

    def add(model: Any, **values: Any) -> None:
        rows.setdefault(model, []).append(values)

    add(m.EntityRow, id=team_id, created_at=now, kind="team", slug="fleet", name="Fleet")
    add(m.TeamRow, **_versioned(team_id, now), organisation_id=organisation_id)
    made = [_api(add, number, team_id, gateway_id, upstream, now) for number in range(apis)]
    first: dict[str, str] = {}
    for number in range(keys):
        api_id, plan_version_id = made[number % apis][0], made[number % apis][3]
        key = _key(add, number, team_id, gateway_id, api_id, plan_version_id, ring, revision, now)
        first.setdefault(api_id, key)
    ids, slugs, plans, _ = zip(*made, strict=True)
    return Fleet(api_ids=ids, slugs=slugs, plan_ids=plans, keys=tuple(first[api] for api in ids))


def _versioned(row_id: str, now: datetime) -> dict[str, Any]:
    return {"id": row_id, "created_at": now, "updated_at": now, "revision": 1}


def _api(
    add: Any, number: int, team_id: str, gateway_id: str, upstream: str, now: datetime
) -> tuple[str, str, str, str]:
    slug = f"bench-{number}"
    api, version, plan, plan_version = (new_id(prefix) for prefix in ("api", "ver", "plan", "pv"))
    add(
        m.ApiRow,
        **_versioned(api, now),
        slug=slug,
        base_path=f"/{slug}",
        owner_id=team_id,
        name=f"Bench {number}",
        visibility="internal",
        lifecycle="published",
        current_version_id=version,
    )
    add(m.VersionRow, **_versioned(version, now), api_id=api, name="v1", lifecycle="published", upstream_url=upstream)
    for position, (method, path) in enumerate(OPERATIONS):
        add(
            m.OperationRow,
            id=new_id("op"),
            created_at=now,
            version_id=version,
            key=f"{method} {path}",
            position=position,
            method=method,
            path=path,
        )
    add(m.PlanRow, **_versioned(plan, now), api_id=api, slug="bench", name="Bench", current_version_id=plan_version)
    add(
        m.PlanVersionRow,
        id=plan_version,
        created_at=now,
        plan_id=plan,
        number=1,
        rate_limits=[{"requests": 1_000_000, "seconds": 1}],
        quotas=[],
        price=None,
    )
    add(
        m.DeploymentRow,
        **_versioned(new_id("dep"), now),
        version_id=version,
        api_id=api,
        gateway_id=gateway_id,
        requested_at=now,
    )
    return api, slug, plan, plan_version


def _key(
    add: Any,
    number: int,
    team_id: str,
    gateway_id: str,
    api_id: str,
    plan_version_id: str,
    ring: KeyRing,
    revision: int,
    now: datetime,
) -> str:
    app, credential, subscription = (new_id(prefix) for prefix in ("app", "cred", "sub"))
    key = new_key().reveal()
    add(m.AppRow, **_versioned(app, now), owner_id=team_id, name=f"App {number}")
    add(
        m.CredentialRow,
        id=credential,
        created_at=now,
        app_id=app,
        prefix=visible_prefix(Secret(key)),
        key_sha256=sha256_hex(key),
        sealed=ring.seal(key),
    )
    add(
        m.SubscriptionRow,
        **_versioned(subscription, now),
        app_id=app,
        api_id=api_id,
        plan_version_id=plan_version_id,
        state="active",
        open_key=f"{app}:{api_id}",
        requested_by=team_id,
    )
    add(
        m.GrantRow,
        id=new_id("grant"),
        created_at=now,
        updated_at=now,
        subscription_id=subscription,
        credential_id=credential,
        gateway_id=gateway_id,
        app_id=app,
        api_id=api_id,
        plan_version_id=plan_version_id,
        state="pending",
        revision=revision,
    )
    return key
