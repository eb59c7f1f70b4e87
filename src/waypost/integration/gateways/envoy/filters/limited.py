"""Which limits hold for a call: descriptors that name buckets of ``rate_limit.py``.

A plan's limits stand at the API's virtual host and fit by the caller's label; an operation's (or its version's) stand
at the route. Where they stand in a limiter apart (``cost.py``) they fit by a mark that the route writes. ``SCOPE`` is
whose limit it is, so that equal numbers in two places are two limits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from envoy.config.route.v3 import route_components_pb2 as rc
from envoy.type.matcher.v3 import string_pb2
from envoy.type.metadata.v3 import metadata_pb2

from waypost.contracts.ir import ApiIR, Plan, RateLimit
from waypost.contracts.vocab import LimitBy
from waypost.integration.gateways.envoy.filters import caller, claims, labels, rate_limit
from waypost.integration.gateways.envoy.names import CLIENT, LIMITED
from waypost.integration.gateways.envoy.operations import Operation

_ACTION = rc.RateLimit.Action
_NOBODY = "-"
_PIECES = {LimitBy.SUBSCRIPTION: caller.SUBSCRIPTION, LimitBy.APP: caller.APP, LimitBy.PLAN: caller.PLAN}


def of_plans(api: ApiIR, *, by_mark: bool = False) -> list[Any]:
    """``VirtualHost.rate_limits`` for the plans.

    ``by_mark`` asks for a mark of this API too, for where other APIs' calls are looked at as well.
    """
    if not api.guarded:
        return []
    return [
        _limit(_of_plan(api, plan, limit, _callers(api, plan, by_mark)), stage)
        for plan in api.plans
        for limit, stage in rate_limit.of_plan(plan)
    ]


def own(operation: Operation) -> tuple[RateLimit, ...]:
    """The limits of the operation itself, or of its version."""
    return rate_limit.strictest(operation.policies.rate_limits or ())


def of_operation(api: ApiIR, operation: Operation) -> list[Any]:
    """``RouteAction.rate_limits`` of an operation."""
    return [
        _limit(_of_route(api, operation, limit), stage)
        for limit, stage in rate_limit.of_operation(own(operation), api.plans)
    ]


def of_marked(api: ApiIR, operations: Iterable[Operation]) -> list[Any]:
    """Limits of operations that are known by the mark of their route, not by standing in it."""
    found = []
    for operation in operations:
        mark = rc.HeaderMatcher(name=LIMITED, string_match=string_pb2.StringMatcher(exact=marked(api, operation)))
        for limit, stage in rate_limit.of_operation(own(operation), api.plans):
            actions = _of_route(api, operation, limit)
            actions[0] = _class_if(rate_limit.rate_class(limit), mark)
            found.append(_limit(actions, stage))
    return found


def marked(api: ApiIR, operation: Operation) -> str:
    """The mark of an operation's route."""
    return f"{api.id}/{operation.version.id}/{operation.route.id}"


def pieces(api: ApiIR, operation: Operation) -> set[str]:
    """The pieces of the caller's label that limits of this operation count by."""
    of_plans = {limit.by for plan in api.plans for limit in plan.rate_limits} - {LimitBy.SUBSCRIPTION}
    return {_PIECES[by] for by in of_plans | {limit.by for limit in own(operation)} if by in _PIECES}


def _limit(actions: list[Any], stage: int) -> Any:
    return rc.RateLimit(actions=actions, stage={"value": stage})


def _callers(api: ApiIR, plan: Plan, by_mark: bool) -> list[Any]:
    prefix = labels.of_plans(api.plans).plan_prefix(plan.id)
    starts = {CLIENT: prefix, **({LIMITED: f"{api.id}/"} if by_mark else {})}
    return [
        rc.HeaderMatcher(name=name, string_match=string_pb2.StringMatcher(prefix=text)) for name, text in starts.items()
    ]


def _of_plan(api: ApiIR, plan: Plan, limit: RateLimit, callers: list[Any]) -> list[Any]:
    kind = _class_if(rate_limit.rate_class(limit, of_plan=True), *callers)
    if limit.by is LimitBy.SUBSCRIPTION:
        return [kind, _generic(rate_limit.SUBSCRIPTION, labels.of_plans(api.plans).bucket)]
    return [kind, _generic(rate_limit.SCOPE, f"{api.id}/{plan.id}"), *_who(limit)]


def _of_route(api: ApiIR, operation: Operation, limit: RateLimit) -> list[Any]:
    shared = operation.route.policies.rate_limits is None and limit.by is not LimitBy.OPERATION
    place = f"{api.id}/{operation.version.id}" if shared else marked(api, operation)
    kind = _generic(rate_limit.CLASS, rate_limit.rate_class(limit).name)
    return [kind, _generic(rate_limit.SCOPE, place), *_who(limit)]


def _who(limit: RateLimit) -> list[Any]:
    if limit.by is LimitBy.IP:
        return [_ACTION(remote_address=_ACTION.RemoteAddress())]
    if limit.by is LimitBy.CLAIM:
        path = claims.segments(limit.claim)
        return [_metadata(rate_limit.WHO, claims.NAMESPACE, claims.PAYLOAD, *path, default=_NOBODY)]
    if limit.by in _PIECES:
        return [_metadata(rate_limit.WHO, caller.NAMESPACE, _PIECES[limit.by], default=_NOBODY)]
    return []


def _class_if(item: rate_limit.RateClass, *matches: Any) -> Any:
    value = _ACTION.HeaderValueMatch(descriptor_key=rate_limit.CLASS, descriptor_value=item.name, headers=matches)
    return _ACTION(header_value_match=value)


def _generic(key: str, value: str) -> Any:
    return _ACTION(generic_key=_ACTION.GenericKey(descriptor_key=key, descriptor_value=value))


def _metadata(key: str, namespace: str, *path: str, default: str = "") -> Any:
    segments = [metadata_pb2.MetadataKey.PathSegment(key=item) for item in path]
    where = metadata_pb2.MetadataKey(key=namespace, path=segments)
    return _ACTION(metadata=_ACTION.MetaData(descriptor_key=key, metadata_key=where, default_value=default))
