"""Read a gateway's state and compile it, reusing per API what has not changed since the last time.

An API's fingerprint names every row its IR is made of by revision (operations by their version's revision), so a
change of one API compiles one API, on a hub that serves hundreds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any

import orjson
import structlog
from anyio import to_thread

from waypost.application.context import Context
from waypost.application.gateways.compile import compile_api, compile_settings
from waypost.application.gateways.settings import GatewayOptions, listener_ir
from waypost.application.gateways.state import (
    ApiState,
    HubState,
    ListenerState,
    OperationState,
    PlanState,
    PolicyState,
    VersionState,
)
from waypost.application.issuers.key_sets import KeySet, key_sets
from waypost.application.policies.drafts import Draft, as_if
from waypost.application.policies.ir import issuer_ids
from waypost.application.policies.secrets import fill, redacted, unseal
from waypost.contracts.ir import ApiIR, GatewayIR, GatewaySettings
from waypost.contracts.ir.dump import content_hash, plain_hash, to_plain
from waypost.information.repos.gateway_state import GatewayStateRepo
from waypost.information.secrets import KeyRing

log = structlog.get_logger("gateways.reading")

Fingerprint = tuple[Any, ...]
_KEPT = 8192
_BATCH = 20


@dataclass(frozen=True, slots=True)
class CompiledApi:
    """One API's IR, its content hash and its JSON as it travels."""

    ir: ApiIR
    content_hash: str
    json: bytes


@dataclass(frozen=True, slots=True)
class CompiledApis:
    """APIs of a gateway, compiled. ``broken`` ones (id -> reason) do not compile; leave them as they are."""

    apis: dict[str, CompiledApi]
    broken: dict[str, str]


@dataclass(frozen=True, slots=True)
class CompiledGateway(CompiledApis):
    """A gateway's desired state, compiled. Until ``deletes_until`` a person's yes to large deletes holds."""

    gateway_id: str
    settings: GatewaySettings
    settings_hash: str
    deletes_until: datetime | None

    def ir(self) -> GatewayIR:
        """The whole IR."""
        ordered = sorted((item.ir for item in self.apis.values()), key=lambda api: (api.base_path, api.id))
        return GatewayIR(gateway_id=self.gateway_id, settings=self.settings, apis=tuple(ordered))

    def plan_ids(self) -> set[str]:
        """Every plan version that the gateway knows with this state."""
        return {plan.id for item in self.apis.values() for plan in item.ir.plans}


@dataclass(slots=True)
class CompileCache:
    """Compiled APIs by fingerprint, the least recently used forgotten. One per process; safe to lose."""

    _items: OrderedDict[Fingerprint, CompiledApi] = field(default_factory=OrderedDict)
    _beneath: CompileCache | None = None

    def get(self, key: Fingerprint) -> CompiledApi | None:
        """The compiled API, if it is still there."""
        found = self._items.get(key)
        if found is not None:
            self._items.move_to_end(key)
        elif self._beneath is not None:
            found = self._beneath.get(key)
        return found

    def put(self, key: Fingerprint, value: CompiledApi) -> None:
        """Keep a compiled API."""
        self._items[key] = value
        while len(self._items) > _KEPT:
            self._items.popitem(last=False)

    def aside(self) -> CompileCache:
        """A cache that knows what this one knows and tells it nothing.

        For what may yet be rolled back: another change may then get the same revision numbers.
        """
        return CompileCache(_beneath=self)

    def take_over(self, aside: CompileCache) -> None:
        """Know what ``aside`` knows."""
        for key, value in aside._items.items():
            self.put(key, value)


_CACHE = CompileCache()


def cache_aside() -> CompileCache:
    """What the process has compiled, for :func:`read_compiled` with what may never come true."""
    return _CACHE.aside()


def came_true(aside: CompileCache) -> None:
    """What was compiled aside is what gateways get now."""
    _CACHE.take_over(aside)


