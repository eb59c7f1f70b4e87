"""After a rotation of the key ring: everything sealed with an older key is sealed again with the active one."""

from __future__ import annotations

from sqlalchemy import not_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import InstrumentedAttribute

from waypost.information.models import IdempotencyRow
from waypost.information.models.base import Base, Identified
from waypost.information.secrets import SCHEME, KeyRing, SecretUnreadable
from waypost.information.uow import unit_of_work
from waypost.kit.clock import Clock

BATCH = 500
Column = InstrumentedAttribute[str]


def sealed_columns() -> list[tuple[type[Identified], Column]]:
    """Every column of sealed texts, by its name: ``sealed…`` in a table whose rows have an id."""
    mappers = (mapper for mapper in Base.registry.mappers if issubclass(mapper.class_, Identified))
    return [
        (mapper.class_, getattr(mapper.class_, column.key))
        for mapper in mappers
        for column in mapper.columns
        if column.key.startswith("sealed")
    ]


async def check_keys(engine: AsyncEngine, clock: Clock, keyring: KeyRing) -> None:
    """Raise SecretUnreadable where the newest secrets were sealed by a ring that this is not.

    Better no hub than one whose gateways take away every key that it cannot open.
    """
    async with unit_of_work(engine, clock, write=False) as uow:
        for table, column in sealed_columns():
            newest = select(column).where(column != "").order_by(table.id.desc()).limit(1)
            sealed = await uow.session.scalar(newest)
            if sealed is not None and not keyring.has_key_of(sealed):
                raise SecretUnreadable(f"{keyring.path} is not the key ring of this database.")


async def rotate_keys(engine: AsyncEngine, clock: Clock, keyring: KeyRing) -> int:
    """A fresh active key, and every stored value moved to it; how many values were moved.

    Runs beside the hub in short transactions. Killed half-way, nothing is lost: the next one moves the rest. The key
    before this one stays on the ring until the next rotation, for values that were sealed but not yet committed.
    """
    keyring.rotate()
    moved = 0
    for table, column in sealed_columns():
        while count := await _texts(engine, clock, keyring, table, column):
            moved += count
    moved += await _answers(engine, clock, keyring)
    for key_id in keyring.key_ids[:-2]:
        keyring.retire(key_id)
    return moved


async def _texts(engine: AsyncEngine, clock: Clock, keyring: KeyRing, table: type[Identified], column: Column) -> int:
    """One batch of a column of sealed texts; 0 when all are sealed with the active key."""
    current = column.startswith(f"{SCHEME}.{keyring.active}.", autoescape=True)
    async with unit_of_work(engine, clock) as uow:
        found = select(table.id, column).where(column != "", not_(current)).limit(BATCH)
        rows = (await uow.session.execute(found)).all()
        for row_id, sealed in rows:
            fresh = keyring.seal(keyring.open(sealed))
            same = (table.id == row_id, column == sealed)
            await uow.session.execute(update(table).where(*same).values({column.key: fresh}))
        await uow.commit()
    return len(rows)


async def _answers(engine: AsyncEngine, clock: Clock, keyring: KeyRing) -> int:
    """Remembered answers to creates, page by page: their bytes cannot be searched by prefix on every database."""
    moved, after = 0, ("", "")
    while True:
        async with unit_of_work(engine, clock) as uow:
            key = tuple_(IdempotencyRow.principal_id, IdempotencyRow.key)
            page = (
                select(IdempotencyRow)
                .where(key > after)
                .order_by(IdempotencyRow.principal_id, IdempotencyRow.key)
                .limit(BATCH)
            )
            rows = (await uow.session.scalars(page)).all()
            if not rows:
                return moved
            after = (rows[-1].principal_id, rows[-1].key)
            moved += sum(_reseal(row, keyring) for row in rows)
            await uow.commit()


def _reseal(row: IdempotencyRow, keyring: KeyRing) -> bool:
    if not row.body or keyring.is_current(row.body.decode("ascii")):
        return False
    row.body = keyring.seal_bytes(keyring.open_bytes(row.body))
    return True
