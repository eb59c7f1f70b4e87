"""``waypost backup``, ``restore`` and ``rotate-keyring`` as a person runs them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from waypost.information.secrets import KeyRing
from waypost.information.store import open_store
from waypost.runtime.commands import app


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """The data folder of a hub that was started once."""
    folder = tmp_path / "hub"
    engine = await open_store(f"sqlite:///{folder / 'waypost.db'}", hub_name="Example hub")
    await engine.dispose()
    KeyRing.load(folder / "keyring.json")
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_hub_comes_back_elsewhere(data: Path, tmp_path: Path) -> None:
    target, elsewhere = tmp_path / "hub.tar.gz", tmp_path / "elsewhere"
    assert run("backup", target, "--data", data).exit_code == 0
    assert run("restore", target, "--data", elsewhere).exit_code == 0
    with sqlite3.connect(elsewhere / "waypost.db") as database:
        assert database.execute("SELECT name FROM hub").fetchone() == ("Example hub",)
    again = run("restore", target, "--data", elsewhere)
    assert again.exit_code == 1
    assert (elsewhere / "keyring.json").read_bytes() == (data / "keyring.json").read_bytes()


def test_what_cannot_be_done_ends_with_1(data: Path, tmp_path: Path) -> None:
    assert run("backup", tmp_path / "x.tar.gz", "--data", tmp_path / "none").exit_code == 1
    assert run("restore", tmp_path / "none.tar.gz", "--data", tmp_path / "new").exit_code == 1
    assert run("rotate-keyring", "--data", tmp_path / "none").exit_code == 1
    assert not (tmp_path / "none").exists()


def test_the_key_ring_is_rotated(data: Path) -> None:
    before = KeyRing.load(data / "keyring.json").active
    assert run("rotate-keyring", "--data", data).exit_code == 0
    ring = KeyRing.load(data / "keyring.json")
    assert ring.active != before
    assert before in ring.key_ids
