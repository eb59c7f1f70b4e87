"""Which operation a path and method belong to, as entries of maps; and the kinds of operations there are.

Path and method are looked up in one map of all APIs, to the letter, then with the path's last segments masked; what
that finds is the operation. Only where it finds nothing the path alone is looked up, for its id, and then the API's own
templates are tried, the most specific first; their id and the method name the operation. Operations that are served
alike (same policies, same upstream, same way to make the upstream's path) are of one kind, and rules name kinds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlsplit

from waypost.contracts.ir import ApiIR, Route, RoutePolicies, Upstream, VersionIR
from waypost.contracts.ir.paths import DISGUISED, segments
from waypost.contracts.vocab import Unmatched
from waypost.integration.gateways.paths import PathPattern, pattern, rewriting, upstream_path

# In place of a method: whatever the path's operations leave over.
ANY = "*"
# Between a path and a method; no path holds it.
OF = "?"


@dataclass(frozen=True, slots=True)
class PathChange:
    """How the upstream's path is made: ``fixed``, or ``added`` in place of the first ``removed`` characters.

    ``only_base``: what is removed is the base path, one segment; then APIs of different names are served alike.
    ``slash``: where nothing is left, a slash stands after what was added.
    """

    fixed: str = ""
    removed: int = 0
    added: str = ""
    only_base: bool = False
    slash: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """What operations that are served alike have in common."""

    policies: RoutePolicies
    upstream: Upstream | None
    change: PathChange
    own_limits: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One route of one version with its full path on the gateway; without a route: what no route ``below`` takes."""

    version: VersionIR
    prefix: str
    path: PathPattern
    route: Route | None = None
    below: str = ANY

    @property
    def kind(self) -> Kind:
        """How it is served; the route's own policies go before the version's."""
        general = self.version.policies
        policies = self.route.policies.over(general) if self.route else general
        own_limits = self.route is not None and self.route.policies.rate_limits is not None
        return Kind(policies, self.version.upstream, self._change(policies), own_limits)

    def _change(self, policies: RoutePolicies) -> PathChange:
        if self.version.upstream is None or policies.mock is not None:
            return PathChange()
        base = urlsplit(self.version.upstream.url).path
        template = self.route.path if self.route else self.below
        removed, added = rewriting(base, template, policies.rewrite)
        length = len(self.prefix + removed)
        only_base = self.prefix.count("/") == 1 and length == len(self.prefix)
        slash = self.route is None and not only_base and not (removed and added)
        change = PathChange(removed=0 if only_base else length, added=added, only_base=only_base, slash=slash)
        if not self.path.literal or self.route is None:
            return change
        fixed = upstream_path(base, template, policies.rewrite)
        same = added + self.path.literal[length:] == fixed and template not in ("", "/")
        return change if same else PathChange(fixed=fixed)


# Templates whose last, last but one, or both last segments are parameters are found without a regular expression: the
# path with these segments masked is looked up like any other, in this order (concrete beats template from the left).
MASKED = "{}"
MASKS = (
    ("/[^/]+$", f"/{MASKED}"),
    ("/[^/]+/([^/]+)$", f"/{MASKED}/\\1"),
    ("/[^/]+/[^/]+$", f"/{MASKED}/{MASKED}"),
)
_PARAMETER = re.compile(r"\{[^{}/]*\}")
_ANYTHING = ("", "")
"""A segment that is one parameter."""


@dataclass(slots=True)
class Routing:
    """One API's part of the maps. ``templates`` are in the order in which they are tried."""

    paths: dict[str, str] = field(default_factory=dict)
    templates: list[tuple[str, str]] = field(default_factory=list)
    operations: dict[str, str] = field(default_factory=dict)
    allowed: dict[str, str] = field(default_factory=dict)
    kinds: list[Kind] = field(default_factory=list)
    # Whether some version passes on what it does not know; kinds of calls that nothing takes by the prefix of the path,
    # the longest first, the last one of whatever is left.
    passing: bool = False
    general: list[tuple[str, int]] = field(default_factory=list)


