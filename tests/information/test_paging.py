"""Keyset paging on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from waypost.information.models import EntityRow
from waypost.information.repos.paging import BadSort, paginate
from waypost.information.uow import unit_of_work
from waypost.kit.clock import FakeClock
from waypost.kit.paging import BadCursor, Page, PageRequest, encode_cursor

SORTS = {"created_at": EntityRow.created_at, "name": EntityRow.name}


async def add(session: AsyncSession, clock: FakeClock, *numbers: int) -> None:
    for n in numbers:
        at = clock.now() + timedelta(microseconds=n // 3)  # three at a time share an instant
        row = EntityRow(id=f"usr_{n:04}", kind="user", slug=f"s{n}", name=f"Name {n % 7}", created_at=at)
        session.add(row)
    await session.flush()


async def pages(session: AsyncSession, *, sort: str | None, limit: int = 7, between: Any = None) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        page = await ask(session, PageRequest(limit=limit, cursor=cursor, sort=sort))
        found += [row.id for row in page.items]
        if not page.next_cursor:
            return found
        cursor = page.next_cursor
        if between:
            await between()
            between = None


async def ask(session: AsyncSession, page: PageRequest) -> Page[Any]:
    return await paginate(session, select(EntityRow), page=page, sort_columns=SORTS, id_column=EntityRow.id)


@pytest.mark.parametrize("sort", [None, "created_at", "-created_at", "name", "-name"])
async def test_pages_have_every_row_once_in_order(engine: AsyncEngine, clock: FakeClock, sort: str | None) -> None:
    async with unit_of_work(engine, clock) as uow:
        await add(uow.session, clock, *range(50))
        name = (sort or "-created_at").removeprefix("-")
        rows = (await uow.session.scalars(select(EntityRow))).all()
        expected = sorted(rows, key=lambda row: (getattr(row, name), row.id), reverse=(sort or "-").startswith("-"))
        assert await pages(uow.session, sort=sort) == [row.id for row in expected]


async def test_rows_that_come_in_between_shift_nothing(engine: AsyncEngine, clock: FakeClock) -> None:
    async with unit_of_work(engine, clock) as uow:
        await add(uow.session, clock, *range(10, 40))
        found = await pages(uow.session, sort="-created_at", between=lambda: add(uow.session, clock, *range(100, 120)))
        assert found == [f"usr_{n:04}" for n in range(39, 9, -1)]


async def test_the_last_page_says_so_and_limits_are_bounded(engine: AsyncEngine, clock: FakeClock) -> None:
    async with unit_of_work(engine, clock) as uow:
        await add(uow.session, clock, *range(210))
        assert len((await ask(uow.session, PageRequest(limit=10_000))).items) == 200
        assert len((await ask(uow.session, PageRequest(limit=-5))).items) == 1
        full = await ask(uow.session, PageRequest(limit=105, sort="created_at"))
        last = await ask(uow.session, PageRequest(limit=105, sort="created_at", cursor=full.next_cursor))
        assert (len(last.items), last.next_cursor) == (105, None)


async def test_a_select_of_two_things_gives_both(engine: AsyncEngine, clock: FakeClock) -> None:
    async with unit_of_work(engine, clock) as uow:
        await add(uow.session, clock, 1)
        both = select(EntityRow, EntityRow.slug)
        page = await paginate(uow.session, both, page=PageRequest(), sort_columns=SORTS, id_column=EntityRow.id)
        ((row, slug),) = page.items
        assert (row.id, slug) == ("usr_0001", "s1")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        encode_cursor("-created_at", "usr_1"),
        encode_cursor("name", "A", "usr_1"),
        encode_cursor("-created_at", "never", "usr_1"),
        encode_cursor("-created_at", "2026-01-01T00:00:00", "usr_1"),
        encode_cursor("-created_at", None, "usr_1"),
        encode_cursor("-created_at", 5, "usr_1"),
        encode_cursor("-created_at", "2026-01-01T00:00:00+00:00", 7),
        encode_cursor("-created_at", "2026-01-01T00:00:00+00:00", "a\x00"),
        encode_cursor("-created_at", {"a": 1}, ["b"]),
    ],
)
async def test_a_cursor_from_elsewhere_is_refused(engine: AsyncEngine, clock: FakeClock, cursor: str) -> None:
    async with unit_of_work(engine, clock, write=False) as uow:
        with pytest.raises(BadCursor):
            await ask(uow.session, PageRequest(cursor=cursor))


@pytest.mark.parametrize("sort", ["id", "-", "--name", "name;drop", "slug"])
async def test_only_listed_sorts_are_taken(engine: AsyncEngine, clock: FakeClock, sort: str) -> None:
    async with unit_of_work(engine, clock, write=False) as uow:
        with pytest.raises(BadSort) as refused:
            await ask(uow.session, PageRequest(sort=sort))
        assert "created_at" in refused.value.errors[0].hint
