"""The beginning of a file is given back, its end and its writers stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from waypost.kit.holes import punch


def test_the_beginning_is_freed_and_the_end_stays(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x" * 1_000_000)
    before = path.stat().st_blocks
    with path.open("ab") as writer:
        if not punch(path, 900_000):
            pytest.skip("this file system punches no holes")
        writer.write(b"end")
    assert path.stat().st_size == 1_000_003
    assert path.stat().st_blocks < before / 2
    data = path.read_bytes()
    assert data[:10] == bytes(10)
    assert data[900_000:] == b"x" * 100_000 + b"end"


def test_nothing_is_freed_before_the_first_block(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x" * 5000)
    assert punch(path, 4000)
    assert path.read_bytes() == b"x" * 5000
