"""What a gateway follows: desired APIs and grants as JSON lines, from what it holds to what it shall hold.

The event log is the truth: whatever changes a gateway's state appends an event in the same transaction, so a head that
has not moved means nothing to do, on every replica. The pulse after a commit is only speed. Grants go first and never
wait for a compile, unless they name a plan that the gateway has not heard of yet.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from waypost.application.context import Principal
from waypost.application.gateways.grants import Encoded, Place, delta_pieces, needs_full, read_page
from waypost.application.gateways.reading import CompiledGateway, read_compiled
from waypost.application.gateways.receipts import ReceiptService
from waypost.application.gateways.wire import apis_line, ping_line
from waypost.application.parts import Parts
from waypost.application.work import open_context
from waypost.contracts.agent import StreamRequest
from waypost.information.repos.gateways import End, FeedRepo, GatewayRepo

log = structlog.get_logger("gateways.stream")
POLL_SECONDS = 1.0
PING_SECONDS = 5.0
_MOST_APART = 50
_MOST_NAMED = 20
_OF_GRANTS = ("app.", "credential.", "subscription.", "grant.", "quota.")
_ROUTELESS = (
    *_OF_GRANTS,
    "user.",
    "session.",
    "token.",
    "team.",
    "membership.",
    "login.",
)
_ROUTELESS_KINDS = frozenset(
    {
        "deployment.live",
        "deployment.quarantined",
        "deployment.withdrawn",
        "gateway.enrolled",
        "gateway.created",
        "gateway.capabilities",
    }
)


def concerns_routes(kind: str) -> bool:
    """Whether an event may change what gateways route. Unknown kinds do: a needless compile is only slow."""
    return not kind.startswith(_ROUTELESS) and kind not in _ROUTELESS_KINDS


def _concerned(events: Sequence[Any]) -> frozenset[str] | None:
    """APIs whose routes the events may have changed; None where it may be any."""
    found = {event.api_id for event in events if concerns_routes(event.kind)}
    return None if None in found or len(found) > _MOST_APART else frozenset(found)


def _requests(events: Sequence[Any]) -> tuple[str, ...]:
    """Ids of the requests behind what gateways hear of."""
    told = (event for event in events if concerns_routes(event.kind) or event.kind.startswith(_OF_GRANTS))
    return tuple(dict.fromkeys(event.request_id for event in told if event.request_id))[:_MOST_NAMED]


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at the store found; ``apis`` are those whose routes may differ, None stands for any.

    They are ``compiled`` already where there is nothing else to tell.
    """

    end: End
    apis: frozenset[str] | None
    requests: tuple[str, ...]
    full: bool
    page: Encoded
    following: Place | None
    compiled: CompiledGateway | None


