"""Bytes by content, compressed, in the database: they commit and roll back with the rows that point at them."""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.information.models import BlobRow, VersionRow
from waypost.kit.clock import Clock
from waypost.kit.errors import NotFound

SETTLED = timedelta(hours=1)  # by then, whoever put it has committed what points at it
INLINE_BYTES = 64 * 1024  # below this, a thread costs more than the compression


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes ready to be kept; ``id`` is ``blob_<sha256>``."""

    id: str
    size: int
    packed: bytes


def pack(data: bytes) -> Blob:
    """Compress. Takes its time where there is much: meant for a thread."""
    return Blob(f"blob_{hashlib.sha256(data).hexdigest()}", len(data), zlib.compress(data, 6))


class BlobStore:
    """Blobs in the transaction of ``session``."""

    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    async def put(self, data: Blob | bytes) -> str:
        """Keep it; its id. The same bytes are kept once. What is large is best packed before the transaction."""
        blob = data if isinstance(data, Blob) else await asyncio.to_thread(pack, data)
        values = {"id": blob.id, "size": blob.size, "data": blob.packed, "created_at": self._clock.now()}
        await self._session.execute(_insert_once(self._session, values))
        return blob.id

    async def get(self, blob_id: str) -> bytes:
        """The bytes. Raises :class:`NotFound`."""
        row = (await self._session.execute(select(BlobRow.size, BlobRow.data).where(BlobRow.id == blob_id))).first()
        if row is None:
            raise NotFound(f"No content {blob_id[:20]}….")
        if row.size <= INLINE_BYTES:
            return zlib.decompress(row.data)
        return await asyncio.to_thread(zlib.decompress, row.data)

    async def sweep(self) -> int:
        """Remove blobs of an hour ago and before that no version points at; how many."""
        used = select(VersionRow.original_blob).where(VersionRow.original_blob.is_not(None))
        also = select(VersionRow.document_blob).where(VersionRow.document_blob.is_not(None))
        old = BlobRow.created_at < self._clock.now() - SETTLED
        gone = delete(BlobRow).where(old, BlobRow.id.not_in(used), BlobRow.id.not_in(also)).returning(BlobRow.id)
        return len((await self._session.execute(gone)).all())


def _insert_once(session: AsyncSession, values: dict[str, Any]) -> Any:
    table = BlobRow.__table__
    assert isinstance(table, Table)
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table).values(values).on_conflict_do_nothing(index_elements=["id"])
