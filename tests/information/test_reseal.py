"""Rotating the key ring under stored values."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from waypost.information.models import (
    AppRow,
    Base,
    CredentialRow,
    EntityRow,
    IdempotencyRow,
    IssuerRow,
    SigningKeyRow,
)
from waypost.information.reseal import check_keys, rotate_keys, sealed_columns
from waypost.information.secrets import KeyRing, SecretUnreadable
from waypost.information.uow import unit_of_work
from waypost.kit.clock import FakeClock


async def test_every_stored_value_moves_and_still_opens(engine: AsyncEngine, clock: FakeClock, tmp_path: Path) -> None:
    keyring = KeyRing.load(tmp_path / "keyring.json")
    await _store(engine, clock, keyring, count=1203)
    assert await rotate_keys(engine, clock, keyring) == 1204
    assert await _values(engine, clock, keyring) == [f"key-{n}" for n in range(1203)]
    assert len(keyring.key_ids) == 2
    assert await rotate_keys(engine, clock, keyring) == 1204
    assert len(keyring.key_ids) == 2
    keyring.retire(keyring.key_ids[0])
    assert await _values(engine, clock, KeyRing.load(keyring.path)) == [f"key-{n}" for n in range(1203)]


async def test_another_ring_than_the_stored_values_is_noticed(
    engine: AsyncEngine, clock: FakeClock, tmp_path: Path
) -> None:
    keyring, fresh = (KeyRing.load(tmp_path / name) for name in ("keyring.json", "fresh.json"))
    await check_keys(engine, clock, fresh)  # nothing is sealed yet
    await _store(engine, clock, keyring, count=2)
    await check_keys(engine, clock, keyring)
    with pytest.raises(SecretUnreadable, match=r"fresh\.json is not the key ring"):
        await check_keys(engine, clock, fresh)


def test_no_sealed_column_is_forgotten() -> None:
    columns = {(table.name, column.name) for table in Base.metadata.tables.values() for column in table.columns}
    sealed = {(table, column) for table, column in columns if "sealed" in column}
    assert sealed == {(table.__tablename__, column.key) for table, column in sealed_columns()}
    assert sealed >= {("credentials", "sealed"), ("issuers", "sealed_secret"), ("signing_keys", "sealed")}


async def test_signing_keys_and_shared_secrets_move_too(engine: AsyncEngine, clock: FakeClock, tmp_path: Path) -> None:
    keyring, now = KeyRing.load(tmp_path / "keyring.json"), clock.now()
    async with unit_of_work(engine, clock) as uow:
        key = SigningKeyRow(id="sgk_1", algorithm="ES256", jwk={}, signs_from=now, created_at=now)
        key.sealed = keyring.seal("private")
        issuer = IssuerRow(id="iss_1", name="A", url="https://a.test", source="secret", algorithms=["HS256"])
        issuer.sealed_secret, issuer.created_at, issuer.updated_at = keyring.seal("shared"), now, now
        uow.session.add_all([key, issuer])
        await uow.commit()
    assert await rotate_keys(engine, clock, keyring) == 2
    async with unit_of_work(engine, clock, write=False) as uow:
        stored = [(await uow.session.get_one(SigningKeyRow, "sgk_1")).sealed]
        stored.append((await uow.session.get_one(IssuerRow, "iss_1")).sealed_secret)
    assert all(keyring.is_current(value) for value in stored)
    assert [keyring.open(value).reveal() for value in stored] == ["private", "shared"]


async def _store(engine: AsyncEngine, clock: FakeClock, keyring: KeyRing, *, count: int) -> None:
    now = clock.now()
    async with unit_of_work(engine, clock) as uow:
        uow.session.add(EntityRow(id="usr_1", kind="user", slug="ann", name="Ann", created_at=now))
        await uow.session.flush()
        uow.session.add(AppRow(id="app_1", owner_id="usr_1", name="App", created_at=now, updated_at=now))
        await uow.session.flush()
        for n in range(count):
            row = CredentialRow(id=f"cred_{n:06}", app_id="app_1", prefix="k", key_sha256=str(n), created_at=now)
            row.sealed = keyring.seal(f"key-{n}")
            uow.session.add(row)
        body = keyring.seal_bytes(b"answer")
        answer = IdempotencyRow(principal_id="usr_1", key="k", fingerprint="", status=201, body=body, created_at=now)
        uow.session.add(answer)
        await uow.commit()


async def _values(engine: AsyncEngine, clock: FakeClock, keyring: KeyRing) -> list[str]:
    async with unit_of_work(engine, clock, write=False) as uow:
        sealed = (await uow.session.scalars(select(CredentialRow.sealed).order_by(CredentialRow.id))).all()
        answer = (await uow.session.scalars(select(IdempotencyRow.body))).one()
    assert all(keyring.is_current(value) for value in sealed)
    assert keyring.open_bytes(answer) == b"answer"
    return [keyring.open(value).reveal() for value in sealed]
