"""A delta ADS server for one engine (envoyproxy.io: "xDS REST and gRPC protocol", incremental variant).

The server holds what the engine shall have; :meth:`AdsServer.put` sends changes and returns when the engine
acknowledged or refused them. A refused resource falls back to its last accepted bytes, so an engine that
restarts gets only what was good.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc
import structlog
from envoy.service.discovery.v3 import ads_pb2_grpc, discovery_pb2
from google.protobuf import any_pb2

from waypost.contracts.drivers import TemporaryError
from waypost.kit.watch import Signal

ACK_SECONDS = 20.0
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Item:
    """One resource: its version and serialised bytes."""

    version: str
    payload: bytes


@dataclass(slots=True)
class _Change:
    """One response's worth of changes, waiting for the engine's word. ``error`` is empty after an ACK."""

    type_url: str
    upsert: dict[str, Item]
    remove: tuple[str, ...]
    done: asyncio.Future[str]


@dataclass(slots=True)
class _Subscription:
    wildcard: bool = False
    names: set[str] = field(default_factory=set)

    def wants(self, name: str) -> bool:
        return self.wildcard or name in self.names


class _Stream:
    """One connection of the engine."""

    def __init__(self) -> None:
        self.outgoing: asyncio.Queue[Any] = asyncio.Queue()
        self.subscriptions: dict[str, _Subscription] = {}
        self.waiting: dict[str, list[_Change]] = {}
        self._nonces = itertools.count(1)

    def send(self, type_url: str, items: Mapping[str, Item], removed: Iterable[str], changes: list[_Change]) -> None:
        nonce = str(next(self._nonces))
        response = discovery_pb2.DeltaDiscoveryResponse(type_url=type_url, nonce=nonce, removed_resources=removed)
        for name, item in items.items():
            resource = response.resources.add(name=name, version=item.version)
            resource.resource.CopyFrom(any_pb2.Any(type_url=type_url, value=item.payload))
        self.waiting[nonce] = changes
        self.outgoing.put_nowait(response)


class AdsServer(ads_pb2_grpc.AggregatedDiscoveryServiceServicer):  # type: ignore[misc]
    """Serves one engine over a unix socket that only this user may open."""

    def __init__(self, socket_path: str) -> None:
        self._socket_path = socket_path
        self._items: dict[str, dict[str, Item]] = {}
        self._unsent: dict[tuple[str, str], _Change] = {}
        self._stream: _Stream | None = None
        self._server: Any = None
        self.connections = Signal()

    @property
    def connected(self) -> bool:
        """True while an engine holds a stream."""
        return self._stream is not None

    async def start(self) -> None:
        """Listen on the socket."""
        self._server = grpc.aio.server(options=[("grpc.max_receive_message_length", -1)])
        ads_pb2_grpc.add_AggregatedDiscoveryServiceServicer_to_server(self, self._server)
        self._server.add_insecure_port(f"unix:{self._socket_path}")
        await self._server.start()

    async def stop(self) -> None:
        """Close the socket and every stream."""
        if self._server is not None:
            await self._server.stop(grace=0.2)
            self._server = None

    def get(self, type_url: str, name: str) -> Item | None:
        """What the engine has, or shall have, under this name."""
        return self._items.get(type_url, {}).get(name)

    def names(self, type_url: str) -> set[str]:
        """Names of all resources of a type."""
        return set(self._items.get(type_url, {}))

    def preset(self, type_url: str, items: Mapping[str, Item]) -> None:
        """Set resources without waiting, before the engine is there."""
        self._items.setdefault(type_url, {}).update(items)

    def discard(self, type_url: str, name: str) -> None:
        """Forget a resource that the engine no longer asks for; nothing is sent."""
        self._items.get(type_url, {}).pop(name, None)

    async def put(self, type_url: str, upsert: Mapping[str, Item], remove: Iterable[str] = ()) -> str:
        """Send one response; "" when the engine accepted it, else its reason (and the old resources stand again).

        A resource that the engine did not ask for yet is sent when it does. TemporaryError when there is no
        engine, it goes away, or it says nothing for 20 seconds; the old resources stand again then too.
        """
        return await self.wait(self.begin(type_url, upsert, remove))

    def begin(self, type_url: str, upsert: Mapping[str, Item], remove: Iterable[str] = ()) -> PendingChange:
        """Send like :meth:`put`, and let the caller wait later."""
        if self._stream is None:
            raise TemporaryError("the engine is not connected")
        held = self._items.setdefault(type_url, {})
        change = _Change(type_url, dict(upsert), tuple(remove), asyncio.get_running_loop().create_future())
        before = {name: held.get(name) for name in (*change.upsert, *change.remove)}
        held.update(change.upsert)
        for name in change.remove:
            held.pop(name, None)
        self._send(self._stream, change)
        return PendingChange(change, before)

    async def wait(self, pending: PendingChange) -> str:
        """The engine's word on a change begun before."""
        change = pending.change
        try:
            error = await asyncio.wait_for(change.done, ACK_SECONDS)
        except TimeoutError as timeout:
            self._restore(pending)
            raise TemporaryError("the engine did not answer a configuration change in time") from timeout
        except TemporaryError:
            self._restore(pending)
            raise
        if error:
            self._restore(pending)
        return error

    async def DeltaAggregatedResources(  # noqa: N802  (the service's name)
        self, requests: AsyncIterator[Any], context: Any
    ) -> AsyncIterator[Any]:
        """The stream of one engine; a new one takes the place of an old one."""
        stream = _Stream()
        self._break(self._stream)
        self._stream = stream
        reader = asyncio.create_task(self._read(stream, requests))
        self.connections.pulse()
        try:
            while (response := await stream.outgoing.get()) is not None:
                yield response
        finally:
            reader.cancel()
            if self._stream is stream:
                self._stream = None
            self._break(stream)
            self.connections.pulse()

    async def _read(self, stream: _Stream, requests: AsyncIterator[Any]) -> None:
        try:
            async for request in requests:
                self._receive(stream, request)
        finally:
            stream.outgoing.put_nowait(None)

    def _receive(self, stream: _Stream, request: Any) -> None:
        if request.response_nonce:
            self._settle(stream, request)
        first = request.type_url not in stream.subscriptions
        subscription = stream.subscriptions.setdefault(request.type_url, _Subscription())
        asked = set(request.resource_names_subscribe)
        subscription.names -= set(request.resource_names_unsubscribe)
        if (first and not asked) or "*" in asked:
            subscription.wildcard = True
            self._initial(stream, request.type_url, None, dict(request.initial_resource_versions))
        elif asked:
            subscription.names |= asked
            self._initial(stream, request.type_url, asked, dict(request.initial_resource_versions))

    def _settle(self, stream: _Stream, request: Any) -> None:
        error = request.error_detail.message if request.HasField("error_detail") else ""
        changes = stream.waiting.pop(request.response_nonce, [])
        if error:
            log.warning("engine.refused", type=request.type_url.rpartition(".")[2], reason=error[:500])
        for change in changes:
            if not change.done.done():
                change.done.set_result(error)

    def _initial(self, stream: _Stream, type_url: str, names: set[str] | None, known: dict[str, str]) -> None:
        """Answer a subscription with everything asked for that the engine does not have in this version yet."""
        held = self._items.get(type_url, {})
        wanted = {name: held[name] for name in (held if names is None else names & held.keys())}
        gone = [name for name in known if name not in held]
        changed = {name: item for name, item in wanted.items() if known.get(name) != item.version}
        if names is None:
            stream.send(type_url, changed, gone, self._due(type_url, changed))
            return
        # One response each: a refusal must name its one resource.
        for name, item in changed.items():
            stream.send(type_url, {name: item}, (), self._due(type_url, (name,)))
        if gone:
            stream.send(type_url, {}, gone, [])

    def _due(self, type_url: str, names: Iterable[str]) -> list[_Change]:
        """Changes that waited for the engine to ask for these resources."""
        found = [self._unsent.pop((type_url, name), None) for name in names]
        return [change for change in found if change is not None]

    def _send(self, stream: _Stream, change: _Change) -> None:
        subscription = stream.subscriptions.get(change.type_url, _Subscription())
        wanted = {name: item for name, item in change.upsert.items() if subscription.wants(name)}
        removed = [name for name in change.remove if subscription.wants(name)]
        if wanted or removed:
            stream.send(change.type_url, wanted, removed, [change])
        elif change.upsert:
            self._unsent.update({(change.type_url, name): change for name in change.upsert})
        else:
            change.done.set_result("")

    def _restore(self, pending: PendingChange) -> None:
        held = self._items[pending.change.type_url]
        for name, item in pending.before.items():
            if held.get(name) is not pending.change.upsert.get(name):
                continue
            held.pop(name, None)
            if item is not None:
                held[name] = item

    def _break(self, stream: _Stream | None) -> None:
        if stream is None:
            return
        stream.outgoing.put_nowait(None)
        waiting = list(itertools.chain.from_iterable(stream.waiting.values()))
        for change in (*waiting, *self._unsent.values()):
            if not change.done.done():
                change.done.set_exception(TemporaryError("the engine went away during a configuration change"))
        stream.waiting.clear()
        self._unsent.clear()


@dataclass(frozen=True, slots=True)
class PendingChange:
    """A change on its way, and what stood there before."""

    change: _Change
    before: Mapping[str, Item | None]
