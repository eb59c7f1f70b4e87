"""What the engine runs, API by API, and how single pieces of it are replaced."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from waypost.contracts.ir import ApiIR, GatewaySettings, Plan
from waypost.integration.gateways.envoy import clusters, resources, routes
from waypost.integration.gateways.envoy.filters import (
    authentication,
    labels,
    limiters,
    not_subscribed,
    rate_limit,
    units,
)
from waypost.integration.gateways.envoy.grants import GrantBook
from waypost.integration.gateways.envoy.names import CLUSTER, EXTENSION, ROUTES, SCOPES
from waypost.integration.gateways.envoy.xds import AdsServer, Item


@dataclass(frozen=True, slots=True)
class Held:
    """One API as compiled: ``targets`` are where its calls go, by cluster; ``revision`` is that of the grants that its
    acknowledged configuration holds.
    """

    api: ApiIR
    content_hash: str
    skeleton: bytes
    targets: Mapping[str, clusters.Target]
    revision: int = 0


class LiveState:
    """The engine's resources. Every method that sends returns "" or the engine's reason for refusing."""

    def __init__(self, ads: AdsServer, *, probe_token: str) -> None:
        self.ads = ads
        self.apis: dict[str, Held] = {}
        self.plans: dict[str, tuple[Plan, ...]] = {}
        self.book = GrantBook(self._labels_of)
        self.classes: frozenset[rate_limit.Staged] = frozenset()
        self.weighed: dict[str, tuple[limiters.Weighed, ...]] = {}
        self.dirty: dict[str, int] = {}
        self.settings = GatewaySettings()
        self._probe_token = probe_token
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def compile(self, api: ApiIR, content_hash: str) -> Held:
        """Translate an API; ValueError says what cannot be translated."""
        skeleton = routes.skeleton(api, self.book.shards.width, self.settings)
        return Held(api=api, content_hash=content_hash, skeleton=skeleton, targets=clusters.of_api(api))

    @property
    def segments(self) -> dict[str, str]:
        """First path segment to API id."""
        return {held.api.base_path.removeprefix("/"): held.api.id for held in self.apis.values()}

    def set_plans(self, api_id: str, plans: tuple[Plan, ...]) -> None:
        """Let credentials of this API carry these plans' limits."""
        if self.plans.get(api_id) != plans:
            self.plans[api_id] = plans
            self.book.relabel(api_id)

    async def replace_routes(self, held: Held) -> str:
        """Bring an API's routes and present credentials into force."""
        api_id = held.api.id
        async with self._locks[api_id]:
            seen = self.dirty.get(api_id)
            current = replace(held, revision=self.book.revision)
            error = await self.ads.put(ROUTES, {api_id: self._item(current)})
            if not error:
                self.apis[api_id] = current
                if self.dirty.get(api_id) == seen:
                    self.dirty.pop(api_id, None)
            return error

    async def refresh(self, api_id: str) -> str:
        """Send an API's present credentials, if it is live and they changed."""
        held = self.apis.get(api_id)
        return await self.replace_routes(held) if held and api_id in self.dirty else ""

    async def replace_scopes(self, upsert: Iterable[ApiIR], remove: Iterable[str]) -> str:
        """Point first path segments to APIs, all in one response."""
        items = {api.id: _item(routes.scope(api)) for api in upsert}
        gone = tuple(remove)
        return await self.ads.put(SCOPES, items, gone) if items or gone else ""

    async def ensure_classes(
        self, wanted: frozenset[rate_limit.Staged], weighed: Mapping[str, tuple[limiters.Weighed, ...]]
    ) -> str:
        """Know these rate classes. Classes are never taken back: a change of a place's set refills its buckets.

        ``weighed`` are the limits of APIs that weigh their operations, empty for those that do not.
        """
        classes = self.classes | wanted
        heavy = {api_id: limits for api_id, limits in {**self.weighed, **weighed}.items() if limits}
        if (classes, heavy) == (self.classes, self.weighed):
            return ""
        made = {name: _item(payload) for name, payload in limiters.extensions(classes, heavy).items()}
        items = {name: item for name, item in made.items() if not _same(self.ads.get(EXTENSION, name), item)}
        error = await self.ads.put(EXTENSION, items) if items else ""
        if not error:
            self.classes, self.weighed = classes, heavy
        return error

    async def ensure_clusters(self, wanted: dict[str, clusters.Target]) -> dict[str, str]:
        """Add missing clusters, each in a response of its own; reasons of those refused, by name."""
        missing = [name for name in wanted if self.ads.get(CLUSTER, name) is None]
        errors = await asyncio.gather(*(self._add_cluster(name, wanted[name]) for name in missing))
        return {name: error for name, error in zip(missing, errors, strict=True) if error}

    async def drop_unused_clusters(self) -> None:
        """Remove clusters that no live API names any more."""
        used = set[str]().union(*(held.targets for held in self.apis.values()))
        unused = self.ads.names(CLUSTER) - used
        if unused:
            await self.ads.put(CLUSTER, {}, sorted(unused))

    def forget(self, api_id: str) -> None:
        """Drop an API that has no scope any more."""
        self.apis.pop(api_id, None)
        self.plans.pop(api_id, None)
        self.dirty.pop(api_id, None)
        self.ads.discard(ROUTES, api_id)

    async def replace_shards(self, touched: Iterable[str]) -> str:
        """Bring shards of known keys into force; empty ones disappear."""
        present = [shard for shard in touched if shard in self.book.shards]
        gone = [shard for shard in touched if shard not in self.book.shards]
        return await self._upsert_shards(present) or await self._remove_shards(gone)

    def change_settings(self, settings: GatewaySettings) -> None:
        """Compile anew where routes hold something of the settings."""
        before, self.settings = self.settings, settings
        if settings.max_request_bytes != before.max_request_bytes:
            self.recompile()

    def recompile(self) -> None:
        """Compile every API anew and mark it as due, for another shard width or other headers."""
        for api_id, held in self.apis.items():
            self.apis[api_id] = replace(self.compile(held.api, held.content_hash), revision=held.revision)
            self.dirty[api_id] = -1

    async def _upsert_shards(self, shards: list[str]) -> str:
        pending = [
            self.ads.begin(ROUTES, {not_subscribed.resource_name(shard): self._shard_item(shard)}) for shard in shards
        ]
        new = {not_subscribed.resource_name(shard): _item(not_subscribed.scope(shard)) for shard in shards}
        new = {name: item for name, item in new.items() if self.ads.get(SCOPES, name) is None}
        error = await self.ads.put(SCOPES, new) if new else ""
        errors = await asyncio.gather(*(self.ads.wait(change) for change in pending))
        return error or next(filter(None, errors), "")

    async def _remove_shards(self, shards: list[str]) -> str:
        names = [not_subscribed.resource_name(shard) for shard in shards]
        known = [name for name in names if self.ads.get(SCOPES, name) is not None]
        error = await self.ads.put(SCOPES, {}, known) if known else ""
        for name in names:
            self.ads.discard(ROUTES, name)
        return error

    async def _add_cluster(self, name: str, aim: clusters.Target) -> str:
        return await self.ads.put(CLUSTER, {name: _item(clusters.cluster(aim))})

    def _item(self, held: Held) -> Item:
        payload = resources.route_configuration(
            held.api,
            held.skeleton,
            self.book.credentials(held.api.id, authentication.kinds(held.api)),
            token=self._probe_token,
            content_hash=held.content_hash,
            revision=held.revision,
        )
        return _item(payload)

    def _shard_item(self, shard: str) -> Item:
        return _item(not_subscribed.routes(shard, self.book.shards.credentials(shard)))

    def unit_of(self, api_id: str, plan_id: str) -> str:
        """The response header that a plan counts by, or an empty string."""
        return units.header_of(next((plan for plan in self.plans.get(api_id, ()) if plan.id == plan_id), None))

    def _labels_of(self, api_id: str) -> labels.Labels:
        return labels.of_plans(self.plans.get(api_id, ()))


def _same(sent: Item | None, item: Item) -> bool:
    return sent is not None and sent.payload == item.payload


def _item(payload: bytes) -> Item:
    """A resource whose version is its content, so that an engine that reconnects is sent only what differs."""
    return Item(version=hashlib.blake2b(payload, digest_size=12).hexdigest(), payload=payload)