@dataclass(slots=True)
class GatewayStream:
    """One open stream. ``known`` and ``grants`` are what the gateway holds once all lines have arrived.

    ``mark`` came with the grants that it held at first.
    """

    parts: Parts
    gateway: Principal
    credential_hash: str
    known: dict[str, str]
    settings_hash: str
    grants: int
    mark: str = ""
    head: int = -1
    at: datetime | None = None
    plans: set[str] = field(default_factory=set)
    confirmed: bool = False
    narrowed: bool = False
    broken: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, parts: Parts, gateway: Principal, credential_hash: str, request: StreamRequest) -> GatewayStream:
        """A stream that goes on from what the gateway says it holds."""
        grants, mark = request.grants_revision, request.grants_mark
        return cls(parts, gateway, credential_hash, dict(request.apis), request.settings_hash, grants, mark)

    async def lines(self) -> AsyncIterator[bytes]:
        """Pieces of lines, for ever; ends when the gateway's credential is no longer valid."""
        pinged = self.parts.clock.now()
        while True:
            seen = self.parts.changed.version
            async for piece in self._news():
                yield piece
            now = self.parts.clock.now()
            if (now - pinged).total_seconds() >= PING_SECONDS:
                if not await self._still_welcome():
                    return
                pinged = now
                yield ping_line(now.timestamp())
                if self.narrowed:  # whatever an event did not name is found here
                    for line in await self._routes():
                        yield line
            await self.parts.changed.wait(seen, timeout=POLL_SECONDS)

    async def _news(self) -> AsyncIterator[bytes]:
        """What changed since the last look. Every read is a short transaction; none is open while a line leaves."""
        look = await self._look()
        if look is None:
            return
        first = self.head < 0
        (self.head, mark, self.at), apis = look.end, look.apis
        if first or not look.page.plan_ids <= self.plans:
            for line in await self._routes(always=first, requests=look.requests):
                yield line
            apis = frozenset()
        if look.full or look.page.upsert or look.page.remove:
            pieces = delta_pieces(
                self.parts,
                self.gateway,
                look.page,
                look.following,
                since=0 if look.full else self.grants,
                upto=self.head,
                mark=mark,
                full=look.full,
                requests=look.requests,
            )
            async for piece in pieces:
                yield piece
            self.grants = self.head
        if apis is None or apis:
            for line in await self._routes(apis, look.compiled, requests=look.requests):
                yield line

    async def _look(self) -> _Look | None:
        """The first page of grants and whose routes are concerned; None when the log has not moved."""
        async with open_context(self.parts, self.gateway, write=False) as ctx:
            feed = FeedRepo(ctx.session)
            end = await feed.end()
            if end.seq == self.head:
                return None
            first = self.head < 0
            events = () if first else await feed.happened(after=self.head)
            apis = None if first else _concerned(events)
            full = first and await needs_full(ctx, since=self.grants, mark=self.mark, head=end.seq)
            after = (0 if full else self.grants + 1, "")
            page, following = await read_page(ctx, self.gateway.id, after=after, upto=end.seq, full=full)
            only_routes = bool(apis) and not (page.upsert or page.remove)
            compiled = await read_compiled(ctx, self.gateway.id, api_ids=apis) if only_routes else None
            return _Look(end, apis, _requests(events), full, page, following, compiled)

    async def _routes(
        self,
        api_ids: frozenset[str] | None = None,
        compiled: CompiledGateway | None = None,
        *,
        always: bool = False,
        requests: tuple[str, ...] = (),
    ) -> list[bytes]:
        """The line that brings these APIs (or all) up to date on the gateway, if there is a difference."""
        if compiled is None:
            async with open_context(self.parts, self.gateway, write=False) as ctx:
                compiled = await read_compiled(ctx, self.gateway.id, api_ids=api_ids)
        confirmed = compiled.deletes_until is not None and compiled.deletes_until > self.parts.clock.now()
        self.narrowed = api_ids is not None
        await self._put_aside(compiled.broken, api_ids)
        self.plans = compiled.plan_ids() | (self.plans if self.narrowed else set())
        upsert = [item for key, item in compiled.apis.items() if self.known.get(key) != item.content_hash]
        asked = self.known if api_ids is None else self.known.keys() & api_ids
        remove = [key for key in asked if key not in compiled.apis and key not in compiled.broken]
        same = not upsert and not remove and compiled.settings_hash == self.settings_hash
        if same and confirmed == self.confirmed and not always:
            return []
        self._holds(compiled, remove)
        self.confirmed = confirmed
        line = apis_line(
            generation=self.head,
            settings=compiled.settings,
            upsert=upsert,
            remove=remove,
            published_at=self.at.timestamp() if self.at else 0.0,
            guard_confirmed=confirmed,
            requests=requests,
        )
        return [line]

    async def _put_aside(self, broken: dict[str, str], api_ids: frozenset[str] | None) -> None:
        """Tell the authors of what does not compile, once."""
        news = {key: reason for key, reason in broken.items() if self.broken.get(key) != reason}
        others = {} if api_ids is None else {key: item for key, item in self.broken.items() if key not in api_ids}
        self.broken = {**others, **broken}
        if news:
            async with open_context(self.parts, self.gateway, write=True) as ctx:
                await ReceiptService().put_aside(ctx, self.gateway.id, news)
                await ctx.uow.commit()

    def _holds(self, compiled: CompiledGateway, removed: list[str]) -> None:
        for key in removed:
            del self.known[key]
        self.known.update({key: item.content_hash for key, item in compiled.apis.items()})
        self.settings_hash = compiled.settings_hash

    async def _still_welcome(self) -> bool:
        async with open_context(self.parts, self.gateway, write=False) as ctx:
            row = await GatewayRepo(ctx.session).find(self.gateway.id)
            return row is not None and row.credential_hash == self.credential_hash
