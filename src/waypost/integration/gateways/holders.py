"""Whose a key is, by the grants that hold it, for the name of a caller who is not subscribed."""

from __future__ import annotations

from collections.abc import Iterator


class Holders:
    """Key -> the credential ids of its grants; the smallest counts, in whatever order grants come and go."""

    def __init__(self) -> None:
        self._ids: dict[str, tuple[str, ...]] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def of(self, key: str) -> str:
        """The credential; empty where no grant holds the key."""
        return self._ids.get(key, ("",))[0]

    def add(self, key: str, credential_id: str) -> bool:
        """One more grant holds the key; True where that changes whose it is."""
        return self._put(key, tuple(sorted((*self._ids.get(key, ()), credential_id))))

    def remove(self, key: str, credential_id: str) -> bool:
        """One grant less holds the key; True where that changes whose it is."""
        held = list(self._ids[key])
        held.remove(credential_id)
        return self._put(key, tuple(held))

    def _put(self, key: str, credential_ids: tuple[str, ...]) -> bool:
        before = self._ids.pop(key, ())
        if credential_ids:
            self._ids[key] = credential_ids
        return before[:1] != credential_ids[:1]
