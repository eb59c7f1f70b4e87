"""Which policy holds in the end, and where it comes from. Pure: rows in, answers out.

The most specific place wins as a whole: operation, then version, then API, then the hub's default. Nothing is merged
inside one kind, so what a person reads at one place is what holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from waypost.application.policies.kinds import CorsConfig, KeyAuthConfig, TimeoutConfig
from waypost.contracts.vocab import PolicyKind


class Attached(Protocol):
    """A kept policy; a ``PolicyRow`` is one."""

    @property
    def kind(self) -> str: ...
    @property
    def target_id(self) -> str: ...
    @property
    def config(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where policies may stand: ``level`` api | version | operation, its id and name."""

    level: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Effective:
    """A kind, its configuration, and the place it comes from (level ``default`` where nobody set it)."""

    kind: str
    config: Mapping[str, Any]
    place: Place


_LOOPBACK = ("127.0.0.1", "localhost")
DEFAULT = Place("default", "", "default")


def default_configs(portal_url: str) -> dict[str, dict[str, Any]]:
    """What holds where nothing is set: a key in ``x-api-key``, 30 s, and the portal's own pages may call.

    The portal's try-it console calls gateways from the browser; without its origin it could not.
    """
    exposed = ["ratelimit", "ratelimit-policy", "retry-after", "x-request-id"]
    return {
        PolicyKind.KEY_AUTH: KeyAuthConfig().model_dump(mode="json"),
        PolicyKind.CORS: CorsConfig(origins=portal_origins(portal_url), expose=exposed).model_dump(mode="json"),
        PolicyKind.TIMEOUT: TimeoutConfig().model_dump(mode="json"),
    }


def portal_origins(portal_url: str) -> list[str]:
    """Origins of the portal's pages. This machine has two names, and people type either."""
    parts = urlsplit(portal_url.lower())
    host = parts.hostname or ""
    names = _LOOPBACK if host in _LOOPBACK else (f"[{host}]" if ":" in host else host,)
    port = f":{parts.port}" if parts.port else ""
    return [f"{parts.scheme}://{name}{port}" for name in names]


def resolve(
    policies: Iterable[Attached], *, places: Iterable[Place], defaults: Mapping[str, Mapping[str, Any]]
) -> dict[str, Effective]:
    """The effective policy per kind; ``places`` from the most specific to the least."""
    by_target: dict[str, list[Attached]] = {}
    for policy in policies:
        by_target.setdefault(policy.target_id, []).append(policy)
    found: dict[str, Effective] = {}
    for place in places:
        for policy in by_target.get(place.id, ()):
            found.setdefault(policy.kind, Effective(policy.kind, policy.config, place))
    for kind, config in defaults.items():
        found.setdefault(kind, Effective(kind, config, DEFAULT))
    return dict(sorted(found.items()))
