"""All policies of some APIs with the places they stand at: what resolving, checking and comparing look at."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from waypost.application.policies.drafts import Draft, as_if
from waypost.application.policies.effective import HUB, Effective, Place, resolve
from waypost.contracts.vocab import PolicyLevel
from waypost.information.repos.policies import PolicyRepo


@dataclass(frozen=True, slots=True)
class Chain:
    """One place with all above it, the nearest first; ``api_id`` is empty for the hub and for teams."""

    api_id: str
    places: tuple[Place, ...]

    @property
    def here(self) -> Place:
        """The place itself."""
        return self.places[0]


@dataclass(frozen=True, slots=True)
class Scene:
    """Chains of every API and version, of each operation at which something is set, and of a place above them.

    ``kept`` are the policies as they were when they were read (:meth:`PolicyRepo.of_apis`).
    """

    chains: tuple[Chain, ...]
    kept: tuple[Any, ...]
    defaults: Mapping[str, Mapping[str, Any]]

    def api_names(self) -> dict[str, str]:
        """API id -> its name."""
        return {chain.api_id: chain.here.name for chain in self.chains if chain.here.level == PolicyLevel.API}

    def resolved(self) -> Iterator[tuple[Chain, dict[str, Effective]]]:
        """What holds at each place."""
        by_target: dict[str, list[Any]] = {}
        for policy in self.kept:
            by_target.setdefault(policy.target_id, []).append(policy)
        for chain in self.chains:
            near = [policy for place in chain.places for policy in by_target.get(place.id, ())]
            yield chain, resolve(near, places=chain.places, defaults=self.defaults)


async def read_scenes(
    session: AsyncSession,
    api_ids: Collection[str],
    drafts: Sequence[Draft | None] = (None,),
    *,
    above: Sequence[Place] = (),
    defaults: Mapping[str, Mapping[str, Any]],
) -> list[Scene]:
    """The scene of these APIs as of this transaction, and of ``above``: a team or the hub, which may have none yet.

    One for each of ``drafts``, as that would have it; for None as it is.
    """
    repo = PolicyRepo(session)
    kept = [*await repo.of_apis(api_ids), *([] if api_ids else await repo.at([place.id for place in above]))]
    sets = [as_if(kept, draft) for draft in drafts]
    apart = {row.target_id for rows in sets for row in rows if row.level == "operation"}
    places, operations = await repo.places(api_ids), await repo.operations(sorted(apart))
    return [_scene(rows, places, operations, above, defaults) for rows in sets]


def _scene(
    rows: Sequence[Any],
    places: Sequence[Any],
    operations: Sequence[Any],
    above: Sequence[Place],
    defaults: Mapping[str, Mapping[str, Any]],
) -> Scene:
    set_apart = {row.target_id for row in rows}
    chains = _chains(places, [row for row in operations if row.id in set_apart])
    return Scene((*chains, *([Chain("", tuple(above))] if above else [])), tuple(rows), defaults)


def _chains(versions: Sequence[Any], operations: Sequence[Any]) -> Iterator[Chain]:
    seen: set[str] = set()
    below: dict[str, list[Any]] = {}
    for row in operations:
        below.setdefault(row.version_id, []).append(row)
    for row in versions:
        whole = (Place("api", row.api_id, row.api_name), Place("team", row.owner_id, row.owner_name), HUB)
        if row.api_id not in seen:
            seen.add(row.api_id)
            yield Chain(row.api_id, whole)
        if row.version_id is None:
            continue
        version = (Place("version", row.version_id, row.version_name), *whole)
        yield Chain(row.api_id, version)
        for item in below.get(row.version_id, ()):
            yield Chain(row.api_id, (Place("operation", item.id, item.key), *version))
