"""The book of grants, as entries of the map of keys: hashes only, never a key itself.

``<hash>/<kind>/<api>`` leads to the caller's label, ``<hash>`` alone to that of a key that exists somewhere. Hashes are
base64url (RFC 4648, 5), which the engine writes in a third of the instructions of its ``hex``.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

from waypost.contracts.drivers import PermanentError
from waypost.contracts.ir import Grant, GrantDelta
from waypost.contracts.vocab import CredentialKind, GrantState
from waypost.integration.gateways.haproxy.labels import label, of_stranger
from waypost.integration.gateways.holders import Holders

Changes = dict[str, tuple[str | None, str | None]]
"""Key of the map -> its value before and after, None where there is none."""


class GrantBook:
    """All grants of one gateway. Two subscriptions of one application may hold the same key: a live one decides."""

    def __init__(self) -> None:
        self.revision = 0
        self.entries: dict[str, str] = {}
        self._grants: dict[str, Grant] = {}
        self._by_entry: dict[str, dict[str, Grant]] = {}
        self._known = Holders()

    def __len__(self) -> int:
        return len(self._grants)

    def apply(self, delta: GrantDelta) -> Changes:
        """Take a delta in; says what differs in the map. PermanentError for ids that no map can hold."""
        try:
            labels = {grant.id: label(grant) for grant in delta.upsert}
        except ValueError as error:
            raise PermanentError(str(error)) from error
        touched: dict[str, None] = {}
        gone = set(self._grants) - labels.keys() if delta.full else set()
        for grant_id in (*gone, *delta.remove):
            self._drop(grant_id, touched)
        for grant in delta.upsert:
            self._put(grant, touched)
        self.revision = delta.revision
        return self._changes(touched)

    def _put(self, grant: Grant, touched: dict[str, None]) -> None:
        known = self._grants.get(grant.id)
        if known == grant:
            return
        if known is not None:
            self._drop(grant.id, touched)
        self._grants[grant.id] = grant
        entry = entry_key(grant)
        self._by_entry.setdefault(entry, {})[grant.id] = grant
        if grant.kind is CredentialKind.KEY:
            self._known.add(_digest(entry), grant.credential_id)
        touched[entry] = None

    def _drop(self, grant_id: str, touched: dict[str, None]) -> None:
        grant = self._grants.pop(grant_id, None)
        if grant is None:
            return
        entry = entry_key(grant)
        held = self._by_entry[entry]
        del held[grant_id]
        if not held:
            del self._by_entry[entry]
        if grant.kind is CredentialKind.KEY:
            self._known.remove(_digest(entry), grant.credential_id)
        touched[entry] = None

    def _changes(self, touched: dict[str, None]) -> Changes:
        found: dict[str, str | None] = {}
        for entry in touched:
            held = self._by_entry.get(entry)
            digest = _digest(entry)
            known = self._known.of(digest)
            found[entry] = label(_deciding(held)) if held else None
            found[digest] = of_stranger(known) if known else None
        changed = {key: (self.entries.get(key), value) for key, value in found.items()}
        changed = {key: (before, after) for key, (before, after) in changed.items() if before != after}
        for key, (_, value) in changed.items():
            if value is None:
                self.entries.pop(key, None)
            else:
                self.entries[key] = value
        return changed


def entry_key(grant: Grant) -> str:
    """Where a grant is looked up: each kind has its own entries, so that none passes for another."""
    return f"{hashed(grant.key_sha256)}/{grant.kind.value}/{grant.api_id}"


def _digest(entry: str) -> str:
    return entry.partition("/")[0]


def hashed(digest: str) -> str:
    """A hexadecimal SHA-256 as the engine writes it."""
    return urlsafe_b64encode(bytes.fromhex(digest)).decode().rstrip("=")


def _deciding(grants: dict[str, Grant]) -> Grant:
    return min(grants.values(), key=lambda grant: (grant.state is not GrantState.LIVE, grant.id))
