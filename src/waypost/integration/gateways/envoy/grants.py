"""The book of grants: serialised credentials per API, kept by deltas."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from waypost.contracts.ir import Grant, GrantDelta, Plan
from waypost.contracts.vocab import CredentialKind, GrantState
from waypost.integration.gateways.envoy.filters import key_auth, labels
from waypost.integration.gateways.envoy.shards import Shards

PlanOf = Callable[[str, str], Plan | None]


@dataclass(slots=True)
class Touched:
    """What a delta changed: APIs whose credentials differ, shards whose keys differ."""

    apis: set[str] = field(default_factory=set)
    shards: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _ApiGrants:
    """The grants of one API. Two subscriptions of one application may hold the same key: then a live one decides."""

    by_key: dict[str, dict[str, Grant]] = field(default_factory=dict)
    framed: dict[str, bytes] = field(default_factory=dict)

    def deciding(self, key: str) -> Grant:
        """The grant that a call with ``key`` counts for."""
        grants = self.by_key[key].values()
        return min(grants, key=lambda grant: (grant.state is not GrantState.LIVE, grant.id))


class GrantBook:
    """All grants of one gateway. ``plan_of(api_id, plan_id)`` gives the limits that a label carries."""

    def __init__(self, plan_of: PlanOf) -> None:
        self.revision = 0
        self.shards = Shards()
        self._plan_of = plan_of
        self._grants: dict[str, Grant] = {}
        self._apis: dict[str, _ApiGrants] = {}

    def __len__(self) -> int:
        return len(self._grants)

    def apply(self, delta: GrantDelta) -> Touched:
        """Take a delta in; says what has to be sent."""
        touched = Touched()
        if delta.full:
            for grant_id in set(self._grants) - {grant.id for grant in delta.upsert}:
                self._drop(grant_id, touched)
        for grant_id in delta.remove:
            self._drop(grant_id, touched)
        for grant in delta.upsert:
            self._put(grant, touched)
        self.revision = delta.revision
        return touched

    def credentials(self, api_id: str) -> Iterable[bytes]:
        """Framed credentials of one API."""
        held = self._apis.get(api_id)
        return held.framed.values() if held else ()

    def relabel(self, api_id: str) -> None:
        """Serialise an API's credentials anew, after its plans changed."""
        held = self._apis.get(api_id)
        for key in held.by_key if held else ():
            self._frame(api_id, key)

    def _put(self, grant: Grant, touched: Touched) -> None:
        known = self._grants.get(grant.id)
        if known == grant:
            return
        if known is not None:
            self._drop(grant.id, touched)
        if grant.kind is not CredentialKind.KEY:
            return  # a fingerprint or a client id is public and must not pass for a key
        key = grant.key.reveal()
        self._grants[grant.id] = grant
        held = self._apis.setdefault(grant.api_id, _ApiGrants())
        held.by_key.setdefault(key, {})[grant.id] = grant
        touched.shards.update(self.shards.add(key))
        self._frame(grant.api_id, key)
        touched.apis.add(grant.api_id)

    def _drop(self, grant_id: str, touched: Touched) -> None:
        grant = self._grants.pop(grant_id, None)
        if grant is None:
            return
        key, held = grant.key.reveal(), self._apis[grant.api_id]
        del held.by_key[key][grant_id]
        touched.shards.update(self.shards.remove(key))
        self._frame(grant.api_id, key)
        touched.apis.add(grant.api_id)

    def _frame(self, api_id: str, key: str) -> None:
        held = self._apis[api_id]
        if not held.by_key[key]:
            del held.by_key[key]
            held.framed.pop(key, None)
            return
        grant = held.deciding(key)
        held.framed[key] = key_auth.credential(key, labels.client_label(grant, self._plan_of(api_id, grant.plan_id)))
