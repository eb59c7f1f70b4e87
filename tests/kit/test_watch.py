"""Waiting for work unless something else ends first."""

from __future__ import annotations

import asyncio

import pytest

from waypost.kit.watch import unless


async def test_work_that_ends_first_gives_its_result_or_its_error() -> None:
    async def fails() -> int:
        raise ValueError("no")

    never = asyncio.Event()
    assert await unless(asyncio.sleep(0, 7), never.wait(), never.wait()) == 7
    with pytest.raises(ValueError, match="no"):
        await unless(fails(), never.wait())


async def test_work_that_something_else_overtakes_has_ended_when_nothing_comes_of_it() -> None:
    ended = asyncio.Event()

    async def works() -> int:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.set()
        return 1

    assert await unless(works(), asyncio.sleep(0)) is None
    assert ended.is_set()
