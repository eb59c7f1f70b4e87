"""What starts a hub, and how its process is set so that large work in a thread keeps nobody waiting."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from waypost.runtime import commands


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    """They are the process's own."""
    before, turn = gc.get_threshold(), sys.getswitchinterval()
    yield
    gc.set_threshold(*before)
    sys.setswitchinterval(turn)


def test_large_work_in_a_thread_lets_others_go_on() -> None:
    async def seen() -> tuple[int, float]:
        return gc.get_threshold()[2], sys.getswitchinterval()

    assert commands._run(seen()) == (1000, 0.001)