@dataclass(slots=True)
class _Parts:
    """The rows of one API."""

    versions: list[Any] = field(default_factory=list)
    plans: list[Any] = field(default_factory=list)
    policies: list[Any] = field(default_factory=list)

    key_sets: dict[str, KeySet] = field(default_factory=dict)

    def fingerprint(self, public_url: str) -> Fingerprint:
        rows = (*(tuple(row) for row in self.versions), *((row.version_id, row.slug) for row in self.plans))
        keys = tuple(self.key_sets[name] for name in sorted(self.key_sets))
        return (public_url, rows, keys, *((row.id, row.revision, row.kind, row.target_id) for row in self.policies))


@dataclass(frozen=True, slots=True)
class Rows:
    """What APIs of a gateway are made of, read once; it may be compiled as it is and as a draft would have it."""

    versions: Sequence[Any]
    plans: Sequence[Any]
    policies: Sequence[Any]


async def read_rows(
    ctx: Context,
    gateway_id: str,
    api_ids: Collection[str] | None = None,
    *,
    also: str = "",
    policies: Sequence[Any] | None = None,
) -> Rows:
    """The rows of a gateway, or of some APIs on it, as of this transaction; ``also`` is a version taken to be there.

    ``policies`` are those of these APIs and of places above, where they are known.
    """
    repo = GatewayStateRepo(ctx.session)
    if policies is None:
        policies = await repo.policies(gateway_id, api_ids=api_ids, also=also)
    return Rows(
        await repo.versions(gateway_id, api_ids=api_ids, also=also),
        await repo.plans(gateway_id, api_ids=api_ids, also=also),
        policies,
    )


async def read_compiled(
    ctx: Context,
    gateway_id: str,
    *,
    api_ids: Collection[str] | None = None,
    cache: CompileCache = _CACHE,
    shown: bool = False,
) -> CompiledGateway:
    """The desired state of a gateway (or of some APIs on it) as of this transaction, compiled.

    With ``shown`` it is for eyes: secrets inside policies read ``[redacted]``, and nothing is taken from the cache.
    """
    around = await GatewayStateRepo(ctx.session).surroundings(gateway_id)
    hub = HubState(name=around.name, public_url=ctx.parts.public_url, support_url=around.support_url)
    settings = compile_settings(hub, _listener(ctx, around))
    found = await compile_rows(ctx, await read_rows(ctx, gateway_id, api_ids), cache=cache, shown=shown)
    until: datetime | None = around.confirm_deletes_until
    return CompiledGateway(found.apis, found.broken, gateway_id, settings, content_hash(settings), until)


async def compile_rows(
    ctx: Context, rows: Rows, *, cache: CompileCache = _CACHE, shown: bool = False, draft: Draft | None = None
) -> CompiledApis:
    """Rows compiled; with ``draft`` as they would be (give it a cache of its own). Else as :func:`read_compiled`."""
    public_url = ctx.parts.public_url
    parts = await _parts(ctx, rows, draft)
    cache = CompileCache() if shown else cache
    keys = {key: item.fingerprint(public_url) for key, item in parts.items()}
    apis = {key: found for key, print_ in keys.items() if (found := cache.get(print_)) is not None}
    states = await _states(ctx, {key: item for key, item in parts.items() if key not in apis}, shown=shown)
    broken: dict[str, str] = {}
    for start in range(0, len(states), _BATCH):
        made = await to_thread.run_sync(_compile_some, states[start : start + _BATCH], public_url)
        for key, result in made.items():
            if isinstance(result, str):
                broken[key] = result
                continue
            cache.put(keys[key], result)
            apis[key] = result
    return CompiledApis(apis, broken)


def _compile_some(states: list[ApiState], public_url: str) -> dict[str, CompiledApi | str]:
    """API id -> compiled, or why it does not compile: one broken API stops no other."""
    made: dict[str, CompiledApi | str] = {}
    for state in states:
        try:
            made[state.id] = _compiled(compile_api(state, public_url=public_url))
        except Exception as error:
            log.exception("compile.broken", api=state.id)
            made[state.id] = f"does not compile: {type(error).__name__}: {error}"[:1000]
    return made


def _compiled(ir: ApiIR) -> CompiledApi:
    plain = to_plain(ir, reveal=True)
    return CompiledApi(ir, plain_hash(plain), orjson.dumps(plain))


