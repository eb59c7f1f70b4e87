"""Failed attempts at the token endpoint, counted per network and client, in bounded memory.

Client secrets have 256 random bits: nobody guesses one. The count keeps floods of guesses from costing the store, and
is per process on purpose. Somebody else's failures never stop a client: only those from its own network count.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from waypost.application.accounts.throttle import network_of
from waypost.application.oauth.errors import slow_down

WINDOW_SECONDS = 60
PER_CLIENT = 10
PER_NETWORK = 60


@dataclass(slots=True)
class _Count:
    began: float
    failures: int = 0


@dataclass(slots=True)
class Attempts:
    """At most ``limit`` counts; the least recently used are forgotten."""

    limit: int = 10_000
    _counts: OrderedDict[tuple[str, str], _Count] = field(default_factory=OrderedDict)

    def check(self, address: str, client_id: str, now: datetime) -> None:
        """Raise ``slow_down`` while too many attempts have failed."""
        for key, allowed in self._subjects(address, client_id):
            count = self._counts.get(key)
            left = count.began + WINDOW_SECONDS - now.timestamp() if count else 0.0
            if count and left > 0 and count.failures >= allowed:
                raise slow_down(max(1, int(left + 0.999)))

    def failed(self, address: str, client_id: str, now: datetime) -> None:
        """Count one failure."""
        for key, _ in self._subjects(address, client_id):
            count = self._counts.get(key)
            if count is None or now.timestamp() >= count.began + WINDOW_SECONDS:
                count = self._counts[key] = _Count(now.timestamp())
            count.failures += 1
            self._counts.move_to_end(key)
        while len(self._counts) > self.limit:
            self._counts.popitem(last=False)

    def __len__(self) -> int:
        return len(self._counts)

    def _subjects(self, address: str, client_id: str) -> tuple[tuple[tuple[str, str], int], ...]:
        network = network_of(address)
        return ((network, client_id[:64]), PER_CLIENT), ((network, ""), PER_NETWORK)
