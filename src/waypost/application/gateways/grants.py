"""Grants on their way to a gateway: what changed after a revision, as one line of JSON in pieces.

The grants' path never compiles routes. Keys are opened once per process and remembered, because one key may stand in
hundreds of grants and a reconnecting gateway may ask for all of them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from anyio import to_thread

from waypost.application.context import Context, Principal
from waypost.application.gateways.wire import grant_json, grants_head, grants_tail
from waypost.application.parts import Parts
from waypost.application.work import open_context
from waypost.contracts.vocab import GrantState
from waypost.information.repos.gateways import FeedRepo
from waypost.information.repos.grants import GrantRepo
from waypost.information.secrets import KeyRing, SecretUnreadable

log = structlog.get_logger("gateways.grants")
Place = tuple[int, str]
"""Revision and id of the last grant that was read."""
PAGE = 4000
TOMBSTONES_KEPT = timedelta(days=7)
FULL_AFTER = timedelta(days=6)
"""A gateway that was away longer gets everything: the tombstones it would need may be gone."""


@dataclass(slots=True)
class OpenKeys:
    """Opened keys by credential, bounded; the least recently used are forgotten."""

    limit: int = 200_000
    _keys: OrderedDict[str, tuple[str, str]] = field(default_factory=OrderedDict)

    def open(self, keyring: KeyRing, credential_id: str, sealed: str, digest: str) -> str:
        """The key's value. ``digest`` is its hash: a remembered value of another key is never used."""
        known = self._keys.get(credential_id)
        if known is not None and known[0] == digest:
            self._keys.move_to_end(credential_id)
            return known[1]
        value = keyring.open(sealed).reveal()
        self._keys[credential_id] = (digest, value)
        if len(self._keys) > self.limit:
            self._keys.popitem(last=False)
        return value


OPEN_KEYS = OpenKeys()


@dataclass(slots=True)
class Encoded:
    """A page of grants, ready to send."""

    upsert: list[bytes] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    plan_ids: set[str] = field(default_factory=set)


async def needs_full(ctx: Context, *, since: int, mark: str, head: int) -> bool:
    """True where a delta from ``since`` cannot be trusted: nothing held, a future revision, or away for too long.

    Or a revision of another history: this hub was restored from a backup and has counted past it since.
    """
    if since <= 0 or since > head:
        return True
    feed = FeedRepo(ctx.session)
    if mark and mark != await feed.mark(since):
        return True
    at = await feed.at(since)
    return at is None or ctx.clock.now() - at > FULL_AFTER


async def read_page(
    ctx: Context, gateway_id: str, *, after: Place, upto: int, full: bool
) -> tuple[Encoded, Place | None]:
    """A page of changes and where the next one begins (None: that was all)."""
    rows = await GrantRepo(ctx.session).changes(gateway_id, after=after, upto=upto, limit=PAGE, removed=not full)
    if not rows:
        return Encoded(), None
    if len(rows) < 50:
        encoded = encode(ctx.parts.keyring, rows)
    else:
        encoded = await to_thread.run_sync(encode, ctx.parts.keyring, rows)
    more = len(rows) == PAGE
    return encoded, (rows[-1].revision, rows[-1].id) if more else None


def encode(keyring: KeyRing, rows: Any) -> Encoded:
    """Rows of :meth:`GrantRepo.changes` as JSON. What cannot be opened is taken away rather than left standing."""
    page = Encoded()
    for row in rows:
        if row.state == GrantState.REVOKED or row.sealed is None:
            page.remove.append(row.id)
            continue
        try:
            key = OPEN_KEYS.open(keyring, row.credential_id, row.sealed, row.key_sha256)
        except SecretUnreadable:
            log.error("grant.unreadable", grant=row.id, credential=row.credential_id)
            page.remove.append(row.id)
            continue
        page.upsert.append(grant_json(row, key))
        page.plan_ids.add(row.plan_version_id)
    return page


async def delta_pieces(
    parts: Parts,
    gateway: Principal,
    page: Encoded,
    following: Place | None,
    *,
    since: int,
    upto: int,
    mark: str,
    full: bool,
    requests: Sequence[str],
) -> AsyncIterator[bytes]:
    """One GrantsMessage in pieces, beginning with the page that was read already.

    Each further page is read in a transaction of its own: a slow reader holds none. A grant that changes meanwhile has
    a revision after ``upto`` and comes with the next message.
    """
    removed = [] if full else list(page.remove)
    yield grants_head(since=since, full=full, requests=requests) + b",".join(page.upsert)
    begun = bool(page.upsert)
    while following is not None:
        async with open_context(parts, gateway, write=False) as ctx:
            page, following = await read_page(ctx, gateway.id, after=following, upto=upto, full=full)
        removed += [] if full else page.remove
        if page.upsert:
            yield (b"," if begun else b"") + b",".join(page.upsert)
            begun = True
    yield grants_tail(revision=upto, mark=mark, remove=removed)


async def forget_tombstones(ctx: Context) -> int:
    """Delete some tombstones that no gateway can still ask for (see FULL_AFTER); how many."""
    before = await FeedRepo(ctx.session).last_before(ctx.clock.now() - TOMBSTONES_KEPT)
    return await GrantRepo(ctx.session).forget_tombstones(before_revision=before, limit=PAGE) if before else 0