def _listener(ctx: Context, row: Any) -> ListenerState:
    if row.settings is None:
        return ListenerState()
    options = GatewayOptions.model_validate(row.settings)
    return ListenerState(
        trusted_proxies=tuple(options.trusted_proxies),
        max_request_bytes=options.max_request_bytes,
        x_ratelimit_headers=options.x_ratelimit_headers,
        tls=listener_ir(options, row.sealed_tls_key, ctx.parts.keyring),
    )


async def _parts(ctx: Context, rows: Rows, draft: Draft | None) -> dict[str, _Parts]:
    parts: dict[str, _Parts] = {}
    for row in rows.versions:
        parts.setdefault(row.api_id, _Parts()).versions.append(row)
    for row in rows.plans:
        if row.api_id in parts:
            parts[row.api_id].plans.append(row)
    _hand_out(as_if(rows.policies, draft), parts)
    await _add_key_sets(ctx, parts)
    return parts


def _hand_out(rows: Iterable[Any], parts: dict[str, _Parts]) -> None:
    """Each API gets its own policies, its owner's and the hub's."""
    by_owner: dict[str, list[_Parts]] = {}
    for item in parts.values():
        by_owner.setdefault(item.versions[0].owner_id, []).append(item)
    for row in rows:
        own = [parts[row.api_id]] if row.api_id in parts else []
        for item in own if row.api_id else by_owner.get(row.team_id, []) if row.team_id else parts.values():
            item.policies.append(row)


async def _add_key_sets(ctx: Context, parts: dict[str, _Parts]) -> None:
    """The key sets of the issuers that policies name; a team's issuer only for the APIs of that team."""
    named = {key: issuer_ids((row.kind, row.config) for row in item.policies) for key, item in parts.items()}
    if not any(named.values()):
        return
    known = await key_sets(ctx)
    for key, ids in named.items():
        owner = parts[key].versions[0].owner_id
        found = {name: known[name] for name in ids if name in known}
        parts[key].key_sets = {name: item for name, item in found.items() if item.owner_id in ("", owner)}


async def _states(ctx: Context, parts: dict[str, _Parts], *, shown: bool) -> list[ApiState]:
    version_ids = [row.version_id for item in parts.values() for row in item.versions]
    rows = await GatewayStateRepo(ctx.session).operations(version_ids)
    operations = {key: _operations(items) for key, items in groupby(rows, key=lambda row: row.version_id)}
    opened = _redacted if shown else partial(_opened, ctx.parts.keyring)
    return [_api(item, operations, opened) for item in parts.values()]


def _opened(keyring: KeyRing, row: Any) -> dict[str, Any]:
    return fill(row.config, unseal(keyring, row.sealed)) if row.sealed else row.config


def _redacted(row: Any) -> dict[str, Any]:
    return redacted(row.config)


def _operations(rows: Iterable[Any]) -> tuple[OperationState, ...]:
    return tuple(OperationState(id=row.id, method=row.method, path=row.path, mock=row.mock) for row in rows)


def _api(
    parts: _Parts, operations: dict[str, tuple[OperationState, ...]], opened: Callable[[Any], dict[str, Any]]
) -> ApiState:
    first = parts.versions[0]
    return ApiState(
        id=first.api_id,
        slug=first.slug,
        name=first.api_name,
        base_path=first.base_path,
        owner_id=first.owner_id,
        versions=tuple(_version(row, operations.get(row.version_id, ())) for row in parts.versions),
        plans=tuple(_plan(row) for row in parts.plans),
        policies=tuple(
            PolicyState(target_id=row.target_id, kind=row.kind, config=opened(row), locked=row.locked)
            for row in parts.policies
        ),
        key_sets=parts.key_sets,
    )


def _version(row: Any, operations: tuple[OperationState, ...]) -> VersionState:
    return VersionState(
        id=row.version_id,
        name=row.version_name,
        mount=row.mount,
        upstream_url=row.upstream_url,
        operations=operations,
    )


def _plan(row: Any) -> PlanState:
    return PlanState(
        version_id=row.version_id,
        slug=row.slug,
        number=row.number,
        plan_id=row.plan_id,
        rate_limits=tuple(row.rate_limits),
        quotas=tuple(row.quotas),
    )
