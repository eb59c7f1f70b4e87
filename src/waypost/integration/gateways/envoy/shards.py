"""All keys of the gateway, split by their first characters, for ``filters/not_subscribed.py``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from waypost.integration.gateways.envoy.filters import key_auth, labels, not_subscribed
from waypost.integration.gateways.holders import Holders

_FIRST_WIDTH = 3
_WIDEST = 32
_CROWDED = 4096
_MANY = 256
_FEW = 64


class Shards:
    """Keys by shard as framed credentials."""

    def __init__(self) -> None:
        self.width = _FIRST_WIDTH
        self._held = Holders()
        self._shards: dict[str, dict[str, bytes]] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._shards)

    def __contains__(self, shard: object) -> bool:
        return shard in self._shards

    def add(self, key: str, credential_id: str) -> tuple[str, ...]:
        """One more grant holds ``key``; the shard that changed, if any."""
        return self._frame(key) if self._held.add(key, credential_id) else ()

    def remove(self, key: str, credential_id: str) -> tuple[str, ...]:
        """One grant less holds ``key``; the shard that changed, if any."""
        return self._frame(key) if self._held.remove(key, credential_id) else ()

    def credentials(self, shard: str) -> bytes:
        """A shard's keys as framed credentials."""
        held = self._shards[shard]
        return b"".join(held[key] for key in sorted(held))

    def better_width(self) -> int | None:
        """A width that splits the keys more evenly, or None while the present one will do.

        Keys of one hub share a visible prefix; each character after it makes 64 times as many shards.
        """
        crowded = max(map(len, self._shards.values()), default=0) > _CROWDED
        scattered = len(self._shards) > _MANY and len(self._held) < _FEW * len(self._shards)
        if not crowded and not scattered:
            return None
        extra = 1 if len(self._held) < 64 * _CROWDED // 2 else 2
        width = min(len(_common_start(self._held)) + extra, _WIDEST)
        return width if width != self.width else None

    def resize(self, width: int) -> None:
        """Split all keys anew."""
        known = [item for held in self._shards.values() for item in held.items()]
        self.width = width
        self._shards = {}
        for key, credential in known:
            self._shards.setdefault(self._shard(key), {})[key] = credential

    def _frame(self, key: str) -> tuple[str, ...]:
        shard, credential_id = self._shard(key), self._held.of(key)
        keys = self._shards.setdefault(shard, {})
        if credential_id:
            keys[key] = key_auth.credential(key, labels.of_stranger(credential_id))
        else:
            del keys[key]
        if not keys:
            del self._shards[shard]
        return (shard,)

    def _shard(self, key: str) -> str:
        return not_subscribed.shard_of(key, self.width)


def _common_start(keys: Iterable[str]) -> str:
    """The characters that all keys begin with."""
    first, last = min(keys), max(keys)
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:same]
