"""Which policy holds in the end, and where it comes from. Pure: rows in, answers out.

The most specific place wins as a whole: operation, then version, then API, then the hub's default. Nothing is merged
inside one kind, so what a person reads at one place is what holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

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


DEFAULT = Place("default", "", "default")


def default_configs(portal_origin: str) -> dict[str, dict[str, Any]]:
    """What holds where nothing is set: a key in ``x-api-key``, 30 s, and the portal's own pages may call.

    The portal's try-it console calls gateways from the browser; without its origin it could not.
    """
    exposed = ["ratelimit", "ratelimit-policy", "retry-after", "x-request-id"]
    return {
        PolicyKind.KEY_AUTH: KeyAuthConfig().model_dump(mode="json"),
        PolicyKind.CORS: CorsConfig(origins=[portal_origin], expose=exposed).model_dump(mode="json"),
        PolicyKind.TIMEOUT: TimeoutConfig().model_dump(mode="json"),
    }


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
