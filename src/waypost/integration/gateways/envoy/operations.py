"""An API's operations in the order in which they are tried, and what each one's path looks like to the engine."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from envoy.config.route.v3 import route_components_pb2 as rc
from envoy.type.matcher.v3 import regex_pb2

from waypost.contracts.ir import ApiIR, Route, RoutePolicies, VersionIR
from waypost.contracts.ir.paths import DISGUISED
from waypost.contracts.vocab import Unmatched
from waypost.integration.gateways.envoy.clusters import UNMATCHED
from waypost.integration.gateways.envoy.paths import PathPattern, pattern

# So many operations are tried one after the other as fast as one is looked up (callgrind: 8,000 instructions).
_FEW = 8


@dataclass(frozen=True)
class Operation:
    """One route of one version, with its full path on the gateway, and what holds for all of its API."""

    version: VersionIR
    route: Route
    prefix: str
    path: PathPattern
    looked_up: bool
    """Whether its routes are found by ``matching.py``, not tried one after the other."""
    limited_apart: bool
    """Whether limits of its API stand in a limiter of their own (:func:`limits_apart`)."""

    @cached_property
    def policies(self) -> RoutePolicies:
        """The route's own policies, then the version's."""
        return self.route.policies.over(self.version.policies)

    @property
    def unmatched(self) -> bool:
        """True where it stands for what no operation takes."""
        return self.route.id == UNMATCHED.id

    @property
    def passes_unmatched(self) -> bool:
        """Whether the version sends on what no operation takes."""
        return self.version.unmatched is Unmatched.PASS

    @cached_property
    def head(self) -> str:
        """The text before the first parameter of the path."""
        return re.sub(r"\\(.)", r"\1", self.path.regex.partition("[^/]+")[0])

    @property
    def beginning(self) -> str:
        """The whole segments of the head, with the slash after them."""
        return self.head[: self.head.rindex("/") + 1]

    def matches(self) -> list[Any]:
        """The engine's matches of this path, without the method.

        Of a path with parameters the head only, where ``matching.py`` looks at its pattern.
        """
        if not self.path.literal:
            whole = _regex(f"{self.path.regex}/?" if self._covers_slash else self.path.regex)
            return [rc.RouteMatch(prefix=self.head) if self.looked_up else whole]
        slash = self.route.path in ("", "/") or self._covers_slash
        return [rc.RouteMatch(path=path) for path in (self.path.literal, *([f"{self.path.literal}/"] if slash else ()))]

    @property
    def _covers_slash(self) -> bool:
        """Where everything passes, an operation's rules are not to be avoided by one more slash."""
        return self.passes_unmatched and not self.route.path.endswith("/")


def all_of(api: ApiIR) -> list[Operation]:
    """Every operation, and what stands for calls that none takes."""
    rest = [operation for operation, _ in unmatched(api)]
    return [*(item for group in by_path(api) for item in group), *rest]


def is_looked_up(api: ApiIR) -> bool:
    """Whether look-ups find an operation: where there are many, and nowhere is passed on what no operation takes."""
    many = sum(len(version.routes) for version in api.versions) > _FEW
    return many and all(version.unmatched is Unmatched.REFUSE for version in api.versions)


def limits_apart(api: ApiIR) -> bool:
    """True where the API's limits stand in a limiter of their own (``filters/cost.py``).

    The engine asks a route and its host for limits, but neither how much a call weighs nor, where the route answers by
    itself, for any limit at all.
    """
    policies = [version.policies for version in api.versions]
    policies += [route.policies for version in api.versions for route in version.routes]
    limited = any(plan.rate_limits for plan in api.plans) or any(item.rate_limits for item in policies)
    return limited and any(item.cost not in (None, 1) or item.mock is not None for item in policies)


def by_path(api: ApiIR) -> list[list[Operation]]:
    """Operations grouped by path, the most specific path first; a longer mount beats a shorter one."""
    groups: dict[str, list[Operation]] = {}
    of_api = (is_looked_up(api), limits_apart(api))
    for version in api.versions:
        prefix = f"{api.base_path}{version.mount}"
        for route in version.routes:
            path = pattern(prefix, route.path)
            groups.setdefault(path.regex, []).append(Operation(version, route, prefix, path, *of_api))
    return sorted(groups.values(), key=lambda group: (group[0].path.order, -len(group[0].prefix)))


def unmatched(api: ApiIR) -> list[tuple[Operation, Any]]:
    """What stands for the calls that no operation takes, with its match, the longest mount first."""
    found = []
    for version in api.by_mount:
        if version.unmatched is Unmatched.PASS:
            prefix = f"{api.base_path}{version.mount}"
            path = PathPattern(regex="", literal="", order=())
            rest = Operation(version, UNMATCHED, prefix, path, is_looked_up(api), limits_apart(api))
            found += [(item, match) for item, match in _below(rest)]
    return found


def disguised(api: ApiIR) -> list[tuple[VersionIR, Any]]:
    """Versions with a match of paths that an upstream might read as another operation's."""
    passing = [version for version in api.by_mount if version.unmatched is Unmatched.PASS]
    return [(one, _regex(rf"(?i){re.escape(api.base_path + one.mount)}{DISGUISED}")) for one in passing]


def _below(rest: Operation) -> list[tuple[Operation, Any]]:
    """Everything below a mount; before it what the version's rewriting of a prefix concerns."""
    whole = (rest, rc.RouteMatch(path_separated_prefix=rest.prefix))
    rewrite = rest.policies.rewrite
    head = rewrite.prefix.rstrip("/") if rewrite and not rewrite.template else ""
    if not head:
        return [whole]
    inner = replace(rest, route=replace(rest.route, path=f"{head}/"))
    return [(inner, rc.RouteMatch(path_separated_prefix=rest.prefix + head)), whole]


def _regex(pattern_text: str) -> Any:
    return rc.RouteMatch(safe_regex=regex_pb2.RegexMatcher(regex=pattern_text))
