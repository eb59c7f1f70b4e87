"""Batches: numbered, bounded, whole or not at all."""

from __future__ import annotations

import errno
import json
import random
from pathlib import Path
from typing import Any

import pytest

from waypost.integration.agent import spool as spool_module
from waypost.integration.agent.spool import Place, Spool


def opened(path: Path, *, max_bytes: int = 10_000_000) -> Spool:
    made = Spool(path, max_bytes=max_bytes)
    made.load()
    return made


def records(count: int, size: int = 10) -> list[bytes]:
    return [b'"%s"' % (b"x" * size) for _ in range(count)]


def test_number_and_place_survive(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.add(records(2), Place(7, 100))
    first.add(records(3), Place(7, 200))
    second = opened(tmp_path)
    assert (second.id, second.place, sorted(second.waiting)) == (first.id, Place(7, 200), [1, 2])
    second.acknowledged(2)
    third = opened(tmp_path)
    assert third.place == Place(7, 200)
    third.add(records(1), Place(7, 300))
    assert max(third.waiting) == 3, "a number is never used twice"


def test_payload_is_a_usage_batch(tmp_path: Path) -> None:
    kept = opened(tmp_path)
    kept.lose(4)
    kept.add([b'{"a":1}', b'{"a":2}'], Place(1, 1), dropped=1)
    batch = kept.oldest()
    assert batch is not None
    payload = json.loads(kept.payload(batch))
    assert payload == {"spool": kept.id, "number": 1, "dropped": 5, "records": [{"a": 1}, {"a": 2}]}


def test_bound_drops_the_oldest_and_reports_every_lost_record_once(tmp_path: Path) -> None:
    kept = opened(tmp_path, max_bytes=5000)
    for number in range(50):
        kept.add(records(20), Place(1, number))
        assert kept.size <= 5000
    batches = [kept.waiting[number] for number in sorted(kept.waiting)]
    assert sum(batch.count + batch.dropped for batch in batches) == 50 * 20
    assert kept.total_dropped == sum(batch.dropped for batch in batches) > 0


def test_batch_on_its_way_is_not_dropped(tmp_path: Path) -> None:
    kept = opened(tmp_path, max_bytes=2000)
    kept.add(records(20), Place(1, 1))
    sending = kept.oldest()
    for number in range(20):
        kept.add(records(20), Place(1, number))
    assert sending is not None and sending.number in kept.waiting


def test_full_disk_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = opened(tmp_path)
    kept.add(records(2), Place(1, 10))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(spool_module, "write_atomic", full)
        with pytest.raises(OSError, match="No space"):
            kept.add(records(2), Place(1, 20))
        assert kept.acknowledged(1) == 2, "what was shipped can be given up without writing"
    assert kept.place == Place(1, 10)
    kept.add(records(2), Place(1, 20))
    assert sorted(kept.waiting) == [2]


def test_refused_batch_is_counted_and_passed_over(tmp_path: Path) -> None:
    kept = opened(tmp_path)
    kept.add(records(3), Place(1, 1))
    batch = kept.oldest()
    assert batch is not None
    kept.refuse(batch)
    kept.add(records(1), Place(1, 2))
    following = kept.oldest()
    assert following is not None and (following.number, following.dropped) == (2, 3)


@pytest.mark.parametrize("max_bytes", [1500, 10_000_000])
@pytest.mark.parametrize("seed", range(10))
def test_killed_between_any_two_writes_nothing_is_lost_or_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, max_bytes: int
) -> None:
    """A hub that takes batches once, and a spool that dies at random file operations: the sum is always right."""
    rng = random.Random(seed)
    taken: dict[tuple[str, int], dict[str, Any]] = {}

    class Killed(Exception):
        pass

    def sometimes() -> None:
        if rng.random() < 0.1:
            raise Killed

    unlink, write = Path.unlink, spool_module.write_atomic
    monkeypatch.setattr(Path, "unlink", lambda path, **options: (sometimes(), unlink(path, **options)))
    monkeypatch.setattr(spool_module, "write_atomic", lambda path, data: (sometimes(), write(path, data), sometimes()))

    def ship(kept: Spool) -> None:
        batch = kept.oldest()
        if batch is not None and rng.random() < 0.4:
            taken.setdefault((kept.id, batch.number), json.loads(kept.payload(batch)))
            kept.acknowledged(batch.number)
        kept.put_back()

    offset = 0
    while offset < 400:
        try:
            kept = opened(tmp_path, max_bytes=max_bytes)
            for _ in range(rng.randint(1, 12)):
                offset = kept.place.offset
                count = rng.randint(1, 10)
                lines = [str(number).encode() for number in range(offset, offset + count)]
                kept.add(lines, Place(1, offset + count))
                ship(kept)
        except Killed:
            continue
    monkeypatch.undo()
    kept = opened(tmp_path)
    while (batch := kept.oldest()) is not None:
        taken.setdefault((kept.id, batch.number), json.loads(kept.payload(batch)))
        kept.acknowledged(batch.number)
    received = [number for batch in taken.values() for number in batch["records"]]
    assert len(received) == len(set(received)), "twice"
    missing = set(range(kept.place.offset)) - set(received)
    dropped = sum(item["dropped"] for item in taken.values())
    assert len(missing) <= dropped
    assert max_bytes == 1500 or dropped == 0
