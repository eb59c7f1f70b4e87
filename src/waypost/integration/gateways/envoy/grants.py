"""The book of grants: serialised credentials per API, kept by deltas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from itertools import chain

from waypost.contracts.ir import Grant, GrantDelta
from waypost.contracts.vocab import CredentialKind, GrantState
from waypost.integration.gateways.envoy.filters import basic, jwt, key_auth, labels, mtls
from waypost.integration.gateways.envoy.shards import Shards

LabelsOf = Callable[[str], labels.Labels]
Value = tuple[CredentialKind, str]
_KINDS: dict[CredentialKind, Callable[[str], str]] = {
    CredentialKind.KEY: str,
    CredentialKind.BASIC: basic.looked_up,
    CredentialKind.CLIENT: jwt.looked_up,
    CredentialKind.CERTIFICATE: mtls.looked_up,
}


def looked_up(grant: Grant) -> Value:
    """The text by which an API's look-up knows a grant: each kind has its own, so that none passes for another."""
    return grant.kind, _KINDS[grant.kind](grant.key.reveal())


@dataclass(slots=True)
class Touched:
    """What a delta changed: APIs whose credentials differ, shards whose keys differ."""

    apis: set[str] = field(default_factory=set)
    shards: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _ApiGrants:
    """The grants of one API. Two subscriptions of one application may hold the same key: then a live one decides."""

    by_value: dict[Value, dict[str, Grant]] = field(default_factory=dict)
    framed: defaultdict[CredentialKind, dict[str, bytes]] = field(default_factory=lambda: defaultdict(dict))

    def deciding(self, value: Value) -> Grant:
        """The grant that a call with ``value`` counts for."""
        grants = self.by_value[value].values()
        return min(grants, key=lambda grant: (grant.state is not GrantState.LIVE, grant.id))


class GrantBook:
    """All grants of one gateway. ``labels_of(api_id)`` tells how the labels of an API look."""

    def __init__(self, labels_of: LabelsOf) -> None:
        self.revision = 0
        self.shards = Shards()
        self._labels_of = labels_of
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

    def credentials(self, api_id: str, kinds: Collection[CredentialKind] = (CredentialKind.KEY,)) -> Iterable[bytes]:
        """Framed credentials of one API; a value counts only where its kind is asked for."""
        held = self._apis.get(api_id)
        return chain.from_iterable(held.framed[kind].values() for kind in kinds) if held else ()

    def relabel(self, api_id: str) -> None:
        """Serialise an API's credentials anew, after its plans changed."""
        held = self._apis.get(api_id)
        for value in held.by_value if held else ():
            self._frame(api_id, value)

    def _put(self, grant: Grant, touched: Touched) -> None:
        known = self._grants.get(grant.id)
        if known == grant:
            return
        if known is not None:
            self._drop(grant.id, touched)
        value = looked_up(grant)
        self._grants[grant.id] = grant
        held = self._apis.setdefault(grant.api_id, _ApiGrants())
        held.by_value.setdefault(value, {})[grant.id] = grant
        if grant.kind is CredentialKind.KEY:
            touched.shards.update(self.shards.add(value[1], grant.credential_id))
        self._frame(grant.api_id, value)
        touched.apis.add(grant.api_id)

    def _drop(self, grant_id: str, touched: Touched) -> None:
        grant = self._grants.pop(grant_id, None)
        if grant is None:
            return
        value, held = looked_up(grant), self._apis[grant.api_id]
        del held.by_value[value][grant_id]
        if grant.kind is CredentialKind.KEY:
            touched.shards.update(self.shards.remove(value[1], grant.credential_id))
        self._frame(grant.api_id, value)
        touched.apis.add(grant.api_id)

    def _frame(self, api_id: str, value: Value) -> None:
        held, (kind, key) = self._apis[api_id], value
        if not held.by_value[value]:
            del held.by_value[value]
            held.framed[kind].pop(key, None)
            return
        grant = held.deciding(value)
        held.framed[kind][key] = key_auth.credential(key, self._labels_of(api_id).of(grant))
