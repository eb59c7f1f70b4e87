"""Which policy holds in the end, and where each part of it comes from. Pure: rows in, answers out.

The rules, for each kind by itself:

1. The nearest place wins: operation, then version, API, team, hub, and last the default.
2. A policy that is *locked* (hub and team) stands before all nearer ones, the widest lock first.
3. A kind that *replaces* is taken whole from the place that wins.
4. A kind that *merges* builds its lists from all places; of items with the same key the place that wins keeps its own.
   Each other field comes from the first place that says something (differs from the field's default).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from waypost.application.policies.kinds import KINDS, KindInfo
from waypost.application.policies.kinds.traffic import CorsConfig, TimeoutConfig
from waypost.application.policies.kinds.who import KeyAuthConfig
from waypost.contracts.vocab import PolicyKind


class Attached(Protocol):
    """A kept policy; a ``PolicyRow`` is one."""

    @property
    def kind(self) -> str: ...
    @property
    def target_id(self) -> str: ...
    @property
    def config(self) -> dict[str, Any]: ...
    @property
    def locked(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where policies may stand: ``level`` (``PolicyLevel``, or ``default``), its id and name."""

    level: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Effective:
    """A kind and its configuration; ``place`` is the one that won.

    ``origins`` maps places inside the configuration (``/deny/0``, JSON pointers) to where they come from; empty =
    everything comes from ``place``. ``locked`` says that nearer places cannot override ``place``.
    """

    kind: str
    config: Mapping[str, Any]
    place: Place
    locked: bool = False
    origins: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """One policy where it stands."""

    config: Mapping[str, Any]
    place: Place
    locked: bool = False


_LOOPBACK = ("127.0.0.1", "localhost")
DEFAULT = Place("default", "", "default")
HUB = Place("hub", "hub", "the hub")


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
    policies: Iterable[Attached], *, places: Sequence[Place], defaults: Mapping[str, Mapping[str, Any]]
) -> dict[str, Effective]:
    """The effective policy per kind; ``places`` from the nearest to the widest. ``policies`` come in any order."""
    rank = {place.id: number for number, place in enumerate(places)}
    standing: dict[str, dict[int, Standing]] = {}
    for policy in policies:
        number = rank.get(policy.target_id)
        if number is not None:
            item = Standing(policy.config, places[number], policy.locked)
            standing.setdefault(policy.kind, {})[number] = item
    kinds = standing.keys() | defaults.keys()
    return {
        kind: combine(KINDS[kind], _by_authority(standing.get(kind, {}), defaults.get(kind))) for kind in sorted(kinds)
    }


def _by_authority(standing: Mapping[int, Standing], default: Mapping[str, Any] | None) -> list[Standing]:
    """Locks first, the widest before; then the rest, the nearest before; the default last."""
    nearest_first = [standing[number] for number in sorted(standing)]
    locks = [item for item in reversed(nearest_first) if item.locked]
    rest = [item for item in nearest_first if not item.locked]
    return [*locks, *rest, *([] if default is None else [Standing(default, DEFAULT)])]


def combine(info: KindInfo, ordered: Sequence[Standing]) -> Effective:
    """One kind out of all places, the one with the most authority first."""
    first = ordered[0]
    if not info.unites:
        return Effective(info.kind, first.config, first.place, first.locked)
    silent = info.defaults()
    config: dict[str, Any] = {}
    origins: dict[str, Place] = {}
    for name in info.model.model_fields:
        if name in info.unites:
            config[name], found = _united(info, name, ordered)
            origins |= found
        else:
            chosen = _first_to_say(name, ordered, silent.get(name))
            config[name] = chosen.config.get(name, silent.get(name))
            if config[name] != silent.get(name):
                origins[f"/{name}"] = chosen.place
    return Effective(info.kind, config, first.place, first.locked, origins)


def _united(info: KindInfo, name: str, ordered: Sequence[Standing]) -> tuple[list[Any], dict[str, Place]]:
    key_of = info.unites[name]
    seen: set[Any] = set()
    ended: set[str] = set()
    items: list[Any] = []
    origins: dict[str, Place] = {}
    for standing in ordered:
        fresh = [item for item in standing.config.get(name, ()) if key_of(item) not in seen]
        for item in fresh:
            if not (ended and item["name"] in ended):
                origins[f"/{name}/{len(items)}"] = standing.place
                items.append(item)
        seen |= {key_of(item) for item in fresh}
        if standing.locked and name in info.ended_by:
            ended |= set(standing.config.get(info.ended_by[name], ()))
    return items, origins


def _first_to_say(name: str, ordered: Sequence[Standing], silent: Any) -> Standing:
    said = (item for item in ordered if item.config.get(name, silent) != silent)
    return next(said, ordered[0])


def overridden(info: KindInfo, config: Mapping[str, Any], locks: Sequence[Standing]) -> dict[str, Place]:
    """Where ``config`` says something else than a lock above it: JSON pointer -> the locking place.

    ``""`` stands for the whole policy (a kind that replaces).
    """
    if locks and not info.unites:
        return {"": locks[0].place}
    found: dict[str, Place] = {}
    for lock in locks:
        for pointer in _differing(info, config, lock.config):
            found.setdefault(pointer, lock.place)
    return found


def _differing(info: KindInfo, config: Mapping[str, Any], lock: Mapping[str, Any]) -> Iterator[str]:
    silent = info.defaults()
    for name in info.model.model_fields:
        if name in info.unites:
            key_of = info.unites[name]
            kept = {key_of(item): item for item in lock.get(name, ())}
            ended = set(lock.get(info.ended_by.get(name, ""), ()))
            for index, item in enumerate(config.get(name, ())):
                if kept.get(key_of(item), item) != item or (ended and item["name"] in ended):
                    yield f"/{name}/{index}"
        else:
            nothing = silent.get(name)
            said, wanted = lock.get(name, nothing), config.get(name, nothing)
            if said != nothing and wanted not in (nothing, said):
                yield f"/{name}"
