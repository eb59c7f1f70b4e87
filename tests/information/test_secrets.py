"""The key ring."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from waypost.information.secrets import KeyRing, SecretUnreadable
from waypost.kit.crypto import Secret


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing.load(tmp_path / "keys" / "keyring.json")


def test_what_is_sealed_opens_again_also_after_a_restart(ring: KeyRing) -> None:
    sealed = ring.seal("wp_geheim ✓")
    assert "geheim" not in sealed
    assert sealed != ring.seal("wp_geheim ✓")
    assert KeyRing.load(ring.path).open(sealed) == Secret("wp_geheim ✓")
    assert ring.open_bytes(ring.seal_bytes(b"\x00\xff")) == b"\x00\xff"


def test_the_file_is_for_its_owner_only(ring: KeyRing) -> None:
    assert stat.S_IMODE(ring.path.stat().st_mode) == 0o600
    ring.rotate()
    assert stat.S_IMODE(ring.path.stat().st_mode) == 0o600
    ring.path.chmod(0o640)
    with pytest.raises(SecretUnreadable, match="others"):
        KeyRing.load(ring.path)


def test_rotation_keeps_old_values_readable_until_their_key_is_retired(ring: KeyRing) -> None:
    old_key, sealed = ring.active, ring.seal("one")
    new_key = ring.rotate()
    assert ring.key_ids == [old_key, new_key]
    assert not ring.is_current(sealed)
    assert ring.is_current(ring.seal(ring.open(sealed)))
    assert ring.open(sealed).reveal() == "one"
    ring.retire(old_key)
    with pytest.raises(SecretUnreadable):
        ring.open(sealed)
    with pytest.raises(ValueError, match="active"):
        ring.retire(new_key)


def test_another_process_sees_a_rotation(ring: KeyRing) -> None:
    other = KeyRing.load(ring.path)
    ring.rotate()
    assert other.open(ring.seal("x")).reveal() == "x"


def test_two_that_rotate_lose_no_key(ring: KeyRing) -> None:
    other = KeyRing.load(ring.path)
    first, second = ring.seal("a"), (ring.rotate(), ring.seal("b"))[1]
    third = (other.rotate(), other.seal("c"))[1]
    again = KeyRing.load(ring.path)
    assert [again.open(s).reveal() for s in (first, second, third)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s[:-3],
        lambda s: s[:-6] + "AAAAAA",
        lambda s: s.replace("s1.", "s2."),
        lambda _: "",
        lambda _: "s1..",
        lambda _: "plain",
    ],
)
def test_a_changed_value_does_not_open(ring: KeyRing, change: object) -> None:
    sealed = ring.seal("value")
    with pytest.raises(SecretUnreadable):
        ring.open(change(sealed))  # type: ignore[operator]


def test_a_value_cannot_be_moved_to_another_key(ring: KeyRing) -> None:
    sealed = ring.seal("value")
    old = ring.active
    new = ring.rotate()
    with pytest.raises(SecretUnreadable):
        ring.open(sealed.replace(old, new))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"active":"k1","keys":{"k1":"AAAA"}}', '{"active":"k2","keys":{}}'])
def test_a_broken_file_is_named_and_never_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keyring.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(SecretUnreadable, match="not a key ring"):
        KeyRing.load(path)
    assert path.read_text() == text


def test_it_prints_no_key(ring: KeyRing) -> None:
    for key in json.loads(ring.path.read_text())["keys"].values():
        assert key not in repr(ring) + str(ring.__dict__)


def test_another_process_seals_with_the_newest_key(ring: KeyRing) -> None:
    other = KeyRing.load(ring.path)
    ring.rotate()
    assert ring.is_current(other.seal("x"))
