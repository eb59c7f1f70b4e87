"""Blobs by content."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from waypost.information.blobs import INLINE_BYTES, BlobStore
from waypost.information.models import ApiRow, BlobRow, EntityRow, VersionRow
from waypost.information.uow import UnitOfWork, unit_of_work
from waypost.kit.clock import FakeClock
from waypost.kit.errors import NotFound


@pytest.mark.parametrize(
    "data", [b"", b"\x00\xff", b"openapi: 3.1.0\n" * 20_000, random.Random(1).randbytes(INLINE_BYTES + 1)]
)
async def test_the_same_bytes_come_back_and_are_kept_once(engine: AsyncEngine, clock: FakeClock, data: bytes) -> None:
    async with unit_of_work(engine, clock) as uow:
        blobs = BlobStore(uow.session, clock)
        first = await blobs.put(data)
        assert await blobs.put(data) == first
        assert await blobs.get(first) == data
        assert await blobs.put(data + b"x") != first
        assert await uow.session.scalar(select(func.count()).select_from(BlobRow)) == 2
        with pytest.raises(NotFound):
            await blobs.get("blob_none")


async def test_a_sweep_keeps_what_versions_point_at(engine: AsyncEngine, clock: FakeClock) -> None:
    async with unit_of_work(engine, clock) as uow:
        blobs = BlobStore(uow.session, clock)
        original, document, loose = [await blobs.put(data) for data in (b"original", b"document", b"loose")]
        await _version(uow, original, document)
        assert await blobs.sweep() == 0, "it may be about to be pointed at"
        clock.advance(3601)
        assert await blobs.sweep() == 1
        assert await blobs.sweep() == 0
        assert await blobs.get(original) + await blobs.get(document) == b"originaldocument"
        with pytest.raises(NotFound):
            await blobs.get(loose)


async def _version(uow: UnitOfWork, original: str, document: str) -> None:
    now = uow.clock.now()
    dates = {"created_at": now, "updated_at": now}
    for row in (
        EntityRow(id="team_1", kind="team", slug="red", name="Red", created_at=now),
        ApiRow(id="api_1", slug="a", base_path="/a", owner_id="team_1", name="A", **dates),
        VersionRow(id="ver_1", api_id="api_1", name="v1", original_blob=original, document_blob=document, **dates),
    ):
        uow.session.add(row)
        await uow.session.flush()
