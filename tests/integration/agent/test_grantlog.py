"""The grants on disk."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.agent.fakes import grant
from waypost.contracts.ir import GrantDelta
from waypost.integration.agent.failures import StateUnreadable
from waypost.integration.agent.grantlog import GrantLog
from waypost.integration.agent.sealing import Sealer

KEY = bytes(range(32))


def opened(root: Path, **options: int) -> GrantLog:
    kept = GrantLog(root / "grants.log", Sealer(KEY), **options)
    kept.load()
    return kept


def full(count: int, revision: int = 1) -> GrantDelta:
    return GrantDelta(revision=revision, full=True, upsert=tuple(grant(number) for number in range(count)))


async def test_full_set_and_deltas_survive(tmp_path: Path) -> None:
    kept = opened(tmp_path)
    kept.append(full(1200))
    kept.append(GrantDelta(revision=2, since=1, upsert=(grant(5000),), remove=("grt_000003",)))
    await kept.flush()
    again = opened(tmp_path)
    assert again.revision == 2
    assert again.grants == kept.grants
    assert len(again.grants) == 1200
    assert b"key-5000" not in (tmp_path / "grants.log").read_bytes()


async def test_the_mark_stays_with_its_revision(tmp_path: Path) -> None:
    kept = opened(tmp_path)
    kept.append(replace(full(1200), mark="a"))
    await kept.flush()
    assert (opened(tmp_path).revision, opened(tmp_path).mark) == (1, "a")
    kept.append(GrantDelta(revision=2, mark="b", since=1))
    assert (opened(tmp_path).revision, opened(tmp_path).mark) == (2, "b")


async def test_delta_is_on_disk_at_once_and_small(tmp_path: Path) -> None:
    kept = opened(tmp_path)
    kept.append(full(1000))
    await kept.flush()
    before = (tmp_path / "grants.log").stat().st_size
    kept.append(GrantDelta(revision=2, since=1, remove=("grt_000003",)))
    assert 0 < (tmp_path / "grants.log").stat().st_size - before < 500
    assert "grt_000003" not in opened(tmp_path).grants, "a revoked key stays revoked after a kill"


@pytest.mark.parametrize("cut", [1, 3, 4, 30, 100])
async def test_torn_tail_is_cut_off(tmp_path: Path, cut: int) -> None:
    kept = opened(tmp_path)
    kept.append(full(10))
    await kept.flush()
    kept.append(GrantDelta(revision=2, since=1, upsert=(grant(77),)))
    path = tmp_path / "grants.log"
    os.truncate(path, path.stat().st_size - cut)
    again = opened(tmp_path)
    assert again.revision == 1 and len(again.grants) == 10
    again.append(GrantDelta(revision=2, since=1, upsert=(grant(78),)))
    assert "grt_000078" in opened(tmp_path).grants


async def test_log_is_rewritten_when_it_has_grown_and_loses_nothing(tmp_path: Path) -> None:
    kept = opened(tmp_path, compact_bytes=20_000)
    kept.append(full(20))
    for revision in range(2, 400):
        kept.append(GrantDelta(revision=revision, since=revision - 1, upsert=(grant(revision % 30),)))
        if revision % 50 == 0:
            await kept.flush()
    await kept.flush()
    assert (tmp_path / "grants.log").stat().st_size < 60_000
    again = opened(tmp_path)
    assert again.revision == 399 and again.grants == kept.grants


async def test_full_disk_is_survived_and_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = opened(tmp_path)
    kept.append(full(10))
    await kept.flush()
    write = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda handle, data: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        kept.append(GrantDelta(revision=2, since=1, upsert=(grant(50),)))
    assert os.write is write
    assert kept.revision == 2 and "grt_000050" in kept.grants
    await kept.flush()
    assert opened(tmp_path).revision == 2


async def test_foreign_key_is_an_error_not_an_empty_gateway(tmp_path: Path) -> None:
    kept = opened(tmp_path)
    kept.append(full(10))
    await kept.flush()
    with pytest.raises(StateUnreadable):
        GrantLog(tmp_path / "grants.log", Sealer(bytes(32))).load()


async def test_one_delta_with_100_000_grants_there_costs_next_to_nothing(tmp_path: Path) -> None:
    kept = opened(tmp_path)
    kept.append(full(100_000))
    await kept.flush()
    started = time.perf_counter()
    for revision in range(2, 102):
        kept.append(GrantDelta(revision=revision, since=revision - 1, upsert=(grant(revision),)))
    assert (time.perf_counter() - started) / 100 < 0.005