def routing(api: ApiIR) -> Routing:
    """Everything about an API's paths."""
    found = Routing()
    groups = _by_path(api)
    by_mask = _distinct(groups) and not any(_covers_slash(group[0]) for group in groups)
    for number, operations in enumerate(groups):
        _add_path(found, operations, f"{api.id}.{number}", by_mask=by_mask)
    _add_methods_of_templates(found, api, groups)
    for version in api.by_mount:
        if version.unmatched is Unmatched.PASS:
            _add_rest(found, api, version)
    return found


def with_unknown(found: Routing, api: ApiIR) -> Routing:
    """With kinds for what no operation takes: its version's own policies, so that its gate holds there as well."""
    whole = replace(found, kinds=list(found.kinds))
    policies = {version.mount: version.policies for version in reversed(api.versions)}
    *mounts, rest = sorted({"": RoutePolicies(), **policies}.items(), key=lambda item: -len(item[0]))
    whole.general = [(f"{api.base_path}{mount}", _with_policies(whole, wanted)) for mount, wanted in mounts]
    whole.general.append(("", _with_policies(whole, rest[1])))
    return whole


def _with_policies(found: Routing, wanted: RoutePolicies) -> int:
    """The number of a kind with these policies."""
    for number, kind in enumerate(found.kinds):
        if kind.policies == wanted:
            return number
    found.kinds.append(Kind(wanted, None, PathChange()))
    return len(found.kinds) - 1


def _by_path(api: ApiIR) -> list[list[Operation]]:
    """Operations grouped by path, the most specific path first; a longer mount beats a shorter one."""
    groups: dict[str, list[Operation]] = {}
    for version in api.versions:
        prefix = f"{api.base_path}{version.mount}"
        for route in version.routes:
            path = pattern(prefix, route.path)
            groups.setdefault(path.regex, []).append(Operation(version, prefix, path, route))
    return sorted(groups.values(), key=lambda group: (group[0].path.order, -len(group[0].prefix)))


def _masked(operation: Operation) -> str | None:
    """The path with its parameters masked, or None where no mask finds it."""
    assert operation.route is not None
    segments = operation.route.path.strip("/").split("/")
    whole = [bool(_PARAMETER.fullmatch(segment)) for segment in segments]
    inside = any(_PARAMETER.search(segment) for segment, masked in zip(segments, whole, strict=True) if not masked)
    if inside or operation.route.path.endswith("/") or any(whole[:-2]) or not any(whole):
        return None
    safe = "!$&'()*+,;=:@-._~%"
    shown = [MASKED if masked else quote(segment, safe=safe) for segment, masked in zip(segments, whole, strict=True)]
    return "/".join([operation.prefix, *shown])


def _distinct(groups: list[list[Operation]]) -> bool:
    """Whether masks find all templates, and the right ones whatever the method: no less specific path knows more."""
    shapes = [(group[0].path.literal or _masked(group[0]), set(_methods(group))) for group in groups]
    seen: list[tuple[list[str], set[str]]] = []
    for shape, methods in shapes:
        if shape is None:
            return False
        segments = shape.split("/")
        if any(not methods <= known and _covers(segments, other) for other, known in seen):
            return False
        seen.append((segments, methods))
    return True


def _covers(pattern: list[str], path: list[str]) -> bool:
    if len(pattern) != len(path) or MASKED not in pattern:
        return False
    return all(one == other or MASKED in (one, other) for one, other in zip(pattern, path, strict=True))


def _methods(group: list[Operation]) -> dict[str, Operation]:
    """What serves each method of a path."""
    methods: dict[str, Operation] = {}
    for operation in group:
        assert operation.route is not None
        methods.setdefault(operation.route.method, operation)
    if "GET" in methods:
        methods.setdefault("HEAD", methods["GET"])
    return methods


def _add_path(found: Routing, operations: list[Operation], path_id: str, *, by_mask: bool) -> None:
    first = operations[0]
    paths = _spellings(first, by_mask=by_mask)
    if paths:
        found.paths |= {path: path_id for path in paths if path not in found.paths}
    else:
        found.templates += _templates(first, path_id)
    methods = {method: _value(found, operation) for method, operation in _methods(operations).items()}
    for place in paths or _ids(first, path_id):
        for method, value in methods.items():
            found.operations.setdefault(f"{place}{OF}{method}", value)
    found.allowed[path_id] = ", ".join(sorted(methods))
    if first.version.unmatched is Unmatched.PASS:
        assert first.route is not None
        below = (first.route.path, f"{_head(first.version)}/")
        for place, path in zip(_ids(first, path_id), below, strict=False):
            rest = Operation(first.version, first.prefix, first.path, below=path)
            found.operations[f"{place}{OF}{ANY}"] = _value(found, rest)
        found.passing = True


