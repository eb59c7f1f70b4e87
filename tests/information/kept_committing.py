"""Run as a program: change things for ever, saying what is committed, until killed. ``kept_committing.py URL``."""

from __future__ import annotations

import asyncio
import sys

from waypost.information.blobs import BlobStore
from waypost.information.engine import create_engine
from waypost.information.models import ApiRow
from waypost.information.search import SearchDocument, open_search
from waypost.information.uow import unit_of_work
from waypost.kit.clock import SystemClock
from waypost.kit.ids import new_id


async def main(url: str) -> None:
    """Each change is an API, its document in the search index, a blob and three events."""
    engine, clock = create_engine(url), SystemClock()
    index = open_search(engine)
    print("ready", flush=True)
    while True:
        async with unit_of_work(engine, clock) as uow:
            api_id, now = new_id("api"), clock.now()
            row = ApiRow(id=api_id, slug=api_id[4:], base_path=f"/{api_id}", owner_id="team_1", name="Payments")
            row.created_at = row.updated_at = now
            uow.session.add(row)
            seq = await uow.record("api.created", object_kind="api", object_id=api_id)
            about = {"api_id": api_id, "owner_id": "team_1", "visibility": "public", "lifecycle": "published"}
            await index.replace(uow.session, api_id, [SearchDocument(id=api_id, type="api", title="Payments", **about)])
            await BlobStore(uow.session, clock).put(api_id.encode() * 5000)
            for kind in ("api.updated", "api.published"):
                seq = await uow.record(kind, object_kind="api", object_id=api_id)
            await uow.commit()
        print(seq, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
