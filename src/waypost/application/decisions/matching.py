"""Which API, version and operation a path belongs to, as every engine must see it (``contracts.ir.routes``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from waypost.contracts.ir import ApiIR, GatewayIR, Route, RoutePolicies, VersionIR
from waypost.contracts.ir.paths import DISGUISED, Literals, order, segments
from waypost.contracts.vocab import Unmatched

_DISGUISED = re.compile(DISGUISED, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Matched:
    """Where a call goes. ``version`` is that of the longest mount above the path where no operation takes it.

    ``route`` None: no operation takes it, ``methods`` are those that the path has then; ``passes``: it goes on even so,
    unless it is ``disguised`` (``contracts.ir.paths``).
    """

    version: VersionIR | None = None
    route: Route | None = None
    methods: tuple[str, ...] = ()
    disguised: bool = False

    @property
    def passes(self) -> bool:
        """It goes to the upstream."""
        if self.route is not None:
            return True
        return not self.disguised and self.version is not None and self.version.unmatched is Unmatched.PASS

    @property
    def policies(self) -> RoutePolicies:
        """What holds at the operation, or at the version where none is matched."""
        general = self.version.policies if self.version else RoutePolicies()
        return self.route.policies.over(general) if self.route else general


def api_at(ir: GatewayIR, path: str) -> ApiIR | None:
    """The API whose base path is the first segment of ``path``."""
    first = "/" + path.removeprefix("/").partition("/")[0]
    return next((api for api in ir.apis if api.base_path == first), None)


def match(api: ApiIR, method: str, path: str) -> Matched:
    """The operation of ``api`` that takes a call; concrete segments beat templates, a longer mount a shorter one."""
    nearest = _nearest(api, path)
    passing = nearest is not None and nearest.unmatched is Unmatched.PASS
    taking = [group for group in _groups(api) if group.takes(path)]
    if not taking and passing:
        taking = [group for group in _groups(api) if group.takes(path.removesuffix("/"))]
    if not taking:
        return Matched(nearest, disguised=_DISGUISED.fullmatch(path) is not None)
    # Where unknown methods pass, one that a less specific path has is that one's operation; so is one more slash.
    for group in taking if passing else taking[:1]:
        wanted = group.operations.get(method) or (group.operations.get("GET") if method == "HEAD" else None)
        if wanted is not None:
            return Matched(*wanted)
    known = taking[0].operations
    return Matched(nearest, None, tuple(sorted({*known, *(("HEAD",) if "GET" in known else ())})))


@dataclass(frozen=True, slots=True)
class _Group:
    """The operations of one path, by method. ``segments`` hold the literals around the parameters of each segment."""

    prefix: str
    segments: tuple[Literals, ...]
    order: tuple[tuple[int, int], ...]
    operations: dict[str, tuple[VersionIR, Route]]

    def takes(self, path: str) -> bool:
        """In time linear to the path: providers write templates, and callers paths."""
        if not path.startswith(self.prefix):
            return False
        rest = path[len(self.prefix) :]
        if not self.segments:
            return rest in ("", "/")
        head, *given = rest.split("/")
        same = not head and len(given) == len(self.segments)
        return same and all(_fits(parts, segment) for parts, segment in zip(self.segments, given, strict=True))


@lru_cache(maxsize=256)
def _groups(api: ApiIR) -> tuple[_Group, ...]:
    groups: dict[tuple[str, tuple[Literals, ...]], _Group] = {}
    for version in api.versions:
        prefix = f"{api.base_path}{version.mount}"
        for route in version.routes:
            parts = segments(route.path)
            group = _Group(prefix, parts, order(parts), {})
            groups.setdefault((prefix, parts), group).operations.setdefault(route.method, (version, route))
    return tuple(sorted(groups.values(), key=lambda group: (group.order, -len(group.prefix))))


def _nearest(api: ApiIR, path: str) -> VersionIR | None:
    return next((one for one in api.by_mount if _is_under(path, f"{api.base_path}{one.mount}")), None)


def _is_under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def _fits(parts: Literals, segment: str) -> bool:
    """Whether the literals stand in this order with something between each two; the leftmost place does for each."""
    if len(parts) == 1:
        return segment == parts[0]
    first, *middle, last = parts
    if not segment.startswith(first):
        return False
    at = len(first) + 1
    for literal in middle:
        found = segment.find(literal, at)
        if found < 0:
            return False
        at = found + len(literal) + 1
    return segment.endswith(last) and len(segment) - len(last) >= at