def _ids(first: Operation, path_id: str) -> list[str]:
    """A path's id; a template has another one where what passes on some of its paths has a prefix to rewrite."""
    head = _head(first.version)
    apart = first.version.unmatched is Unmatched.PASS and head and not first.path.literal
    return [path_id, f"{path_id}.0"] if apart else [path_id]


def _templates(first: Operation, path_id: str) -> list[tuple[str, str]]:
    whole = f"{first.path.regex}{'/?' if _covers_slash(first) else ''}$"
    rewritten = f"^(?={re.escape(first.prefix + _head(first.version))}(?:/|$)){whole}"
    return list(zip((f"^{whole}", rewritten), _ids(first, path_id), strict=False))[::-1]


def _head(version: VersionIR) -> str:
    """The prefix that a version rewrites, without a slash at the end; empty where it is every path's, or none."""
    rewrite = version.policies.rewrite
    return rewrite.prefix.rstrip("/") if rewrite and not rewrite.template else ""


def _spellings(first: Operation, *, by_mask: bool) -> list[str]:
    """The paths, or the masked path, under which an operation is looked up; none where only a template finds it."""
    if not first.path.literal:
        return [_masked(first) or ""] if by_mask else []
    root = first.route is not None and first.route.path in ("", "/")
    slash = f"{first.prefix if root else first.path.literal}/"
    return [first.path.literal, *((slash,) if root or _covers_slash(first) else ())]


def _covers_slash(first: Operation) -> bool:
    """Where everything passes, an operation's rules are not to be avoided by one more slash."""
    passing = first.version.unmatched is Unmatched.PASS
    return passing and first.route is not None and not first.route.path.endswith("/")


def _add_methods_of_templates(found: Routing, api: ApiIR, groups: list[list[Operation]]) -> None:
    """Where unknown methods pass: one that a path lacks and a less specific one has is the latter's operation."""
    for number, (first, *_) in enumerate(groups):
        if first.version.unmatched is not Unmatched.PASS:
            continue
        places = _spellings(first, by_mask=False) or _ids(first, f"{api.id}.{number}")
        for group in groups[number + 1 :]:
            if not _takes_all_of(group[0], first):
                continue
            for method, operation in _methods(group).items():
                for place in places:
                    found.operations.setdefault(f"{place}{OF}{method}", _value(found, operation))


def _takes_all_of(general: Operation, special: Operation) -> bool:
    """Whether every path of one operation is a path of the other as well."""
    if special.path.literal:
        return re.fullmatch(general.path.regex, special.path.literal) is not None
    assert general.route is not None and special.route is not None
    wide, narrow = segments(general.route.path), segments(special.route.path)
    pairs = zip(wide, narrow, strict=False)
    same = general.prefix == special.prefix and len(wide) == len(narrow)
    return same and all(one in (_ANYTHING, other) for one, other in pairs)


def _add_rest(found: Routing, api: ApiIR, version: VersionIR) -> None:
    """Every path of a version, for what none of its routes takes; before it what its rewriting of a prefix concerns."""
    prefix, head = f"{api.base_path}{version.mount}", _head(version)
    for number, below in enumerate((f"{head}/", ANY) if head else (ANY,)):
        path_id = f"{api.id}.{version.id}.{number}"
        anything = pattern(prefix, head if below != ANY else "/")
        found.templates.append((f"^(?!(?i:{DISGUISED})$){anything.regex}(/.*)?$", path_id))
        found.operations[f"{path_id}{OF}{ANY}"] = _value(found, Operation(version, prefix, anything, below=below))
    found.passing = True


def _value(found: Routing, operation: Operation) -> str:
    kind = operation.kind
    if kind not in found.kinds:
        found.kinds.append(kind)
    route_id = operation.route.id if operation.route else ""
    return f"{found.kinds.index(kind)}~{operation.version.id}~{route_id}"
