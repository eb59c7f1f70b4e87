"""What may differ per operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from waypost.application.policies.ir.amounts import rate_limits_ir
from waypost.application.policies.kinds.how_much import ConcurrencyConfig, CostConfig, SizesConfig
from waypost.application.policies.kinds.may import (
    CountriesConfig,
    HoursConfig,
    IpConfig,
    MaintenanceConfig,
    ScopesConfig,
)
from waypost.application.policies.kinds.traffic import (
    HeadersConfig,
    HostConfig,
    MockConfig,
    PathRewriteConfig,
    QueryConfig,
    TimeoutConfig,
)
from waypost.application.policies.kinds.who import AnonymousConfig
from waypost.contracts.ir import (
    Anonymous,
    Concurrency,
    Countries,
    HeaderEdit,
    HostRewrite,
    IpRules,
    Maintenance,
    Mock,
    OpenHours,
    PathRewrite,
    QueryEdit,
    RoutePolicies,
    Scopes,
    Sizes,
    Timeout,
    TimeWindows,
)
from waypost.contracts.vocab import LimitBy, PolicyKind

Config = Mapping[str, Any]


def route_policies_ir(configs: Mapping[str, Config], *, mock: Mock | None = None) -> RoutePolicies:
    """Effective configurations (kind -> configuration) as one value; ``mock`` is decided by :func:`mock_ir`."""
    made = {name: make(configs[kind]) for kind, (name, make) in _MAKERS.items() if kind in configs}
    return RoutePolicies(**made, mock=mock)


def without_noops(policies: RoutePolicies) -> RoutePolicies:
    """``policies`` with None for everything that changes nothing."""
    values = {item.name: getattr(policies, item.name) for item in fields(policies)}
    return RoutePolicies(**{name: None if value in _NOOPS else value for name, value in values.items()})


def only_differing(own: RoutePolicies, general: RoutePolicies) -> RoutePolicies:
    """What an operation (``own``, fully resolved) does otherwise than its version (``general``)."""
    quiet = without_noops(own)
    differing = {
        item.name: getattr(own, item.name)
        for item in fields(own)
        if getattr(quiet, item.name) != getattr(general, item.name)
    }
    return RoutePolicies(**differing)


def mock_ir(*, operation: Config | None, version: Config | None, example: Mock | None) -> Mock | None:
    """The mock of one route. ``operation`` and ``version`` are mock configurations, the first one that is set decides.

    An enabled mock without an answer of its own gives the definition's ``example``; None = ask the upstream.
    """
    config = operation if operation is not None else version
    if config is None:
        return None
    model = MockConfig.model_validate(config)
    if not model.enabled:
        return None
    if model.answer is None:
        return example
    answer = model.answer
    return Mock(
        status=answer.status, content_type=answer.content_type, body=answer.body, headers=_pairs(answer.headers)
    )


def _scopes(config: Config) -> Scopes:
    model = ScopesConfig.model_validate(config)
    return Scopes(
        scopes=tuple(model.scopes), any_of=model.any_of, roles=tuple(model.roles), roles_claim=model.roles_claim
    )


def _ip(config: Config) -> IpRules:
    model = IpConfig.model_validate(config)
    return IpRules(allow=tuple(model.allow), deny=tuple(model.deny))


def _countries(config: Config) -> Countries:
    model = CountriesConfig.model_validate(config)
    return Countries(allow=tuple(model.allow), deny=tuple(model.deny), unknown=model.unknown)


def _maintenance(config: Config) -> Maintenance:
    model = MaintenanceConfig.model_validate(config)
    if not model.enabled:
        return Maintenance(enabled=False)
    return Maintenance(message=model.message, until=model.until, allow=tuple(model.allow))


def _hours(config: Config) -> TimeWindows:
    model = HoursConfig.model_validate(config)
    windows = (
        OpenHours(days=tuple(sorted(set(item.days))), start_minute=_minute(item.start), end_minute=_minute(item.end))
        for item in model.open
    )
    return TimeWindows(open=tuple(windows))


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _concurrency(config: Config) -> Concurrency:
    model = ConcurrencyConfig.model_validate(config)
    return Concurrency(calls=model.calls, by=LimitBy(model.by))


def _sizes(config: Config) -> Sizes:
    model = SizesConfig.model_validate(config)
    return Sizes(request_bytes=model.request_bytes, response_bytes=model.response_bytes)


def _headers(config: Config) -> HeaderEdit:
    model = HeadersConfig.model_validate(config)
    return HeaderEdit(
        request_set=_pairs(model.request_set),
        request_add=_pairs(model.request_add),
        request_remove=tuple(model.request_remove),
        response_set=_pairs(model.response_set),
        response_add=_pairs(model.response_add),
        response_remove=tuple(model.response_remove),
    )


def _query(config: Config) -> QueryEdit:
    model = QueryConfig.model_validate(config)
    return QueryEdit(set=_pairs(model.set), remove=tuple(model.remove))


def _rewrite(config: Config) -> PathRewrite:
    model = PathRewriteConfig.model_validate(config)
    return PathRewrite(prefix=model.prefix, replacement=model.replacement, template=model.template)


def _host(config: Config) -> HostRewrite:
    model = HostConfig.model_validate(config)
    return HostRewrite(host=model.host, preserve=model.preserve)


def _pairs(items: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((item.name, item.value) for item in items)


_MAKERS: Mapping[str, tuple[str, Callable[[Config], Any]]] = {
    PolicyKind.ANONYMOUS: ("anonymous", lambda config: Anonymous(**AnonymousConfig(**config).model_dump())),
    PolicyKind.SCOPES: ("scopes", _scopes),
    PolicyKind.IP: ("ip", _ip),
    PolicyKind.COUNTRIES: ("countries", _countries),
    PolicyKind.MAINTENANCE: ("maintenance", _maintenance),
    PolicyKind.HOURS: ("hours", _hours),
    PolicyKind.RATE_LIMIT: ("rate_limits", rate_limits_ir),
    PolicyKind.COST: ("cost", lambda config: CostConfig(**config).cost),
    PolicyKind.CONCURRENCY: ("concurrency", _concurrency),
    PolicyKind.SIZES: ("sizes", _sizes),
    PolicyKind.HEADERS: ("headers", _headers),
    PolicyKind.QUERY: ("query", _query),
    PolicyKind.PATH_REWRITE: ("rewrite", _rewrite),
    PolicyKind.HOST: ("host", _host),
    PolicyKind.TIMEOUT: ("timeout", lambda config: Timeout(**TimeoutConfig(**config).model_dump())),
}
"""Kind -> the field of ``RoutePolicies`` and what makes its value."""

_NOOPS = (
    *(Anonymous(allowed=False), Scopes(), IpRules(), Countries(), Maintenance(enabled=False), TimeWindows()),
    *((), 1, Sizes(), HeaderEdit(), QueryEdit(), PathRewrite(), HostRewrite()),
)
"""Values that change nothing where nothing else holds."""
ROUTE_KINDS = frozenset(_MAKERS)
"""Kinds that may differ per operation (mock answers apart)."""
